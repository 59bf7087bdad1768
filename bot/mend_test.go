package bot_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

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
	w.must(w.choose("ann", mute, "fixed"))
	w.deliver()
	if text := prompts.PlainCard(w.card(w.chat, alertKey(422, 1))); !strings.Contains(text, "Muted until it is fixed, by ann") {
		t.Errorf("got %q", text)
	}
	mute = token(t, w.card(w.chat, alertKey(422, 1)), "mute")
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
	w.now = w.now.Add(time.Hour)
	w.deliver() // the silence is over
	if text := prompts.PlainCard(w.card(w.chat, alertKey(422, 1))); !strings.Contains(text, "2 runs") || strings.Contains(text, "Muted") {
		t.Errorf("what came meanwhile is shown now: %q", text)
	}
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

// What the action would refuse is said under its field, in the reader's language, and nothing is tried with it.
func TestFixRefusesWhatTheActionWould(t *testing.T) {
	w := newWorld(t)
	id := w.fail(12, 422)
	fix := token(t, w.card(w.chat, alertKey(422, 1)), "fix")
	fields := map[string]string{"method": "POST", "url": "tracker.example.org/tickets", "body": "Crash, project WEB"}
	r := mustReply(w.submit("ann", fix, fields))
	wrong, ok := r.(bot.FieldErrors)
	if !ok || len(wrong.Errors) != 1 || wrong.Errors["url"] != `"tracker.example.org/tickets" is not a web address. Write it whole: https://host/path.` {
		t.Fatalf("got %#v", r)
	}
	for _, f := range wrong.Form.Fields {
		if f.Value != fields[f.Name] || (f.Error != "") != (f.Name == "url") {
			t.Errorf("%+v", f)
		}
	}
	in := w.in(bot.InSubmit, "ann")
	in.Token, in.Fields, in.Actor.Lang = fix, fields, "fr"
	if r := mustReply(w.bot.Handle(w.ctx, in)).(bot.FieldErrors); !strings.Contains(r.Errors["url"], "n'est pas une adresse web") {
		t.Errorf("%v", r.Errors)
	}
	if len(w.runs.signals) != 0 {
		t.Errorf("tried: %+v", w.runs.signals)
	}

	v, _ := w.runs.Run(w.ctx, id)
	v.Steps[0].Input = json.RawMessage(`{"method":"POST"}`) // an expression found nothing
	w.runs.set(v)
	d := mustReply(w.press("mia", fix))
	if f := d.(bot.Dialog).Form.Fields; len(f) != 2 || f[0].Name != "url" || f[0].Value != "" {
		t.Errorf("the missing field is not there: %+v", f)
	}
	w.must(w.submit("mia", fix, map[string]string{"method": "POST", "url": "https://tracker.example.org/tickets"}))
	if s := w.runs.signals; len(s) != 1 || string(s[0].Data) != `{"method":"POST","url":"https://tracker.example.org/tickets"}` {
		t.Errorf("%+v", s)
	}
}

