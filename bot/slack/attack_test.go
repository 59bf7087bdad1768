package slack

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

// texts are all that can be read in blocks, one after another.
func texts(v any) string {
	var out strings.Builder
	var look func(v any)
	look = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				look(x)
			}
		case map[string]any:
			if s, ok := v["text"].(string); ok {
				out.WriteString(s)
			}
			for _, k := range []string{"text", "elements", "label"} {
				look(v[k])
			}
		}
	}
	look(v)
	return out.String()
}

// squeezed is a text without blanks: where one text ends and the next begins is for the eye.
func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

// A-8, the other way round: what Slack shows is the text that was meant, cleaned and whole; nothing is lost by escaping.
func TestWhatIsShownIsWhatWasMeant(t *testing.T) {
	for _, text := range corpus.Attacks(2) {
		if got, want := unescape(Escape(prompts.Clean(text))), prompts.Clean(text); got != want {
			t.Errorf("notified is %q, meant was %q", got, want)
		}
		line := prompts.Line{{Text: text}}
		blocks, said := Message(prompts.Card{Title: line, Text: text, Blocks: []prompts.Block{prompts.Para{Line: line}, prompts.Pre{Text: text},
			prompts.Note{Line: line}, prompts.Facts{Facts: []prompts.Fact{{Label: text, Value: prompts.Line{{Kind: prompts.Code, Text: text}}}}}}})
		if unescape(said) != prompts.Clean(text) {
			t.Errorf("the notification says %q, not %q", said, text)
		}
		for i, want := range []string{"one", "one", "one", "one", "two"} {
			meant := squeezed(prompts.Clean(text))
			if want == "two" {
				meant += meant
			}
			if got := squeezed(texts(decoded(t, blocks[i]))); got != meant {
				t.Errorf("block %d shows %q, meant was %q", i, got, meant)
			}
		}
	}
}

// Every way in which an answer goes out: shared, private, an error, over a window, the page of a person, a dialog that
// comes too late, the errors of fields, what a list offers.
func TestEveryAnswerIsHarmless(t *testing.T) {
	place := engine.Place{Surface: "slack", Workspace: "T0123", Channel: "C0456"}
	actor := bot.Actor{Surface: "slack", Workspace: "T0123", User: "U0BBB"}
	ins := map[string]bot.In{
		"command": {Kind: bot.InCommand, Actor: actor, Place: place, Trigger: "1"}, "press": {Kind: bot.InPress, Actor: actor, Place: place, Message: "C0456/1.2"},
		"window": {Kind: bot.InPress, Actor: actor, Place: place, Message: "view:V1|h||1/2|"}, "nowhere": {Kind: bot.InPress, Actor: actor, Message: homeRef},
		"submission": {Kind: bot.InSubmit, Actor: actor, Place: place, Message: "view:V1|h|upon||", Fields: map[string]string{"one": "x"}},
	}
	names := slices.Sorted(maps.Keys(ins))
	see := func(what string, a Answer) {
		t.Helper()
		if len(a.Ack) > 0 {
			var v any
			if err := json.Unmarshal(a.Ack, &v); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			walk(t, v)
		}
		if a.Call == nil {
			return
		}
		for _, p := range []*Post{a.Call.Message, a.Call.Late} {
			if p != nil {
				checkMrkdwn(t, p.Text)
				walk(t, decoded(t, p.Blocks))
			}
		}
		for _, v := range []any{a.Call.View, a.Call.Home} {
			walk(t, decoded(t, v))
		}
	}
	for i, text := range corpus.Attacks(3) {
		cards, forms := corpus.HostileCards("en", text), corpus.HostileForms("fr", text)
		card, form := cards[i%len(cards)], forms[i%len(forms)]
		replies := []bot.Reply{bot.Shared{Card: card}, bot.Private{Card: card}, bot.Dialog{Form: form}, bot.FieldErrors{Form: form, Errors: map[string]string{"one": text, text: text}},
			bot.Home{Cards: []prompts.Card{card, cards[(i+1)%len(cards)]}}}
		for k, name := range names {
			in := ins[name]
			a, err := Respond(in, replies[(i+k)%len(replies)])
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			see(name, a)
			see(name, trouble(in, engine.E(engine.Invalid, "no {x}", "x", text).WithHint(text)))
		}
		see("list", Answer{Ack: Suggest([]prompts.Option{{Value: "a", Label: text, Help: text}, {Value: text, Label: text}})})
	}
}
