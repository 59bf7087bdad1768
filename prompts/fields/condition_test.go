package fields_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
	"github.com/bretelle/bretelle/prompts/fields"
)

func TestRowsAndExpressions(t *testing.T) {
	for _, x := range []struct {
		row  fields.Row
		want string
	}{
		{fields.Row{Field: "event.body.action", Test: fields.Is, Value: "opened"}, `event.body.action == "opened"`},
		{fields.Row{Field: "event.body.action", Test: fields.IsNot, Value: "7"}, `event.body.action != "7"`},
		{fields.Row{Field: "event.body.issue.number", Test: fields.More, Value: "3"}, `event.body.issue.number > 3`},
		{fields.Row{Field: "event.body.issue.number", Test: fields.Is, Value: "7"}, `event.body.issue.number == 7`},
		{fields.Row{Field: "event.body.issue.draft", Test: fields.Is, Value: "false"}, `event.body.issue.draft == false`},
		{fields.Row{Field: "event.body.issue.title", Test: fields.Contains, Value: `say "hi"`}, `event.body.issue.title contains "say \"hi\""`},
		{fields.Row{Field: "event.body.issue.title", Test: fields.Starts, Value: "Sp"}, `event.body.issue.title startsWith "Sp"`},
		{fields.Row{Field: "event.body.issue.title", Test: fields.Ends, Value: "e"}, `event.body.issue.title endsWith "e"`},
		{fields.Row{Field: "event.body.issue", Test: fields.Exists}, `event.body.issue != nil`},
		{fields.Row{Field: "event.body.issue.labels", Test: fields.Empty}, `len(event.body.issue.labels) == 0`},
		{fields.Row{Field: "event.body.issue.title", Test: fields.Empty}, `(event.body.issue.title == nil || event.body.issue.title == "")`},
		{fields.Row{Field: `event.headers["x-github-event"]`, Test: fields.Is, Value: "issues"}, `event.headers["x-github-event"] == "issues"`},
		{fields.Row{Field: "event.body.nothing", Test: fields.Is, Value: `"12"`}, `event.body.nothing == "12"`},
		{fields.Row{Field: "event.body.nothing", Test: fields.Less, Value: "-2.5"}, `event.body.nothing < -2.5`},
		{fields.Row{Field: "event.body.issue.labels", Test: "has:name", Value: "bug"}, `any(event.body.issue.labels, .name == "bug")`},
	} {
		got := fields.Expression([]fields.Row{x.row}, false, sample())
		if got != x.want {
			t.Errorf("%+v is %s, wanted %s", x.row, got, x.want)
		}
		if _, err := expr.Compile(got, expr.Env{Roots: map[string]*engine.Schema{"event": nil}}); err != nil {
			t.Errorf("%s: %v", got, err)
		}
		two := got + " || " + got
		rows, or, ok := fields.Rows(two, sample())
		if !ok || !or || len(rows) != 2 || rows[0].Field != x.row.Field || rows[0].Test != x.row.Test {
			t.Errorf("%s came back as %+v %v %v", two, rows, or, ok)
		}
	}
}

func TestWhatRowsCannotSay(t *testing.T) {
	for _, source := range []string{"a && b || c", "event.body.n + 1 == 3", "not event.body.x", `event.body.a == event.body.b`, `event.body.a == 'it"s'`, "any(event.body.l, .a.b == 1)",
		`event.body.action == 7`, "(", `"`, strings.Repeat("a == 1 && ", 20) + "a == 1"} {
		if rows, _, ok := fields.Rows(source, sample()); ok {
			t.Errorf("%s was taken for %+v", source, rows)
		}
		c := fields.Condition{Source: source, Sample: sample()}
		fs := byName(fields.ConditionFields(c))
		if fs["myself"].Value != "true" || fs["source"].Value != source {
			t.Errorf("%s is not shown as text: %+v", source, fs)
		}
	}
	if _, _, ok := fields.Rows(" event.body.action  ==\n'opened' and event.body.issue.draft == false ", sample()); !ok {
		t.Error("another way to write the same is not read")
	}
}

func conditionTyped(fs []prompts.Field) map[string]string {
	out := map[string]string{}
	for _, f := range fs {
		out[f.Name] = f.Value
	}
	return out
}

// A condition that is opened and saved without a change keeps its bytes, whether it is rows or text.
func TestConditionLeftAlone(t *testing.T) {
	for _, source := range []string{"", `event.body.action == 'opened'`, `event.body.action == "opened"   && event.body.issue.draft == false`, `event.body.x == "true" || event.body.x == ""`, "len(event.body.a) > 2 && event.body.b"} {
		for _, s := range []*fields.Sample{sample(), nil} {
			c := fields.Condition{Source: source, Sample: s, Lang: "fr"}
			got, bad := fields.ReadCondition(c, conditionTyped(fields.ConditionFields(c)))
			if got != source || bad != nil {
				t.Errorf("%q became %q %v", source, got, bad)
			}
		}
	}
}

