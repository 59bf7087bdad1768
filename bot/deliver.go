package bot

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// wait is a notice that could not be delivered yet.
type wait struct {
	at    int64
	tries int
	topic string
}

const (
	batchSize   = 200              // notices read at once
	absorbMost  = 1000             // notices turned into copies before the lanes are looked at again
	postTimeout = 20 * time.Second // of one message; a surface that hangs must not stop the others for long
	giveUpAfter = 12               // tries of what a defect stumbles over or a surface refuses, before it is dropped or told elsewhere
	backoffMax  = 5 * time.Minute
)

// Run delivers notices until ctx ends. It looks at the outbox when woken and every tick.
func (b *Bot) Run(ctx context.Context) error {
	if err := b.ensureOperator(ctx); err != nil && ctx.Err() == nil {
		b.o.Log.Warn("the operator's channel could not be made", "err", err)
	}
	if err := b.findMutes(ctx); err != nil && ctx.Err() == nil {
		b.o.Log.Warn("silences under way could not be read", "err", err)
	}
	if err := b.findOutages(ctx); err != nil && ctx.Err() == nil {
		b.o.Log.Warn("what waits for surfaces could not be read", "err", err)
	}
	if err := b.freshBuilders(ctx); err != nil && ctx.Err() == nil {
		b.o.Log.Warn("drafts under way could not be read", "err", err)
	}
	t := time.NewTimer(0)
	defer t.Stop()
	defer b.lanes.settled()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-b.wake:
		case <-t.C:
		}
		_, next, err := b.pass(ctx)
		if err != nil && ctx.Err() == nil {
			b.o.Log.Warn("notices could not be read", "err", err)
		}
		t.Reset(b.pause(next))
	}
}

// pause is how long to sleep when nobody wakes us.
func (b *Bot) pause(next int64) time.Duration {
	d := b.o.Tick
	if next > 0 {
		d = min(d, time.Duration(max(next-b.now(), 10))*time.Millisecond)
	}
	return d
}

// Deliver goes through the outbox until nothing is due any more: what notices ask for becomes copies, oldest first,
// and each channel's lane shows its own. next is when something that had to wait is due (0: none).
func (b *Bot) Deliver(ctx context.Context) (next int64, err error) {
	for {
		at, next, err := b.pass(ctx)
		if err != nil || ctx.Err() != nil {
			return 0, err
		}
		if at == 0 {
			return next, nil
		}
		b.lanes.settled()
	}
}

