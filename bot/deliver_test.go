package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

func TestEqualCardIsNotSentAgain(t *testing.T) {
	w := newWorld(t)
	w.ask()
	posts := w.chat.posts
	w.raise(engine.NoticeAskMoved, "ask", "run-12", "review", nil)
	w.deliver()
	if w.chat.posts != posts {
		t.Errorf("%d posts instead of %d", w.chat.posts, posts)
	}
	if left, _ := w.store.Undelivered(w.ctx, 10); len(left) != 0 {
		t.Errorf("%d notices left", len(left))
	}
}

func TestCrashBetweenPostAndSettle(t *testing.T) {
	w := newWorld(t)
	crashed := false
	w.store.Fail = func(string) error {
		if w.chat.posts > 0 && !crashed { // the first write after the message was posted
			crashed = true
			return fmt.Errorf("disk full")
		}
		return nil
	}
	w.ask()
	w.store.Fail = nil
	if !crashed {
		t.Fatal("nothing was written after the message")
	}
	w.now = w.now.Add(time.Minute)
	if left := w.undelivered(); left != 1 {
		t.Fatalf("the notice is lost: %d left", left)
	}
	tok := token(t, w.card(w.chat, "ask:run-12/review"), "approve")
	w.deliver()
	if n := w.chat.count("ask:"); n != 1 || w.undelivered() != 0 {
		t.Fatalf("%d messages, %d notices left", n, w.undelivered())
	}
	for _, tok := range []string{tok, token(t, w.card(w.chat, "ask:run-12/review"), "approve")} {
		if _, err := w.press("bob", tok); err != nil {
			t.Errorf("a button that was shown works: %v", err)
		}
	}
}

