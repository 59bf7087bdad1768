package bot_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// lose lets the ticket step of a run be done with an answer that cannot be read.
func (w *world) lose(number int64) engine.FailedData {
	w.t.Helper()
	id := fmt.Sprint("run-", number)
	d := engine.FailedData{Step: "ticket", Index: 2, Action: "http.request", Failure: &engine.Failure{Class: engine.Garbled, Code: engine.Unreadable,
		Msg: "{peer} answered {status}, but its JSON cannot be read", Args: engine.Args("peer", "tracker.example.org", "status", 201), Status: 201, Peer: "tracker.example.org"}}
	w.runs.set(engine.RunView{RunHead: engine.RunHead{ID: id, Number: number, Flow: "bug-triage", Version: 1, State: engine.RunParked}, Place: triage,
		Steps: []engine.StepView{{Path: "ticket", Kind: "do", Index: 2, Action: "http.request", State: engine.StepStateFailed, Failure: d.Failure, Lost: true,
			Input: json.RawMessage(`{"method":"POST","url":"https://tracker.example.org/tickets"}`)}}})
	w.raise(engine.NoticeFailed, "fail", id, "ticket", d)
	w.deliver()
	return d
}

// A call that was done, though its answer cannot be read, is never sent again: the alert asks what it gave.
func TestALostAnswerIsAskedFor(t *testing.T) {
	w := newWorld(t)
	w.flows.source = "text: '{{ steps.ticket.body.id }}'"
	key := "alert:" + w.lose(12).Fingerprint("bug-triage") + "#1"
	w.lose(13)
	card := w.card(w.chat, key)
	var verbs []string
	for _, b := range card.Buttons {
		verbs = append(verbs, b.ID)
	}
	if got := strings.Join(verbs, " "); got != "happened stop pause open" {
		t.Fatalf("the alert offers %q", got)
	}
	if text := prompts.PlainCard(card); !strings.Contains(text, "its JSON cannot be read") || !strings.Contains(text, "Look up what #12 gave") {
		t.Errorf("got %q", text)
	}
	happened := token(t, card, "happened")
	if _, err := w.press("vic", happened); engine.CodeOf(err) != engine.Denied {
		t.Errorf("a viewer may not: %v", err)
	}
	d, ok := mustReply(w.press("ann", happened)).(bot.Dialog)
	if !ok || len(d.Form.Fields) != 1 || d.Form.Fields[0].Name != "body.id" {
		t.Fatalf("got %#v", d)
	}
	w.must(w.submit("ann", happened, map[string]string{"body.id": "481"}))
	w.must(w.press("ann", token(t, card, "stop")))
	s := w.runs.signals
	if len(s) != 2 || s[0].Kind != engine.OutcomeGiven || s[0].Run != "run-12" || string(s[0].Data) != `{"body":{"id":481}}` ||
		s[1].Kind != engine.OutcomeGiven || !strings.Contains(string(s[1].Head), `"stop"`) {
		t.Errorf("%+v", s)
	}
}
