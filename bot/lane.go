package bot

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// lanes are the channels in which something is shown, each by itself and in its order:
//
//	notices → copies, in one transaction → lane of slack #triage → gate → surface
//	                                     → lane of discord #triage → gate → surface
//
// A lane runs while something in its channel is due, and costs nothing else.
type lanes struct {
	mu   sync.Mutex
	all  map[engine.Place]*lane // by channel
	busy map[string]int         // lanes at work, by surface
	down map[string]*outage     // surfaces that cannot be reached
	work int                    // lanes at work, of all surfaces
	idle *sync.Cond             // one less is at work
}

type lane struct {
	busy   bool
	called bool  // since it looked last
	hold   int64 // not before: the pace says so, or for ever until its turn comes
	turn   *turn // its place in the channel's gate; nil none
}

const (
	atOnce      = 8 // lanes of one surface at work
	atOnceDown  = 1 // while it cannot be reached: one tries for all
	laneBatch   = 200
	untilCalled = int64(math.MaxInt64)
	storeRetry  = time.Second // after something could not be stored
)

// settled waits until no lane is at work.
func (x *lanes) settled() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for x.work > 0 {
		x.idle.Wait()
	}
}

// serve starts the lanes in which something is due; next is when the first of the others is (0: none).
func (b *Bot) serve(ctx context.Context) (started int, next int64, err error) {
	queues, err := b.o.Outbox.Queues(ctx)
	if err != nil {
		return 0, 0, err
	}
	now := b.now()
	sooner := func(at int64) {
		if at != untilCalled && (next == 0 || at < next) {
			next = at
		}
	}
	b.lanes.mu.Lock()
	idle := b.tidyLanes(queues)
	for _, q := range queues {
		l := b.lanes.all[q.Place]
		if l == nil {
			l = &lane{}
			b.lanes.all[q.Place] = l
		}
		most, probe := atOnce, int64(0)
		if o := b.lanes.down[q.Place.Surface]; o != nil {
			most, probe = atOnceDown, o.probe
		}
		switch {
		case l.busy:
		case probe > now:
			sooner(probe)
		case q.Due > now:
			sooner(q.Due)
		case l.hold > now:
			sooner(l.hold)
		case b.lanes.busy[q.Place.Surface] >= most: // one that ends wakes us
		default:
			l.busy, l.hold = true, 0
			b.lanes.busy[q.Place.Surface]++
			b.lanes.work++
			started++
			go b.lane(ctx, q.Place, l)
		}
	}
	b.lanes.mu.Unlock()
	for _, quit := range idle {
		quit()
	}
	return started, next, nil
}

// tidyLanes forgets lanes in which nothing waits; those that still stand in a gate's queue leave it.
func (b *Bot) tidyLanes(queues []Queue) (quit []func()) {
	waits := make(map[engine.Place]bool, len(queues))
	for _, q := range queues {
		waits[q.Place] = true
	}
	for p, l := range b.lanes.all {
		if l.busy || waits[p] {
			continue
		}
		if t := l.turn; t != nil {
			quit = append(quit, func() { b.leave(p, t, false, nil) })
		}
		delete(b.lanes.all, p)
	}
	return quit
}

// lane shows what is due in a channel, one after the other, until nothing is.
func (b *Bot) lane(ctx context.Context, p engine.Place, l *lane) {
	hold := int64(0)
	defer func() {
		b.lanes.mu.Lock()
		if l.busy, l.hold = false, hold; l.called {
			l.hold = 0
		}
		b.lanes.busy[p.Surface]--
		b.lanes.work--
		b.lanes.idle.Broadcast()
		b.lanes.mu.Unlock()
		b.Wake()
	}()
	for ctx.Err() == nil {
		c, err := b.due(ctx, p)
		if err != nil {
			b.o.Log.Warn("what is to be shown could not be read", "place", p.String(), "err", err)
			hold = b.now() + storeRetry.Milliseconds()
			return
		}
		if c == nil {
			break
		}
		if l.turn == nil {
			l.turn = &turn{first: func() { b.called(l) }}
		}
		b.lanes.mu.Lock()
		l.called = false
		b.lanes.mu.Unlock()
		ok, at := b.try(p, l.turn)
		if !ok {
			if hold = at; at == 0 {
				hold = untilCalled
			}
			return
		}
		sent, stored, err := b.show(ctx, *c)
		t := l.turn
		l.turn = nil
		b.leave(p, t, sent, err)
		if !stored {
			hold = b.now() + storeRetry.Milliseconds()
			return
		}
	}
	if t := l.turn; t != nil {
		l.turn = nil
		b.leave(p, t, false, nil)
	}
}

