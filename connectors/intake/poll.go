package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/flows"
)

// Poller looks at sources again and again (R13), each in its own time, and offers what is new.
//
//	Source.Fetch ──▶ decide(place, page) ──▶ Accept(items, keys, place: one transaction)
//	     │ fails: later, and later still; the place stays      │ too many: a notice asks, nothing starts
//
// The place belongs to the trigger's identity: edits, pauses and publication keep it, another address begins with a
// baseline. While a flow is paused its source is still looked at, and what is new queues.
type Poller struct {
	Loop
	o     PollOptions
	wake  chan struct{}
	slots chan struct{}

	mu    sync.Mutex
	state map[string]*looking // by trigger id

	deciding sync.Mutex // held while a flood is answered: of two answers the first counts
}

// PollOptions are what a poller needs beside a Loop's parts.
type PollOptions struct {
	Sources map[string]connectors.Source // by trigger name
	Fetcher *connectors.Fetcher
	Workers int // sources looked at at once; default 4
}

// looking is what one process knows of a polled trigger.
type looking struct {
	busy  bool
	next  time.Time
	wait  time.Duration // until next, when it was set: a clock that was set back must not make it longer
	fails int
	since time.Time // of the first failure in a row
	told  bool      // people heard of it
	held  bool      // a flood waits for a person
	heard int       // answers to floods so far
}

// NewPoller makes one. It does nothing until Run.
func NewPoller(l Loop, o PollOptions) *Poller {
	l.defaults()
	if o.Workers <= 0 {
		o.Workers = 4
	}
	return &Poller{Loop: l, o: o, wake: make(chan struct{}, 1), slots: make(chan struct{}, o.Workers), state: map[string]*looking{}}
}

// Wake has the flows looked at again soon.
func (p *Poller) Wake() { poke(p.wake) }

// Run polls until ctx ends, and returns when the last look is over.
func (p *Poller) Run(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	p.turn(ctx, p.wake, func(ctx context.Context) time.Time { return p.begin(ctx, &all) })
}

// Pass looks at everything that is due, waits for it, and says when the next look is due; zero when there is none.
func (p *Poller) Pass(ctx context.Context) time.Time {
	var all sync.WaitGroup
	p.begin(ctx, &all)
	all.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	var next time.Time
	for _, l := range p.state {
		if !l.held {
			next = soonest(next, l.next)
		}
	}
	return next
}

