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

// long is a question whose plan no message holds.
func (s *several) long(number int64) engine.RunView {
	v := s.question(number)
	v.Asks[0].Plan = &engine.Plan{Flow: "bug-triage", Version: 1, Hash: strings.Repeat("7f3a91c2", 8), Steps: []engine.PlanStep{{ID: "ticket", Action: "http.request",
		Risk: engine.Write, Input: map[string]any{"body": strings.Repeat("All of this matters. ", 400) + "The end"}}}}
	s.runs.set(v)
	return v
}

// What a message cannot hold goes as a file into its thread, once, and the message says so; where files cannot be sent,
// it says where the rest is.
func TestLongContent(t *testing.T) {
	s := newSeveral(t)
	s.slack.limits, s.discord.limits = prompts.Limits{Name: "slack", CardText: 900}, prompts.Limits{Name: "discord", CardText: 900}
	s.wrap = func(x *screen) bot.Surface {
		if x.name == "slack" {
			return filing{x}
		}
		return x
	}
	s.start()
	v := s.long(12)
	s.raised(engine.NoticeAsk, "ask", v.ID, "review")
	s.deliver()
	const key = "ask:run-12/review"
	if got := reads(s.slack, s.world, key); !strings.Contains(got, "The whole text is in the thread.") || strings.Contains(got, "The end") {
		t.Errorf("Slack reads %q", got)
	}
	if got := reads(s.discord, s.world, key); !strings.Contains(got, "Cut to fit. All of it: /flow run 12") {
		t.Errorf("Discord reads %q", got)
	}
	if len(s.slack.uploads) != 1 || !strings.HasPrefix(s.slack.uploads[0], string(s.slack.messages[0].ref)+" bug-triage-12.txt ") || !strings.Contains(s.slack.uploads[0], "The end") {
		t.Fatalf("%d files: %.200q", len(s.slack.uploads), s.slack.uploads)
	}
	for i := range 3 {
		v.Asks = append([]engine.AskView(nil), v.Asks...)
		v.Asks[0].Title = fmt.Sprint("Title ", i)
		s.runs.set(v)
		s.raised(engine.NoticeAskMoved, "ask", v.ID, "review")
		s.deliver()
		s.start()
	}
	if len(s.slack.uploads) != 1 {
		t.Errorf("each edit brings the file again: %d", len(s.slack.uploads))
	}
	if left, _ := s.db.Queues(s.ctx); len(left) != 0 {
		t.Errorf("%v waits", left)
	}
}

// A file that the platform refuses is not promised.
func TestARefusedFileIsNotPromised(t *testing.T) {
	s := newSeveral(t)
	s.slack.limits = prompts.Limits{Name: "slack", CardText: 900}
	s.wrap = func(x *screen) bot.Surface { return filing{x} }
	s.slack.refuse = engine.E(engine.Denied, "the scope files:write is missing")
	s.start()
	v := s.long(12)
	s.raised(engine.NoticeAsk, "ask", v.ID, "review")
	s.deliver()
	s.deliver()
	if got := reads(s.slack, s.world, "ask:run-12/review"); strings.Contains(got, "in the thread") || !strings.Contains(got, "/flow run 12") {
		t.Errorf("Slack reads %q", got)
	}
}

// What a hundred thousand parked cards cost at the start, and while nothing changes: nothing.
func TestNothingWaitsForParkedCards(t *testing.T) {
	s := newSeveral(t)
	for n := int64(1); n <= 30; n++ {
		s.ask(n)
	}
	s.deliver()
	posts := s.slack.posts + s.discord.posts
	s.start()
	for _, x := range []*screen{s.slack, s.discord} {
		for len(x.told) > 0 {
			<-x.told
		}
	}
	ctx, stop := context.WithCancel(s.ctx)
	done := make(chan error)
	go func() { done <- s.bot.Run(ctx) }()
	v := s.ask(31)
	s.bot.Wake()
	<-s.slack.told
	<-s.discord.told
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := s.slack.posts + s.discord.posts - posts; n > 2 {
		t.Errorf("%d calls for one question of %s", n, v.ID)
	}
}

// panicking is a screen whose files stumble over a defect.
type panicking struct{ *screen }

func (panicking) Upload(context.Context, engine.Place, string, string, ...bot.File) (bot.Ref, error) {
	panic("a defect")
}

// A file over which a defect stumbles each time is given up like any other, and the bot lives on.
func TestADefectCostsAFileAndNoMore(t *testing.T) {
	s := newSeveral(t)
	s.slack.limits = prompts.Limits{Name: "slack", CardText: 900}
	s.wrap = func(x *screen) bot.Surface { return panicking{x} }
	s.start()
	v := s.long(12)
	s.raised(engine.NoticeAsk, "ask", v.ID, "review")
	for range 15 {
		s.deliver()
		s.pass(10 * time.Minute)
	}
	if left, err := s.db.Queues(s.ctx); err != nil || len(left) != 0 {
		t.Errorf("%v waits (%v)", left, err)
	}
	if got := reads(s.slack, s.world, "ask:run-12/review"); strings.Contains(got, "in the thread") {
		t.Errorf("Slack reads %q", got)
	}
}
