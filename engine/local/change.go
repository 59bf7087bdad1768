package local

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// move collects what one entry (or the first two, when a run is cancelled before it began) does to a run.
type move struct {
	h      *hot
	place  engine.Place
	clock  func() time.Time
	change Change
	answer engine.Answer
	at     int64

	applied  bool  // the fold took an entry: there is a state to store
	reserved *task // a place that is kept for the task that this change begins; nil: none

	timers map[string]int64 // id → at; 0 cancels
	order  []string         // of timers, as commanded: equal runs give equal changes
	waits  []Wait           // opened and still open
	cut    []TaskRef        // tasks that are of no use any more
	calls  []fold.Call
}

func newMove(h *hot, place engine.Place, clock func() time.Time) *move {
	m := &move{h: h, place: place, clock: clock, timers: map[string]int64{}, answer: engine.Answer{Verdict: engine.Counted}}
	m.change = Change{Run: h.head.ID, Expect: 1, Status: h.head.State, Reason: h.head.Reason, At: h.head.Ended}
	if h.state != nil {
		m.change.Expect = h.state.Seq()
	}
	return m
}

func (m *move) counted() bool { return m.answer.Verdict == engine.Counted }

// empty tells that there is nothing to store.
func (m *move) empty() bool {
	c := &m.change
	return len(c.Entries) == 0 && len(c.DropTasks) == 0 && len(c.CancelTimers) == 0 && c.TookMail == "" && len(c.Heard) == 0 && !m.applied
}

// first takes what entry 1 led to; the entry itself is stored already.
func (m *move) first(at int64, cmds []fold.Command) {
	m.at, m.applied = at, true
	m.commands(cmds)
}

// take takes an entry and what it led to. An entry that does not count leaves no trace.
func (m *move) take(e engine.Entry, cmds []fold.Command) {
	for _, c := range cmds {
		if rep, ok := c.(fold.Reply); ok {
			m.answer = rep.Answer
		}
	}
	if !m.counted() {
		return
	}
	m.at, m.applied = e.At, true
	m.change.Entries = append(m.change.Entries, e)
	m.commands(cmds)
}

func (m *move) commands(cmds []fold.Command) {
	c, head := &m.change, &m.h.head
	for _, cmd := range cmds {
		switch x := cmd.(type) {
		case fold.Record:
			c.Entries = append(c.Entries, x.Entry)
			m.at = max(m.at, x.Entry.At)
			c.Cleared = append(c.Cleared, clearedBy(x.Entry)...)
		case fold.Do:
			t := x.Task
			t.Run, t.Number, t.Flow = head.ID, head.Number, head.Flow
			if t.Channel == (engine.Place{}) {
				t.Channel = m.place
			}
			c.AddTasks = append(c.AddTasks, t)
		case fold.Cancel:
			ref := TaskRef{Path: x.Path, Attempt: x.Attempt, Probe: x.Probe}
			c.AddTasks = slices.DeleteFunc(c.AddTasks, func(t engine.Task) bool { return refOf(t) == ref })
			c.DropTasks = append(c.DropTasks, ref)
			m.cut = append(m.cut, ref)
		case fold.SetTimer:
			m.timer(x.ID, max(x.At, 1))
		case fold.CancelTimer:
			m.timer(x.ID, 0)
		case fold.Await:
			m.waits = append(m.waits, Wait{Path: x.Path, Key: x.Key, From: x.From})
		case fold.Unawait:
			m.waits = slices.DeleteFunc(m.waits, func(w Wait) bool { return w.Path == x.Path })
			c.DropWaits = append(c.DropWaits, x.Path)
		case fold.Acquire:
			c.Asks = append(c.Asks, GateAsk{Gate: x.Gate, Flow: head.Flow, Label: x.Label, Rule: x.Rule, Path: x.Path, Data: x.Data})
		case fold.Release:
			c.Asks = slices.DeleteFunc(c.Asks, func(a GateAsk) bool { return a.Path == x.Path })
			c.Leaves = append(c.Leaves, x.Path)
		case fold.Tell:
			n := x.Notice
			n.ID, n.At, n.Flow, n.Run, n.Number = engine.NewID(m.clock()), m.at, head.Flow, head.ID, head.Number
			if n.Place == (engine.Place{}) {
				n.Place = m.place
			}
			c.Notices = append(c.Notices, n)
		case fold.Call:
			m.calls = append(m.calls, x)
		case fold.Return:
			c.Mail = append(c.Mail, Mail{Run: x.To, ID: "end:" + head.ID, Kind: engine.CallEnded, Path: x.Path, Head: encode(x.Head), Data: x.Data})
		case fold.CancelRun:
			c.Mail = append(c.Mail, Mail{Run: x.Run, ID: "cancel:" + head.ID, Kind: engine.RunCancel, Head: encode(engine.EndHead{Reason: x.Reason})})
		case fold.Finish:
			c.Reason = x.Reason
		}
	}
}