func (w *world) undelivered() int {
	left, err := w.store.Undelivered(w.ctx, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(left)
}

func TestSurfaceOutOfReach(t *testing.T) {
	w := newWorld(t)
	down := true
	w.chat.fail = func(engine.Place) error {
		if down {
			e := engine.E(engine.Throttled, "slow down")
			e.After = 30 * time.Second
			return e
		}
		return nil
	}
	w.ask()
	w.raise(engine.NoticeAskMoved, "ask", "run-12", "review", nil)
	next, err := w.bot.Deliver(w.ctx)
	if err != nil || next != engine.Millis(w.now)+30_000 {
		t.Errorf("next %d, want in 30 s (%v)", next-engine.Millis(w.now), err)
	}
	down = false
	w.deliver()
	if w.chat.count("ask:") != 0 {
		t.Error("it was asked before the time the surface gave")
	}
	w.now = w.now.Add(31 * time.Second)
	w.deliver()
	if n := w.chat.count("ask:"); n != 1 || w.undelivered() != 0 {
		t.Errorf("%d cards, %d notices left", n, w.undelivered())
	}
}

func TestMissingChannelFallsBackToTheOperator(t *testing.T) {
	w := newWorld(t)
	w.chat.fail = func(p engine.Place) error {
		return engine.E(engine.Denied, "I am not in {channel}", "channel", p.Channel).WithHint("Type /invite @Bretelle in it.")
	}
	v := w.ask()
	got := w.card(w.cons, "ask:run-12/review")
	if text := prompts.PlainCard(got); !strings.Contains(text, "I am not in #triage") || !strings.Contains(text, "/invite @Bretelle") {
		t.Errorf("the operator reads %q", text)
	}
	if open, _ := w.store.OpenCards(w.ctx, engine.Place{}, 10); len(open) != 1 || open[0].Place != general {
		t.Errorf("open cards: %+v", open)
	}
	w.must(w.press("bob", token(t, got, "approve")))
	v.Asks = []engine.AskView{v.Asks[0]}
	v.Asks[0].State, v.Asks[0].Decision, v.Asks[0].DecidedBy, v.Asks[0].DecidedAt = engine.CardDecided, "approve", w.ids["bob"], engine.Millis(w.now)
	w.runs.set(v)
	w.raise(engine.NoticeAskMoved, "ask", v.ID, "review", nil)
	w.deliver()
	if got := prompts.PlainCard(w.card(w.cons, "ask:run-12/review")); !strings.Contains(got, "bob approved") || w.cons.count("ask:") != 1 {
		t.Errorf("got %q", got)
	}
	w.cons.fail = func(engine.Place) error { return engine.E(engine.NotFound, "no such channel") }
	w.raise(engine.NoticeEnded, "run", "run-12", "", nil)
	w.deliver()
	if w.undelivered() != 0 {
		t.Error("what cannot be posted anywhere must not block the rest")
	}
}

func failedData(status int) engine.FailedData {
	return engine.FailedData{Step: "ticket", Index: 2, Action: "http.request",
		Failure: &engine.Failure{Class: engine.Rejected, Code: engine.Refused, Msg: "it answered {status}", Args: engine.Args("status", status), Status: status, Peer: "tracker.example.org", Said: "project is required"}}
}

// fail lets the ticket step of a run fail.
func (w *world) fail(number int64, status int) string {
	w.t.Helper()
	id := fmt.Sprint("run-", number)
	d := failedData(status)
	w.runs.set(engine.RunView{RunHead: engine.RunHead{ID: id, Number: number, Flow: "bug-triage", Version: 1, State: engine.RunParked}, Place: triage,
		Steps: []engine.StepView{{Path: "ticket", Kind: "do", Index: 2, Action: "http.request", State: engine.StepStateFailed, Failure: d.Failure,
			Input: json.RawMessage(`{"method":"POST","url":"https://tracker.example.org/tickets","body":"Crash"}`)}}})
	w.raise(engine.NoticeFailed, "fail", id, "ticket", d)
	w.deliver()
	return id
}

func (w *world) mend(number int64, status int) {
	w.t.Helper()
	id := fmt.Sprint("run-", number)
	v, _ := w.runs.Run(w.ctx, id)
	v.State, v.Steps = engine.RunDone, []engine.StepView{{Path: "ticket", Index: 2, State: engine.StepStateDone}}
	w.runs.set(v)
	d := failedData(status)
	d.Mended, d.By = true, w.ids["ann"]
	w.raise(engine.NoticeMended, "fail", id, "ticket", d)
	w.raise(engine.NoticeEnded, "run", id, "", nil)
	w.deliver()
}

func alertKey(status, edition int) string {
	return fmt.Sprint("alert:", failedData(status).Fingerprint("bug-triage"), "#", edition)
}

func TestTenFailuresAreOneAlert(t *testing.T) {
	w := newWorld(t)
	for n := int64(12); n < 22; n++ {
		w.fail(n, 422)
	}
	if n := w.chat.count("alert:"); n != 1 {
		t.Fatalf("%d alerts", n)
	}
	if n := w.chat.count("fail:"); n != 10 {
		t.Errorf("%d lines in its thread", n)
	}
	card := w.card(w.chat, alertKey(422, 1))
	if text := prompts.PlainCard(card); !strings.Contains(text, "10 runs") || !strings.Contains(text, "project is required") {
		t.Errorf("got %q", text)
	}
	// One press tries them all.
	r, err := w.press("ann", token(t, card, "retry"))
	if got := w.text(r, err); len(w.runs.signals) != 10 || !strings.Contains(got, "10 runs") {
		t.Errorf("%d signals, %q", len(w.runs.signals), got)
	}
	for n := int64(12); n < 22; n++ {
		w.mend(n, 422)
	}
	card = w.card(w.chat, alertKey(422, 1))
	if text := prompts.PlainCard(card); card.Tone != prompts.ToneGood || !strings.Contains(text, "works again · 10 of 10 runs done · by ann") || len(card.Menus) != 0 {
		t.Errorf("got %q", text)
	}
	if n := w.chat.count("run:"); n != 0 {
		t.Errorf("%d more messages say that runs ended", n)
	}
	w.fail(30, 422)
	if n := w.chat.count("alert:"); n != 2 {
		t.Errorf("a resolved group that fails again is a new message: %d", n)
	}
}

func TestMute(t *testing.T) {
	w := newWorld(t)
	w.fail(12, 422)
	mute := token(t, w.card(w.chat, alertKey(422, 1)), "mute")
	if _, err := w.choose("vic", mute, "1h"); engine.CodeOf(err) != engine.Denied {
		t.Errorf("a viewer may not: %v", err)
	}
	if _, err := w.choose("ann", mute, "for ever"); engine.CodeOf(err) != engine.Invalid {
		t.Errorf("got %v", err)
	}
	w.must(w.choose("ann", mute, "1h"))
	w.deliver()
	if text := prompts.PlainCard(w.card(w.chat, alertKey(422, 1))); !strings.Contains(text, "Muted until 15:21 by ann") {
		t.Errorf("got %q", text)
	}
	posts := w.chat.posts
	w.fail(13, 422)
	if w.chat.posts != posts {
		t.Error("a muted group speaks")
	}
	w.now = w.now.Add(2 * time.Hour)
	w.fail(14, 422)
	if text := prompts.PlainCard(w.card(w.chat, alertKey(422, 1))); !strings.Contains(text, "3 runs") {
		t.Errorf("what came while it was silent was counted: %q", text)
	}
}

func TestFix(t *testing.T) {
	w := newWorld(t)
	w.fail(12, 422)
	w.fail(13, 422)
	fix := token(t, w.card(w.chat, alertKey(422, 1)), "fix")
	if r, err := w.press("bob", fix); engine.CodeOf(err) != engine.Denied {
		t.Errorf("a viewer may not fix: %#v %v", r, err)
	}
	if d, ok := mustReply(w.press("ann", fix)).(bot.Dialog); !ok || d.Form.Title != "Fix #12, step 2" {
		t.Fatalf("got %#v", d)
	}
	w.must(w.submit("ann", fix, map[string]string{"body": "Crash, project WEB"}))
	s := w.runs.signals
	if len(s) != 1 || s[0].Run != "run-12" || s[0].Kind != engine.StepFixed || !strings.Contains(string(s[0].Data), `"body":"Crash, project WEB"`) || !strings.Contains(string(s[0].Data), `"method":"POST"`) {
		t.Fatalf("%+v", s)
	}
	w.mend(12, 422)
	if d, ok := mustReply(w.press("ann", token(t, w.card(w.chat, alertKey(422, 1)), "fix"))).(bot.Dialog); !ok || d.Form.Title != "Fix #13, step 2" {
		t.Errorf("the next one is offered: %#v", d)
	}
	if got := w.text(w.press("ann", fix)); !strings.Contains(got, "has ended") {
		t.Errorf("the old button: %q", got)
	}
}

func TestFailingDifferentlyMovesOn(t *testing.T) {
	w := newWorld(t)
	w.fail(12, 422)
	w.fail(12, 403)
	if card := w.card(w.chat, alertKey(422, 1)); card.Tone != prompts.ToneGood {
		t.Errorf("nothing fails that way any more: %q", prompts.PlainCard(card))
	}
	w.mend(12, 403)
	if card := w.card(w.chat, alertKey(403, 1)); card.Tone != prompts.ToneGood {
		t.Errorf("got %q", prompts.PlainCard(card))
	}
}

func TestRetryingBecomesTheAlert(t *testing.T) {
	w := newWorld(t)
	v := engine.RunView{RunHead: engine.RunHead{ID: "run-12", Number: 12, Flow: "bug-triage", State: engine.RunRunning}, Place: triage,
		Steps: []engine.StepView{{Path: "ticket", Index: 2, Attempts: 2, Max: 5, RetryAt: engine.Millis(w.now) + 2000, State: engine.StepRunning, Failure: &engine.Failure{Status: 503, Peer: "tracker.example.org"}}}}
	w.runs.set(v)
	w.raise(engine.NoticeRetrying, "retry", v.ID, "ticket", nil)
	w.deliver()
	if text := prompts.PlainCard(w.card(w.chat, "retry:run-12/ticket")); !strings.Contains(text, "tracker.example.org answered 503, try 3 of 5 at 14:21") {
		t.Errorf("got %q", text)
	}
	w.fail(12, 503)
	if got := w.chat.count("retry:"); got != 0 {
		t.Errorf("the card was to become the alert: %v", w.chat.keysLocked())
	}
	if n := w.chat.count("alert:"); n != 1 || w.chat.messages[0].card.Key != alertKey(503, 1) {
		t.Errorf("%v", w.chat.keysLocked())
	}
	w.mend(12, 503)
	if n := w.chat.count("retry:") + w.chat.count("run:"); n != 0 {
		t.Errorf("%v", w.chat.keysLocked())
	}
}

func TestRetryingThatGoesThrough(t *testing.T) {
	w := newWorld(t)
	v := engine.RunView{RunHead: engine.RunHead{ID: "run-12", Number: 12, Flow: "bug-triage", State: engine.RunRunning}, Place: triage,
		Steps: []engine.StepView{{Path: "ticket", Index: 2, Attempts: 1, RetryAt: engine.Millis(w.now) + 2000, State: engine.StepRunning}}}
	w.runs.set(v)
	w.raise(engine.NoticeRetrying, "retry", v.ID, "ticket", nil)
	w.deliver()
	v.State, v.Steps = engine.RunDone, []engine.StepView{{Path: "ticket", Index: 2, Attempts: 2, State: engine.StepStateDone}}
	w.runs.set(v)
	w.raise(engine.NoticeEnded, "run", v.ID, "", nil)
	w.deliver()
	if card := w.card(w.chat, "retry:run-12/ticket"); card.Tone != prompts.ToneGood || w.chat.count("run:") != 0 {
		t.Errorf("got %q", prompts.PlainCard(card))
	}
}

func TestEndedSpeaksOnlyWhereNothingElseDoes(t *testing.T) {
	for _, c := range []struct {
		state engine.RunState
		by    string
		want  int
	}{{engine.RunDone, "", 0}, {engine.RunDone, "ann", 1}, {engine.RunStopped, "", 1}, {engine.RunFailed, "", 1}} {
		w := newWorld(t)
		w.runs.set(engine.RunView{RunHead: engine.RunHead{ID: "r", Number: 3, Flow: "bug-triage", State: c.state, By: w.ids[c.by]}, Place: triage})
		w.raise(engine.NoticeEnded, "run", "r", "", nil)
		w.deliver()
		if n := w.chat.count("run:"); n != c.want {
			t.Errorf("%s by %q: %d messages", c.state, c.by, n)
		}
	}
}

func TestRunDeliversWhenWoken(t *testing.T) {
	w := newWorld(t)
	ctx, stop := context.WithCancel(w.ctx)
	done := make(chan error)
	posted := make(chan struct{}, 1)
	w.chat.fail = func(engine.Place) error { posted <- struct{}{}; return nil }
	go func() { done <- w.bot.Run(ctx) }()
	plan := engine.AskView{Path: "review", State: engine.CardOpen, Groups: []string{"@triage"}, Need: 1, Mode: "any"}
	w.runs.set(engine.RunView{RunHead: engine.RunHead{ID: "run-9", Number: 9, Flow: "bug-triage", State: engine.RunWaiting}, Place: triage, Asks: []engine.AskView{plan}})
	w.raise(engine.NoticeAsk, "ask", "run-9", "review", nil)
	w.bot.Wake()
	select {
	case <-posted:
	case <-time.After(5 * time.Second):
		t.Fatal("nothing was posted")
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestSayOnceForAKey(t *testing.T) {
	w := newWorld(t)
	first, err := w.bot.Say(w.ctx, triage, "", "run-1/note", "Ticket 7")
	w.must(nil, err)
	again, err := w.bot.Say(w.ctx, triage, "", "run-1/note", "Ticket 7")
	w.must(nil, err)
	if first == "" || first != again || w.chat.posts != 1 {
		t.Errorf("%q and %q, %d posts", first, again, w.chat.posts)
	}
	w.chat.fail = func(engine.Place) error { return engine.E(engine.NotFound, "no such channel") }
	if _, err := w.bot.Say(w.ctx, triage, "", "run-2/note", "Ticket 8"); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("got %v", err)
	}
	if _, err := w.bot.Say(w.ctx, engine.Place{Surface: "discord", Workspace: "G", Channel: "#x"}, "", "k", "Hi"); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("got %v", err)
	}
}
