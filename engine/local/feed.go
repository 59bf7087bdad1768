package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// input is what is to be fed to a run, before it has a number and a time.
type input struct {
	run     string
	kind    engine.EntryKind
	path    string
	attempt int
	by      string
	head    json.RawMessage
	data    json.RawMessage

	ends   *TaskRef // the task that this settles
	begins *TaskRef // the task whose intent this is
	timer  string   // the timer that fired
	took   *Took    // the arrival that this is
	mail   string   // the mail that this is
	heard  string   // the step that a gate answers
	expect int64    // the run's last entry must be this one, or nothing is fed: NotNow; 0: whichever
	starts []Start  // runs that begin with it, when it counts
	signal bool     // it comes from a person: audited, and a refusal is an answer
	source string   // delivery id, for the audit
}

// moves is how often an entry is fed again because the run moved in the store meanwhile. With one owner this does not
// happen at all.
const moves = 20

var errGap = errors.New("journal and state do not fit")

func broken(op string, err error) *engine.Error {
	return engine.AsError(err).WithOp(op)
}

// feed gives one entry to a run and returns when what came of it is stored and under way. An answer that is not
// Counted changed nothing. Errors: NotFound when there is no such run; Unavailable when it could not be stored; Invalid
// when its version does not work with this program any more (it can still be cancelled); Internal when the run cannot be
// read.
func (r *Runtime) feed(ctx context.Context, in input) (engine.Answer, error) {
	ctx = context.WithoutCancel(ctx) // a commit half waited for would leave memory and store apart
	defer r.locks.lock(in.run)()
	for n := 0; ; n++ {
		h, err := r.load(ctx, in.run)
		if err != nil {
			return engine.Answer{}, err
		}
		m, err := r.apply(ctx, h, in)
		if err != nil {
			return engine.Answer{}, err
		}
		if m.empty() {
			if !h.head.State.Final() {
				r.cache.put(h) // a refused entry leaves the state as it was
			}
			r.refused(ctx, in, m)
			return m.answer, nil
		}
		err = r.store.Commit(ctx, m.change)
		if err != nil {
			r.giveBack(m)
		}
		if engine.CodeOf(err) == engine.Conflict && n < moves {
			continue
		}
		if err != nil {
			return engine.Answer{}, err
		}
		r.carryOut(h, m, in)
		if !m.counted() {
			r.refused(ctx, in, m)
		}
		return m.answer, nil
	}
}

// apply works out what in makes of h. It changes h, which is forgotten unless the result is committed.
func (r *Runtime) apply(ctx context.Context, h *hot, in input) (m *move, err error) {
	defer contain("local.apply", &err)
	p, err := r.flows.Program(ctx, h.head.Flow, h.head.Version)
	if err != nil && !passing(err) && in.kind == engine.RunCancel && (h.state != nil || h.behind > 0) {
		p, err = fold.Gone(), nil // whatever became of its version, a run can be stopped
	}
	if err != nil {
		return nil, err
	}
	v := reader{ctx: ctx, r: r, run: h.head.ID, v: &h.values}
	if err := r.catchUp(p, v, h, in.kind == engine.RunCancel); err != nil {
		return nil, err
	}
	made := newMove(h, p.Flow.Channel, r.o.Now)
	m = made
	defer func() {
		if err != nil {
			r.giveBack(made)
		}
	}()
	if h.state == nil {
		if in.kind != engine.RunStarted && in.kind != engine.RunCancel {
			m.answer = engine.Answer{Verdict: engine.NotNow}
			return m, nil
		}
		if err := r.takeUp(ctx, p, v, h, m); err != nil {
			return nil, err
		}
	} else if in.kind == engine.RunStarted {
		m.answer = engine.Answer{Verdict: engine.NotNow}
		return m, nil
	}
	kind := in.kind
	if kind == engine.RunStarted && h.state.Status() == engine.RunQueued {
		kind = engine.RunBegun
	}
	if kind != engine.RunStarted {
		e := engine.Entry{
			Seq: h.state.Seq() + 1, At: max(r.now(), h.state.At()), Kind: kind, Path: in.path, Attempt: in.attempt,
			By: in.by, Format: engine.EntryFormat, Head: in.head, Data: in.data,
		}
		if in.expect != 0 && h.state.Seq() != in.expect {
			m.answer = engine.Answer{Verdict: engine.NotNow}
			return m, nil
		}
		cmds, err := p.Apply(h.state, v, e)
		if err != nil {
			return nil, engine.AsError(err)
		}
		if m.take(e, cmds); m.counted() {
			m.change.Starts = append(m.change.Starts, in.starts...)
		}
	}
	if m.applied {
		if err := r.intend(p, v, m); err != nil {
			return nil, err
		}
	}
	if err := r.begins(ctx, m); err != nil {
		return nil, err
	}
	if err := m.seal(in, r.tasks); err != nil {
		return nil, err
	}
	return m, nil
}

