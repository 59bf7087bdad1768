package bot

import (
	"errors"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// WholeWorkspace is wrapped by a surface in a Throttled error that is about all channels of the workspace, not only
// the one written to: engine.E(engine.Throttled, …).Wrap(bot.WholeWorkspace{}).
type WholeWorkspace struct{}

// Error is for logs.
func (WholeWorkspace) Error() string { return "the whole workspace is throttled" }

// bucket lets messages go at a Rate. It is pure: time is what the caller says. The zero Rate lets everything go.
type bucket struct {
	rate  Rate
	full  int64 // milliseconds: when it is full again, if nothing is taken
	until int64 // blocked before, because the platform said so
}

// next is when one message may go: now, or later.
func (b *bucket) next(now int64) int64 {
	at := max(now, b.until)
	if every := b.rate.Every.Milliseconds(); every > 0 {
		at = max(at, b.full-every*int64(max(b.rate.Burst, 1)-1))
	}
	return at
}

// take is a message that goes now.
func (b *bucket) take(now int64) {
	if every := b.rate.Every.Milliseconds(); every > 0 {
		b.full = max(b.full, now) + every
	}
}

// back gives back a turn that was taken and not used.
func (b *bucket) back() {
	if b.rate.Every > 0 {
		b.full -= b.rate.Every.Milliseconds()
	}
}

// block lets nothing go before until.
func (b *bucket) block(until int64) { b.until = max(b.until, until) }

// spaceKey is a workspace, whose channels share a rate.
type spaceKey struct{ surface, workspace string }

// space is a workspace and its channels.
type space struct {
	bucket
	gates map[string]*gate // by channel
}

// gate lets messages into one channel one by one, in the order of those who wait, at the pace of the channel and of
// its workspace.
//
//	lane, Say, upload … → queue → [first, and both buckets let it] → surface → leave
type gate struct {
	bucket
	space *space
	queue []*turn
	inUse bool // the first of the queue is at it
}

// turn is a place in the queue of a channel.
type turn struct {
	first func() // it became the first, or the pace changed: look again
}

// gate is the one of a channel. The caller holds b.pacing.
func (b *Bot) gate(p engine.Place) *gate {
	if p.Surface == "" {
		p.Surface = engine.ConsoleSurface
	}
	k := spaceKey{p.Surface, p.Workspace}
	s := b.spaces[k]
	var channel Rate
	paced, _ := b.surfaces[p.Surface].(Paced)
	if s == nil {
		s = &space{gates: map[string]*gate{}}
		if paced != nil {
			_, s.rate = paced.Pace()
		}
		b.spaces[k] = s
	}
	g := s.gates[p.Channel]
	if g == nil {
		b.forgetGates(s)
		if paced != nil {
			channel, _ = paced.Pace()
		}
		g = &gate{bucket: bucket{rate: channel}, space: s}
		s.gates[p.Channel] = g
	}
	return g
}

// mostGates is how many channels of a workspace are remembered before idle ones are forgotten.
const mostGates = 1000

// forgetGates drops channels in which nothing waits and whose bucket is full.
func (b *Bot) forgetGates(s *space) {
	if len(s.gates) < mostGates {
		return
	}
	now := b.now()
	for name, g := range s.gates {
		if len(g.queue) == 0 && g.full <= now && g.until <= now {
			delete(s.gates, name)
		}
	}
}

// try takes the turn if t is the first in the channel and the pace allows; else t stands in the queue now, and at is
// when to look again: 0 when those before it must go first.
func (b *Bot) try(p engine.Place, t *turn) (ok bool, at int64) {
	b.pacing.Lock()
	defer b.pacing.Unlock()
	g := b.gate(p)
	here := -1
	for i, q := range g.queue {
		if q == t {
			here = i
		}
	}
	if here < 0 {
		here = len(g.queue)
		g.queue = append(g.queue, t)
	}
	if here > 0 || g.inUse {
		return false, 0
	}
	now := b.now()
	if at := max(g.next(now), g.space.next(now)); at > now {
		return false, at
	}
	g.take(now) // at once, so that channels side by side do not spend the same turn of their workspace
	g.space.take(now)
	g.inUse = true
	return true, 0
}

// ahead is how long a new message in the channel would wait, as far as the pace tells.
func (b *Bot) ahead(p engine.Place) time.Duration {
	b.pacing.Lock()
	defer b.pacing.Unlock()
	g, now := b.gate(p), b.now()
	at := max(g.next(now), g.space.next(now)) + int64(len(g.queue))*max(g.rate.Every, g.space.rate.Every).Milliseconds()
	return time.Duration(at-now) * time.Millisecond
}

// leave ends a turn: sent is whether a call was made, err what it gave. Who is next hears of it.
func (b *Bot) leave(p engine.Place, t *turn, sent bool, err error) {
	b.pacing.Lock()
	g := b.gate(p)
	for i, q := range g.queue {
		if q == t {
			g.queue = append(g.queue[:i:i], g.queue[i+1:]...)
			if i == 0 && g.inUse {
				g.inUse = false
				if !sent {
					g.back()
					g.space.back()
				}
			}
			break
		}
	}
	now := b.now()
	if e := engine.AsError(err); err != nil && e.Code == engine.Throttled {
		until := now + max(e.After, time.Second).Milliseconds()
		if all := (WholeWorkspace{}); errors.As(err, &all) {
			g.space.block(until)
		} else {
			g.block(until)
		}
	}
	var next *turn
	if len(g.queue) > 0 {
		next = g.queue[0]
	}
	b.pacing.Unlock()
	if next != nil && next.first != nil {
		next.first()
	}
}
