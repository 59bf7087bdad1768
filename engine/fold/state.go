package fold

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/bretelle/bretelle/engine"
)

// State is a run's state between entries. It is small: open frames and, for each finished path, the number of the
// entry that holds its value. Its fields are exported for encoding only.
type State struct {
	Format  int                 `json:"format"`
	LastSeq int64               `json:"seq"`
	LastAt  int64               `json:"at"`
	Head    engine.StartHead    `json:"head"`
	Run     engine.RunState     `json:"run"`
	Reason  string              `json:"reason,omitempty"`
	Told    bool                `json:"told,omitempty"`   // a notice was raised
	Frames  []frame             `json:"frames,omitempty"` // of the run's own lane
	Lanes   map[string]*lane    `json:"lanes,omitempty"`  // the others that are open, by key
	Done    map[string]*done    `json:"done,omitempty"`
	Active  map[string]*active  `json:"active,omitempty"`
	Asks    map[string]*ask     `json:"asks,omitempty"`
	Vars    map[string]int64    `json:"vars,omitempty"`     // name → entry of the set step that gave it
	Edits   map[string]int64    `json:"edits,omitempty"`    // "step.field" → entry of the edit
	Cleared map[string]approval `json:"approved,omitempty"` // step id → what was approved
	Cut     map[string]cut      `json:"cut,omitempty"`      // calls at paths that may be gone through again
	Early   []early             `json:"early,omitempty"`    // signals that came before what they are about (R5)
	Timers  map[string]int64    `json:"timers,omitempty"`   // id → at
	Rounds  int                 `json:"rounds,omitempty"`   // of loops that began
	Sent    []string            `json:"sent,omitempty"`     // ids of steps in loops that a person approved in an earlier round
}

// frame is an open sequence of steps. Frames nest; the last one is innermost.
type frame struct {
	Block string `json:"block"`
	Next  int    `json:"next"`
	At    string `json:"at,omitempty"`   // what the paths of its steps begin with: the rounds it is in, "each[3]/"
	Open  int    `json:"open,omitempty"` // losers of a parallel in it that are still under way
	Held  bool   `json:"held,omitempty"` // its steps are through, and it waits for them
}

// done is a finished step.
type done struct {
	State    engine.StepState `json:"state"`
	Seq      int64            `json:"seq"`             // entry that holds its value; of a skipped one, its reason
	Input    int64            `json:"input,omitempty"` // entry that holds its input
	Attempts int              `json:"attempts,omitempty"`
	SentAt   int64            `json:"sent,omitempty"`
	At       int64            `json:"at"`
	Failure  *engine.Failure  `json:"failure,omitempty"`
	Reason   string           `json:"reason,omitempty"`
	Count    int              `json:"count,omitempty"`   // of a loop: how many rounds it had to go
	Last     int64            `json:"last,omitempty"`    // of a loop: entry of its last round that is over
	Lost     int64            `json:"lost,omitempty"`    // of a loop: entry of its last round that failed
	Kept     bool             `json:"kept,omitempty"`    // an earlier run gave it
	Through  []string         `json:"through,omitempty"` // of a parallel: branches that came through, in this order
}

// phase of a step under way.
type phase string

const (
	phaseCall    phase = "call"     // a task is outstanding
	phaseProbe   phase = "probe"    // a probe is outstanding
	phaseRetry   phase = "retry"    // a timer will try again
	phaseGate    phase = "gate"     // an approval of this very step is open
	phaseAsk     phase = "ask"      // it is an approval, and open
	phaseWait    phase = "wait"     // a timer, or what it waits for, will let it through
	phaseEach    phase = "each"     // it is a loop, and a round is under way
	phaseFork    phase = "parallel" // it is a parallel, and its join is not met
	phaseTry     phase = "try"      // it is a try, and a step of it is under way
	phaseCalled  phase = "called"   // a run that it called is under way
	phaseSent    phase = "sent"     // it calls a run and does not wait for its end, only until it is there
	phaseLine    phase = "line"     // it stands in line at a gate
	phaseParked  phase = "parked"   // it failed and waits for a person
	phaseOutcome phase = "outcome"  // a person is asked whether it happened
)

