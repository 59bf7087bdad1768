package fold_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// world plays runtime, services and people for one run, in an order that chance decides, and checks after every
// step what must always hold.
type world struct {
	p    *fold.Program
	s    *fold.State
	rnd  *rand.Rand
	seen map[string]int
	now  int64

	beyond

	journal fold.Journal
	known   []any // entries decoded
	twin    *fold.State
	tasks   []task
	timers  map[string]int64
	waits   map[string]string // path → key
	wants   map[string]bool   // paths of waits that are only for some
	came    int               // arrivals so far
	old     []engine.Entry    // outcomes delivered before: they may come again
	effects map[string]bool   // idempotency keys whose call took effect
	cleared map[string]bool   // paths that a decision covers
	again   map[string]bool   // keys that a person said to send again
	ended   bool
}

type task struct {
	engine.Task
	started bool
}

var catalog = newCatalog()

var people = map[string][]string{
	"p1": {"@one"}, "p2": {"@one", "@two"}, "p3": {"@two"}, "p4": {engine.DefaultApprovers}, "p5": {engine.DefaultApprovers, "@one", "@two"}, "p6": nil,
}

var names = []string{"p1", "p2", "p3", "p4", "p5", "p6"}

func newWorld(p *fold.Program, rnd *rand.Rand, seen map[string]int) *world {
	return &world{
		p: p, s: fold.NewState(), rnd: rnd, seen: seen, now: 1_800_000_000_000, beyond: newBeyond(),
		timers: map[string]int64{}, waits: map[string]string{}, wants: map[string]bool{}, effects: map[string]bool{}, again: map[string]bool{}, cleared: map[string]bool{},
	}
}

func (w *world) story() string {
	var b strings.Builder
	for _, e := range w.journal {
		fmt.Fprintf(&b, "%3d %s %s #%d by %s %s %s\n", e.Seq, e.Kind, e.Path, e.Attempt, e.By, e.Head, e.Data)
	}
	fmt.Fprintf(&b, "state %s\n", w.s.Encode())
	return b.String()
}

func mustJSON(v any) json.RawMessage {
	b, err := engine.EncodeJSON(v)
	if err != nil {
		panic(err)
	}
	return b
}

// play runs the flow to its end.
func (w *world) play() error {
	start := engine.StartHead{Run: "r1", Number: 1, Flow: "sim", Version: 3, Trigger: "sim:test.fired"}
	if w.rnd.IntN(2) == 0 {
		start.By = names[w.rnd.IntN(len(names))]
	}
	start.Queued = w.rnd.IntN(5) == 0
	event := engine.Event{ID: "e1", Key: "k", At: w.now, Trigger: "test.fired", Data: map[string]any{"n": w.rnd.IntN(10)}}
	if w.rnd.IntN(8) == 0 {
		if _, err := w.feedEarly(); err != nil {
			return err
		}
	}
	if err := w.run(start, event); err != nil {
		return err
	}
	if w.rnd.IntN(6) == 0 {
		return w.undo()
	}
	return nil
}

// run plays a run from its first entry to its end, and looks at it then.
func (w *world) run(start engine.StartHead, event engine.Event) error {
	if _, err := w.feed(engine.Entry{Kind: engine.RunStarted, Head: mustJSON(start), Data: mustJSON(event)}); err != nil {
		return err
	}
	if start.Queued {
		if err := w.resume(); err != nil {
			return err
		}
	}
	for turn := 0; !w.ended; turn++ {
		if turn > 400 {
			return fmt.Errorf("the run does not end")
		}
		if err := w.turn(turn > 120); err != nil {
			return err
		}
	}
	if w.s.Status() != engine.RunDone && w.s.Status() != engine.RunStopped && w.s.Status() != engine.RunCancelled && w.s.Status() != engine.RunFailed {
		return fmt.Errorf("ended as %s", w.s.Status())
	}
	w.seen[string(w.s.Status())]++
	for range 3 { // nothing after the end
		if _, err := w.disturb(); err != nil {
			return err
		}
	}
	s, err := w.p.Replay(w.journal)
	if err != nil {
		return err
	}
	if !bytes.Equal(s.Encode(), w.s.Encode()) {
		return fmt.Errorf("replay gives another state:\n%s", s.Encode())
	}
	return nil
}

// resume lets a queued run go, days later: until then it has done nothing, and it begins once.
func (w *world) resume() error {
	if w.s.Status() != engine.RunQueued || len(w.journal) != 1 || len(w.tasks)+len(w.timers) > 0 {
		return fmt.Errorf("a queued run has begun: %s", w.s.Status())
	}
	w.now += 4 * 24 * time.Hour.Milliseconds()
	w.seen["queued"]++
	if _, err := w.feed(engine.Entry{Kind: engine.RunBegun}); err != nil {
		return err
	}
	if a, err := w.feed(engine.Entry{Kind: engine.RunBegun}); err != nil || a.Verdict == engine.Counted {
		return fmt.Errorf("a run began twice (%v)", err)
	}
	return nil
}

