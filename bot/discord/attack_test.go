package discord

import (
	"encoding/json"
	"flag"
	"maps"
	"slices"
	"strings"
	"testing"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

// Attacks by text number thousands with it; see corpus.Attacks.
var long = flag.Bool("long", false, "also try thousands of hostile texts")

// A-8, the other way round: what Discord shows is the text that was meant, cleaned and whole; only what would end a code
// block or span is changed, to what looks alike.
func TestWhatIsShownIsWhatWasMeant(t *testing.T) {
	ticks := strings.NewReplacer("`", "ˋ")
	for _, text := range corpus.Attacks(2) {
		line, meant := prompts.CleanLine(text), prompts.Clean(text)
		if got := bared(Escape(meant)); got != meant {
			t.Errorf("shown is %q, meant was %q", got, meant)
		}
		if got := bared(markdown(prompts.Line{{Text: text}})); got != line {
			t.Errorf("a line shows %q, meant was %q", got, line)
		}
		if got := markdown(prompts.Line{{Kind: prompts.Code, Text: text}}); strings.TrimSpace(line) != "" && got != "`"+ticks.Replace(line)+"`" {
			t.Errorf("code shows %q, meant was %q", got, line)
		}
		inside := strings.TrimSuffix(strings.TrimPrefix(fence(text, ""), "```\n"), "\n```")
		if strings.TrimSpace(meant) != "" && ticks.Replace(inside) != ticks.Replace(strings.TrimRight(meant, "\n")) {
			t.Errorf("a block shows %q, meant was %q", inside, meant)
		}
		m := plain(text)
		checkText(t, m.Content)
		if b, err := json.Marshal(m.AllowedMentions); err != nil || string(b) != `{"parse":[],"replied_user":false}` && string(b) != `{"parse":[]}` {
			t.Errorf("allowed_mentions are %s", b)
		}
		if got := bared(m.Content); got != meant {
			t.Errorf("said is %q, meant was %q", got, meant)
		}
	}
}

// bared is text as Discord shows it, when all of its marks are escaped.
func bared(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Every way in which an answer goes out: shared, private, an error, dialogs and their messages, the errors of fields,
// what is completed, flows' own commands, names of threads and files.
func TestEveryAnswerIsHarmless(t *testing.T) {
	place, actor := engine.Place{Surface: "discord", Workspace: "290926798626357999", Channel: "345626669114982999"}, bot.Actor{Surface: "discord", User: "53908232506183680"}
	ins := map[string]bot.In{
		"command": {Kind: bot.InCommand, Actor: actor, Place: place}, "press": {Kind: bot.InPress, Actor: actor, Place: place, Message: "1/2"},
		"page": {Kind: bot.InPress, Actor: actor, Place: place, Message: "1/2", Value: bot.PagePrefix + "1/1"}, "submission": {Kind: bot.InSubmit, Actor: actor, Place: place, Message: "1/2"},
		"menu": {Kind: bot.InSubmit, Actor: actor, Place: place, Message: "1/2", Value: bot.ActPrefix + "one"},
	}
	names := slices.Sorted(maps.Keys(ins))
	see := func(r *discord.InteractionResponse) {
		t.Helper()
		checkResponse(t, r)
		if r.Data == nil {
			return
		}
		for _, e := range r.Data.Embeds {
			checkText(t, e.Description)
		}
		checkText(t, r.Data.Content)
		if m := r.Data.AllowedMentions; m != nil && len(m.Parse)+len(m.Users)+len(m.Roles) > 0 {
			t.Errorf("somebody would be notified: %+v", m)
		}
	}
	seen := func(what, s string, most int) {
		t.Helper()
		if prompts.CleanLine(s) != s || strings.TrimSpace(s) == "" || units(s) > most {
			t.Errorf("%s is %q", what, s)
		}
	}
	for i, text := range corpus.Attacks(3) {
		cards, forms := corpus.HostileCards("en", text), corpus.HostileForms("fr", text)
		card, form := cards[i%len(cards)], forms[i%len(forms)]
		replies := []bot.Reply{bot.Shared{Card: card}, bot.Private{Card: card}, bot.Dialog{Form: form}, bot.FieldErrors{Form: form, Errors: map[string]string{"one": text, text: text}}}
		for k, name := range names {
			see(Respond(ins[name], replies[(i+k)%len(replies)]))
			see(refusal(ins[name], engine.E(engine.Invalid, "no {x}", "x", text).WithHint(text)))
		}
		see(modalResponse(lay(prompts.Form{Token: "t", Title: text, Intro: []prompts.Block{prompts.Para{Line: prompts.Line{{Text: text}}},
			prompts.Facts{Facts: []prompts.Fact{{Label: text, Value: prompts.Line{{Kind: prompts.Code, Text: "x"}, {Text: text}}}}}}}).notice()))
		for _, c := range Complete(bot.In{Text: "/flow show "}, []prompts.Option{{Value: "/flow show a", Label: text, Help: text}}).Data.Choices {
			seen("a choice", c.Name, 100)
		}
		for _, c := range OwnCommands([]bot.Starter{{Flow: "a", Command: "oncall", About: text, Fields: &engine.Schema{Fields: []engine.Field{{Name: "who", Schema: &engine.Schema{Type: "string", Title: text, Doc: text,
			Enum: []string{"a", "b"}, Titles: []string{text, "B"}}}}}}}) {
			seen("a command", c.Description, 100)
			for _, o := range c.Options {
				seen("an option", o.Description, 100)
				for _, x := range o.Choices {
					seen("an option's choice", x.Name, 100)
				}
			}
		}
		seen("a thread", title(text), 100)
		for _, a := range along([]bot.File{{Name: text, Alt: text}, {Name: "👩\u200d" + strings.Repeat("👧\u200d", i) + text}}) {
			seen("a file", a.Name, 2*nameMost)
			if prompts.CleanLine(a.Description) != a.Description || strings.ContainsAny(a.Name, "\"';/\\") {
				t.Errorf("a file is %+v", a)
			}
		}
	}
}

// One choice that Discord would refuse takes no command with it: such a value is typed instead.
func TestOwnChoices(t *testing.T) {
	for name, f := range map[string]engine.Schema{
		"too long":         {Enum: []string{strings.Repeat("x", 101), "b"}},
		"empty":            {Enum: []string{"", "b"}},
		"twice":            {Enum: []string{"a", "a"}},
		"names that clash": {Enum: []string{"a", "b"}, Titles: []string{"same", "same"}},
		"too many":         {Enum: strings.Fields(strings.Repeat("a ", 26))},
	} {
		if got := ownChoices(engine.Field{Name: "x", Schema: &f}); got != nil {
			t.Errorf("%s: %d choices", name, len(got))
		}
	}
	if got := ownChoices(engine.Field{Name: "x", Schema: &engine.Schema{Enum: []string{"a", "b"}, Titles: []string{"", "B"}}}); len(got) != 2 || got[0].Name != "a" || got[1].Name != "B" {
		t.Errorf("%+v", got)
	}
}
