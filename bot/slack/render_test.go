package slack

import (
	"encoding/json"
	"flag"
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

// Whatever a text says: mrkdwn holds no control sequence but our own times, and rich text no mention.
func TestHostile(t *testing.T) {
	for _, text := range corpus.Attacks(1) {
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
