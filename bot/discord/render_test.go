package discord

import (
	"encoding/json"
	"flag"
	"strings"
	"testing"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

var update = flag.Bool("update", false, "write golden files")

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

func TestGoldens(t *testing.T) {
	for _, lang := range corpus.Langs() {
		var out []corpus.Drawn
		for _, x := range corpus.Cards(lang) {
			out = append(out, corpus.Drawn{Name: x.Name, Text: pretty(t, Message(prompts.Fit(x.Card, Limits())))})
		}
		for _, x := range corpus.Forms(lang) {
			out = append(out, corpus.Drawn{Name: x.Name, Text: pretty(t, answers(x.Form))})
		}
		corpus.Goldens(t, "testdata/"+lang+".golden", out, *update)
	}
}

// answers is all that a form may become: the answer to a press, each page, and the message that says what is wrong.
func answers(form prompts.Form) []*discord.InteractionResponse {
	press := bot.In{Kind: bot.InPress, Message: "1/2"}
	out := []*discord.InteractionResponse{Respond(press, bot.Dialog{Form: form})}
	n := len(Modals(form))
	for i := range n {
		if n > 1 {
			press.Value = bot.PagePrefix + pageName(i, n)
			out = append(out, Respond(press, bot.Dialog{Form: form}))
			for _, r := range []bot.Reply{bot.Dialog{Form: form}, bot.Nothing{}} {
				out = append(out, Respond(bot.In{Kind: bot.InSubmit, Value: press.Value, Message: "1/3"}, r))
			}
		}
	}
	return append(out, Respond(bot.In{Kind: bot.InSubmit}, bot.FieldErrors{Form: form, Errors: map[string]string{"nowhere": "Write a number"}}))
}

// Whatever a text says: no mention, link, or marks but ours, and nobody may be notified.
func TestHostile(t *testing.T) {
	for _, text := range corpus.Attacks(1) {
		for _, card := range corpus.HostileCards("en", text) {
			checkMessage(t, Message(prompts.Fit(card, Limits())))
			raw := Message(card)
			checkText(t, raw.Embeds[0].Description)
		}
		for _, form := range corpus.HostileForms("en", text) {
			for _, r := range answers(form) {
				checkResponse(t, r)
				for _, e := range r.Data.Embeds {
					checkText(t, e.Description)
				}
			}
		}
	}
}

func checkMessage(t testing.TB, m *discord.MessageSend) {
	t.Helper()
	if m.Content != "" || m.AllowedMentions == nil || len(m.AllowedMentions.Parse)+len(m.AllowedMentions.Users)+len(m.AllowedMentions.Roles) != 0 {
		t.Errorf("somebody would be notified: %q %+v", m.Content, m.AllowedMentions)
	}
	if b, _ := json.Marshal(m.AllowedMentions); !strings.Contains(string(b), `"parse":[]`) {
		t.Errorf("allowed_mentions is not closed: %s", b)
	}
	checkText(t, m.Embeds[0].Description)
	checkLimits(t, m.Content, m.Embeds, m.Components)
}

// Only the ids of Mention spans that ping may notify.
func TestMentions(t *testing.T) {
	m := Message(prompts.Card{Blocks: []prompts.Block{prompts.Para{Line: prompts.Line{
		{Kind: prompts.Mention, Text: "@Ann", ID: "53908232506183680", Ping: true}, {Kind: prompts.Mention, Text: "@triage", ID: "&53908232506183699", Ping: true},
		{Kind: prompts.Mention, Text: "Bob", ID: "53908232506183681"}, {Kind: prompts.Mention, Text: "x", ID: "everyone", Ping: true}}}}})
	if got := pretty(t, m.AllowedMentions); !strings.Contains(got, `"53908232506183680"`) || !strings.Contains(got, `"53908232506183699"`) ||
		strings.Contains(got, "53908232506183681") || strings.Contains(got, "everyone") {
		t.Error(got)
	}
	if m.Content != "<@53908232506183680> <@&53908232506183699>" {
		t.Error(m.Content)
	}
}

// A code block cannot be left from inside.
func TestFence(t *testing.T) {
	for _, s := range []string{"a\n```\n@everyone\n```js", "```", "``````", "x``` ```", "`", ""} {
		got := fence(s, "json")
		if strings.Count(got, "```") != 2 || !strings.HasPrefix(got, "```json\n") || !strings.HasSuffix(got, "\n```") {
			t.Errorf("%q became %q", s, got)
		}
	}
	if got := fence("x", "a\nb"); strings.Contains(got, "a\nb") {
		t.Errorf("the language breaks out: %q", got)
	}
}
