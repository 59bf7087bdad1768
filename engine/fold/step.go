package fold

import (
	"errors"
	"maps"
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/plan"
)

func (m *machine) started() error {
	if err := m.head(&m.s.Head); err != nil {
		return err
	}
	if m.s.Head.Run == "" {
		return errors.New("fold: a run without an id")
	}
	if m.s.Head.Undo != nil {
		m.p = m.p.undoing(m.s.Head.Undo)
	}
	if m.s.Head.Queued {
		return nil
	}
	return m.walk()
}

// begun lets a queued run go. What it waits for from here on is counted from now, not from when its event came.
func (m *machine) begun() error {
	if !m.s.queued() {
		return m.refuse(engine.Answer{Verdict: engine.NotNow})
	}
	return m.walk()
}

// walk begins the flow's first step.
func (m *machine) walk() error {
	m.s.Frames = []frame{{Block: rootBlock}}
	if limit := m.p.Flow.Longest; limit > 0 {
		m.setTimer(limitTimer, m.s.LastAt+limit.Milliseconds())
	}
	m.goOn("")
	return nil
}

// leave follows the last step of a block.
func (m *machine) leave(bl *block, f frame) (through bool, err error) {
	if bl == nil || bl.owner == nil {
		return true, nil
	}
	switch {
	case bl.round() && bl.owner.step.Each.AtOnce() == 1:
		return m.roundDone(bl, f)
	case bl.owner.step.Try != nil && bl.part != flow.RescueBlock:
		return m.partDone(bl.owner.at(f.At), bl.part)
	}
	return true, nil
}

// enter begins a step; through says that it is over already.
func (m *machine) enter(n *node) (through bool, err error) {
	path := n.path
	if kept, err := m.inherit(n); kept || err != nil {
		return kept, err
	}
	if n.when != nil {
		ok, why, err := m.scope(n).bool(n.when)
		if err != nil {
			return m.fault(n, err)
		}
		if !ok {
			seq, err := m.record(engine.StepSkipped, path, 0, map[string]any{"reason": why}, nil)
			m.finish(path, &done{State: engine.StepStateSkipped, Seq: seq, At: m.s.LastAt, Reason: why})
			return true, err
		}
	}
	through, err = m.take(n)
	if err == nil {
		m.limit(n)
	}
	return through, err
}

// take begins a step whose condition holds.
func (m *machine) take(n *node) (through bool, err error) {
	switch n.step.Kind {
	case flow.KindDo:
		return m.enterDo(n)
	case flow.KindAsk:
		return m.enterAsk(n)
	case flow.KindIf:
		return m.enterIf(n)
	case flow.KindSwitch:
		return m.enterSwitch(n)
	case flow.KindEach:
		return m.enterEach(n)
	case flow.KindWhile:
		return m.enterWhile(n)
	case flow.KindParallel:
		return m.enterParallel(n)
	case flow.KindTry:
		return m.enterTry(n)
	case flow.KindCall:
		return m.enterCall(n)
	case flow.KindEmit:
		return m.enterEmit(n)
	case flow.KindSet:
		return m.enterSet(n)
	case flow.KindThrottle:
		return m.enterThrottle(n)
	case flow.KindDedupe:
		return m.enterDedupe(n)
	case flow.KindDigest:
		return m.enterDigest(n)
	case flow.KindWait:
		return m.enterWait(n)
	case flow.KindStop:
		return m.enterStop(n)
	}
	return false, errors.New("fold: a step of kind " + string(n.step.Kind))
}

// fault is an error while a step's own values are worked out: the flow's fault fails the step, storage's stops
// Apply.
func (m *machine) fault(n *node, err error) (through bool, _ error) {
	f, ok := flowFault(err)
	if !ok {
		return false, err
	}
	a := m.s.step(n.path)
	if a == nil {
		a = m.s.begin(n.path, &active{})
	}
	return m.giveUp(n, a, f)
}

// pass finishes a step with its value.
func (m *machine) pass(n *node, value any) (through bool, err error) {
	path := n.path
	seq, err := m.record(engine.StepDone, path, 0, nil, value)
	if err != nil {
		return false, err
	}
	d := &done{State: engine.StepStateDone, Seq: seq, At: m.s.LastAt}
	if a := m.s.step(path); a != nil {
		d.Input, d.Attempts, d.SentAt = a.Input, a.Attempt, a.SentAt
		if err := m.mended(n, a, true); err != nil {
			return false, err
		}
	}
	m.finish(path, d)
	return true, nil
}

