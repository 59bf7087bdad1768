package local

import (
	"context"
	"errors"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/fold"
)

// errOthers is why a run that begins with a call of another flow queues: that one's run is made ready with the change.
var errOthers = errors.New("it begins with a call of another flow")

// beginning is a run that is accepted together with its first steps: one transaction instead of two, and nothing has to
// be read again. Its lock is held from before anybody can know of it until memory has what is stored.
type beginning struct {
	h      *hot
	m      *move
	unlock func()
}

// atOnce works out what a new run's first entry leads to, so that it can be stored with it. nil when the run has to queue:
// others wait to begin, there is too much to do, the runtime does not run, or the fold cannot say.
func (r *Runtime) atOnce(ctx context.Context, t flows.Trigger, x *AcceptItem) *beginning {
	if x.Outcome != engine.Accepted || len(x.Gates) > 0 || t.Program == nil || r.loops.Err() != nil || !r.ready.idle(t.Flow) || !r.tasks.free(t.Flow) {
		return nil
	}
	x.Head.Number = r.store.Number()
	first, err := FirstEntry(*x)
	if err != nil {
		return nil // the store says why
	}
	x.First = &first
	h := &hot{head: engine.RunHead{
		ID: x.Run, Number: x.Head.Number, Flow: t.Flow, Version: t.Version, State: engine.RunQueued, Trigger: x.Event.Trigger,
		Key: x.Event.Key, By: x.Head.By, Started: x.Event.At,
	}}
	m, err := r.beginFirst(ctx, t.Program, h, first)
	if err != nil {
		// It is tried once more in the ordinary way, which says what is wrong.
		return nil
	}
	x.Start = &m.change
	return &beginning{h: h, m: m, unlock: r.locks.lock(x.Run)}
}

func (r *Runtime) beginFirst(ctx context.Context, p *fold.Program, h *hot, first engine.Entry) (m *move, err error) {
	m = newMove(h, p.Flow.Channel, r.o.Now)
	defer func() {
		if err != nil {
			r.giveBack(m)
		}
	}()
	defer contain("local.begin", &err)
	v := reader{ctx: ctx, r: r, run: h.head.ID, v: &h.values}
	if err := r.applyFirst(p, v, h, m, first); err != nil {
		return m, err
	}
	if len(m.calls) > 0 {
		return m, errOthers
	}
	if err := r.intend(p, v, m); err != nil {
		return m, err
	}
	return m, m.seal(input{run: h.head.ID, kind: engine.RunStarted}, r.tasks)
}

// settle follows a batch: runs that were stored with their first steps go on, the others give back what was kept for them.
func (r *Runtime) settle(begins []*beginning, receipts []engine.Receipt) {
	for i, b := range begins {
		if b == nil {
			continue
		}
		if i < len(receipts) && receipts[i].Begun {
			r.carryOut(b.h, b.m, input{run: b.h.head.ID, kind: engine.RunStarted})
		} else {
			r.giveBack(b.m)
		}
		b.unlock()
	}
}

// applyFirst applies entry 1.
func (r *Runtime) applyFirst(p *fold.Program, v reader, h *hot, m *move, first engine.Entry) error {
	h.values.keep(first)
	h.state = fold.NewState()
	cmds, err := p.Apply(h.state, v, first)
	if err != nil {
		return engine.AsError(err)
	}
	m.first(first.At, cmds)
	return nil
}

// intend stores the intent of a call (R7) with the change that commands it, when the call can begin at once: a place is
// kept for it, so that nothing but the call itself stands between the intent and its outcome.
func (r *Runtime) intend(p *fold.Program, v reader, m *move) error {
	c := &m.change
	if c.StartTask != nil || len(c.AddTasks) != 1 || m.h.state.Status().Final() {
		return nil
	}
	t := &c.AddTasks[0]
	if !t.Intent || t.Probe {
		return nil
	}
	if m.reserved = r.tasks.reserve(*t); m.reserved == nil {
		return nil
	}
	for _, e := range c.Entries {
		m.h.values.keep(e)
	}
	e := engine.Entry{
		Seq: m.h.state.Seq() + 1, At: m.h.state.At(), Kind: engine.AttemptStarted, Path: t.Path, Attempt: t.Attempt, Format: engine.EntryFormat,
	}
	cmds, err := p.Apply(m.h.state, v, e)
	if err != nil {
		return engine.AsError(err)
	}
	answer := m.answer
	m.take(e, cmds)
	if !m.counted() {
		return broken("local.intend", errGap)
	}
	m.answer = answer
	ref := refOf(*t)
	c.StartTask = &ref
	return nil
}

// giveBack frees the place that was kept for a task of a change that was not stored.
func (r *Runtime) giveBack(m *move) {
	if m != nil && m.reserved != nil {
		r.tasks.release(m.reserved)
		m.reserved = nil
	}
}
