package slack

import (
	"encoding/json"
	"flag"
	"regexp"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

var update = flag.Bool("update", false, "write golden files")

var triage = engine.Place{Surface: "slack", Workspace: "T0123", Channel: "C0456"}

func pretty(t testing.TB, v any) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

type posted struct {
	Channel string          `json:"channel"`
	Text    string          `json:"text"`
	Blocks  []slackgo.Block `json:"blocks"`
}

func message(card prompts.Card) posted {
	blocks, text := Message(prompts.Fit(card, Limits()))
	return posted{"C0456", text, blocks}
}

func TestGoldens(t *testing.T) {
	for _, lang := range corpus.Langs() {
		var out []corpus.Drawn
		for _, x := range corpus.Cards(lang) {
			out = append(out, corpus.Drawn{Name: x.Name, Text: pretty(t, message(x.Card))})
		}
		for _, x := range corpus.Forms(lang) {
			out = append(out, corpus.Drawn{Name: x.Name, Text: pretty(t, Modal(prompts.FitForm(x.Form, Limits()), triage))})
		}
		corpus.Goldens(t, "testdata/"+lang+".golden", out, *update)
	}
}

// control are the sequences by which Slack's mrkdwn notifies or links.
var control = regexp.MustCompile(`<[!@#a-zA-Z][^>]*>`)

var ourDate = regexp.MustCompile(`^<!date\^\d+\^\{[a-z_]+\}( \{time\})?\|[^<>|]*>$`)

// Whatever a text says: mrkdwn holds no control sequence but our own times, and rich text no mention.
func TestHostile(t *testing.T) {
	for _, text := range corpus.Hostile() {
		for _, card := range corpus.HostileCards("en", text) {
			m := message(card)
			checkMrkdwn(t, m.Text)
			walk(t, decoded(t, m.Blocks))
			checkLimits(t, m)
			raw, _ := Message(card) // a renderer is safe without Fit too
			walk(t, decoded(t, raw))
		}
		for _, form := range corpus.HostileForms("en", text) {
			v := Modal(prompts.FitForm(form, Limits()), triage)
			walk(t, decoded(t, v))
			checkView(t, v)
		}
	}
}

func decoded(t testing.TB, v any) any {
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

func checkMrkdwn(t testing.TB, s string) {
	t.Helper()
	for _, m := range control.FindAllString(s, -1) {
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

func walk(t testing.TB, v any) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			walk(t, x)
		}
	case map[string]any:
		switch v["type"] {
		case "user", "usergroup", "broadcast", "channel", "link", "emoji":
			t.Errorf("text from outside became %v", v)
		case "mrkdwn":
			checkMrkdwn(t, v["text"].(string))
		case "text", "plain_text":
			checkHidden(t, v["text"].(string))
			if v["emoji"] == true {
				t.Errorf("emoji are read in %v", v)
			}
		}
		for _, x := range v {
			walk(t, x)
		}
	}
}

// Only the ids of Mention spans that ping may notify.
func TestMentions(t *testing.T) {
	line := prompts.Line{{Kind: prompts.Mention, Text: "@Ann", ID: "U0AAA", Ping: true}, {Kind: prompts.Mention, Text: "@triage", ID: "S0AAA", Ping: true},
		{Kind: prompts.Mention, Text: "Bob", ID: "U0BBB"}, {Kind: prompts.Mention, Text: "x", ID: "!channel", Ping: true}}
	got := pretty(t, richLine(line, false))
	if !strings.Contains(got, `"user_id": "U0AAA"`) || !strings.Contains(got, `"usergroup_id": "S0AAA"`) {
		t.Errorf("pings are missing: %s", got)
	}
	if strings.Contains(got, "U0BBB") || strings.Contains(got, "!channel") {
		t.Errorf("somebody is notified who must not be: %s", got)
	}
}