// feedEarly gives the fresh state something else than its first entry: it must be an error and change nothing.
func (w *world) feedEarly() (bool, error) {
	before := w.s.Encode()
	if _, err := w.p.Apply(w.s, w.journal, engine.Entry{Seq: 1, Kind: engine.TimerFired}); err == nil {
		return false, fmt.Errorf("a run began with a timer")
	}
	if !bytes.Equal(before, w.s.Encode()) {
		return false, fmt.Errorf("a refused first entry changed the state")
	}
	return true, nil
}

// feed applies an entry as a runtime would, and checks what every Apply promises.
func (w *world) feed(e engine.Entry) (engine.Answer, error) {
	e.Seq, e.At, e.Format = w.s.Seq()+1, w.now, engine.EntryFormat
	work, before := w.s, []byte(nil)
	if w.rnd.IntN(lookEvery) == 0 {
		var err error
		if work, before, err = w.twins(e); err != nil {
			return engine.Answer{}, err
		}
	}
	w.append(e)
	cmds, err := w.p.Apply(work, w.values(), e)
	if err != nil {
		return engine.Answer{}, err
	}
	if before != nil && !bytes.Equal(w.s.Encode(), before) {
		return engine.Answer{}, fmt.Errorf("applying to a clone changed the original")
	}
	for i, c := range cmds {
		if r, ok := c.(fold.Reply); ok && r.Answer.Verdict != engine.Counted {
			w.take(e.Seq)
			if i != 0 || len(cmds) != 1 {
				return engine.Answer{}, fmt.Errorf("a refusal among other commands")
			}
			if before != nil && !bytes.Equal(work.Encode(), before) || work.Seq() != e.Seq-1 {
				return engine.Answer{}, fmt.Errorf("%s was refused (%s) and changed the state", e.Kind, r.Answer.Verdict)
			}
			return r.Answer, nil
		}
	}
	if w.ended {
		return engine.Answer{}, fmt.Errorf("%s was taken after the end", e.Kind)
	}
	if before != nil {
		if err := w.alike(work, e); err != nil {
			return engine.Answer{}, err
		}
	}
	w.s = work
	w.drop(e)
	return w.carryOut(cmds)
}

// lookEvery is one entry in how many is applied to clones and compared byte for byte: that costs ten times as much as the
// entry, and a run has dozens.
const lookEvery = 16

// twins gives a clone of the state to work on, and what the state is before.
func (w *world) twins(e engine.Entry) (*fold.State, []byte, error) {
	before := w.s.Encode()
	work := w.s.Clone()
	if !bytes.Equal(work.Encode(), before) {
		return nil, nil, fmt.Errorf("a clone differs")
	}
	w.twin = w.s.Clone()
	return work, before, nil
}

// alike applies e once more, to the other twin.
func (w *world) alike(work *fold.State, e engine.Entry) error {
	if _, err := w.p.Apply(w.twin, w.values(), e); err != nil || !bytes.Equal(w.twin.Encode(), work.Encode()) {
		return fmt.Errorf("applying twice gives two states (%v)", err)
	}
	return nil
}

// append adds to the journal, take removes what was refused.
func (w *world) append(e engine.Entry) {
	w.journal, w.known = append(w.journal, e), append(w.known, nil)
}

func (w *world) take(seq int64) { w.journal, w.known = w.journal[:seq-1], w.known[:seq-1] }

// values is the journal, each entry decoded once.
func (w *world) values() fold.Values { return (*memory)(w) }

type memory world

func (m *memory) Value(seq int64) (any, error) {
	if seq >= 1 && seq <= int64(len(m.known)) && m.known[seq-1] != nil {
		return m.known[seq-1], nil
	}
	x, err := m.journal.Value(seq)
	if err == nil {
		m.known[seq-1] = x
	}
	return x, err
}

// drop forgets the task that an outcome belongs to.
func (w *world) drop(e engine.Entry) {
	switch e.Kind {
	case engine.TimerFired:
		var h engine.TimerHead
		if json.Unmarshal(e.Head, &h) == nil {
			delete(w.timers, h.Timer)
		}
	case engine.StepDone, engine.StepFailed, engine.AttemptLost, engine.ProbeDone:
		w.tasks = slices.DeleteFunc(w.tasks, func(t task) bool { return t.Path == e.Path && t.Attempt == e.Attempt })
	}
}

