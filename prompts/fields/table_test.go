package fields_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
	"github.com/bretelle/bretelle/prompts/fields"
)

// kinds is one field of every kind a schema can ask for: what is typed when it goes well, what it gives, and what is
// typed when it does not, with the beginning of what is said then.
var kinds = []struct {
	name   string
	schema engine.Schema
	shows  prompts.FieldKind
	good   map[string]any // typed to value
	bad    map[string]string
}{
	{"line", engine.Schema{Type: "string"}, prompts.FieldLine, map[string]any{"a b": "a b", " 7 ": "7", "true": "true", "{{ event.id }}": "{{ event.id }}"}, nil},
	{"text", engine.Schema{Type: "string", Format: "text"}, prompts.FieldText, map[string]any{"a\r\nb": "a\nb", "x {{ event.id }}": "x {{ event.id }}"}, nil},
	{"integer", engine.Schema{Type: "integer"}, prompts.FieldLine, map[string]any{"3": 3, "-4": -4, "12345678901234567890": "12345678901234567890", "{{ event.id }}": "{{ event.id }}", "2.0": 2},
		map[string]string{"x": `"x" is not a whole number.`, "2.5": `"2.5" is not a whole number.`, "3 {{ event.id }}": "text around an expression makes text"}},
	{"number", engine.Schema{Type: "number"}, prompts.FieldLine, map[string]any{"2.5": 2.5, "+3": 3, "1\u00a0000": 1000}, map[string]string{"1,5": `"1,5" is not a number.`, `"3"`: `""3"" is not`, "[1]": `"[1]" is not`}},
	{"boolean", engine.Schema{Type: "boolean"}, prompts.FieldCheck, map[string]any{"true": true, "Oui": true, "{{ event.id == nil }}": "{{ event.id == nil }}"}, map[string]string{"maybe": `"maybe" is neither yes nor no.`}},
	{"boolean-default", engine.Schema{Type: "boolean", Default: true}, prompts.FieldOne, map[string]any{"false": false}, map[string]string{"maybe": `"maybe" is neither`}},
	{"enum", engine.Schema{Type: "string", Enum: []string{"GET", "POST"}, Titles: []string{"read", "change"}}, prompts.FieldOne, map[string]any{"POST": "POST", "post": "POST", "Change": "POST", "{{ event.id }}": "{{ event.id }}"},
		map[string]string{"PSOT": `"PSOT" is not possible here. Did you mean POST?`, "x": `"x" is not possible here. Possible: GET, POST.`}},
	{"enums", engine.Schema{Type: "array", Items: &engine.Schema{Type: "string", Enum: []string{"a", "b"}}}, prompts.FieldMany, map[string]any{"a\nb": []any{"a", "b"}, "b": []any{"b"}, "b\na\nb": []any{"a", "b"}, "a, b": []any{"a", "b"}, `["a"]`: []any{"a"}},
		map[string]string{"c": `"c" is not possible here`, `["c"]`: `"c" is not possible here`}},
	{"texts", engine.Schema{Type: "array", Items: &engine.Schema{Type: "string"}}, prompts.FieldText, map[string]any{"x\ny": []any{"x", "y"}, "- x\n- y": []any{"x", "y"}, `["x", 1]`: []any{"x", 1}, "{{ event.body.issue.labels }}": "{{ event.body.issue.labels }}"},
		map[string]string{`["x"`: "this is not JSON (line 1, column 5)"}},
	{"objects", engine.Schema{Type: "array", Items: &engine.Schema{Type: "object", Open: true}}, prompts.FieldText, map[string]any{`[{"a": 1}]`: []any{edit.Map{{Key: "a", Value: 1}}}, "- a: 1\n  b: x": []any{edit.Map{{Key: "a", Value: 1}, {Key: "b", Value: "x"}}}},
		map[string]string{"x": "a list is needed here."}},
	{"open", engine.Schema{Type: "object", Open: true}, prompts.FieldText, map[string]any{"b: 1\na: {{ event.id }}": edit.Map{{Key: "b", Value: 1}, {Key: "a", Value: "{{ event.id }}"}}, `{"x": [true, null]}`: edit.Map{{Key: "x", Value: []any{true, nil}}}},
		map[string]string{"x": "names with values are needed here.", "[1]": "names with values are needed here.", `{"a": 1,, }`: "this is not JSON", "a: &b 1": "* and & have no meaning here (line 1)", "a: 1\na: 2": ``}},
	{"headers", engine.Schema{Type: "object", Open: true, Items: &engine.Schema{Type: "string"}}, prompts.FieldText, map[string]any{"X-A: 007\nX-B: a: b": edit.Map{{Key: "X-A", Value: "007"}, {Key: "X-B", Value: "a: b"}}, `{"X-A": 7}`: edit.Map{{Key: "X-A", Value: "7"}}},
		map[string]string{"nothing": `"nothing" is not a name and its value.`, `{"a": {}}`: `"a" must be a text.`}},
	{"any", engine.Schema{}, prompts.FieldText, map[string]any{"200": 200, "2xx": "2xx", "true": true, `"7"`: "7", "a: 1": edit.Map{{Key: "a", Value: 1}}, `{"t": "{{ event.body.issue.title }}", "n": {{ event.body.issue.number }}}`: edit.Map{{Key: "t", Value: "{{ event.body.issue.title }}"}, {Key: "n", Value: "{{ event.body.issue.number }}"}},
		"{{ event.body }}": "{{ event.body }}", "See {{ event.id }}: ok": "See {{ event.id }}: ok"}, map[string]string{`{"a"`: "this is not JSON"}},
	{"uri", engine.Schema{Type: "string", Format: "uri"}, prompts.FieldLine, map[string]any{"https://a.example/x": "https://a.example/x", "{{ event.id }}/x": "{{ event.id }}/x"},
		map[string]string{"tracker.example": `"tracker.example" has no scheme. Write https://…`, "ftp://x": `"ftp://x" is not a web address.`, "https://a b": `"https://a b" has a space in it.`, "https://u:p@x.example": "a name and password do not belong"}},
	{"email", engine.Schema{Type: "string", Format: "email"}, prompts.FieldLine, map[string]any{"a@b.example": "a@b.example"}, map[string]string{"a@": `"a@" is not an e-mail address.`}},
	{"date-time", engine.Schema{Type: "string", Format: "date-time"}, prompts.FieldLine, map[string]any{"2026-03-01T09:00:00+01:00": "2026-03-01T09:00:00+01:00"}, map[string]string{"tomorrow": `"tomorrow" is not a point in time.`}},
	{"duration", engine.Schema{Type: "string", Format: "duration"}, prompts.FieldLine, map[string]any{"3d": "3d"}, map[string]string{"3": `"3" is not a duration.`}},
	{"timezone", engine.Schema{Type: "string", Format: "timezone"}, prompts.FieldLine, map[string]any{"Europe/Zurich": "Europe/Zurich"}, map[string]string{"Mars/Base": `"Mars/Base" is not a time zone.`}},
	{"cron", engine.Schema{Type: "string", Format: "cron"}, prompts.FieldLine, map[string]any{"every 5m": "every 5m"}, map[string]string{"TZ=UTC 0 9 * * *": "the time zone does not belong"}},
	{"place", engine.Schema{Type: "string", Format: "place"}, prompts.FieldLine, map[string]any{"#ops": "#ops", "ops": "#ops", "slack:T1/#ops": "slack:T1/#ops"}, map[string]string{"/x": `"/x" is not a place.`}},
	{"group", engine.Schema{Type: "string", Format: "person-or-group"}, prompts.FieldLine, map[string]any{"@triage": "@triage", "triage": "@triage", "slack:T1/@x": "slack:T1/@x"}, map[string]string{"a b": `"a b" is not a group or person.`}},
	{"flow", engine.Schema{Type: "string", Format: "flow"}, prompts.FieldLine, map[string]any{"bug-triage": "bug-triage"}, map[string]string{"Bug Triage": `"Bug Triage" cannot be a flow's name.`}},
	{"table", engine.Schema{Type: "string", Format: "table"}, prompts.FieldLine, map[string]any{"leads": "leads"}, nil},
	{"secret", engine.Schema{Type: "string", Format: "secret"}, prompts.FieldLine, map[string]any{"github_bugs": "github_bugs"}, map[string]string{"hunter2 is my password!": "this is not the name of a secret.", "{{ event.id }}": "an expression cannot name a secret."}},
	{"json", engine.Schema{Type: "string", Format: "json"}, prompts.FieldText, map[string]any{`{"a": 1}`: `{"a": 1}`}, nil},
}

