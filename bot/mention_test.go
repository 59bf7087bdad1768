package bot_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// mentions are a card's mentions by name: "U-ann" or "U-ann!" when it notifies.
func mentions(c prompts.Card) map[string]string {
	out := map[string]string{}
	add := func(l prompts.Line) {
		for _, s := range l {
			if s.Kind == prompts.Mention {
				out[strings.TrimPrefix(s.Text, "@")] = s.ID + map[bool]string{true: "!"}[s.Ping]
			}
		}
	}
	add(c.Title)
	for _, b := range c.Blocks {
		switch b := b.(type) {
		case prompts.Para:
			add(b.Line)
		case prompts.Note:
			add(b.Line)
		case prompts.Facts:
			for _, f := range b.Facts {
				add(f.Value)
			}
		}
	}
	return out
}

// A mention carries the id of the place it stands in; a group is shown by its name.
func TestMentionsAreOfThePlace(t *testing.T) {
	w := newWorld(t)
	h := w.flows.heads["bug-triage"]
	h.Owner = w.ids["ann"]
	w.flows.heads["bug-triage"] = h
	w.fail(12, 422)
	if got := mentions(w.card(w.chat, alertKey(422, 1))); got["ann"] != "U-ann!" {
		t.Errorf("%v", got)
	}
}

func TestGroupsAndStrangersAreNames(t *testing.T) {
	w := newWorld(t)
	v := w.ask()
	card := w.card(w.chat, "ask:run-12/review")
	for name, id := range mentions(card) {
		if name == "triage" && strings.TrimSuffix(id, "!") != "" {
			t.Errorf("@%s is %q", name, id)
		}
	}
	v.Asks[0].Need, v.Asks[0].Votes = 2, []engine.Vote{{By: w.ids["kim"]}, {By: "gone"}}
	w.runs.set(v)
	w.raise(engine.NoticeAskMoved, "ask", v.ID, "review", nil)
	w.deliver()
	if got := mentions(w.card(w.chat, "ask:run-12/review")); got["kim"] != "U-kim" || got["gone"] != "" {
		t.Errorf("%v", got)
	}
}
