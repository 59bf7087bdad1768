package flow_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// One declaration of every type, and what people type into it.
// What people answer is bounded together, not only field by field.
func TestAnswersAreBounded(t *testing.T) {
	s, given := &engine.Schema{Type: "object"}, map[string]any{}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		s.Fields = append(s.Fields, engine.Field{Name: name, Schema: &engine.Schema{Type: "string", Format: "text"}})
		given[name] = strings.Repeat("x", 15<<10)
	}
	if _, wrong := flow.ReadForm(s, given); len(wrong) != 1 || wrong["e"] == nil || wrong["e"].Code != engine.TooLarge {
		t.Errorf("wrong are %v", wrong)
	}
}

func TestReadForm(t *testing.T) {
	declared, err := engine.DecodeJSON([]byte(`[
		{"name": "why", "title": "Why?", "required": true, "help": "One sentence.", "example": "It burns"},
		{"name": "long_text", "type": "lines"}, {"name": "n", "type": "number", "default": 5}, {"name": "ok", "type": "check"},
		{"name": "size", "options": ["s", {"value": "l", "label": "Large"}, 3]}, {"name": "tags", "type": "many", "options": ["a", "b"]},
		{"name": "mail", "type": "email"}, {"name": "day", "type": "date"}, {"name": "sure", "type": "check", "required": true}]`))
	if err != nil {
		t.Fatal(err)
	}
	s, bad := flow.FormSchema(declared)
	if bad != nil {
		t.Fatal(bad)
	}
	if f := s.Field("why"); f.Title != "Why?" || f.Doc != "One sentence." || f.Example != "It burns" || !f.Required || s.Field("long_text").Title != "long text" {
		t.Errorf("%+v", f)
	}
	if f := s.Field("size"); strings.Join(f.Enum, ",") != "s,l,3" || strings.Join(f.Titles, ",") != "s,Large,3" {
		t.Errorf("%+v", f)
	}
	for given, want := range map[string]string{
		`{"why": " x ", "sure": true}`: `{"day":null,"long_text":null,"mail":null,"n":5,"ok":null,"size":null,"sure":true,"tags":[],"why":"x"}`,
		`{"why": "x", "sure": "on", "long_text": " a\nb ", "n": "-2.50", "ok": "no", "size": "Large", "tags": "b, a,b", "mail": "ada@example.org", "day": "2026-02-28"}`: `{"day":"2026-02-28","long_text":" a\nb ","mail":"ada@example.org","n":-2.5,"ok":false,"size":"l","sure":true,"tags":["b","a"],"why":"x"}`,
		`{"why": 7, "sure": 1, "n": "", "size": 3, "tags": []}`: `wrong: sure`,
		`{}`:                           `wrong: sure why`,
		`{"why": "  ", "sure": false}`: `wrong: sure why`,
		`{"why": "x", "sure": true, "n": "0x10", "ok": "perhaps", "size": "xl", "tags": ["c"], "mail": "Ada <ada@example.org>", "day": "2026-02-30"}`: `wrong: day mail n ok size tags`,
		`{"why": {"a": 1}, "sure": true, "n": [1], "tags": {"a": 1}, "other": 1}`:                                                                     `wrong: n other tags why`,
		`{"why": "` + strings.Repeat("x", 20_000) + `", "sure": true}`:                                                                                `wrong: why`,
		`{"why": "x", "sure": true, "n": "12345678901234567890123"}`:                                                                                  `{"day":null,"long_text":null,"mail":null,"n":"12345678901234567890123","ok":null,"size":null,"sure":true,"tags":[],"why":"x"}`,
	} {
		in, err := engine.DecodeJSON([]byte(given))
		if err != nil {
			t.Fatal(err)
		}
		out, wrong := flow.ReadForm(s, in.(map[string]any))
		got := ""
		if len(wrong) > 0 {
			got = "wrong: " + strings.Join(names(wrong), " ")
		} else if b, err := engine.EncodeJSON(out); err == nil {
			got = string(b)
		}
		if got != want {
			t.Errorf("%.100s\n got %s\nwant %s", given, got, want)
		}
	}
	for _, declared := range []any{nil, "text", []any{}, []any{"x"}, []any{map[string]any{"name": "a", "type": "secret"}}, map[string]any{"name": "a"}} {
		if _, err := flow.FormSchema(declared); err == nil || err.Code != engine.Invalid {
			t.Errorf("%v: %v", declared, err)
		}
	}
}

func names(wrong map[string]*engine.Error) (out []string) {
	for _, n := range []string{"day", "long_text", "mail", "n", "ok", "other", "size", "sure", "tags", "why"} {
		if wrong[n] != nil {
			out = append(out, n)
		}
	}
	return out
}
