package bot

import (
	"context"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// inTurn does something in a channel when its turn comes: after what waits there already, at the pace of the surface.
// It waits as long as ctx allows. When that is shorter than the queue, or ends while it waits, the error is Throttled
// with After. do tells whether the surface was asked.
func (b *Bot) inTurn(ctx context.Context, p engine.Place, do func(ctx context.Context) (sent bool, err error)) error {
	if end, ok := ctx.Deadline(); ok {
		if wait := b.ahead(p); wait > time.Until(end) {
			return throttled(p, wait)
		}
	}
	look := make(chan struct{}, 1)
	t := &turn{first: func() {
		select {
		case look <- struct{}{}:
		default:
		}
	}}
	for {
		ok, at := b.try(p, t)
		if ok {
			sent, err := false, error(nil)
			defer func() { b.leave(p, t, sent, err) }() // also when do panics
			sent, err = do(ctx)
			return err
		}
		var timer <-chan time.Time
		if at > 0 {
			clock := time.NewTimer(time.Duration(max(at-b.now(), 1)) * time.Millisecond)
			defer clock.Stop()
			timer = clock.C
		}
		select {
		case <-look:
		case <-timer:
		case <-ctx.Done():
			b.leave(p, t, false, nil)
			if ctx.Err() == context.DeadlineExceeded {
				return throttled(p, max(b.ahead(p), time.Second))
			}
			return engine.E(engine.Canceled, "it was stopped").Wrap(ctx.Err())
		}
	}
}

func throttled(p engine.Place, after time.Duration) error {
	e := engine.E(engine.Throttled, "too much is posted in {channel} at the moment", "channel", p.Channel).WithOp("bot.pace").
		WithHint("It is tried again.")
	e.After = after
	return e
}
