package fold

import (
	"hash/fnv"
	"math"
	"strconv"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// The default retry (CONTRACTS, "Flows and names"): 5 tries, exponential from 1 s, factor 2, at most 5 min, full jitter.
const (
	defaultTries  = 5
	defaultFirst  = time.Second
	defaultFactor = 2.0
	defaultCap    = 5 * time.Minute
)

func (m *machine) enterDo(n *node) (bool, error) {
	if seq := m.given(n); seq != 0 {
		return m.stands(n, seq)
	}
	in, err := m.input(n)
	if err != nil {
		return m.fault(n, err)
	}
	return m.admit(n, in, false)
}

// input is the step's rendered input with the edits of its approval.
func (m *machine) input(n *node) (map[string]any, error) {
	return m.render(n, m.scope(n))
}

func (m *machine) render(n *node, sc *scope) (map[string]any, error) {
	if n.given > 0 {
		return m.givenInput(n)
	}
	x, err := sc.eval(n.with)
	if err != nil {
		return nil, err
	}
	in, ok := x.(map[string]any)
	if !ok {
		in = map[string]any{}
	}
	for _, key := range sorted(m.s.Edits) {
		id, name, _ := cutEdit(key)
		if id != n.path {
			continue
		}
		given, err := m.value(m.s.Edits[key])
		if err != nil {
			return nil, err
		}
		if fields, ok := given.(map[string]any); ok {
			in[name] = fields[n.step.ID+"."+name]
		}
	}
	return in, nil
}

// call begins the first attempt with an input that was let through.
func (m *machine) call(n *node, in map[string]any) error {
	path := n.path
	a := m.s.step(path)
	if a == nil {
		a = m.s.begin(path, &active{})
	}
	t := n.action.TraitsOf(in)
	a.Repeat = t.Repeat || t.Risk == engine.Read
	unsure := m.countOn(path, a)
	seq, err := m.record(engine.StepStarted, path, a.Attempt+1, nil, in)
	if err != nil {
		return err
	}
	a.Input = seq
	if unsure {
		a.Attempt++ // a late answer to an earlier question is not taken for this one's
		a.Failure = &engine.Failure{Class: engine.Unsure, Code: engine.Unknown, Msg: "I stopped waiting for the answer of the call before"}
		return m.unknown(n, a)
	}
	if waits, err := m.budget(n, a, in); waits || err != nil {
		return err
	}
	return m.attempt(n, a)
}

// attempt performs the step's input once more.
func (m *machine) attempt(n *node, a *active) error {
	a.Phase, a.RetryAt = phaseCall, 0
	a.Attempt++
	a.SentAt = m.s.LastAt
	t, err := m.task(n, a)
	if err != nil {
		return err
	}
	t.Intent = !a.Repeat
	m.do(Do{t})
	return nil
}

func (m *machine) task(n *node, a *active) (engine.Task, error) {
	in, err := m.value(a.Input)
	if err != nil {
		return engine.Task{}, err
	}
	raw, err := engine.EncodeJSON(in)
	if err != nil {
		return engine.Task{}, err
	}
	key := m.s.Head.Run + "/" + n.path
	if a.Fixes > 0 {
		key += "~" + strconv.Itoa(a.Fixes)
	}
	t := engine.Task{
		Run: m.s.Head.Run, Number: m.s.Head.Number, Flow: m.s.Head.Flow, Path: n.path, Attempt: a.Attempt,
		Action: n.step.Action, Account: n.step.Account, Input: raw, Key: key,
		Timeout: n.step.Timeout, Channel: m.p.Flow.Channel,
	}
	t.Most = m.p.Flow.Admission.OfAccount(n.step.Account)
	if n.step.Emit != nil {
		t.Emit = m.emission(n, in, key)
	}
	return t, nil
}

// underway finds the step that an outcome is about; an outcome of anything else changes nothing.
func (m *machine) underway(want phase) (*node, *active, bool) {
	n, a := m.node(m.e.Path), m.s.step(m.e.Path)
	if n == nil || a == nil || a.Phase != want || a.Attempt != m.e.Attempt {
		_ = m.refuse(engine.Answer{Verdict: engine.NotNow})
		return nil, nil, false
	}
	return n, a, true
}

func (m *machine) attemptStarted() error {
	_, a, ok := m.underway(phaseCall)
	if ok {
		a.SentAt, a.Begun = m.s.LastAt, a.Attempt
	}
	return nil
}

// attemptLost is a crash between the intent and the outcome (R7).
func (m *machine) attemptLost() error {
	n, a, ok := m.underway(phaseCall)
	if !ok {
		return nil
	}
	var h engine.LostHead
	if len(m.e.Head) > 0 {
		if err := m.head(&h); err != nil {
			return err
		}
	}
	a.Failure = &engine.Failure{Class: engine.Unsure, Code: engine.Unknown, Msg: "I was stopped while the answer was on its way"}
	if h.Restored {
		a.Failure.Msg = engine.LostRestored
	}
	return m.unknown(n, a)
}

func (m *machine) callDone() error {
	n, a, ok := m.underway(phaseCall)
	if !ok {
		return nil
	}
	if err := m.succeed(n, a, m.e.Seq); err != nil {
		return err
	}
	return m.advance(n)
}

// succeed finishes an action with the output that entry seq holds.
func (m *machine) succeed(n *node, a *active, seq int64) error {
	if err := m.mended(n, a, true); err != nil {
		return err
	}
	told := a.Attempt-a.Base > quietTries
	m.finish(n.path, &done{
		State: engine.StepStateDone, Seq: seq, Input: a.Input, Attempts: a.Attempt, SentAt: a.SentAt, At: m.s.LastAt,
	})
	if told {
		return m.tell(engine.NoticeRetrying, "retry", n.path, nil)
	}
	return nil
}

// quietTries is how many tries fail before people hear of it: a hiccup is nobody's business.
const quietTries = 2

func (m *machine) callFailed() error {
	n, a, ok := m.underway(phaseCall)
	if !ok {
		return nil
	}
	f := &engine.Failure{}
	if err := m.head(f); err != nil {
		return err
	}
	a.Failure = f
	switch retryable, sent := classify(f.Class); {
	case sent && !a.Repeat:
		return m.unknown(n, a)
	case retryable:
		return m.retry(n, a, f)
	}
	return m.giveUpAndGo(n, a, f)
}

// classify is the table of CONTRACTS, "What is retried, and what is unknown": whether to try again, and whether the
// call may have happened although nobody said so.
func classify(c engine.FailureClass) (retry, sent bool) {
	switch c {
	case engine.NotSent, engine.Busy:
		return true, false
	case engine.Unsure:
		return true, true
	}
	return false, false
}

// retry plans the next attempt, or gives up when there have been enough.
func (m *machine) retry(n *node, a *active, f *engine.Failure) error {
	tries := a.Attempt - a.Base
	if tries >= n.tries() {
		return m.giveUpAndGo(n, a, f)
	}
	wait := n.backoff(tries, m.s.Head.Run+"/"+n.path+"/"+strconv.Itoa(a.Attempt))
	a.Phase = phaseRetry
	a.RetryAt = m.s.LastAt + max(wait.Milliseconds(), f.After)
	m.setTimer("retry:"+n.path, a.RetryAt)
	if tries < quietTries {
		return nil
	}
	return m.tell(engine.NoticeRetrying, "retry", n.path, nil)
}

func (n *node) tries() int {
	if r := n.step.Retry; r != nil && r.Max > 0 {
		return r.Max
	}
	return defaultTries
}

// backoff is the wait after a number of failed tries: exponential, capped, with full jitter taken from a hash of
// seed, so that a replay waits as long.
func (n *node) backoff(tries int, seed string) time.Duration {
	first, factor, most := defaultFirst, defaultFactor, defaultCap
	if r := n.step.Retry; r != nil {
		if r.First > 0 {
			first = r.First
		}
		if r.Factor > 0 {
			factor = r.Factor
		}
		if r.Cap > 0 {
			most = r.Cap
		}
	}
	d := float64(first) * math.Pow(factor, float64(tries-1))
	if d > float64(most) {
		d = float64(most)
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(seed))
	return time.Duration(d * (float64(mix(h.Sum64())>>11) / (1 << 53)))
}

// mix spreads the bits of a hash whose inputs differ in their last bytes only (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// unknown looks an outcome up, or asks a person.
func (m *machine) unknown(n *node, a *active) error {
	if n.action.Probe {
		a.Phase = phaseProbe
		t, err := m.task(n, a)
		if err != nil {
			return err
		}
		t.Probe = true
		m.do(Do{t})
		return nil
	}
	return m.askOutcome(n, a)
}

func (m *machine) askOutcome(n *node, a *active) error {
	a.Phase = phaseOutcome
	if _, err := m.record(engine.OutcomeAsked, n.path, a.Attempt, nil, nil); err != nil {
		return err
	}
	return m.tell(engine.NoticeOutcome, "outcome", n.path, nil)
}

func (m *machine) probeDone() error {
	n, a, ok := m.underway(phaseProbe)
	if !ok {
		return nil
	}
	var h engine.ProbeHead
	if err := m.head(&h); err != nil {
		return err
	}
	switch h.Found {
	case engine.ProbeHappened:
		if err := m.succeed(n, a, m.e.Seq); err != nil {
			return err
		}
		return m.advance(n)
	case engine.ProbeNot:
		return m.retry(n, a, a.Failure)
	}
	return m.askOutcome(n, a)
}

// giveUp is a step that has failed for good; through says that the run goes on without it.
func (m *machine) giveUp(n *node, a *active, f *engine.Failure) (through bool, err error) {
	path := n.path
	a.Failure = f
	switch n.step.OnError {
	case flow.ErrContinue:
		seq, err := m.record(engine.StepFailed, path, 0, f, nil)
		if err != nil {
			return false, err
		}
		if err := m.mended(n, a, false); err != nil {
			return false, err
		}
		m.finish(path, &done{
			State: engine.StepStateFailed, Seq: seq, Input: a.Input, Attempts: a.Attempt, SentAt: a.SentAt, At: m.s.LastAt, Failure: f,
			Count: a.Count, Last: a.Last,
		})
		return true, nil
	case flow.ErrStop:
		if _, err := m.record(engine.StepFailed, path, 0, f, nil); err != nil {
			return false, err
		}
		return false, m.end(engine.RunFailed, engine.Fill(f.Msg, f.Args))
	}
	if n.step.OnError == flow.ErrSteps {
		if err := m.fell(n, a, f); err != nil {
			return false, err
		}
		m.push(n, flow.RescueBlock, n.prefix())
		return true, nil
	}
	if n.step.OnError != flow.ErrAsk && m.caught(n) {
		return m.failed(n, a, f)
	}
	if _, err := m.record(engine.StepParked, path, a.Attempt, f, nil); err != nil {
		return false, err
	}
	a.Phase, a.Alerted = phaseParked, true
	m.cancelTimer(limitTimer + path)
	return false, m.tell(engine.NoticeFailed, "fail", path, n.failed(a))
}

func (m *machine) giveUpAndGo(n *node, a *active, f *engine.Failure) error {
	through, err := m.giveUp(n, a, f)
	if err != nil || !through {
		return err
	}
	return m.advance(n)
}

// mended tells, once, that a step people were alerted to is no longer failing.
func (m *machine) mended(n *node, a *active, works bool) error {
	if !a.Alerted || n == nil {
		return nil
	}
	a.Alerted = false
	d := n.failed(a)
	d.Mended, d.By = works, a.FixedBy
	if m.e.By != "" {
		d.By = m.e.By
	}
	return m.tell(engine.NoticeMended, "fail", n.path, d)
}

func (n *node) failed(a *active) engine.FailedData {
	return engine.FailedData{Step: n.step.ID, Index: n.index, Action: n.step.Action, Account: n.step.Account, Failure: a.Failure}
}