// begin starts every look that is due.
func (p *Poller) begin(ctx context.Context, all *sync.WaitGroup) (next time.Time) {
	there := map[string]bool{}
	for _, kind := range p.kinds() {
		for _, t := range p.Flows.Triggers(kind) {
			if !listens(t) {
				continue
			}
			there[t.ID] = true
			l, at := p.due(t)
			if l == nil {
				next = soonest(next, at)
				continue
			}
			all.Go(func() {
				p.slots <- struct{}{}
				defer func() { <-p.slots }()
				p.look(ctx, t, l)
				p.Wake()
			})
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, l := range p.state {
		if !there[id] && !l.busy {
			delete(p.state, id)
		}
	}
	return next
}

func (p *Poller) kinds() []string {
	var kinds []string
	for k := range p.o.Sources {
		kinds = append(kinds, k)
	}
	sort.Strings(kinds)
	return kinds
}

// due takes a trigger in hand when it is time; otherwise it says when that will be.
func (p *Poller) due(t flows.Trigger) (*looking, time.Time) {
	now := p.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.state[t.ID]
	if l == nil {
		l = &looking{next: now}
		p.state[t.ID] = l
	}
	if l.next.Sub(now) > l.wait { // the clock was set back
		l.next = now.Add(l.wait)
	}
	switch {
	case l.busy || l.held:
		return nil, time.Time{}
	case l.next.After(now):
		return nil, l.next
	}
	l.busy = true
	return l, time.Time{}
}

// look is one look with all its consequences.
func (p *Poller) look(ctx context.Context, t flows.Trigger, l *looking) {
	p.mu.Lock()
	heard := l.heard
	p.mu.Unlock()
	held, err := p.once(ctx, t)
	now := p.Now()
	p.mu.Lock()
	wait := intervalOf(t.With)
	wait += time.Duration(spread(t.ID+now.String(), int64(wait/10)+1)) // not all at the same moment
	answered := l.heard != heard                                       // what this look saw of the flood is over
	l.busy, l.held = false, held && err == nil && !answered
	tell := engine.PollData{}
	switch {
	case err == nil:
		if l.told {
			tell = engine.PollData{Mended: true, Count: l.fails, Since: engine.Millis(l.since)}
		}
		l.fails, l.told, l.since = 0, false, time.Time{}
	case ctx.Err() != nil || engine.CodeOf(err) == engine.NotFound: // stopping, or the trigger is gone
	default:
		if l.fails++; l.fails == 1 {
			l.since = now
		}
		f := failureOf(err)
		wait = later(wait, l.fails, time.Duration(f.After)*time.Millisecond)
		if !l.told && (l.fails >= patience || lasting(f)) {
			l.told = true
			tell = engine.PollData{Failure: &f, Count: l.fails, Since: engine.Millis(l.since), Next: engine.Millis(now.Add(wait))}
		}
		p.Log.Info("a source could not be read", "flow", t.Flow, "fails", l.fails, "code", f.Code, "wait", wait)
	}
	if answered {
		wait = 0
	}
	l.wait, l.next = wait, now.Add(wait)
	p.mu.Unlock()
	if tell.Since != 0 {
		p.say(ctx, t, engine.NoticePoll, engine.NewID(now), tell)
	}
}

// patience is how many failures in a row people are not told of, when they may pass by themselves.
const patience = 3

// lasting tells failures that do not pass by themselves.
func lasting(f engine.Failure) bool {
	switch f.Class {
	case engine.Garbled, engine.Rejected, engine.Forbidden, engine.BadInput, engine.Unauthorized:
		return true
	}
	return false
}

// mostLater bounds the time between two looks at something that fails, unless it asks for more.
const mostLater = 6 * time.Hour

// later is how long to wait after failures in a row.
func later(every time.Duration, fails int, asked time.Duration) time.Duration {
	wait := every
	for range min(fails-1, 20) {
		if wait *= 2; wait >= mostLater {
			break
		}
	}
	return max(min(wait, max(mostLater, every)), asked)
}

func intervalOf(with map[string]any) time.Duration {
	text, _ := with["every"].(string)
	d, err := flow.Duration(text)
	if err != nil {
		return connectors.DefaultInterval
	}
	return min(max(d, connectors.LeastInterval), connectors.MostInterval)
}

// mostOf is how many items may be new at once.
func mostOf(with map[string]any) int {
	if n, ok := with["most"].(int); ok && n > 0 {
		return n
	}
	return 25
}

// once fetches, decides and offers. held says that a person has to decide first.
func (p *Poller) once(ctx context.Context, t flows.Trigger) (held bool, err error) {
	at, err := p.place(ctx, t.ID)
	if err != nil {
		return false, err
	}
	if at != nil && at.Held != nil && at.Held.Answer == "" {
		return true, nil
	}
	var state json.RawMessage
	if at != nil && at.Held == nil { // after a flood everything is asked for again
		state = at.State
	}
	page, err := p.fetch(ctx, t, state)
	if err != nil {
		return false, err
	}
	f := decide(at, page, mostOf(t.With), engine.Millis(p.Now()))
	if f.flood != nil {
		return true, p.flood(ctx, t, f)
	}
	if f.moved > 0 {
		p.say(ctx, t, engine.NoticePoll, noticeID(t.ID, "moved", f.baseline), engine.PollData{Moved: true, Count: f.moved, Titles: titles(f.baseline), Since: engine.Millis(p.Now())})
	}
	if page.Unchanged && at != nil && !at.Check {
		return false, nil
	}
	cursor, err := json.Marshal(f.place)
	if err != nil {
		return false, err
	}
	if len(f.offer)+len(f.baseline) == 0 && at != nil && same(*at, f.place) {
		return false, nil
	}
	b := engine.Batch{Trigger: t.ID, Items: offered(f.offer), Cursor: cursor, From: "poll"}
	if len(f.baseline) > 0 {
		first := engine.Batch{Trigger: t.ID, Items: offered(f.baseline), Baseline: true, From: "poll"}
		if len(f.offer) == 0 {
			first.Cursor, b.Trigger = cursor, ""
		}
		if _, err := p.Intake.Accept(ctx, first); err != nil {
			return false, err
		}
	}
	if b.Trigger == "" {
		return false, nil
	}
	_, err = p.Intake.Accept(ctx, b)
	return false, err
}

// fetch asks the source. A defect in it is this trigger's trouble alone.
func (p *Poller) fetch(ctx context.Context, t flows.Trigger, state json.RawMessage) (page connectors.Page, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			p.Log.Error("a source panicked", "trigger", t.Kind, "flow", t.Flow, "cause", cause, "stack", string(debug.Stack()))
			err = engine.AsError(fmt.Errorf("panic in %s", t.Kind)).WithOp("intake.fetch")
		}
	}()
	return p.o.Sources[t.Kind].Fetch(ctx, p.o.Fetcher, t.With, state)
}

// same reports whether two places are the same, so that nothing has to be stored.
func same(a, b place) bool {
	return bytes.Equal(a.State, b.State) && a.Top == b.Top && slices.Equal(a.Seen, b.Seen) && a.Held == nil && b.Held == nil && a.Check == b.Check
}

// Newest gives the event of the newest item of a source, for a sample: the place stays where it is. Errors: Invalid when
// the kind has no source, NotFound when nothing stands there, else a *connectors.Fault.
func (p *Poller) Newest(ctx context.Context, kind string, with map[string]any) (engine.Item, error) {
	s, ok := p.o.Sources[kind]
	if !ok {
		return engine.Item{}, engine.E(engine.Invalid, "no trigger is called {kind}", "kind", kind)
	}
	page, err := s.Fetch(ctx, p.o.Fetcher, with, nil)
	if err != nil {
		return engine.Item{}, err
	}
	if len(page.Items) == 0 {
		return engine.Item{}, engine.E(engine.NotFound, "Nothing stands there yet").WithHint("Try again when there is something.")
	}
	newest := oldestFirst(page.Items)
	return offered(newest[len(newest)-1:])[0], nil
}

// place reads where a trigger stands; nil when it never looked.
func (p *Poller) place(ctx context.Context, trigger string) (*place, error) {
	b, err := p.Cursors.Cursor(ctx, trigger)
	if err != nil || b == nil {
		return nil, err
	}
	var at place
	if json.Unmarshal(b, &at) != nil {
		return nil, nil // not ours: it begins with a baseline
	}
	return &at, nil
}