// active is a step under way.
type active struct {
	Phase   phase           `json:"phase"`
	Attempt int             `json:"attempt,omitempty"`
	Base    int             `json:"base,omitempty"`  // attempts (of a loop: failures or rounds) before the last "again" of a person
	Begun   int             `json:"begun,omitempty"` // the attempt whose intent was stored, when it may not be repeated
	Input   int64           `json:"input,omitempty"` // entry that holds its input; 0 while there is none
	Fixes   int             `json:"fixes,omitempty"` // times a person changed the input
	Repeat  bool            `json:"repeat,omitempty"`
	Failure *engine.Failure `json:"failure,omitempty"` // the last one
	SentAt  int64           `json:"sent,omitempty"`
	RetryAt int64           `json:"retry_at,omitempty"`
	Alerted bool            `json:"alerted,omitempty"` // people were told that it failed
	FixedBy string          `json:"fixed_by,omitempty"`

	// of a loop
	Round    int   `json:"round,omitempty"`     // under way, from 0
	Count    int   `json:"count,omitempty"`     // in all
	Items    int64 `json:"items,omitempty"`     // entry of the first part of its list
	Last     int64 `json:"last,omitempty"`      // entry of the last round that is over
	Open     int   `json:"open,omitempty"`      // rounds under way, of a loop that has several at once: Round is the next then
	Failed   int   `json:"failed,omitempty"`    // rounds that failed and were collected
	LastLost int64 `json:"last_lost,omitempty"` // entry of the last of them
	Cut      []int `json:"cut,omitempty"`       // rounds that a timeout cut off: they come first when it goes on
	// of a parallel
	Through []string `json:"through,omitempty"` // branches that came through, in this order
	Lost    []string `json:"lost,omitempty"`    // branches that a failure left

	// of a try
	From    string `json:"from,omitempty"`    // id of the step whose failure was caught; Failure says what it was
	Rethrow bool   `json:"rethrow,omitempty"` // once finally is through, the failure goes on

	// of a call: id of the run it called
	Child string `json:"child,omitempty"`

	// of a wait by key
	Key  string   `json:"key,omitempty"`
	Want []string `json:"want,omitempty"` // who may answer; nil: anybody
}

// ask is a question: an approval, of an ask step or of an automatic gate, or a choice or form.
type ask struct {
	Kind     string           `json:"kind,omitempty"`
	Auto     bool             `json:"auto,omitempty"`
	Again    bool             `json:"again,omitempty"`
	State    engine.CardState `json:"state"`
	Seq      int64            `json:"seq"`      // entry of the current revision: title and plan
	Seen     int64            `json:"seen"`     // last entry known when it was asked: what came later is "from step X"
	Hash     string           `json:"hash"`     // of the current revision's plan
	Revision int              `json:"revision"` // from 1
	Covers   []string         `json:"covers,omitempty"`
	Mode     string           `json:"mode"`
	Groups   []string         `json:"groups"`
	Need     int              `json:"need"`
	Not      []string         `json:"not,omitempty"`
	Edit     []string         `json:"edit,omitempty"`
	Votes    []engine.Vote    `json:"votes,omitempty"`
	Lapsed   []engine.Vote    `json:"lapsed,omitempty"`
	Opened   int64            `json:"opened"`
	Expires  int64            `json:"expires,omitempty"`
	Then     string           `json:"then,omitempty"`
	Remind   int64            `json:"remind,omitempty"` // milliseconds between reminders
	Decision string           `json:"decision,omitempty"`
	By       string           `json:"by,omitempty"`
	At       int64            `json:"at,omitempty"`
	Reason   string           `json:"reason,omitempty"`
	EditedBy string           `json:"edited_by,omitempty"`
	Edited   []string         `json:"edited,omitempty"`
	Choice   string           `json:"choice,omitempty"` // of a choice: what was chosen
	Answer   int64            `json:"answer,omitempty"` // of a choice or form: entry that holds its value
}

// approval is what a decision allows one step to do: what the plan in entry Seq says, where the values of entries
// after Seen were not known.
type approval struct {
	Ask   string `json:"ask"` // path of the ask
	Seq   int64  `json:"seq"`
	Seen  int64  `json:"seen"`
	Exact bool   `json:"exact,omitempty"` // the plan's input was complete: nothing but it may run
}