func asking(s engine.Schema) fields.Ask {
	return fields.Ask{Schema: object(member("x", s), member("other", engine.Schema{Type: "string"})), Prefix: "with.", Sample: sample(), Lang: "en", Expressions: true}
}

// Every kind of field x (good, wrong type, missing, too long, hostile text), as the neutral layer sees it.
func TestEveryKindOfField(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			a := asking(k.schema)
			if f := fields.Form(a)[0]; f.Kind != k.shows {
				t.Errorf("shown as %s", f.Kind)
			}
			for typed, want := range k.good {
				got, bad := fields.Read(a, map[string]string{"with.x": typed})
				if v := got.Get("x"); bad != nil || !reflect.DeepEqual(v, want) {
					t.Errorf("%q gave %#v %v", typed, v, bad)
				}
				again(t, a, got)
			}
			for typed, want := range k.bad {
				got, bad := fields.Read(a, map[string]string{"with.x": typed, "with.other": "kept"})
				if !strings.HasPrefix(bad["with.x"], want) || bad["with.x"] == "" || len(bad) != 1 || got.Get("other") != "kept" || got.Get("x") != nil {
					t.Errorf("%q gave %q %#v", typed, bad, got)
				}
				shown := a
				shown.Typed, shown.Errors = map[string]string{"with.x": typed}, bad
				if f := fields.Form(shown)[0]; f.Error != bad["with.x"] {
					t.Errorf("%q is shown without its error: %+v", typed, f)
				} else if f.Kind != prompts.FieldOne && f.Kind != prompts.FieldCheck && f.Value != typed {
					t.Errorf("%q is lost: %+v", typed, f)
				}
			}
			missing(t, k.schema)
			tooLong(t, a)
			for i, text := range corpus.Hostile() {
				t.Run(fmt.Sprint("hostile", i), func(t *testing.T) { hostile(t, a, text) })
			}
		})
	}
}