func TestFailingDifferentlyMovesOn(t *testing.T) {
	w := newWorld(t)
	w.fail(12, 422)
	w.fail(12, 403)
	card := w.card(w.chat, alertKey(422, 1))
	text := prompts.PlainCard(card)
	if card.Tone != prompts.ToneNone || len(card.Menus) != 0 || !strings.Contains(text, "no run fails in this way any more") ||
		!strings.Contains(text, "#12 failed in another way at 14:21 and has another alert: tracker.example.org answered 403") || strings.Contains(text, "run done") {
		t.Errorf("got %q", text)
	}
	w.mend(12, 403)
	if again := prompts.PlainCard(w.card(w.chat, alertKey(422, 1))); again != text {
		t.Errorf("it stays as it was: %q", again)
	}
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

func TestAnEndNeverOvertakesItsFailure(t *testing.T) {
	w := newWorld(t)
	down := true
	w.chat.fail = func(engine.Place) error {
		if down {
			return engine.E(engine.Unavailable, "out of reach")
		}
		return nil
	}
	w.fail(12, 422)
	down = false
	w.fail(13, 422)
	w.now = w.now.Add(2 * time.Second) // what comes after it in its channel waits for it
	w.deliver()
	if n := w.chat.count("alert:"); n != 1 {
		t.Fatalf("%d alerts", n)
	}
	w.mend(12, 422)
	w.mend(13, 422)
	w.now = w.now.Add(time.Minute)
	w.deliver()
	if card := w.card(w.chat, alertKey(422, 1)); card.Tone != prompts.ToneGood || w.undelivered() != 0 {
		t.Errorf("%d left, %q", w.undelivered(), prompts.PlainCard(card))
	}
}

func TestQuestionsSayWhatBecameOfThem(t *testing.T) {
	w := newWorld(t)
	v := w.ask()
	v.Asks = []engine.AskView{v.Asks[0]}
	v.Asks[0].State, v.Asks[0].Decision, v.Asks[0].DecidedBy, v.Asks[0].DecidedAt = engine.CardDecided, "approve", w.ids["bob"], engine.Millis(w.now)
	step := engine.StepView{Path: "ticket", Kind: "do", Index: 2, State: engine.StepStateFailed, EndedAt: engine.Millis(w.now)}
	v.State, v.Steps = engine.RunParked, []engine.StepView{v.Steps[0], step}
	w.runs.set(v)
	w.raise(engine.NoticeFailed, "fail", v.ID, "ticket", failedData(422))
	w.deliver()
	if text := prompts.PlainCard(w.card(w.chat, "ask:run-12/review")); !strings.Contains(text, "bob approved") || !strings.Contains(text, "ticket failed") {
		t.Errorf("got %q", text)
	}
	step.State, step.Output = engine.StepStateDone, json.RawMessage(`{"body":{"id":481}}`)
	v.State, v.Steps = engine.RunDone, []engine.StepView{v.Steps[0], step}
	w.runs.set(v)
	w.raise(engine.NoticeEnded, "run", v.ID, "", nil)
	w.deliver()
	if text := prompts.PlainCard(w.card(w.chat, "ask:run-12/review")); !strings.Contains(text, "ticket 481 done") {
		t.Errorf("got %q", text)
	}
	if n := w.chat.count("run:"); n != 0 {
		t.Errorf("%d more messages say that it is done", n)
	}
}

func TestAFailedRunIsAlwaysTold(t *testing.T) {
	w := newWorld(t)
	v := w.ask()
	v.State, v.Reason = engine.RunFailed, "the tracker said no" // on_error: stop, so no alert
	w.runs.set(v)
	w.raise(engine.NoticeEnded, "run", v.ID, "", nil)
	w.deliver()
	if n := w.chat.count("run:"); n != 1 {
		t.Errorf("%d messages say that it failed", n)
	}
}

func TestAMuteDuringDeliveryStays(t *testing.T) {
	w := newWorld(t)
	w.fail(12, 422)
	mute := token(t, w.card(w.chat, alertKey(422, 1)), "mute")
	once := true
	w.chat.fail = func(engine.Place) error { // somebody mutes while the next failure is being posted
		if once {
			once = false
			if _, err := w.choose("ann", mute, "8h"); err != nil {
				t.Error(err)
			}
		}
		return nil
	}
	w.fail(13, 422)
	a, err := w.store.Alert(w.ctx, failedData(422).Fingerprint("bug-triage"))
	if err != nil || a.MutedUntil == 0 || a.Count != 2 {
		t.Errorf("%+v, %v", a, err)
	}
}

// A form that is sent whole is all there is: what was wrong in it before does not come back by what it leaves out.
func TestAFormSentWholeIsAllThereIs(t *testing.T) {
	w := newWorld(t)
	w.fail(12, 422)
	fix := token(t, w.card(w.chat, alertKey(422, 1)), "fix")
	if _, ok := mustReply(w.submit("ann", fix, map[string]string{"url": "nowhere"})).(bot.FieldErrors); !ok {
		t.Fatal("a wrong address was taken")
	}
	w.must(w.submit("ann", fix, map[string]string{"body": "Crash, project WEB"}))
	if s := w.runs.signals; len(s) != 1 || !strings.Contains(string(s[0].Data), "https://tracker.example.org/tickets") {
		t.Errorf("%+v", s)
	}
}