// pass turns notices into copies and starts the lanes in which something is due; it waits for no surface. work is how
// many lanes it started, and one more where notices are left: it is called again then.
func (b *Bot) pass(ctx context.Context) (work int, next int64, err error) {
	b.delivering.Lock()
	defer b.delivering.Unlock()
	sooner := func(at int64) {
		if at > 0 && (next == 0 || at < next) {
			next = at
		}
	}
	sooner(b.unmute())
	b.refreshAll(ctx)
	more, err := b.absorb(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, w := range b.waits {
		sooner(w.at)
	}
	for _, look := range []func(context.Context) (int64, error){b.spares, b.outages} {
		at, err := look(ctx)
		if err != nil {
			return 0, 0, err
		}
		sooner(at)
	}
	work, at, err := b.serve(ctx)
	sooner(at)
	if more {
		b.Wake()
		work++
	}
	return work, next, err
}

// absorb decides about every notice that is due what is to be shown for it. Notices about one thing keep their order:
// when one has to wait, because something could not be read, those after it wait too. more says that there may be others:
// what a crowd of them asks for is shown while the rest is decided about.
func (b *Bot) absorb(ctx context.Context) (more bool, err error) {
	for limit, done := batchSize, 0; ; {
		notices, err := b.o.Outbox.Undelivered(ctx, limit)
		if err != nil {
			return false, err
		}
		now, blocked, some := b.now(), map[string]bool{}, false
		for _, w := range b.waits { // also those that the store does not list before they are due
			if w.at > now {
				blocked[w.topic] = true
			}
		}
		for _, n := range notices {
			if blocked[n.Topic] {
				continue
			}
			if some = true; b.decide(ctx, n) {
				done++
			} else {
				blocked[n.Topic] = true
			}
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
		}
		switch {
		case !some && len(notices) < limit:
			return false, nil
		case !some:
			limit *= 2 // everything we were given waits: look behind it
		case done >= absorbMost:
			return true, nil
		}
	}
}

// decide settles a notice, or has it wait.
func (b *Bot) decide(ctx context.Context, n engine.Notice) (settled bool) {
	tries := b.waits[n.ID].tries
	err := b.guarded("bot.deliver", func() error { return b.deliver(ctx, n, tries >= giveUpAfter) })
	if err == nil {
		delete(b.waits, n.ID)
		return true
	}
	if ctx.Err() != nil {
		return false
	}
	w := wait{at: b.now() + backoff(tries, err).Milliseconds(), tries: tries + 1, topic: n.Topic}
	b.waits[n.ID] = w
	b.o.Log.Warn("a notice has to wait", "notice", n.ID, "kind", n.Kind, "tries", w.tries, "err", err)
	later := Settled{Notice: n.ID, Reason: "later: " + string(engine.CodeOf(err)), At: b.now(), Later: w.at}
	if err := b.o.Outbox.Settle(ctx, later); err != nil {
		b.o.Log.Warn("a notice's waiting could not be stored", "notice", n.ID, "err", err)
	}
	return false
}

// backoff doubles from a second, and never comes back before the surface says.
func backoff(tries int, err error) time.Duration {
	d := backoffMax
	if tries < 9 {
		d = min(d, time.Second<<tries)
	}
	return max(d, engine.AsError(err).After)
}

// deliver settles one notice, with the copies that are to be shown for it. An error leaves it where it is. With giveUp,
// one that a defect stumbles over is dropped.
func (b *Bot) deliver(ctx context.Context, n engine.Notice, giveUp bool) error {
	d := &delivery{b: b, n: n, settled: Settled{Notice: n.ID}}
	var err error
	if d.book, err = b.book(ctx); err != nil {
		return err
	}
	if err = d.show(ctx); err != nil {
		switch engine.CodeOf(err) {
		case engine.NotFound: // the run or flow is gone
			d.reason("nothing left to show")
		case engine.Unavailable, engine.Throttled, engine.Timeout, engine.Canceled:
			return err
		default:
			if !giveUp {
				return err
			}
			b.o.Log.Error("a notice was given up", "notice", n.ID, "kind", n.Kind, "err", err)
			d.settled.Copies = nil
			d.reason("given up: " + string(engine.CodeOf(err)))
		}
	}
	d.settled.At = b.now()
	if d.settled.Reason == "" {
		d.settled.Reason = "unchanged"
	}
	return b.settle(ctx, d)
}

// guarded turns a panic into an internal error: a defect that one card stumbles over must not end the bot, which would
// find the same card again at its next start.
func (b *Bot) guarded(op string, do func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			b.o.Log.Error("the bot panicked", "op", op, "cause", cause, "stack", string(debug.Stack()))
			err = engine.AsError(fmt.Errorf("panic: %v", cause)).WithOp(op)
		}
	}()
	return do()
}

// settle stores what came of the notice. A mute that a person set while the message was under way wins.
func (b *Bot) settle(ctx context.Context, d *delivery) error {
	if d.settled.Alert == nil {
		return b.o.Outbox.Settle(ctx, d.settled)
	}
	b.alerts.Lock()
	defer b.alerts.Unlock()
	a := *d.settled.Alert
	stored, err := b.o.Outbox.Alert(ctx, a.Fingerprint)
	switch {
	case err == nil && (stored.MutedUntil != d.muted || stored.MutedBy != d.mutedBy) && a.State == alertOpen:
		a.MutedUntil, a.MutedBy = stored.MutedUntil, stored.MutedBy
		d.settled.Alert = &a
	case err != nil && engine.CodeOf(err) != engine.NotFound:
		return err
	}
	return b.o.Outbox.Settle(ctx, d.settled)
}

// ensureOperator makes sure that there is a place to speak when nowhere else works.
func (b *Bot) ensureOperator(ctx context.Context) error {
	b.roles.Lock()
	defer b.roles.Unlock()
	k, err := b.book(ctx)
	if err != nil {
		return err
	}
	if _, known := k.channel(b.o.Operator); known {
		return nil
	}
	return b.o.People.SetChannel(ctx, Channel{Place: b.o.Operator})
}