// called says that a lane has become the first in its gate.
func (b *Bot) called(l *lane) {
	b.lanes.mu.Lock()
	l.hold, l.called = 0, true
	b.lanes.mu.Unlock()
	b.Wake()
}

// due is what is to be shown next in a channel; nil when nothing is due. What waits because its surface cannot be
// reached holds up those behind it; what waits alone only what goes below it. The first alone is read when it can go:
// thousands may stand behind it.
func (b *Bot) due(ctx context.Context, p engine.Place) (*Copy, error) {
	list, err := b.o.Outbox.Waiting(ctx, p, 1)
	if err == nil && len(list) > 0 && list[0].Due > b.now() && list[0].Alone {
		list, err = b.o.Outbox.Waiting(ctx, p, laneBatch)
	}
	if err != nil {
		return nil, err
	}
	now := b.now()
	passed := map[string]bool{}
	for i := range list {
		c := &list[i]
		switch {
		case c.Due > now && !c.Alone:
			return nil, nil
		case c.Due > now:
			passed[c.Key] = true
			continue
		case len(passed) > 0:
			if dr, err := c.draft(); err == nil && passed[dr.under] {
				passed[c.Key] = true
				continue
			}
		}
		return c, nil
	}
	return nil, nil
}

// show shows a copy and stores what came of it. sent is whether the surface was asked; stored whether what came of it
// is known to the store; err what the surface said.
func (b *Bot) show(ctx context.Context, c Copy) (sent, stored bool, err error) {
	var out shown
	err = b.guarded("bot.show", func() error { return b.showCopy(ctx, c, &out) })
	if err != nil && ctx.Err() != nil {
		return out.sent, true, err
	}
	var kept error
	if err == nil {
		kept = b.keep(ctx, out.cards, func(ctx context.Context) error { return b.o.Outbox.Shown(ctx, c, out.cards, out.then...) })
		if out.sent && kept == nil {
			b.reached(ctx, c.Place.Surface)
		}
	} else {
		kept = b.guarded("bot.failed", func() error { return b.failed(ctx, c, &out, err) })
	}
	if kept != nil {
		b.o.Log.Warn("what became of a card could not be stored", "key", c.Key, "place", c.Place.String(), "err", kept)
	}
	return out.sent, kept == nil, err
}

// shown is what showing a copy gave.
type shown struct {
	sent   bool // the surface was asked
	cards  []StoredCard
	then   []Copy
	failed StoredCard // the card that could not be shown
}

func (b *Bot) showCopy(ctx context.Context, c Copy, out *shown) error {
	dr, err := c.draft()
	if err != nil {
		b.o.Log.Error("a card that waits cannot be read", "key", c.Key, "err", err)
		return nil // dropped: nobody could ever read it
	}
	p := c.Place
	if dr.under != "" {
		above, err := b.o.Outbox.Card(ctx, dr.under, p)
		if err != nil && engine.CodeOf(err) != engine.NotFound {
			return err
		}
		if err != nil || above.Ref == "" {
			return nil // there is nothing to write below; what stands elsewhere says it
		}
		p.Thread = string(above.Ref)
	}
	if dr.file != "" {
		return b.showFile(ctx, dr, p, out)
	}
	return b.stand(ctx, dr, p, out)
}
