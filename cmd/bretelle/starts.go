package main

import (
	"context"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/all"
	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/storage"
)

// loops are what starts flows besides webhooks.
type loops struct {
	fetcher   *connectors.Fetcher
	schedules *intake.Schedules
	poller    *intake.Poller
	mailboxes *intake.Mailboxes
	failures  *intake.Failures
	starts    *intake.Starts
	chats     *intake.Chats
	samples   *intake.Samples
}

// newLoops makes them; nothing works before run.
func (a *app) newLoops(exits connectors.Exits) *loops {
	base := intake.Loop{Flows: a.library, Cursors: a.store, Intake: a.runtime, Now: a.now, Log: a.log,
		Raise: func(ctx context.Context, ns ...engine.Notice) error {
			defer a.deliver()
			return a.store.Raise(ctx, ns...)
		}}
	l := &loops{fetcher: connectors.NewFetcher(exits), schedules: intake.NewSchedules(base), starts: intake.NewStarts(base), chats: intake.NewChats(base)}
	l.chats.Emoji = prompts.EmojiName
	l.poller = intake.NewPoller(base, intake.PollOptions{Sources: all.Sources(), Fetcher: l.fetcher})
	l.mailboxes = intake.NewMailboxes(base, intake.MailOptions{Exits: exits})
	l.failures = intake.NewFailures(base, a.store, a.startedWith)
	l.samples = &intake.Samples{Drafts: a.library, Intake: a.runtime, Poller: l.poller, Mailboxes: l.mailboxes, Chats: l.chats}
	return l
}

// run works until ctx ends.
func (l *loops) run(ctx context.Context, begin func(func())) {
	begin(func() { l.schedules.Run(ctx) })
	begin(func() { l.poller.Run(ctx) })
	begin(func() { l.mailboxes.Run(ctx) })
	begin(func() { l.failures.Run(ctx) })
}

// wake has every loop look at the flows again.
func (l *loops) wake() {
	l.schedules.Wake()
	l.poller.Wake()
	l.mailboxes.Wake()
	l.failures.Wake()
}

// startedWith is the event that a run was started with.
func (a *app) startedWith(ctx context.Context, run string) (kind string, data map[string]any, err error) {
	es, err := a.store.Entries(ctx, run, 1, 1)
	if err != nil {
		return "", nil, err
	}
	if len(es) == 0 || len(es[0].Data) == 0 {
		return "", nil, engine.E(engine.NotFound, "what started this run was erased").WithOp("main.started")
	}
	e, err := storage.DecodeEvent(es[0].Data)
	if err != nil {
		return "", nil, engine.E(engine.NotFound, "what started this run was erased").WithOp("main.started").Wrap(err)
	}
	return e.Trigger, e.Data, nil
}

// starters is how people start flows, as the bot sees it.
type starters struct{ *intake.Starts }

func (s starters) Forms() []bot.Starter    { return asStarters(s.Starts.Forms()) }
func (s starters) Commands() []bot.Starter { return asStarters(s.Starts.Commands()) }

func asStarters(list []intake.Start) []bot.Starter {
	out := make([]bot.Starter, len(list))
	for i, x := range list {
		out[i] = bot.Starter{Trigger: x.Trigger, Flow: x.Flow, Command: x.Command, Title: x.Title, About: x.About, Button: x.Button,
			Usage: x.Usage, Fields: x.Fields}
	}
	return out
}

func (s starters) find(x bot.Starter) (intake.Start, error) {
	list := s.Starts.Forms()
	if x.Command != "" {
		list = s.Starts.Commands()
	}
	for _, y := range list {
		if y.Trigger == x.Trigger {
			return y, nil
		}
	}
	return intake.Start{}, engine.E(engine.NotFound, "this trigger is gone").WithHint("Its flow was retired, or has another trigger now.")
}

func (s starters) Arguments(x bot.Starter, line string) (map[string]any, *engine.Error) {
	return s.Starts.Arguments(intake.Start{Fields: x.Fields}, line)
}

func (s starters) Begin(ctx context.Context, x bot.Starter, in bot.Begun) (engine.Receipt, map[string]*engine.Error, error) {
	y, err := s.find(x)
	if err != nil {
		return engine.Receipt{}, nil, err
	}
	return s.Starts.Begin(ctx, y, intake.Started(in))
}