// again is what must hold for any value: it is shown, and reading what is shown without a change gives it back.
func again(t *testing.T, a fields.Ask, values edit.Map) {
	t.Helper()
	a.Values = values
	typed := map[string]string{}
	for _, f := range fields.Form(a) {
		typed[f.Name] = f.Value
	}
	got, bad := fields.Read(a, typed)
	if bad != nil || !reflect.DeepEqual(got, values) {
		t.Errorf("left alone, %#v became %#v %v (shown %q)", values, got, bad, typed)
	}
	fresh := a
	fresh.Values = nil
	if got, bad := fields.Read(fresh, typed); bad != nil || !edit.Equal(got.Get("x"), values.Get("x")) {
		t.Errorf("shown as %q, %#v is read as %#v %v", typed["with.x"], values.Get("x"), got.Get("x"), bad)
	}
}

func missing(t *testing.T, s engine.Schema) {
	t.Helper()
	for _, empty := range []string{"", "  ", "\n"} {
		a := asking(s)
		if got, bad := fields.Read(a, map[string]string{"with.x": empty}); bad != nil || s.Default == nil && len(got) > 0 {
			t.Errorf("%q gave %#v %v", empty, got, bad)
		}
		if s.Type == "boolean" {
			continue
		}
		s.Required = true
		a = asking(s)
		if _, bad := fields.Read(a, map[string]string{"with.x": empty}); bad["with.x"] != "This is needed." {
			t.Errorf("a required field left empty gave %v", bad)
		}
		s.Required = false
		a.Values = edit.Map{{Key: "a", Value: 1}, {Key: "x", Value: "{{ event.id }}"}, {Key: "z", Value: 2}}
		if s.Format == engine.SecretFormat {
			continue
		}
		a.Schema = asking(s).Schema
		if got, bad := fields.Read(a, map[string]string{"with.x": empty}); bad != nil || !reflect.DeepEqual(got, edit.Map{{Key: "a", Value: 1}, {Key: "z", Value: 2}}) {
			t.Errorf("emptied, it gave %#v %v", got, bad)
		}
	}
}

func tooLong(t *testing.T, a fields.Ask) {
	t.Helper()
	got, bad := fields.Read(a, map[string]string{"with.x": strings.Repeat("é", 1<<16), "with.other": "kept"})
	if !strings.HasPrefix(bad["with.x"], "This is too long") || got.Get("other") != "kept" {
		t.Errorf("a text of 128 KiB gave %v", bad)
	}
	a.Values = edit.Map{{Key: "x", Value: "as it was"}} // too long for the surface: not in the form
	if got, bad := fields.Read(a, map[string]string{"with.other": "new"}); bad != nil || got.Get("x") != "as it was" {
		t.Errorf("a field that was not shown gave %#v %v", got, bad)
	}
}

