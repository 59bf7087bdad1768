package fold

import (
	"encoding/json"
	"fmt"

	"github.com/bretelle/bretelle/engine"
)

// Apply feeds e, which comes from outside, to the run: the only interpreter. e.Seq must be s.Seq()+1. It changes s
// (callers keep a clone where they may have to give up) and returns what is to be done. It is pure: the same
// arguments give the same result. The error is about v or a broken journal, never about what a flow does.
//
// A returned Reply whose verdict is not Counted is then the only command: s is as it was, and e must not be
// committed.
func (p *Program) Apply(s *State, v Values, e engine.Entry) ([]Command, error) {
	if e.Seq != s.LastSeq+1 {
		return nil, fmt.Errorf("fold: entry %d does not follow %d", e.Seq, s.LastSeq)
	}
	if (s.Head.Run == "") != (e.Kind == engine.RunStarted) {
		return nil, fmt.Errorf("fold: a %s entry as number %d", e.Kind, e.Seq)
	}
	if s.Run.Final() {
		return []Command{Reply{s.late(e)}}, nil
	}
	m := p.machine(s, v, e)
	handle, ok := handlers[e.Kind]
	if !ok {
		return nil, fmt.Errorf("fold: a %s entry cannot come from outside", e.Kind)
	}
	seq, at := s.LastSeq, s.LastAt
	s.LastSeq, s.LastAt = e.Seq, max(s.LastAt, e.At)
	err := handle(m)
	if err == nil && m.refused == nil {
		err = m.drain()
	}
	if m.refused != nil {
		s.LastSeq, s.LastAt = seq, at
		return []Command{*m.refused}, nil
	}
	if err != nil {
		return nil, err
	}
	if !s.Run.Final() {
		s.Run = s.status()
	}
	return m.out, nil
}

// late answers what comes after the end: who decided, where that was the question.
func (s *State) late(e engine.Entry) engine.Answer {
	if k := s.Asks[e.Path]; k != nil && (e.Kind == engine.AskVoted || e.Kind == engine.AskEdited || e.Kind == engine.AskAnswered) {
		switch k.State {
		case engine.CardExpired:
			return engine.Answer{Verdict: engine.Expired, At: k.Expires}
		case engine.CardDecided:
			return engine.Answer{Verdict: engine.Already, By: k.By, At: k.At, Choice: k.chosen()}
		}
	}
	return engine.Answer{Verdict: engine.Ended, At: s.LastAt}
}

// handlers is what to do with each kind of entry from outside. A handler decides first whether the entry means
// anything now (else it calls refuse and returns before changing the state), then acts.
var handlers = map[engine.EntryKind]func(*machine) error{
	engine.RunStarted:     (*machine).started,
	engine.RunBegun:       (*machine).begun,
	engine.AttemptStarted: (*machine).attemptStarted,
	engine.AttemptLost:    (*machine).attemptLost,
	engine.StepDone:       (*machine).callDone,
	engine.StepFailed:     (*machine).callFailed,
	engine.ProbeDone:      (*machine).probeDone,
	engine.OutcomeGiven:   (*machine).outcomeGiven,
	engine.StepRetry:      (*machine).retryAsked,
	engine.StepFixed:      (*machine).fixed,
	engine.AskVoted:       (*machine).voted,
	engine.AskEdited:      (*machine).edited,
	engine.AskAnswered:    (*machine).answered,
	engine.WaitAnswered:   (*machine).arrived,
	engine.CallEnded:      (*machine).callEnded,
	engine.GateAnswered:   (*machine).gateAnswered,
	engine.TimerFired:     (*machine).timer,
	engine.RunCancel:      (*machine).cancel,
}

// machine is one Apply under way.
type machine struct {
	p       *Program
	s       *State
	v       Values
	e       engine.Entry
	out     []Command
	own     map[int64]any // values of entries that this Apply brought or recorded, not in v yet
	room    int           // bytes of values that may still be worked out
	refused *Reply
	entered int      // steps begun by this Apply
	ready   []string // lanes that go on once the handler is through
	quiet   bool     // nobody is told of its end
}

func (p *Program) machine(s *State, v Values, e engine.Entry) *machine {
	if s.Head.Undo != nil {
		p = p.undoing(s.Head.Undo)
	}
	return &machine{p: p, s: s, v: v, e: e, own: map[int64]any{}, room: maxValues}
}

func (m *machine) do(c Command) { m.out = append(m.out, c) }

// refuse makes the entry one that changed nothing.
func (m *machine) refuse(a engine.Answer) error {
	m.refused = &Reply{a}
	return nil
}

// count answers a signal that was taken.
func (m *machine) count(a engine.Answer) {
	a.Verdict = engine.Counted
	m.do(Reply{a})
}

// value is the decoded data of an entry of this run.
func (m *machine) value(seq int64) (any, error) {
	if x, ok := m.own[seq]; ok {
		return x, nil
	}
	if seq == m.e.Seq {
		x, err := decode(m.e.Data)
		if err != nil {
			return nil, err
		}
		m.own[seq] = x
		return x, nil
	}
	return m.v.Value(seq)
}

func decode(data json.RawMessage) (any, error) {
	if len(data) == 0 {
		return nil, nil
	}
	return engine.DecodeJSON(data)
}

// record appends an entry of the run's own and returns its number.
func (m *machine) record(kind engine.EntryKind, path string, attempt int, head, data any) (int64, error) {
	e := engine.Entry{
		Seq: m.s.LastSeq + 1, At: m.s.LastAt, Kind: kind, Path: path, Attempt: attempt, Format: engine.EntryFormat,
	}
	var err error
	if head != nil {
		if e.Head, err = engine.EncodeJSON(head); err != nil {
			return 0, err
		}
	}
	m.own[e.Seq] = nil
	if data != nil {
		if e.Data, err = engine.EncodeJSON(data); err != nil {
			return 0, err
		}
		// Later reads must see what a replay will see: the value as JSON gives it back.
		if m.own[e.Seq], err = engine.DecodeJSON(e.Data); err != nil {
			return 0, err
		}
	}
	m.s.LastSeq = e.Seq
	m.do(Record{e})
	return e.Seq, nil
}

func (m *machine) setTimer(id string, at int64) {
	if m.s.Timers == nil {
		m.s.Timers = map[string]int64{}
	}
	m.s.Timers[id] = at
	m.do(SetTimer{id, at})
}

func (m *machine) cancelTimer(id string) {
	if _, ok := m.s.Timers[id]; ok {
		delete(m.s.Timers, id)
		m.do(CancelTimer{id})
	}
}

// tell raises a notice about a path; topic is the notice's own ("ask") with run and path behind it.
func (m *machine) tell(kind engine.NoticeKind, topic, path string, data any) error {
	n := engine.Notice{Kind: kind, Topic: topic + ":" + m.s.Head.Run, Path: path}
	if path != "" {
		n.Topic += "/" + path
	}
	if data != nil {
		b, err := engine.EncodeJSON(data)
		if err != nil {
			return err
		}
		n.Data = b
	}
	m.s.Told = true
	m.do(Tell{n})
	return nil
}

func (m *machine) head(into any) error {
	if len(m.e.Head) == 0 {
		return nil
	}
	if err := json.Unmarshal(m.e.Head, into); err != nil {
		return fmt.Errorf("fold: head of a %s entry: %w", m.e.Kind, err)
	}
	return nil
}
