package rehearse

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/check"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/fold"
)

// Rehearser makes a call that changes nothing: what only reads is done, anything else is answered as it may be
// answered, and assumed is true.
type Rehearser interface {
	Rehearse(ctx context.Context, t engine.Task) (r engine.Result, assumed bool)
}

// Options of a rehearsal. Catalog and Rehearser are required.
type Options struct {
	Catalog   engine.Catalog
	Rehearser Rehearser
	Known     check.Known
	Answers   map[string]json.RawMessage // by step id: taken for what the step gives, instead of asking the Rehearser
	Now       func() time.Time           // nil is time.Now
	Version   int64                      // shown as flow.version
}

// Report is what a run would do.
type Report struct {
	Skipped string // the trigger's condition is false for the event, and why: a run would not begin, the steps are shown all the same
	Steps   []Did  // in the order people count them
	State   engine.RunState
	Reason  string
	View    engine.RunView // the run as it would stand
	Cut     bool           // it was stopped here: the flow goes on for longer than a rehearsal
}

// Did is what a step would do.
type Did struct {
	Step    engine.StepView
	Ask     *engine.AskView  // what people would be asked: the step itself, or the gate before it
	Assumed bool             // its answer was made up: nothing was done
	Undo    *engine.UndoStep // how it would be taken back, with that answer; Why says that it fails. Nil: the flow does not say how
}

// maxMoves bounds a rehearsal.
const maxMoves = 2000

// Run rehearses a flow's text on an event. Errors: Invalid when the text has errors or the event does not fit its
// trigger's expressions; Canceled. A step that fails ends the rehearsal, and is no error.
func Run(ctx context.Context, source []byte, ev engine.Event, o Options) (Report, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	f, problems := check.Source(source, o.Catalog, o.Known)
	if f == nil || problems.Bad() {
		return Report{}, unready(problems)
	}
	p, problems := fold.Compile(f, o.Catalog)
	if p == nil {
		return Report{}, unready(problems)
	}
	return RunProgram(ctx, p, ev, o)
}

func unready(ps engine.Problems) error {
	err := engine.E(engine.Invalid, "this flow has errors, so it cannot be tried").WithOp("rehearse").WithHint("Mend what is listed, then try again.")
	for _, p := range ps {
		if p.Severity == engine.SevError {
			return engine.E(engine.Invalid, "this flow has errors, so it cannot be tried: {first}", "first", p.String()).WithOp("rehearse")
		}
	}
	return err
}

// RunProgram is Run for a compiled flow.
func RunProgram(ctx context.Context, p *fold.Program, ev engine.Event, o Options) (Report, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &stage{ctx: ctx, p: p, o: o, state: fold.NewState(), timers: map[string]int64{}, assumed: map[string]bool{}, at: engine.Millis(o.Now())}
	if ev.At == 0 {
		ev.At = s.at
	}
	ev.Trigger = p.Flow.Trigger.On
	if ev.Data == nil {
		ev.Data = map[string]any{}
	}
	got, err := p.Trigger(ev)
	if err != nil {
		return Report{}, err
	}
	ev.Key = got.Key
	if _, has := ev.Data["items"]; p.Batched() && !has {
		ev.Data = fold.Items(ev) // samples are single events
	}
	if err := s.play(ev); err != nil {
		return Report{}, err
	}
	r, err := s.report()
	if !got.Run {
		r.Skipped = got.Reason
	}
	return r, err
}

// stage is one rehearsal.
type stage struct {
	ctx     context.Context
	p       *fold.Program
	o       Options
	state   *fold.State
	journal []engine.Entry
	tasks   []engine.Task
	calls   []fold.Call
	asks    []fold.Acquire // of gates
	timers  map[string]int64
	assumed map[string]bool
	failed  bool // a step failed: what a person would do about it is not guessed
	at      int64
	moves   int
}