func (w *world) carryOut(cmds []fold.Command) (answer engine.Answer, err error) {
	for _, c := range cmds {
		switch c := c.(type) {
		case fold.Record:
			if c.Entry.Seq != int64(len(w.journal))+1 {
				return answer, fmt.Errorf("recorded %d after %d", c.Entry.Seq, len(w.journal))
			}
			w.append(c.Entry)
			w.note(c.Entry)
			if c.Entry.Kind == engine.StepDone {
				if err := w.gaveAll(c.Entry); err != nil {
					return answer, err
				}
			}
		case fold.Do:
			if err := w.mayDo(c.Task); err != nil {
				return answer, err
			}
			w.tasks = append(w.tasks, task{Task: c.Task})
		case fold.Cancel:
			if err := w.cutShort(c); err != nil {
				return answer, err
			}
		case fold.SetTimer:
			w.timers[c.ID] = c.At
		case fold.CancelTimer:
			delete(w.timers, c.ID)
		case fold.Await:
			w.waits[c.Path], w.wants[c.Path] = c.Key, len(c.From) > 0
		case fold.Unawait:
			if w.waits[c.Path] == "" {
				return answer, fmt.Errorf("%s waits no more, and never did", c.Path)
			}
			delete(w.waits, c.Path)
		case fold.Call, fold.CancelRun, fold.Acquire, fold.Release:
			if err := w.order(c); err != nil {
				return answer, err
			}
		case fold.Reply:
			answer = c.Answer
		case fold.Finish:
			w.ended = true
			w.tasks, w.lines = nil, map[string]inLine{}
		}
	}
	if w.ended && len(w.timers)+len(w.waits) > 0 {
		return answer, fmt.Errorf("timers or waits outlive the run: %v %v", w.timers, w.waits)
	}
	if w.ended {
		return answer, w.hang()
	}
	if err := w.consistent(); err != nil {
		return answer, err
	}
	return answer, w.notStuck()
}

// cutShort is a call that is of no use any more. What became of it may still be told.
func (w *world) cutShort(c fold.Cancel) error {
	i := slices.IndexFunc(w.tasks, func(t task) bool { return t.Path == c.Path && t.Attempt == c.Attempt && t.Probe == c.Probe })
	if i < 0 {
		return fmt.Errorf("%s is cancelled and not under way", c.Path)
	}
	w.seen["cut short"]++
	t := w.tasks[i]
	w.tasks = slices.Delete(w.tasks, i, i+1)
	if !t.Probe {
		w.old = append(w.old, engine.Entry{Kind: engine.StepDone, Path: t.Path, Attempt: t.Attempt, Data: mustJSON(map[string]any{"answer": 1})})
		if (t.started || !t.Intent) && w.rnd.IntN(2) == 0 {
			w.effects[t.Key] = true
		}
	}
	return nil
}

// note counts what a run came across.
func (w *world) note(e engine.Entry) {
	id := e.Path[strings.LastIndexByte(e.Path, '/')+1:]
	switch {
	case e.Kind == engine.AskDecided:
		var h fold.DecisionHead
		if json.Unmarshal(e.Head, &h) == nil && h.Decision == "approve" {
			for _, path := range h.Covers {
				w.cleared[path] = true
			}
		}
	case e.Kind == engine.RoundDone:
		w.seen["round"]++
		if bytes.Contains(e.Data, []byte(`"failure":`)) {
			w.seen["round failed"]++
		}
	case e.Kind == engine.StepParked && id[0] == 'h' && bytes.Contains(e.Head, []byte(`"too_large"`)):
		w.seen["went on too long"]++
	case e.Kind != engine.StepDone || id == "":
	case id[0] == 'p' && !bytes.Contains(e.Data, []byte(`"failed":[]`)):
		w.seen["branch lost"]++
	case id[0] == 'g':
		w.seen["rescued"]++
	case id[0] == 'k':
		w.seen["case"]++
	case id[0] == 'x':
		w.seen["caught"]++
	case id[0] == 'f':
		w.seen["finally"]++
	case id[0] == 'l':
		w.seen["collected"]++
	}
}

// mayDo holds the promise of the whole product: what may have happened is never done again unasked.
func (w *world) mayDo(t engine.Task) error {
	if slices.ContainsFunc(w.tasks, func(o task) bool { return o.Path == t.Path }) {
		return fmt.Errorf("%s is performed while it is under way", t.Path)
	}
	if t.Emit != nil {
		if t.Intent || t.Emit.ID == "" {
			return fmt.Errorf("%s tells %+v", t.Path, t.Emit)
		}
		w.seen["told"]++
		return nil
	}
	action := catalog[t.Action]
	if t.Probe {
		w.seen["probe"]++
		return nil
	}
	if t.Intent == action.Repeat {
		return fmt.Errorf("%s: intent %v for repeatable %v", t.Path, t.Intent, action.Repeat)
	}
	if !action.Repeat && w.effects[t.Key] && !w.again[t.Key] {
		return fmt.Errorf("%s would be done a second time", t.Path)
	}
	if action.Risk == engine.Destroy && !w.approved(t.Path) {
		return fmt.Errorf("%s destroys and nobody approved it", t.Path)
	}
	return nil
}

// approved says whether a decision in the journal covers the path.
func (w *world) approved(path string) bool {
	return w.cleared[path]
}

func (w *world) view() (engine.RunView, error) { return w.p.View(w.s, w.values()) }
