package slackspec

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var (
	markup  = regexp.MustCompile(`<[!@#a-zA-Z][^>]*>`)
	ourDate = regexp.MustCompile(`^<!date\^\d+\^\{[a-z_]+\}( \{time\})?\|[^<>|]*>$`)
)

// Units is how long Slack takes a text to be: UTF-16 units.
func Units(s string) int { return len(utf16.Encode([]rune(s))) }

// Parts holds every element below v to its limits (docs.slack.dev, "Block Kit").
func Parts(t testing.TB, v any) {
	t.Helper()
	text := func(x any) string {
		m, _ := x.(map[string]any)
		s, _ := m["text"].(string)
		return s
	}
	short := func(what string, s string, most int) {
		if Units(s) > most || s == "" {
			t.Errorf("%s has %d characters, 1 to %d allowed: %.60q", what, Units(s), most, s)
		}
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			Parts(t, x)
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
			if Units(str("initial_value")) > 3000 {
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
			Parts(t, x)
		}
	}
}

// Schema is one of Slack's types, "gen-ViewsOpen"; the test is skipped where it is not there.
func Schema(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	file := filepath.Join(Shared(t), "specs", "slack", name+".schema.json")
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

// Shared is the folder beside the repository with what may not be copied into it.
func Shared(t testing.TB) string {
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
	t.Fatal("no go.mod above")
	return ""
}

// Decoded is v as it arrives.
func Decoded(t testing.TB, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Mrkdwn refuses markup that is not ours in a text that Slack parses.
func Mrkdwn(t testing.TB, s string) {
	t.Helper()
	for _, m := range markup.FindAllString(s, -1) {
		if !ourDate.MatchString(m) {
			t.Errorf("control sequence %q in %.80q", m, s)
		}
	}
	checkHidden(t, s)
}

func checkHidden(t testing.TB, s string) {
	t.Helper()
	for _, r := range s {
		if strings.ContainsRune("\u202e\u202c\u2066\u2069\u200b\u200c\u2060\ufeff\u00ad\U000e0041\x1b\x07\x00\x7f\u009b\u2028", r) {
			t.Errorf("hidden character %U in %.80q", r, s)
		}
	}
}

// Walk refuses what text from outside must never become: mentions, links, emoji.
func Walk(t testing.TB, v any) { t.Helper(); walk(t, v, nil) }

// walk lets these users be mentioned.
func walk(t testing.TB, v any, users []string) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			walk(t, x, users)
		}
	case map[string]any:
		id, _ := v["user_id"].(string)
		if v["type"] == "user" && slices.Contains(users, id) {
			return
		}
		switch v["type"] {
		case "user", "usergroup", "broadcast", "channel", "link", "emoji":
			t.Errorf("text from outside became %v", v)
		case "mrkdwn":
			Mrkdwn(t, v["text"].(string))
		case "text", "plain_text":
			checkHidden(t, v["text"].(string))
			if v["emoji"] == true {
				t.Errorf("emoji are read in %v", v)
			}
		}
		for _, x := range v {
			walk(t, x, users)
		}
	}
}

// Checker holds what is sent to Slack to its types and to the limits that those lack. Nobody may be mentioned but these
// users.
func Checker(t testing.TB, users ...string) func(kind string, v map[string]any) {
	open, chat := Schema(t, "gen-ViewsOpen"), Schema(t, "gen-ChatPostMessage")
	return func(kind string, v map[string]any) {
		t.Helper()
		walk(t, v, users)
		switch kind {
		case "view":
			if err := open.Validate(Decoded(t, map[string]any{"trigger_id": "1.2.3", "view": v})); err != nil {
				t.Error(err)
			}
			checkRawView(t, v)
		case "message":
			delete(v, "user")
			if err := chat.Validate(Decoded(t, v)); err != nil {
				t.Error(err)
			}
			Parts(t, v["blocks"])
		}
	}
}

func checkRawView(t testing.TB, v map[string]any) {
	t.Helper()
	blocks := v["blocks"].([]any)
	if len(blocks) > 100 || len(blocks) == 0 {
		t.Errorf("%d blocks in a view", len(blocks))
	}
	ids := map[string]bool{}
	for _, b := range blocks {
		if id, _ := b.(map[string]any)["block_id"].(string); id != "" {
			if ids[id] || len(id) > 255 {
				t.Errorf("block id %q is there twice or too long", id)
			}
			ids[id] = true
		}
	}
	for _, k := range []string{"title", "submit", "close"} {
		if x, ok := v[k].(map[string]any); ok && Units(x["text"].(string)) > 24 {
			t.Errorf("%s %q is longer than 24", k, x["text"])
		}
	}
	if s, _ := v["private_metadata"].(string); len(s) > 3000 {
		t.Error("the metadata is too long")
	}
	Parts(t, v["blocks"])
}