func TestConditionDialog(t *testing.T) {
	c := fields.Condition{Sample: sample(), Lang: "en"}
	fs := fields.ConditionFields(c)
	if names(fs) != "field1 test1 value1 myself" || !fs[0].Acts || fs[0].Kind != prompts.FieldOne || fs[0].Options[0].Value != "event.body.action" || fs[0].Options[0].Label != `action = "opened"` {
		t.Fatalf("%s %+v", names(fs), fs[0])
	}
	c.Typed = map[string]string{"field1": "event.body.issue.labels"}
	fs = fields.ConditionFields(c)
	if o := fs[1].Options; o[0].Value != "has:name" || o[0].Label != "has one with name" || fs[1].Value != "has:name" {
		t.Fatalf("%+v", fs[1])
	}
	c.Typed, c.Extra = map[string]string{"field1": "event.body.action", "test1": "is", "value1": "opened"}, 1
	if fs = fields.ConditionFields(c); names(fs) != "field1 test1 value1 field2 test2 value2 join myself" || fs[2].Value != "opened" {
		t.Fatalf("%s", names(fs))
	}
	c.Typed["myself"] = "true"
	if f := byName(fields.ConditionFields(c))["source"]; f.Value != `event.body.action == "opened"` || f.Preview != "true" {
		t.Fatalf("%+v", f)
	}
	c.Typed["source"], c.Typed["insert"] = "{{ not }}", "event.body.issue.number"
	if got := c.InsertInto(c.Typed)["source"]; got != "not event.body.issue.number" {
		t.Errorf("%q", got)
	}
	if _, bad := fields.ReadCondition(c, c.Typed); bad["source"] == "" {
		t.Error("a broken expression is taken")
	}
	c.Typed["source"] = "event.body.isue"
	if f := byName(fields.ConditionFields(c))["source"]; !strings.HasPrefix(f.Warn, `No sample has "isue". Did you mean event.body.issue?`) {
		t.Errorf("%+v", f)
	}
}

func TestConditionMistakes(t *testing.T) {
	c := fields.Condition{Sample: sample(), Lang: "en"}
	for _, x := range []struct {
		typed map[string]string
		field string
		want  string
	}{
		{map[string]string{"field1": "", "value1": "x"}, "field1", "Choose a field."},
		{map[string]string{"field1": "a b", "test1": "is", "value1": "x"}, "field1", `"a b" is not a field.`},
		{map[string]string{"field1": "event.body.action", "test1": "resembles", "value1": "x"}, "test1", `"resembles" is not a test.`},
		{map[string]string{"field1": "event.body.issue.number", "test1": "more", "value1": "many"}, "value1", `"many" is not a number.`},
		{map[string]string{"field1": "event.body.action", "test1": "contains", "value1": " "}, "value1", "This is needed."},
		{map[string]string{"field1": "evnt.body.action", "test1": "is", "value1": "x"}, "field1", "nothing is called evnt here"},
		{map[string]string{"myself": "true", "source": "a =="}, "source", "this expression ends too early"},
	} {
		if _, bad := fields.ReadCondition(c, x.typed); !strings.HasPrefix(bad[x.field], x.want) || len(bad) != 1 {
			t.Errorf("%v: %v", x.typed, bad)
		}
	}
	for _, text := range corpus.Hostile() {
		for _, test := range []string{fields.Is, fields.Contains, "has:name", text} {
			source, bad := fields.ReadCondition(c, map[string]string{"field1": "event.body.issue.title", "test1": test, "value1": text})
			if bad != nil {
				continue
			}
			if _, err := expr.Compile(source, expr.Env{Roots: map[string]*engine.Schema{"event": nil}}); err != nil && len(source) < 8<<10 {
				t.Errorf("%q is %q: %v", text, source, err)
			}
		}
		_, _ = fields.ReadCondition(c, map[string]string{"field1": text, "test1": "is", "value1": "x"})
		_, _, _ = fields.Rows(text, c.Sample)
	}
}

