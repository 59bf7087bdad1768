package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

// what a flow says is text, whatever stands in it (R15): posted, edited or written to one person alone it is one
// plain span, as it was; nobody is notified whom the flow does not name.
func TestWhatFlowsSayIsText(t *testing.T) {
	w := newWorld(t)
	for i, text := range corpus.Attacks(5) {
		if strings.TrimSpace(text) == "" || i > 300 {
			continue
		}
		key := fmt.Sprint("k", i)
		ref, err := w.bot.Say(w.ctx, triage, "", key, bot.Words{Text: text})
		w.must(ref, err)
		card := w.card(w.chat, "say:"+key)
		for range 2 {
			plain, ok := card.Blocks[0].(prompts.Para)
			if !ok || len(card.Blocks) != 1 || len(card.Title)+len(card.Buttons)+len(card.Menus) != 0 {
				t.Fatalf("%q became %+v", text, card)
			}
			for _, s := range plain.Line {
				if s.Kind != prompts.Plain || s.Ping || s.URL != "" || s.ID != "" {
					t.Errorf("%q became %+v", text, s)
				}
			}
			w.must(nil, w.bot.Edit(w.ctx, triage, bot.Ref(ref), bot.Words{Text: text + "!"}))
			card = w.card(w.chat, "say:"+key)
		}
	}
}

// Only persons and groups of ours can be notified, by name: no word or id of a platform's own.
func TestWhomFlowsNotify(t *testing.T) {
	w := newWorld(t)
	for _, name := range append([]string{"@everyone", "everyone", "@here", "@channel", "<!channel>", "<!here>", "<@U0AAA>", "U0AAA", "@U-bob", "U-bob", "&290926798626357999", "@&290926798626357999",
		"<@&290926798626357999>", "290926798626357999", "<!subteam^S0123ABCD>", "S0123ABCD", "slack:T1/@ops", "slack:T1/@U-bob", "discord:G1/@everyone", "discord:G1/@&1", "", "@", " ", "@*", engine.DefaultApprovers},
		corpus.Attacks(6)...) {
		if _, err := w.bot.Say(w.ctx, triage, "", "m"+name, bot.Words{Text: "hello", Mention: []string{name}}); engine.CodeOf(err) != engine.Invalid {
			t.Errorf("%q is notified: %v", name, err)
		}
	}
	if n := w.chat.count("say:"); n != 0 {
		t.Errorf("%d were posted", n)
	}
	_, err := w.bot.Say(w.ctx, triage, "", "good", bot.Words{Text: "hello @everyone", Mention: []string{"@bob", "@triage"}})
	w.must(nil, err)
	pings := 0
	for _, s := range w.card(w.chat, "say:good").Blocks[0].(prompts.Para).Line {
		if s.Kind == prompts.Mention {
			if pings++; !strings.HasPrefix(s.ID, "U-") {
				t.Errorf("notified is %+v", s)
			}
		}
	}
	if pings != 2 { // bob once, and kim
		t.Errorf("%d are notified", pings)
	}
}
