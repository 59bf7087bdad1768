package bot_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

func TestUnknownOutcome(t *testing.T) {
	w := newWorld(t)
	w.flows.source = `  text: "Ticket {{ steps.ticket.body.id }} {{ steps.ticket?.status }}"`
	v := w.ask()
	v.State = engine.RunUnknown
	v.Asks = []engine.AskView{v.Asks[0]}
	v.Asks[0].State = engine.CardDecided
	v.Steps = []engine.StepView{v.Steps[0], {Path: "ticket", Kind: "do", Index: 2, Action: "http.request", State: engine.StepStateUnknown, Input: json.RawMessage(`{"method":"POST","url":"https://t.example.org"}`)}}
	w.runs.set(v)
	w.raise(engine.NoticeOutcome, "outcome", v.ID, "ticket", nil)
	w.deliver()
	card := w.card(w.chat, "outcome:run-12/ticket")
	if r, err := w.press("vic", token(t, card, "again")); err == nil {
		t.Errorf("a viewer who was never asked: %#v", r)
	}
	w.must(w.press("bob", token(t, card, "again"))) // a viewer, but of the group that was asked
	happened := token(t, card, "happened")
	f, ok := mustReply(w.press("ann", happened)).(bot.Dialog)
	if !ok || len(f.Form.Fields) != 2 || f.Form.Fields[0].Name != "body.id" {
		t.Fatalf("got %#v", f)
	}
	for _, lacking := range []map[string]string{{"body.id": " ", "status": "made"}, {"status": "made"}} {
		if e, ok := mustReply(w.submit("ann", happened, lacking)).(bot.FieldErrors); !ok || e.Errors["body.id"] == "" || e.Form.Fields[1].Value != "made" {
			t.Errorf("without what a later step needs: %#v", e)
		}
	}
	w.must(w.submit("ann", happened, map[string]string{"body.id": "481", "status": "made"}))
	s := w.runs.signals[1]
	if s.Kind != engine.OutcomeGiven || string(s.Data) != `{"body":{"id":481},"status":"made"}` || !strings.Contains(string(s.Head), "happened") {
		t.Errorf("signal %s %s %s", s.Kind, s.Head, s.Data)
	}
	w.flows.source = ""
	w.must(w.press("ann", happened))
	if n := len(w.runs.signals); n != 3 {
		t.Errorf("nothing is needed, so nothing is asked: %d signals", n)
	}
	v.State, v.Steps = engine.RunDone, []engine.StepView{v.Steps[0], {Path: "ticket", Index: 2, State: engine.StepStateDone}}
	w.runs.set(v)
	w.raise(engine.NoticeOutcomeIn, "outcome", v.ID, "ticket", map[string]any{"choice": "happened", "by": w.ids["ann"], "at": engine.Millis(w.now)})
	w.deliver()
	if got := prompts.PlainCard(w.card(w.chat, "outcome:run-12/ticket")); !strings.Contains(got, "it happened, says ann") {
		t.Errorf("got %q", got)
	}
}
