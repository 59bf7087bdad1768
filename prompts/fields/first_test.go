package fields_test

import (
	"reflect"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/fields"
)

func object(fs ...engine.Field) *engine.Schema { return &engine.Schema{Type: "object", Fields: fs} }

func member(name string, s engine.Schema) engine.Field { return engine.Field{Name: name, Schema: &s} }

func sample() *fields.Sample {
	v, err := engine.DecodeJSON([]byte(`{"event": {"id": "e1", "body": {"action": "opened", "issue": {"title": "Spelling error in the README file", "number": 7,
		"html_url": "https://github.com/x/y/issues/1", "labels": [{"name": "bug", "color": "f00"}], "draft": false}},
		"headers": {"x-github-event": "issues", "authorization": "Bearer abc"}}, "steps": {"ticket": {"status": 201, "body": {"id": 7}}}}`))
	if err != nil {
		panic(err)
	}
	return &fields.Sample{Label: "issues", Roots: v.(map[string]any)}
}

func byName(fs []prompts.Field) map[string]prompts.Field {
	out := map[string]prompts.Field{}
	for _, f := range fs {
		out[f.Name] = f
	}
	return out
}

func TestBodyOfARequest(t *testing.T) {
	a := fields.Ask{Schema: object(member("url", engine.Schema{Type: "string", Format: "uri", Required: true}), member("json", engine.Schema{})),
		Prefix: "with.", Sample: sample(), Lang: "en", Expressions: true}
	got, bad := fields.Read(a, map[string]string{"with.url": "tracker.example", "with.json": `{"title": {{ event.body.issue.title }}}`})
	if bad["with.url"] != `"tracker.example" has no scheme. Write https://…` || len(bad) != 1 {
		t.Fatalf("%q", bad)
	}
	want := edit.Map{{Key: "json", Value: edit.Map{{Key: "title", Value: "{{ event.body.issue.title }}"}}}}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%#v", got)
	}
	a.Values = got
	f := byName(fields.Form(a))["with.json"]
	if f.Preview != `{"title": "Spelling error in the README file"}` || f.Value != `{"title": "{{ event.body.issue.title }}"}` {
		t.Fatalf("%+v", f)
	}
}

func TestAMemberThatNoSampleHas(t *testing.T) {
	a := fields.Ask{Schema: object(member("text", engine.Schema{Type: "string", Format: "text"})), Sample: sample(), Expressions: true,
		Values: edit.Map{{Key: "text", Value: "{{ event.body.isue }}"}}}
	f := fields.Form(a)[0]
	if f.Warn != `No sample has "isue". Did you mean event.body.issue?  (line 1, column 15)` || f.Error != "" {
		t.Fatalf("%+v", f)
	}
}

func TestConditionRows(t *testing.T) {
	src := `event.body.action == "opened" && any(event.body.issue.labels, .name == "bug")`
	rows, or, ok := fields.Rows(src, sample())
	if !ok || or || len(rows) != 2 || rows[1] != (fields.Row{Field: "event.body.issue.labels", Test: "has:name", Value: "bug"}) {
		t.Fatalf("%+v %v %v", rows, or, ok)
	}
	got, bad := fields.ReadCondition(fields.Condition{Sample: sample(), Lang: "en"}, map[string]string{"field1": `action = "opened"`, "test1": "is", "value1": "opened",
		"field2": "issue.labels", "test2": "has one with name", "value2": "bug", "join": "and"})
	if got != src || bad != nil {
		t.Fatalf("%q %q", got, bad)
	}
}