func hostile(t *testing.T, a fields.Ask, text string) {
	got, bad := fields.Read(a, map[string]string{"with.x": text})
	if len(bad) == 0 {
		again(t, a, got)
	}
	a.Typed, a.Errors = map[string]string{"with.x": text}, bad
	fields.Form(a)
}

func TestSecretsAreNotRepeated(t *testing.T) {
	a := asking(engine.Schema{Type: "string", Format: "secret"})
	_, bad := fields.Read(a, map[string]string{"with.x": "hunter2 is my password!"})
	if strings.Contains(bad["with.x"], "hunter2") {
		t.Errorf("%q", bad)
	}
}

// What is left at its default is not written; what somebody wrote is, even if it says the same.
func TestDefaultsAreNotWritten(t *testing.T) {
	s := object(member("expect", engine.Schema{Default: "2xx"}), member("max", engine.Schema{Type: "integer", Default: 5}),
		member("on", engine.Schema{Type: "boolean", Default: true}), member("how", engine.Schema{Type: "string", Enum: []string{"a", "b"}, Default: "b"}), member("off", engine.Schema{Type: "boolean"}))
	a := fields.Ask{Schema: s, Lang: "en", Expressions: true}
	typed := map[string]string{}
	for _, f := range fields.Form(a) {
		typed[f.Name] = f.Value
	}
	if !reflect.DeepEqual(typed, map[string]string{"expect": "", "max": "", "on": "true", "how": "b", "off": ""}) {
		t.Errorf("shown %q", typed)
	}
	if got, bad := fields.Read(a, typed); bad != nil || len(got) > 0 {
		t.Errorf("%#v %v", got, bad)
	}
	if got, _ := fields.Read(a, map[string]string{"expect": "2xx", "max": "5", "on": "false", "how": "a", "off": "true"}); !reflect.DeepEqual(got,
		edit.Map{{Key: "on", Value: false}, {Key: "how", Value: "a"}, {Key: "off", Value: true}}) {
		t.Errorf("%#v", got)
	}
	a.Values = edit.Map{{Key: "max", Value: 5}, {Key: "off", Value: false}}
	if got, _ := fields.Read(a, map[string]string{"max": "5", "off": ""}); !reflect.DeepEqual(got, a.Values) {
		t.Errorf("%#v", got)
	}
	if f := fields.Form(a)[0]; f.Help != "Left empty: 2xx." {
		t.Errorf("%+v", f)
	}
}

func sender() *engine.Schema {
	return object(member("path", engine.Schema{Type: "string", Required: true}),
		member("sender", engine.Schema{Type: "object", Fields: object(
			member("kind", engine.Schema{Type: "string", Enum: []string{"github", "hmac-sha256"}, Default: "github"}),
			member("header", engine.Schema{Type: "string", Required: true, Only: &engine.Only{Field: "kind", Is: []string{"hmac-sha256"}}})).Fields}),
		member("late", engine.Schema{Type: "string", Advanced: true}), member("secret", engine.Schema{Type: "string", Format: "secret"}))
}

func names(fs []prompts.Field) string {
	var out []string
	for _, f := range fs {
		out = append(out, f.Name)
	}
	return strings.Join(out, " ")
}

func TestOnlyAndAdvanced(t *testing.T) {
	a := fields.Ask{Schema: sender(), Lang: "en"}
	fs := fields.Form(a)
	if names(fs) != "path sender.kind secret late" || !fs[1].Acts || fs[0].Acts {
		t.Fatalf("%s %+v", names(fs), fs[1])
	}
	a.Typed = map[string]string{"path": "p", "sender.kind": "hmac-sha256"}
	if fs = fields.Form(a); names(fs) != "path sender.kind sender.header secret late" || fs[0].Value != "p" {
		t.Fatalf("%s", names(fs))
	}
	if _, bad := fields.Read(a, a.Typed); bad["sender.header"] != "This is needed." {
		t.Fatalf("a field that a choice called for is not asked: %v", bad)
	}
	got, bad := fields.Read(a, map[string]string{"path": "p", "sender.kind": "hmac-sha256", "sender.header": "X-Sig", "secret": "s"})
	want := edit.Map{{Key: "path", Value: "p"}, {Key: "sender", Value: edit.Map{{Key: "kind", Value: "hmac-sha256"}, {Key: "header", Value: "X-Sig"}}}, {Key: "secret", Value: "s"}}
	if bad != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%#v %v", got, bad)
	}
	b := fields.Ask{Schema: sender(), Lang: "en", Values: want}
	got, bad = fields.Read(b, map[string]string{"path": "p", "sender.kind": "github", "sender.header": "X-Sig", "secret": "s"})
	if bad != nil || got.Get("sender").(edit.Map).Get("header") != nil {
		t.Fatalf("what is not asked any more stays: %#v %v", got, bad)
	}
	b.Values = edit.Map{{Key: "sender", Value: "github"}}
	if fs := fields.Form(b); names(fs) != "path sender secret late" || fs[1].Value != "github" {
		t.Fatalf("another shape than declared: %+v", fs)
	}
}