func (s *stage) play(ev engine.Event) error {
	head, err := engine.EncodeJSON(engine.StartHead{Run: "rehearsal", Flow: s.p.Flow.Name, Version: s.o.Version, Trigger: "rehearsal"})
	if err != nil {
		return engine.AsError(err)
	}
	data, err := engine.EncodeJSON(ev)
	if err != nil {
		return engine.E(engine.Invalid, "the sample cannot be written as JSON").Wrap(err)
	}
	if _, err := s.feed(engine.Entry{Kind: engine.RunStarted, Head: head, Data: data}); err != nil {
		return err
	}
	for ; s.moves < maxMoves && !s.failed && !s.state.Status().Final(); s.moves++ {
		if err := s.ctx.Err(); err != nil {
			return engine.E(engine.Canceled, "it was stopped").Wrap(err)
		}
		moved, err := s.move()
		if err != nil || !moved {
			return err
		}
	}
	return nil
}

// move plays the outside once: a service, people, the clock, in this order. False: there is nothing left to play.
func (s *stage) move() (bool, error) {
	if len(s.tasks) > 0 {
		t := s.tasks[0]
		s.tasks = s.tasks[1:]
		return true, s.perform(t)
	}
	if len(s.calls) > 0 {
		c := s.calls[0]
		s.calls = s.calls[1:]
		return true, s.called(c)
	}
	if len(s.asks) > 0 {
		a := s.asks[0]
		s.asks = s.asks[1:]
		return true, s.through(a)
	}
	if moved, err := s.answer(); moved || err != nil {
		return moved, err
	}
	return s.skip()
}

func (s *stage) perform(t engine.Task) error {
	if t.Probe {
		_, err := s.feed(engine.Entry{Kind: engine.ProbeDone, Path: t.Path, Attempt: t.Attempt, Head: json.RawMessage(`{"found":"not"}`)})
		return err
	}
	if t.Intent {
		if ok, err := s.feed(engine.Entry{Kind: engine.AttemptStarted, Path: t.Path, Attempt: t.Attempt}); err != nil || !ok {
			return err
		}
	}
	if given, ok := s.o.Answers[stepOf(t.Path)]; ok {
		s.assumed[t.Path] = true
		_, err := s.feed(engine.Entry{Kind: engine.StepDone, Path: t.Path, Attempt: t.Attempt, Data: given})
		return err
	}
	if t.Emit != nil {
		return s.told(t)
	}
	r, assumed := s.o.Rehearser.Rehearse(s.ctx, t)
	s.assumed[t.Path] = assumed
	if r.Failure == nil {
		_, err := s.feed(engine.Entry{Kind: engine.StepDone, Path: t.Path, Attempt: t.Attempt, Data: r.Output})
		return err
	}
	// Trying again would only show the same: it counts as failed for good.
	f := *r.Failure
	f.Class = engine.Rejected
	head, err := engine.EncodeJSON(f)
	if err != nil {
		return engine.AsError(err)
	}
	_, err = s.feed(engine.Entry{Kind: engine.StepFailed, Path: t.Path, Attempt: t.Attempt, Head: head})
	s.failed = s.failed || s.state.Status() == engine.RunParked
	return err
}

// stepOf is the id of the step at a path: "each[3]/notify" is notify.
func stepOf(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[i+1:]
		}
	}
	return path
}

// answer has made-up persons answer the first open question.
func (s *stage) answer() (bool, error) {
	view, err := s.p.View(s.state, fold.Journal(s.journal))
	if err != nil {
		return false, err
	}
	for _, a := range view.Asks {
		if a.State != engine.CardOpen {
			continue
		}
		e, err := s.reply(a)
		if err != nil {
			return false, err
		}
		return s.feed(e)
	}
	return false, nil
}