// early is a signal kept until its approval opens.
type early struct {
	Path string          `json:"path"`
	By   string          `json:"by"`
	At   int64           `json:"at"`
	Vote engine.VoteHead `json:"vote"`
	Seq  int64           `json:"seq,omitempty"` // of an answer: its entry
}

// maxEarly bounds the signals kept; more are answered NotNow.
const maxEarly = 100

// NewState is the state of a run before its first entry.
func NewState() *State { return &State{Format: engine.EntryFormat} }

// Decode reads what Encode wrote, of this or an earlier format.
func Decode(b []byte) (*State, error) {
	s := &State{}
	if err := json.Unmarshal(b, s); err != nil {
		return nil, fmt.Errorf("run state: %w", err)
	}
	if s.Format < 1 || s.Format > engine.EntryFormat {
		return nil, errors.New("run state has a format of a later version")
	}
	return s, nil
}

// Encode writes the state; equal states give equal bytes.
func (s *State) Encode() []byte {
	b, err := engine.EncodeJSON(s)
	if err != nil {
		// Every field is a plain value that encodes; failure arguments are the only open ones and are made of
		// JSON values, so this is a defect of ours and must not be stored as an empty state.
		panic("fold: state does not encode: " + err.Error())
	}
	return b
}

// Clone is a deep copy.
func (s *State) Clone() *State {
	c := *s
	c.Frames = slices.Clone(s.Frames)
	c.Early, c.Sent = slices.Clone(s.Early), slices.Clone(s.Sent)
	c.Vars, c.Edits, c.Timers = maps.Clone(s.Vars), maps.Clone(s.Edits), maps.Clone(s.Timers)
	c.Cleared, c.Cut = maps.Clone(s.Cleared), maps.Clone(s.Cut)
	c.Done = clonePointers(s.Done)
	c.Active = clonePointers(s.Active)
	c.Asks = clonePointers(s.Asks)
	c.Lanes = clonePointers(s.Lanes)
	for _, l := range c.Lanes {
		l.Frames = slices.Clone(l.Frames)
	}
	for _, a := range c.Asks {
		a.Votes, a.Lapsed = slices.Clone(a.Votes), slices.Clone(a.Lapsed)
	}
	return &c
}

// clonePointers copies a map and what it points to, one level deep: the slices and failures inside are replaced as
// a whole by Apply, never changed, but for the votes of an ask.
func clonePointers[T any](m map[string]*T) map[string]*T {
	if m == nil {
		return nil
	}
	out := make(map[string]*T, len(m))
	for k, v := range m {
		c := *v
		out[k] = &c
	}
	return out
}

// Seq is the number of the last entry the state has seen, recorded ones included; 0 before the first.
func (s *State) Seq() int64 { return s.LastSeq }

// At is the time of the last entry in milliseconds.
func (s *State) At() int64 { return s.LastAt }

// Status is the run's state as people see it.
func (s *State) Status() engine.RunState { return s.Run }

// queued says that a run waits for its flow to be resumed. One that has begun has an open frame until it ends.
func (s *State) queued() bool { return s.Head.Queued && len(s.Frames) == 0 && !s.Run.Final() }

// status works out what the run is doing from what is under way.
func (s *State) status() engine.RunState {
	if s.queued() {
		return engine.RunQueued
	}
	st := engine.RunRunning
	rank := 0
	for _, a := range s.Active {
		r, to := 0, engine.RunRunning
		switch a.Phase {
		case phaseOutcome:
			r, to = 3, engine.RunUnknown
		case phaseParked:
			r, to = 2, engine.RunParked
		case phaseGate, phaseAsk, phaseWait, phaseCalled, phaseLine:
			r, to = 1, engine.RunWaiting
		}
		if r > rank {
			rank, st = r, to
		}
	}
	return st
}

func (s *State) step(path string) *active { return s.Active[path] }

func (s *State) begin(path string, a *active) *active {
	if s.Active == nil {
		s.Active = map[string]*active{}
	}
	s.Active[path] = a
	return a
}

func (s *State) finish(path string, d *done) {
	delete(s.Active, path)
	if s.Done == nil {
		s.Done = map[string]*done{}
	}
	s.Done[path] = d
}