func (m *machine) enterIf(n *node) (bool, error) {
	ok, why, err := m.scope(n).bool(n.cond)
	if err != nil {
		return m.fault(n, err)
	}
	branch := "else"
	if ok {
		branch = "then"
	}
	value := map[string]any{"branch": branch}
	if !ok {
		value["reason"] = why
	}
	if through, err := m.pass(n, value); err != nil || !through {
		return through, err
	}
	m.push(n, branch, n.prefix())
	return true, nil
}

func (m *machine) enterSwitch(n *node) (bool, error) {
	sc := m.scope(n)
	x, err := sc.eval(n.on)
	if err != nil {
		return m.fault(n, err)
	}
	taken, value := "else", map[string]any{"case": nil, "index": 0}
	for i, c := range n.cases {
		is, err := sc.eval(c)
		if err != nil {
			return m.fault(n, err)
		}
		list, ok := is.([]any)
		if plan.Same(x, is) || ok && slices.ContainsFunc(list, func(e any) bool { return plan.Same(x, e) }) {
			taken, value = flow.CaseName(i), map[string]any{"case": x, "index": i + 1}
			break
		}
	}
	if through, err := m.pass(n, value); err != nil || !through {
		return through, err
	}
	m.push(n, taken, n.prefix())
	return true, nil
}

func (m *machine) enterSet(n *node) (bool, error) {
	given := make(map[string]any, len(n.assigns))
	sc := m.scope(n)
	base := sc.roots
	sc.roots = overlay(base, given)
	for _, a := range n.assigns {
		x, err := sc.eval(a.value)
		if err != nil {
			return m.fault(n, err)
		}
		given[a.name] = x
	}
	through, err := m.pass(n, given)
	if err != nil {
		return through, err
	}
	if m.s.Vars == nil {
		m.s.Vars = map[string]int64{}
	}
	for name := range given {
		m.s.Vars[name] = m.s.LastSeq
	}
	return through, nil
}

func (m *machine) enterStop(n *node) (bool, error) {
	x, err := m.scope(n).eval(n.stop)
	if err != nil {
		return m.fault(n, err)
	}
	reason, _ := x.(string)
	if _, err := m.pass(n, map[string]any{"reason": reason}); err != nil {
		return false, err
	}
	return true, m.end(engine.RunStopped, reason)
}

// maxReason bounds why a run ended, in characters: lists of runs show it.
const maxReason = 500

// end finishes the run: whatever is open closes, in a fixed order.
func (m *machine) end(state engine.RunState, reason string) error {
	state, reason, output, err := m.output(state, reason)
	if err != nil {
		return err
	}
	reason = clip(reason, maxReason)
	for _, path := range sorted(m.s.Asks) {
		if a := m.s.Asks[path]; a.State == engine.CardOpen {
			a.State = engine.CardSuperseded
			if err := m.tell(engine.NoticeAskMoved, "ask", path, nil); err != nil {
				return err
			}
		}
	}
	for _, path := range sorted(m.s.Active) {
		a := m.s.Active[path]
		if err := m.close(m.node(path), path, a, ""); err != nil {
			return err
		}
	}
	for _, id := range sorted(m.s.Timers) {
		m.cancelTimer(id)
	}
	m.s.Frames, m.s.Lanes, m.s.Early, m.ready = nil, nil, nil, nil
	m.s.Run, m.s.Reason = state, reason
	if _, err := m.record(engine.RunEnded, "", 0, engine.EndHead{State: state, Reason: reason}, output); err != nil {
		return err
	}
	if err := m.giveBack(state, reason, output); err != nil {
		return err
	}
	m.do(Finish{state, reason})
	if m.quiet || state == engine.RunDone && !m.s.Told && (m.s.Head.By == "" || m.s.Head.Parent != nil && m.s.Head.Parent.Wait) {
		return nil // nobody was told of this run, nobody started it (or the run that called it tells), and all went well: there is nothing to say
	}
	return m.tell(engine.NoticeEnded, "run", "", engine.EndHead{State: state, Reason: reason})
}

func (m *machine) cancel() error {
	var h engine.EndHead
	if err := m.head(&h); err != nil {
		return err
	}
	m.count(engine.Answer{By: m.e.By})
	m.quiet = m.e.By == "" && m.s.queued() // a limit had it give way before it began: thousands may
	return m.end(engine.RunCancelled, h.Reason)
}

func sorted[T any](in map[string]T) []string { return slices.Sorted(maps.Keys(in)) }

// timeText is how times look in values: RFC 3339 UTC with milliseconds.
func timeText(ms int64) string { return engine.Time(ms).Format("2006-01-02T15:04:05.000Z") }

func plain(x any) string {
	if s, ok := x.(string); ok {
		return s
	}
	b, err := engine.EncodeJSON(x)
	if err != nil {
		return ""
	}
	return string(b)
}
