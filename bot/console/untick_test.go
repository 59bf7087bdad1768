package console_test

import (
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// A browser does not send a box that is not ticked: for the bot it is empty, and not a field that was not shown.
func TestBoxesThatAreNotTicked(t *testing.T) {
	w := newWorld(t)
	b, _ := w.login("Ann", engine.Admin)
	var got map[string]string
	w.bot.do = func(in bot.In) (bot.Reply, error) {
		if in.Kind == bot.InSubmit {
			got = in.Fields
			return bot.Nothing{}, nil
		}
		return bot.Dialog{Form: prompts.Form{Token: "f1", Title: "Edit", Submit: "Save", Fields: []prompts.Field{{Name: "body", Label: "Body", Kind: prompts.FieldLine},
			{Name: "safe", Label: "Safe", Kind: prompts.FieldCheck, Value: "true"}, {Name: "many", Label: "Many", Kind: prompts.FieldMany, Value: "a", Options: []prompts.Option{{Value: "a", Label: "A"}}}}}}, nil
	}
	b.post("/c/triage/press", "token", "edit", "id", "d1")
	b.post("/c/triage/submit", "token", "f1", "f.body", "x", "id", "d2")
	for _, name := range []string{"safe", "many"} {
		if v, sent := got[name]; !sent || v != "" {
			t.Errorf("%s: %q, sent: %v", name, v, sent)
		}
	}
	if got["body"] != "x" {
		t.Errorf("%q", got)
	}
}