// awaits tells that a timer that was fed is to stay: it was set again by what it led to, or moved before it was fed.
func (m *move) awaits(id string) bool {
	if m.h.state == nil {
		return false
	}
	_, ok := m.h.state.Timers[id]
	return ok
}

func (m *move) timer(id string, at int64) {
	if _, ok := m.timers[id]; !ok {
		m.order = append(m.order, id)
	}
	m.timers[id] = at
}

// seal completes the change: what in settles, the timers' last word, the audit.
func (m *move) seal(in input, open *tasks) error {
	c := &m.change
	if in.timer != "" && !m.awaits(in.timer) {
		m.timer(in.timer, 0)
	}
	for _, id := range m.order {
		if at := m.timers[id]; at == 0 {
			c.CancelTimers = append(c.CancelTimers, id)
		} else {
			c.SetTimers = append(c.SetTimers, Timer{Run: c.Run, ID: id, At: at})
		}
	}
	c.AddWaits = m.waits
	if m.applied {
		c.Status, c.At = m.h.state.Status(), m.at
		if m.counted() {
			c.Took = in.took
			if in.begins != nil {
				c.StartTask = in.begins
			}
		}
		if m.snapshot() {
			c.State = m.h.state.Encode()
		}
		if n := len(c.Entries); n > 0 && c.Entries[n-1].Seq != m.h.state.Seq() {
			return broken("local.seal", errGap)
		}
		if in.signal && m.counted() {
			c.Audit = append(c.Audit, auditEntry(in, m.answer, m.at))
		}
	}
	m.drop(in, open)
	c.TookMail = in.mail
	if in.heard != "" {
		c.Heard = []string{in.heard}
	}
	return nil
}

// farBehind is how many entries there may be after the last snapshot of a run that is on its way.
const farBehind = 64

// snapshot says whether the state is to be stored. While a run is on its way memory has it, and after a crash the few
// entries since the last one lead there again; a run that rests is forgotten by memory, and one that has ended is shown
// for years.
func (m *move) snapshot() bool {
	s := m.h.state
	return s.Status() != engine.RunRunning || s.Seq() == 1 || s.Seq()-m.h.saved >= farBehind
}

func (m *move) drop(in input, open *tasks) {
	c := &m.change
	if c.Status.Final() {
		c.AddTasks = nil
		c.DropTasks = open.of(c.Run)
	} else if in.begins != nil && !m.counted() {
		c.DropTasks = []TaskRef{*in.begins}
	}
	if in.ends != nil && !slices.Contains(c.DropTasks, *in.ends) {
		c.DropTasks = append(c.DropTasks, *in.ends)
	}
	for _, t := range c.AddTasks {
		c.DropTasks = slices.DeleteFunc(c.DropTasks, func(d TaskRef) bool { return d == refOf(t) })
	}
}

func refOf(t engine.Task) TaskRef { return TaskRef{Path: t.Path, Attempt: t.Attempt, Probe: t.Probe} }

// clearedBy lists the steps that an entry says a person approved.
func clearedBy(e engine.Entry) []string {
	if e.Kind != engine.AskDecided {
		return nil
	}
	var d struct {
		Decision string   `json:"decision"`
		By       string   `json:"by"`
		Covers   []string `json:"covers"`
	}
	if json.Unmarshal(e.Head, &d) != nil || d.Decision != "approve" || d.By == "" {
		return nil // an expiry that lets through is nobody's approval
	}
	for i, path := range d.Covers { // in loops: a step is approved, not its round
		d.Covers[i] = path[strings.LastIndexByte(path, '/')+1:]
	}
	return d.Covers
}

// auditNames are the audit's words for what persons do to runs. A vote is named by its choice.
var auditNames = map[engine.EntryKind]string{
	engine.AskEdited: "ask.edited", engine.AskAnswered: "ask.answered", engine.OutcomeGiven: "outcome.given", engine.StepRetry: "step.retried",
	engine.StepFixed: "step.fixed", engine.RunCancel: "run.cancelled",
}

func auditEntry(in input, a engine.Answer, at int64) engine.AuditEntry {
	var h struct {
		Choice string `json:"choice"`
		Plan   string `json:"plan"`
		Via    string `json:"via"`
	}
	_ = json.Unmarshal(in.head, &h) // a head that is no object has no facts for the audit
	what := auditNames[in.kind]
	switch {
	case a.Verdict != engine.Counted:
		what = "signal.refused"
	case in.kind == engine.AskVoted && h.Choice == "deny":
		what = "ask.denied"
	case in.kind == engine.AskVoted:
		what = "ask.approved"
	}
	detail := []string{string(a.Verdict)}
	for _, f := range []struct{ name, value string }{
		{"kind", string(in.kind)}, {"choice", h.Choice}, {"plan", h.Plan}, {"via", h.Via}, {"source", in.source},
	} {
		if f.value != "" {
			detail = append(detail, f.name+"="+f.value)
		}
	}
	object := "run/" + in.run
	if in.path != "" {
		object += "/" + in.path
	}
	return engine.AuditEntry{At: at, Actor: in.by, What: what, Object: object, Detail: strings.Join(detail, " ")}
}