// Keys keep their order, new ones take the schema's, and what no field shows stays.
func TestOrderOfKeys(t *testing.T) {
	s := object(member("a", engine.Schema{Type: "string"}), member("b", engine.Schema{Type: "string"}), member("c", engine.Schema{Type: "string"}))
	a := fields.Ask{Schema: s, Values: edit.Map{{Key: "unknown", Value: "x"}, {Key: "c", Value: "3"}}}
	got, _ := fields.Read(a, map[string]string{"a": "1", "b": "2", "c": "3"})
	if want := (edit.Map{{Key: "unknown", Value: "x"}, {Key: "a", Value: "1"}, {Key: "b", Value: "2"}, {Key: "c", Value: "3"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("%#v", got)
	}
}

// A member that no schema knows does not turn a dialog into a text; it stays.
func TestUnknownMembersInside(t *testing.T) {
	with := object(member("url", engine.Schema{Type: "string"}))
	with.Open = true
	a := fields.Ask{Schema: object(engine.Field{Name: "with", Schema: with}), Values: edit.Map{{Key: "do", Value: "x"}, {Key: "with", Value: edit.Map{{Key: "url", Value: "a"}, {Key: "odd", Value: 1}}}}}
	if fs := fields.Form(a); names(fs) != "with.url" {
		t.Fatalf("%s", names(fs))
	}
	got, bad := fields.Read(a, map[string]string{"with.url": "b"})
	if bad != nil || !reflect.DeepEqual(got, edit.Map{{Key: "do", Value: "x"}, {Key: "with", Value: edit.Map{{Key: "url", Value: "b"}, {Key: "odd", Value: 1}}}}) {
		t.Fatalf("%#v %v", got, bad)
	}
	if got, _ = fields.Read(a, map[string]string{"with.url": ""}); got.Get("with").(edit.Map).Get("odd") != 1 {
		t.Fatalf("%#v", got)
	}
}

func TestChoicesOfAFormat(t *testing.T) {
	a := asking(engine.Schema{Type: "string", Format: "place"})
	a.Choices = func(format string) []prompts.Option {
		if format == "place" {
			return []prompts.Option{{Value: "slack:T1/#triage", Label: "#triage"}, {Value: "#ops", Label: "#ops"}}
		}
		return nil
	}
	if f := fields.Form(a)[0]; f.Kind != prompts.FieldOne || len(f.Options) != 2 || f.Live {
		t.Errorf("%+v", f)
	}
	for typed, want := range map[string]any{"#triage": "slack:T1/#triage", "#other": "#other"} {
		got, bad := fields.Read(a, map[string]string{"with.x": typed})
		if bad != nil || got.Get("x") != want {
			t.Errorf("%q gave %#v %v", typed, got, bad)
		}
	}
	a.Values = edit.Map{{Key: "x", Value: "#gone"}}
	if f := fields.Form(a)[0]; len(f.Options) != 3 || f.Options[0].Value != "#gone" {
		t.Errorf("what is chosen is no option: %+v", f)
	}
	a.Values = edit.Map{{Key: "x", Value: "{{ event.body.action }}"}}
	if f := fields.Form(a)[0]; f.Kind != prompts.FieldLine || f.Preview != "opened" {
		t.Errorf("a choice that is computed: %+v", f)
	}
	a.Values, a.Choices = nil, func(string) []prompts.Option { return make([]prompts.Option, 600) }
	if f := fields.Form(a)[0]; !f.Live || len(f.Options) != 100 {
		t.Errorf("%v %d", f.Live, len(f.Options))
	}
}
