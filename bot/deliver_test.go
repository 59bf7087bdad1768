package bot_test

import (
	"context"
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
	if left := w.undelivered() + w.waiting(); left != 1 {
		t.Fatalf("the notice is lost: %d left", left)
	}
	tok := token(t, w.card(w.chat, "ask:run-12/review"), "approve")
	w.deliver()
	if n := w.chat.count("ask:"); n != 1 || w.undelivered()+w.waiting() != 0 {
		t.Fatalf("%d messages, %d notices left", n, w.undelivered()+w.waiting())
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

// waiting is how many copies wait.
func (w *world) waiting() (n int) {
	queues, err := w.store.Queues(w.ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, q := range queues {
		n += q.Count
	}
	return n
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
	if n := w.chat.count("ask:"); n != 1 || w.undelivered()+w.waiting() != 0 {
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
	in := w.in(bot.InPress, "bob") // who reads the operator's channel is on the console
	in.Token, in.Place, in.Actor = token(t, got, "approve"), general, bot.Actor{Surface: "console", User: w.ids["bob"]}
	w.must(w.bot.Handle(w.ctx, in))
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
	case <-time.After(time.Minute):
		t.Fatal("nothing was posted")
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestSayOnceForAKey(t *testing.T) {
	w := newWorld(t)
	first, err := w.bot.Say(w.ctx, triage, "", "run-1/note", bot.Words{Text: "Ticket 7"})
	w.must(nil, err)
	again, err := w.bot.Say(w.ctx, triage, "", "run-1/note", bot.Words{Text: "Ticket 7"})
	w.must(nil, err)
	if first == "" || first != again || w.chat.posts != 1 {
		t.Errorf("%q and %q, %d posts", first, again, w.chat.posts)
	}
	w.chat.fail = func(engine.Place) error { return engine.E(engine.NotFound, "no such channel") }
	if _, err := w.bot.Say(w.ctx, triage, "", "run-2/note", bot.Words{Text: "Ticket 8"}); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("got %v", err)
	}
	if _, err := w.bot.Say(w.ctx, engine.Place{Surface: "discord", Workspace: "G", Channel: "#x"}, "", "k", bot.Words{Text: "Hi"}); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("got %v", err)
	}
}

func TestRemind(t *testing.T) {
	w := newWorld(t)
	w.ask()
	w.raise(engine.NoticeRemind, "ask", "run-12", "review", nil)
	w.deliver()
	if n := w.chat.count("remind:"); n != 1 || w.chat.messages[1].place.Thread != string(w.chat.messages[0].ref) {
		t.Errorf("%d reminders in %+v", n, w.chat.messages[1].place)
	}
}

// A notice that a defect of ours stumbles over costs itself, not the bot: the others are delivered, and it is given up
// in the end.
func TestAPanicCostsOneNotice(t *testing.T) {
	w := newWorld(t)
	w.chat.fail = func(engine.Place) error { panic("a defect") }
	w.ask() // on the surface that panics
	w.must(w.bot.SetGroup(w.ctx, bot.Operator, "triage", []string{"bob"}, false))
	for range 20 {
		w.now = w.now.Add(time.Hour)
		w.deliver()
	}
	if left := w.undelivered(); left != 0 {
		t.Errorf("%d notices are left", left)
	}
}

// What a crowd of notices asks for is shown while the rest is still decided about.
func TestACrowdHoldsUpNobody(t *testing.T) {
	w := newWorld(t)
	w.asked()
	for i := range 2500 {
		w.raise(engine.NoticeAsk, "ask", fmt.Sprint("gone-", i), "review", nil)
	}
	left := -1
	w.chat.fail = func(engine.Place) error {
		if left < 0 {
			left = w.undelivered()
		}
		return nil
	}
	w.deliver()
	if left <= 0 || w.undelivered() != 0 {
		t.Errorf("%d notices (of 100 that were looked at) were left when the first card was posted, %d are at the end", left, w.undelivered())
	}
}