// What an event says comes before how it was delivered.
func TestInsertOffersTheBodyFirst(t *testing.T) {
	s := &fields.Sample{Roots: map[string]any{"event": map[string]any{"id": "e1", "key": "k", "method": "POST", "path": "hello",
		"headers": map[string]any{"host": "x"}, "body": map[string]any{"city": "Bern", "name": "Ada"}}}}
	var got []string
	for _, o := range fields.Insert(s, "en") {
		got = append(got, o.Value)
	}
	if want := []string{"event.body.name", "event.body.city", "event.id", "event.key"}; len(got) < 4 || !slices.Equal(got[:4], want) || got[len(got)-1] != "event.headers.host" {
		t.Errorf("%v", got)
	}
}

func TestInsert(t *testing.T) {
	s := sample()
	s.Roots["event"].(map[string]any)["body"].(map[string]any)[`odd "name"`] = "x"
	options := fields.Insert(s, "en")
	by := map[string]string{}
	for _, o := range options {
		by[o.Value] = o.Label
	}
	for path, label := range map[string]string{
		"event.body.issue.title":          `issue.title = "Spelling error in the README file"`,
		"event.body.issue.number":         `issue.number = 7`,
		"event.body.issue.labels":         `issue.labels = list of 1`,
		"event.body.issue.labels[0].name": `issue.labels[0].name = "bug"`,
		`event.headers["x-github-event"]`: `headers["x-github-event"] = "issues"`,
		"event.headers.authorization":     `headers.authorization = •••`,
		`event.body["odd \"name\""]`:      `event.body["odd \"name\""] = "x"`,
		"steps.ticket.body.id":            `steps.ticket.body.id = 7`,
	} {
		if by[path] != label {
			t.Errorf("%s is %q", path, by[path])
		}
		got, err := fields.Preview(s, "{{ "+path+" }}")
		if err != nil || got == "" {
			t.Errorf("%s gives %q %v", path, got, err)
		}
		if strings.Contains(path, "authorization") && got != "•••" {
			t.Errorf("a credential is shown: %q", got)
		}
	}
	if got := fields.Find(options, "issue TITLE"); len(got) == 0 || got[0].Value != "event.body.issue.title" {
		t.Errorf("%v", got)
	}
}

// A duration takes nothing of a sample: where one field is left, there is nothing to choose.
func TestInsertOnlyIntoText(t *testing.T) {
	shown := []prompts.Field{{Name: "title", Kind: prompts.FieldText}, {Name: "after", Kind: prompts.FieldLine, Fixed: true}}
	a := fields.Ask{Sample: sample(), Lang: "en", Expressions: true}
	if got := fields.InsertFields(a, shown); len(got) != 1 || got[0].Name != fields.InsertName {
		t.Errorf("%v", byName(got))
	}
	if got := fields.InsertFields(a, shown[1:]); got != nil {
		t.Errorf("%v", byName(got))
	}
}

func TestInserted(t *testing.T) {
	for _, x := range []struct{ current, want string }{
		{"", "{{ event.body.issue.title }}"},
		{"Ticket for", "Ticket for {{ event.body.issue.title }}"},
		{"Ticket: ", "Ticket: {{ event.body.issue.title }}"},
		{`{"a": 1}`, `{"a": 1, "title": "{{ event.body.issue.title }}"}`},
		{`{"title": 1}`, `{"title": 1, "title2": "{{ event.body.issue.title }}"}`},
		{"[1]", `[1, "{{ event.body.issue.title }}"]`},
		{"a: 1\nb: 2", "a: 1\nb: 2\ntitle: {{ event.body.issue.title }}"},
		{"- 1\n- 2", "- 1\n- 2\n- {{ event.body.issue.title }}"},
		{"{broken", "{broken {{ event.body.issue.title }}"},
		{`Ticket for "`, `Ticket for "{{ event.body.issue.title }}`},
		{`It is "new"`, `It is "new" {{ event.body.issue.title }}`},
		{"https://t.example.org/", "https://t.example.org/{{ event.body.issue.title }}"},
		{`{"title": "`, `{"title": "{{ event.body.issue.title }}`},
	} {
		if got := fields.Inserted(x.current, "event.body.issue.title"); got != x.want {
			t.Errorf("%q became %q", x.current, got)
		}
	}
	shown := []prompts.Field{{Name: "with.url", Label: "URL", Kind: prompts.FieldLine}, {Name: "with.json", Label: "Body", Kind: prompts.FieldText}}
	a := fields.Ask{Sample: sample(), Lang: "en", Expressions: true}
	fs := fields.InsertFields(a, shown)
	if len(fs) != 2 || !fs[0].Acts || fs[1].Value != "with.json" {
		t.Fatalf("%+v", fs)
	}
	got := fields.ApplyInsert(shown, map[string]string{"insert": "event.id", "with.json": `{"a": 1}`, "with.url": "x"})
	if !reflect.DeepEqual(got, map[string]string{"with.json": `{"a": 1, "id": "{{ event.id }}"}`, "with.url": "x"}) {
		t.Errorf("%v", got)
	}
	got = fields.ApplyInsert(shown, map[string]string{"insert": "event.id", "into": "with.url"})
	if got["with.url"] != "{{ event.id }}" {
		t.Errorf("%v", got)
	}
}

