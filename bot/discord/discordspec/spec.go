package discordspec

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var (
	parsed = regexp.MustCompile(`<(@|#|:|a:|t:|/|id:)[^>]*>|@everyone|@here|https?://|\]\(|discord\.gg`)
	taken  = regexp.MustCompile("(?s:```[a-z]*\n.*?\n```)|`[^`\n]+`|<t:-?\\d+:[tfD]>|\\\\[^0-9A-Za-z\\s]")
	marks  = regexp.MustCompile(`^(#{1,3} |> |>>> |[-*] |\d+\. )`)
)

// Units is how long Discord takes a text to be: UTF-16 units.
func Units(s string) int { return len(utf16.Encode([]rune(s))) }

// Short refuses a text that is empty or longer than most.
func Short(t testing.TB, what, s string, most int) {
	t.Helper()
	if n := Units(s); n < 1 || n > most {
		t.Errorf("%s has %d characters, at most %d: %.60q", what, n, most, s)
	}
}

// Compiler gives the schemas of Discord's own description; the test is skipped where it is not there.
func Compiler(t testing.TB) func(string) *jsonschema.Schema {
	t.Helper()
	compile := compiler(t)
	return func(name string) *jsonschema.Schema { return compile("components/schemas/" + name) }
}

// compiler gives any schema of the description by its place in it.
func compiler(t testing.TB) func(pointer string) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(filepath.Join(Shared(t), "specs", "discord", "openapi.json"))
	if err != nil {
		t.Skipf("the platform's description is not here: %v", err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	return func(pointer string) *jsonschema.Schema {
		s, err := c.Compile("openapi.json#/" + pointer)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
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

// unescaped is what Discord would still parse: code and escaped characters taken away, and our own times. It reads from
// left to right, as Discord does: what begins first wins, so a backslash in code escapes nothing.
func unescaped(s string) string {
	return taken.ReplaceAllStringFunc(s, func(part string) string {
		if part[0] == '\\' {
			return "·"
		}
		return ""
	})
}

// Text refuses what Discord would still parse of a text from outside.
func Text(t testing.TB, s string) {
	t.Helper()
	if n := strings.Count(s, "```"); n%2 != 0 {
		t.Errorf("a code block is broken: %.200q", s)
	}
	rest := unescaped(s)
	if m := parsed.FindString(rest); m != "" {
		t.Errorf("%q is parsed in %.300q", m, rest)
	}
	for _, mark := range []string{"__", "~~", "||", "`"} {
		if strings.Contains(rest, mark) {
			t.Errorf("%q is parsed in %.300q", mark, rest)
		}
	}
	for _, r := range s {
		if strings.ContainsRune("\u202e\u202c\u2066\u2069\u200b\u200c\u2060\ufeff\u00ad\U000e0041\x1b\x07\x00\x7f\u009b\u2028", r) {
			t.Errorf("hidden character %U", r)
		}
	}
	for _, line := range strings.Split(rest, "\n") {
		if marks.MatchString(line) {
			t.Errorf("%q begins a heading, list or quote", line)
		}
	}
}

// anonymous is a text without the mentions of those whom its message says that it mentions.
func anonymous(text string, message map[string]any) string {
	allowed, _ := message["allowed_mentions"].(map[string]any)
	users, _ := allowed["users"].([]any)
	for _, id := range users {
		if id, ok := id.(string); ok {
			text = strings.ReplaceAll(text, "<@"+id+">", "·")
		}
	}
	return text
}

// Checker holds answers to Discord's own description and to the limits that it lacks.
func Checker(t testing.TB) func(a map[string]any) {
	c := Compiler(t)
	kinds := map[float64]*jsonschema.Schema{4: c("CreateMessageInteractionCallbackRequest"), 7: c("UpdateMessageInteractionCallbackRequest"),
		9: c("ModalInteractionCallbackRequest")}
	return func(a map[string]any) {
		t.Helper()
		kind := a["type"].(float64)
		d, _ := a["data"].(map[string]any)
		if kind == 9 {
			a = map[string]any{"type": kind, "data": map[string]any{"custom_id": d["custom_id"], "title": d["title"], "components": d["components"]}}
		}
		if s := kinds[kind]; s != nil {
			if err := s.Validate(a); err != nil {
				t.Errorf("%v", err)
			}
		}
		for _, e := range objects(d["embeds"]) {
			text, _ := e["description"].(string)
			Text(t, anonymous(text, d))
			if n := Units(text); n < 1 || n > 4096 {
				t.Errorf("description of %d characters", n)
			}
		}
		checkRaw(t, d["components"], 0)
	}
}

func objects(v any) []map[string]any {
	var out []map[string]any
	all, _ := v.([]any)
	for _, x := range all {
		out = append(out, x.(map[string]any))
	}
	return out
}

// checkRaw holds components to their limits.
func checkRaw(t testing.TB, v any, depth int) {
	t.Helper()
	all := objects(v)
	if len(all) > 5 {
		t.Errorf("%d components at level %d", len(all), depth)
	}
	for _, x := range all {
		str := func(k string) string { s, _ := x[k].(string); return s }
		switch x["type"].(float64) {
		case 2:
			Short(t, "button", str("label"), 80)
			if str("url") == "" { // a link has no id
				Short(t, "custom id", str("custom_id"), 100)
			}
		case 10:
			Text(t, str("content"))
		case 18:
			Short(t, "label", str("label"), 45)
			checkRaw(t, []any{x["component"]}, depth+1)
		case 3:
			Short(t, "custom id", str("custom_id"), 100)
			os := objects(x["options"])
			if len(os) < 1 || len(os) > 25 {
				t.Errorf("%d options", len(os))
			}
			seen := map[any]bool{}
			for _, o := range os {
				Short(t, "value", o["value"].(string), 100)
				Short(t, "option", o["label"].(string), 100)
				if seen[o["value"]] {
					t.Errorf("option %v is there twice", o["value"])
				}
				seen[o["value"]] = true
			}
			if most, _ := x["max_values"].(float64); int(most) > len(os) {
				t.Errorf("%v of %d options can be chosen", most, len(os))
			}
		}
		checkRaw(t, x["components"], depth+1)
	}
}