// takeUp applies entry 1, which the store made when the event was accepted.
func (r *Runtime) takeUp(ctx context.Context, p *fold.Program, v reader, h *hot, m *move) error {
	es, err := r.store.Entries(ctx, h.head.ID, 1, 1)
	if err != nil {
		return err
	}
	if len(es) != 1 || es[0].Seq != 1 {
		return broken("local.begin", errGap)
	}
	return r.applyFirst(p, v, h, m, es[0])
}

// catchUp brings a state that is older than the journal up to it. A run that is to be cancelled is, whatever cannot be
// worked out of its entries any more.
func (r *Runtime) catchUp(p *fold.Program, v reader, h *hot, cancelled bool) error {
	if h.behind == 0 {
		return nil
	}
	if h.state == nil {
		h.state = fold.NewState()
	}
	err := r.replay(p, v, h.state, h.behind)
	if err != nil && !passing(err) && cancelled {
		var es []engine.Entry
		if es, err = r.store.Entries(v.ctx, v.run, 1, 1); err == nil && len(es) == 1 {
			h.state, err = fold.Remains(es[0], h.behind, r.now())
		}
	}
	if err != nil {
		return broken("local.load", err)
	}
	h.behind = 0
	return nil
}

// replay applies the entries of a journal that follow what a state has seen, up to entry last.
func (r *Runtime) replay(p *fold.Program, v reader, s *fold.State, last int64) error {
	from := s.Seq() + 1
	es, err := r.store.Entries(v.ctx, v.run, from, int(last-from+1))
	if err != nil {
		return err
	}
	if int64(len(es)) != last-from+1 {
		return errGap
	}
	for _, e := range es {
		v.v.keep(e)
	}
	return p.Resume(s, v, es)
}

// contain makes a defect in the fold one run's trouble: the others go on. To be deferred.
func contain(op string, err *error) {
	if x := recover(); x != nil {
		*err = broken(op, fmt.Errorf("panic in the fold: %v\n%s", x, debug.Stack()))
	}
}

// carryOut follows a commit: memory takes over what is stored, and commands that reach outside begin.
func (r *Runtime) carryOut(h *hot, m *move, in input) {
	c := m.change
	for _, e := range c.Entries {
		h.values.keep(e)
	}
	h.values.trim()
	h.head.State, h.head.Reason = c.Status, c.Reason
	if c.State != nil {
		h.size, h.saved = len(c.State), h.state.Seq()
	}
	if c.Status.Final() {
		h.head.Ended = c.At
	} else {
		r.cache.put(h)
	}
	if c.Status.Final() || in.kind == engine.RunCancel && m.counted() {
		r.tasks.cancel(c.Run)
	}
	for _, ref := range m.cut {
		r.tasks.cut(c.Run, ref)
	}
	for _, ref := range c.DropTasks {
		r.tasks.drop(c.Run, ref)
	}
	for _, t := range c.AddTasks {
		if m.reserved != nil && *c.StartTask == refOf(t) {
			r.tasks.begin(m.reserved)
		} else {
			r.tasks.add(t, false)
		}
	}
	m.reserved = nil
	r.gates.moved(r, h, &c)
	if len(c.AddWaits) > 0 {
		r.waits.ask(c.Run)
	}
	r.startCalled(&c)
	for _, l := range c.Mail {
		r.mail.push(l.Run)
	}
	if len(c.Cleared) > 0 {
		r.clear.add(h.head.Flow, h.head.Version)
	}
	for _, t := range c.SetTimers {
		r.timerSet(t.At)
	}
	if len(c.Notices) > 0 {
		r.o.OnCommit()
	}
}
