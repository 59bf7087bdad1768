package slack

import (
	"os"
	"path/filepath"
	"testing"
	"unicode/utf16"

	"github.com/santhosh-tekuri/jsonschema/v6"
	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// most are the lengths that Slack documents and its schemas lack.
func checkLimits(t testing.TB, m posted) {
	t.Helper()
	if len(m.Blocks) > 50 {
		t.Errorf("%d blocks in a message, at most 50", len(m.Blocks))
	}
	if units(m.Text) > 40000 {
		t.Errorf("text of %d characters, at most 40,000", units(m.Text))
	}
	checkParts(t, decoded(t, m.Blocks))
}

func checkView(t testing.TB, v slackgo.ModalViewRequest) {
	t.Helper()
	if len(v.Blocks.BlockSet) > 100 {
		t.Errorf("%d blocks in a view, at most 100", len(v.Blocks.BlockSet))
	}
	for _, x := range []*slackgo.TextBlockObject{v.Title, v.Close, v.Submit} {
		if x != nil && units(x.Text) > 24 {
			t.Errorf("%q is longer than 24", x.Text)
		}
	}
	if len(v.PrivateMetadata) > 3000 || len(v.CallbackID) > 255 {
		t.Error("metadata or callback id is too long")
	}
	ids := map[string]bool{}
	for _, b := range v.Blocks.BlockSet {
		if id := b.ID(); id != "" {
			if ids[id] || len(id) > 255 {
				t.Errorf("block id %q is there twice or too long", id)
			}
			ids[id] = true
		}
	}
	checkParts(t, decoded(t, v.Blocks))
}

func checkParts(t testing.TB, v any) {
	t.Helper()
	text := func(x any) string {
		m, _ := x.(map[string]any)
		s, _ := m["text"].(string)
		return s
	}
	short := func(what string, s string, most int) {
		if units(s) > most || s == "" {
			t.Errorf("%s has %d characters, 1 to %d allowed: %.60q", what, units(s), most, s)
		}
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			checkParts(t, x)
		}
	case map[string]any:
		str := func(k string) string { s, _ := v[k].(string); return s }
		switch v["type"] {
		case "button":
			short("button", text(v["text"]), 75)
			if len(str("value")) > 2000 || len(str("action_id")) > 255 || len(str("url")) > 3000 {
				t.Error("value, action id or url of a button is too long")
			}
		case "actions":
			if n := len(v["elements"].([]any)); n < 1 || n > 25 {
				t.Errorf("%d elements in an actions block", n)
			}
		case "context":
			if n := len(v["elements"].([]any)); n < 1 || n > 10 {
				t.Errorf("%d elements in a context block", n)
			}
		case "static_select", "multi_static_select":
			os, _ := v["options"].([]any)
			gs, _ := v["option_groups"].([]any)
			if (len(os) == 0) == (len(gs) == 0) || len(os) > 100 || len(gs) > 100 {
				t.Errorf("%d options and %d groups", len(os), len(gs))
			}
			for _, g := range gs {
				short("group", text(g.(map[string]any)["label"]), 75)
				if n := len(g.(map[string]any)["options"].([]any)); n < 1 || n > 100 {
					t.Errorf("%d options in a group", n)
				}
			}
			if v["placeholder"] != nil {
				short("placeholder", text(v["placeholder"]), 150)
			}
		case "input":
			short("label", text(v["label"]), 2000)
			if v["hint"] != nil {
				short("hint", text(v["hint"]), 2000)
			}
		case "plain_text_input":
			if units(str("initial_value")) > 3000 {
				t.Error("an initial value is longer than 3,000")
			}
		case "mrkdwn", "plain_text", "text":
			short("text", str("text"), 3000)
		}
		if o, ok := v["value"].(string); ok && v["type"] == nil {
			short("option", text(v["text"]), 75)
			short("option value", o, 150)
			if v["description"] != nil {
				short("option description", text(v["description"]), 75)
			}
		}
		for _, x := range v {
			checkParts(t, x)
		}
	}
}

// Every rendering is what Slack's own types allow (schemas generated from them, beside the repository).
func TestSchemas(t *testing.T) {
	chat, open, edit := schema(t, "gen-ChatPostMessage"), schema(t, "gen-ViewsOpen"), schema(t, "gen-ChatUpdate")
	valid := func(name string, s *jsonschema.Schema, v any) {
		if err := s.Validate(decoded(t, v)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, lang := range corpus.Langs() {
		for _, x := range corpus.Cards(lang) {
			m := message(x.Card)
			valid(x.Name, chat, m)
			valid(x.Name, edit, map[string]any{"channel": "C1", "ts": "1.2", "text": m.Text, "blocks": m.Blocks})
			checkLimits(t, m)
		}
		for _, x := range corpus.Forms(lang) {
			v := Modal(prompts.FitForm(x.Form, Limits()), triage)
			valid(x.Name, open, map[string]any{"trigger_id": "1.2.3", "view": v})
			checkView(t, v)
		}
	}
}

func schema(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	file := filepath.Join(shared(t), "specs", "slack", name+".schema.json")
	f, err := os.Open(file)
	if err != nil {
		t.Skipf("the platform's schemas are not here: %v", err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shared is the folder beside the repository with what may not be copied into it.
func shared(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(filepath.Dir(dir), "shared")
		}
		dir = filepath.Dir(dir)
	}
	t.Skip("no go.mod above")
	return ""
}