// What is a text stays one; what is read as lines gets one more.
func TestInsertedByType(t *testing.T) {
	a := fields.Ask{Schema: object(member("text", engine.Schema{Type: "string", Format: "text"}), member("headers", engine.Schema{Type: "object", Open: true, Items: &engine.Schema{Type: "string"}})), Sample: sample(), Lang: "en", Expressions: true}
	got := a.ApplyInsert(map[string]string{"insert": "event.id", "into": "text", "text": "{not json}"})
	if got["text"] != "{not json} {{ event.id }}" {
		t.Errorf("%q", got)
	}
	if got = a.ApplyInsert(map[string]string{"insert": "event.id", "into": "text", "text": "Id: 5"}); got["text"] != "Id: 5 {{ event.id }}" {
		t.Errorf("%q", got)
	}
	if got = a.ApplyInsert(map[string]string{"insert": "event.id", "into": "text"}); got["text"] != "{{ event.id }}" {
		t.Errorf("%q", got)
	}
	if got = a.ApplyInsert(map[string]string{"insert": "event.id", "into": "headers", "headers": "X-A: b"}); got["headers"] != "X-A: b\nid: {{ event.id }}" {
		t.Errorf("%q", got)
	}
}

func TestPreviewAndPlaces(t *testing.T) {
	s := sample()
	for text, want := range map[string]string{
		`Ticket for "{{ event.body.issue.title }}"`: `Ticket for "Spelling error in the README file"`,
		"{{ event.body.issue.labels }}":             `[{"color": "f00", "name": "bug"}]`,
		"{{ event.body.issue.nothing }}":            "nothing",
		"no expression":                             "",
		`{"n": "{{ event.body.issue.number }}"}`:    `{"n": 7}`,
		`{"token": "{{ event.id }}"}`:               `{"token": "•••"}`,
	} {
		if got, err := fields.Preview(s, text); got != want || err != nil {
			t.Errorf("%s gives %q %v", text, got, err)
		}
	}
	_, err := fields.Preview(s, "a\n  {{ event.body.issue.title + 1 }}")
	if got := fields.Say("en", err); !strings.Contains(got, "(line 2, column ") {
		t.Errorf("%q", got)
	}
	declared := sample()
	declared.Env = expr.Env{Roots: map[string]*engine.Schema{"event": object(member("id", engine.Schema{Type: "string"}))}}
	a := fields.Ask{Schema: object(member("t", engine.Schema{Type: "string"})), Sample: declared, Lang: "en", Expressions: true}
	_, bad := fields.Read(a, map[string]string{"t": "a {{ event.ide }}"})
	if bad["t"] != `there is no ide here. Did you mean id?  (line 1, column 12)` {
		t.Errorf("%q", bad["t"])
	}
	a.Sample, a.Typed = sample(), map[string]string{"t": "{{ steps.other.body.id }}"}
	if f := fields.Form(a)[0]; f.Warn != `I could not check "steps.other.body.id": step other has no sample yet.` {
		t.Errorf("%+v", f)
	}
	a.Sample.More = []map[string]any{{"event": map[string]any{"body": map[string]any{"isue": 1}}}}
	a.Typed = map[string]string{"t": "{{ event.body.isue }}"}
	if f := fields.Form(a)[0]; f.Warn != "" {
		t.Errorf("another sample has it: %+v", f)
	}
}

// FuzzRead looks for panics, and for values that do not survive being shown and read again.
func FuzzRead(f *testing.F) {
	for i, k := range kinds {
		for typed := range k.good {
			f.Add(i, typed)
		}
	}
	for i, text := range corpus.Hostile() {
		f.Add(i, text)
	}
	f.Fuzz(func(t *testing.T, i int, text string) {
		a := asking(kinds[(i%len(kinds)+len(kinds))%len(kinds)].schema)
		got, bad := fields.Read(a, map[string]string{"with.x": text})
		if len(bad) == 0 {
			again(t, a, got)
		}
		fields.Inserted(text, "event.body.x")
		rows, or, ok := fields.Rows(text, sample())
		if ok && len(rows) > 0 {
			if _, _, still := fields.Rows(fields.Expression(rows, or, sample()), sample()); !still {
				t.Errorf("%q does not come back", text)
			}
		}
	})
}