// skip lets the clock jump to the first timer.
func (s *stage) skip() (bool, error) {
	id, at := "", int64(0)
	for k, v := range s.timers {
		if id == "" || v < at || v == at && k < id {
			id, at = k, v
		}
	}
	if id == "" {
		return false, nil
	}
	delete(s.timers, id)
	s.at = max(s.at, at)
	head, err := engine.EncodeJSON(engine.TimerHead{Timer: id})
	if err != nil {
		return false, engine.AsError(err)
	}
	_, err = s.feed(engine.Entry{Kind: engine.TimerFired, Head: head})
	return true, err
}

// feed gives the run an entry and keeps what comes of it; false when it changed nothing.
func (s *stage) feed(e engine.Entry) (bool, error) {
	e.Seq, e.At, e.Format = s.state.Seq()+1, max(s.at, s.state.At()), engine.EntryFormat
	kept := append(s.journal, e)
	cmds, err := s.p.Apply(s.state, fold.Journal(kept), e)
	if err != nil {
		return false, engine.AsError(err).WithOp("rehearse")
	}
	for _, c := range cmds {
		if r, ok := c.(fold.Reply); ok && r.Answer.Verdict != engine.Counted {
			return false, nil
		}
	}
	s.journal = kept
	for _, c := range cmds {
		switch c := c.(type) {
		case fold.Record:
			s.journal = append(s.journal, c.Entry)
		case fold.Do:
			s.tasks = append(s.tasks, c.Task)
		case fold.Acquire:
			s.asks = append(s.asks, c)
		case fold.Release:
			s.asks = slices.DeleteFunc(s.asks, func(a fold.Acquire) bool { return a.Path == c.Path })
		case fold.Call:
			s.calls = append(s.calls, c)
		case fold.Cancel:
			s.tasks = slices.DeleteFunc(s.tasks, func(t engine.Task) bool { return t.Path == c.Path && t.Attempt == c.Attempt && t.Probe == c.Probe })
		case fold.SetTimer:
			s.timers[c.ID] = c.At
		case fold.CancelTimer:
			delete(s.timers, c.ID)
		}
	}
	return true, nil
}

func (s *stage) report() (Report, error) {
	v, err := s.p.View(s.state, fold.Journal(s.journal))
	if err != nil {
		return Report{}, engine.AsError(err)
	}
	v.State, v.Flow, v.Version, v.Title, v.Place = s.state.Status(), s.p.Flow.Name, s.o.Version, s.p.Flow.Title, s.p.Flow.Channel
	r := Report{View: v, State: v.State, Cut: s.moves >= maxMoves && !v.State.Final()}
	for i := len(s.journal) - 1; i >= 0 && v.State.Final(); i-- {
		if e := s.journal[i]; e.Kind == engine.RunEnded {
			var h engine.EndHead
			if err := json.Unmarshal(e.Head, &h); err != nil {
				return r, engine.AsError(err)
			}
			r.Reason = h.Reason
			break
		}
	}
	asks := map[string]*engine.AskView{}
	for i := range v.Asks {
		asks[v.Asks[i].Path] = &v.Asks[i]
	}
	undo, err := s.undo()
	if err != nil {
		return r, err
	}
	for _, st := range v.Steps {
		r.Steps = append(r.Steps, Did{Step: st, Ask: asks[st.Path], Assumed: s.assumed[st.Path], Undo: undo[st.Path]})
	}
	return r, nil
}

// undo is how what was done would be taken back, by path, as far as the flow itself says how: that is what is tried.
func (s *stage) undo() (map[string]*engine.UndoStep, error) {
	plan, err := s.p.Undo(s.state, s.journal, "", nil)
	switch engine.CodeOf(err) {
	case "":
	case engine.TooLarge: // more than one run takes back at once is not listed
		return nil, nil
	default:
		return nil, engine.AsError(err).WithOp("rehearse")
	}
	said := map[string]bool{}
	s.p.Flow.Walk(func(st *flow.Step) { said[st.ID] = st.Undo != nil })
	out := map[string]*engine.UndoStep{}
	for _, u := range slices.Concat(plan.Steps, plan.Cannot) {
		if said[stepOf(u.Path)] {
			out[u.Path] = &u
		}
	}
	return out, nil
}
