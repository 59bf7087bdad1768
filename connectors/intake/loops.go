package intake

import (
	"context"
	"hash/fnv"
	"log/slog"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
)

// Triggers is what the loops ask of the library of flows.
type Triggers interface {
	// Triggers lists every trigger of a kind, drafts and paused flows included.
	Triggers(kind string) []flows.Trigger
}

// Cursors remembers where a trigger stands; what is stored goes in through engine.Intake.
type Cursors interface {
	// Cursor is what was stored last for a trigger, nil when there is nothing. Unavailable.
	Cursor(ctx context.Context, trigger string) ([]byte, error)
}

// Loop is what every loop works with. Flows, Cursors and Intake are required.
type Loop struct {
	Flows   Triggers
	Cursors Cursors
	Intake  engine.Intake
	Raise   func(ctx context.Context, ns ...engine.Notice) error // stores notices; nil drops them
	Now     func() time.Time                                     // nil: time.Now
	Log     *slog.Logger                                         // nil discards
}

func (l *Loop) defaults() {
	if l.Now == nil {
		l.Now = time.Now
	}
	if l.Raise == nil {
		l.Raise = func(context.Context, ...engine.Notice) error { return nil }
	}
	if l.Log == nil {
		l.Log = slog.New(slog.DiscardHandler)
	}
}

// Naps of a loop.
const (
	longestNap = 30 * time.Second // so that a clock that was set is noticed soon
	badNap     = 5 * time.Second  // after something could not be stored
)

// turn runs passes until ctx ends: when the pass before asked for it, when wake is given, and every longestNap.
func (l *Loop) turn(ctx context.Context, wake <-chan struct{}, pass func(context.Context) time.Time) {
	for {
		next := pass(ctx)
		nap := longestNap
		if d := next.Sub(l.Now()); !next.IsZero() && d < nap {
			nap = max(d, 10*time.Millisecond)
		}
		t := time.NewTimer(nap)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		case <-wake:
			t.Stop()
		}
	}
}

// poke wakes a loop without waiting.
func poke(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// listens reports whether a trigger takes events: drafts do not, they are given samples on request.
func listens(t flows.Trigger) bool { return t.State == engine.FlowLive || t.State == engine.FlowPaused }

// spread is a number from 0 to below n that stays the same for a text.
func spread(text string, n int64) int64 {
	if n <= 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // never fails
	return int64(h.Sum64() % uint64(n))
}

// soonest is the earlier of two times, where zero is never.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
