package bot_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// What flows say on a surface that hangs holds up nothing that they say elsewhere, and waits no longer than it may.
func TestAHangingSurfaceHoldsUpNoFlow(t *testing.T) {
	s := newSeveral(t)
	s.slack.hang = make(chan struct{})
	ctx, stop := context.WithCancel(s.ctx)
	said := make(chan error, 1)
	go func() {
		_, err := s.bot.Say(ctx, triage, "", "run/first", bot.Words{Text: "hangs"})
		said <- err
	}()
	for s.slack.hanging() == 0 {
		runtime.Gosched()
	}
	for n := range 64 {
		s.must(s.bot.Say(s.ctx, general, "", fmt.Sprint("run/", n), bot.Words{Text: "goes"}))
	}
	short, end := context.WithCancel(s.ctx)
	end()
	if _, err := s.bot.Say(short, triage, "", "run/first", bot.Words{Text: "hangs"}); engine.CodeOf(err) != engine.Canceled {
		t.Errorf("the same again, when it may not wait: %v", err)
	}
	select {
	case err := <-said:
		t.Errorf("the one that hangs came to its end before the others: %v", err)
	default:
	}
	stop()
	<-said
}

// Whoever says that a surface is there again has what waits tried at once, however long it was to be left alone.
func TestBackAtOnce(t *testing.T) {
	s := newSeveral(t)
	s.slack.fail = func(engine.Place) error {
		e := engine.E(engine.Unavailable, "no answer")
		e.After = time.Hour
		return e
	}
	s.ask(12)
	s.deliver()
	s.slack.fail = nil
	s.deliver()
	if n := s.slack.count("ask:"); n != 0 {
		t.Fatalf("%d cards before the hour is over", n)
	}
	s.bot.Reachable(s.ctx, "slack")
	s.deliver()
	if n := s.slack.count("ask:"); n != 1 {
		t.Errorf("%d cards", n)
	}
}

// A question that was answered where it could be asked is not brought to the places that refused it, nor to anybody else.
func TestAnsweredIsNotBroughtAnyMore(t *testing.T) {
	s := newSeveral(t)
	for _, p := range []engine.Place{triage, ops} {
		s.must(s.bot.AddChannel(s.ctx, bot.Operator, p.String(), "fr"))
	}
	s.slack.fail = func(engine.Place) error {
		return engine.E(engine.NotFound, "{surface} is not connected", "surface", "slack")
	}
	s.discord.fail = s.slack.fail
	v := s.ask(12)
	s.deliver()
	if got := reads(s.console, s.world, "ask:run-12/review"); !strings.Contains(got, "n'est pas connecté") {
		t.Errorf("half of it is English: %q", got)
	}
	s.decided(v, "bob", "console")
	s.raised(engine.NoticeAskMoved, "ask", v.ID, "review")
	s.pass(time.Hour)
	s.deliver()
	if left, err := s.db.Queues(s.ctx); err != nil || len(left) != 0 {
		t.Errorf("%v waits (%v)", left, err)
	}
	if got := reads(s.console, s.world, "ask:run-12/review"); strings.Contains(got, "slack") {
		t.Errorf("the console reads %q", got)
	}
}
