package flow

import (
	"strconv"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
)

// Flow is the syntax tree of a flow's text. It is immutable after Parse.
type Flow struct {
	Name      string
	Title     string
	Channel   engine.Place  // zero when none is given
	Timezone  string        // IANA name; "" is UTC
	Notify    engine.Notify // zero when none is given
	Trigger   Trigger
	Limits    *Value        // as written
	Admission Admission     // limits: when a run may begin
	Longest   time.Duration // limits.time: how long a run may take, waits included; 0 is no limit
	Output    *Value        // a map: what a call of it gives; nil: nothing
	Steps     []*Step
	Source    []byte // the text itself; exporting an unedited version gives these bytes
	Pos       engine.Pos

	places places
}

// Trigger is what starts the flow.
type Trigger struct {
	On     string
	With   *Value // a map, or nil
	Key    *Value // text or expression; nil is the trigger's own key
	When   *Cond
	Gather *Gather // debounce or batch; nil for neither
	Expect *Expect // nil: nothing is expected
	Pos    engine.Pos
}

// Kind of a step.
type Kind string

// The kinds of steps.
const (
	KindDo       Kind = "do"
	KindAsk      Kind = "ask"
	KindIf       Kind = "if"
	KindSwitch   Kind = "switch"
	KindEach     Kind = "each"
	KindWhile    Kind = "while"
	KindParallel Kind = "parallel"
	KindTry      Kind = "try"
	KindWait     Kind = "wait"
	KindCall     Kind = "call"
	KindEmit     Kind = "emit"
	KindSet      Kind = "set"
	KindStop     Kind = "stop"
	KindThrottle Kind = "throttle"
	KindDedupe   Kind = "dedupe"
	KindDigest   Kind = "digest"
)

// Step is one node. Exactly one of the kind's own fields is set.
type Step struct {
	ID   string // given, or made from kind and position ("if_3"); unique in the flow
	Kind Kind
	Pos  engine.Pos

	When    *Cond
	Retry   *Retry
	Timeout time.Duration // of one attempt of an action or emission, else of the step as a whole; 0 is the default, or none
	OnError OnError
	Rescue  []*Step // on_error: {steps: […]}; nil when none are written

	// do
	Action  string
	Account string
	With    *Value
	Risk    engine.Risk // raises the action's risk; 0 leaves it
	Undo    *Undo       // how it is taken back; nil: as the action says, if it does

	Ask    *Ask
	If     *If
	Switch *Switch
	Each   *Each
	While  *While
	Try    *Try
	Wait   *Wait
	Call   *Call
	Emit   *Emit
	Set    []Assign // in the order written
	Stop   *Value   // the reason, text; nil for none

	Parallel *Parallel
	Throttle *Throttle
	Dedupe   *Dedupe
	Digest   *Digest

	places places
}

// Undo is the call that takes back what a step did. Its expressions see the step's input and its result.
type Undo struct {
	Action  string
	Account string
	With    *Value
}

// Ask is an approval, a choice or a form.
type Ask struct {
	Kind   string   // engine.AskApproval, AskChoice or AskForm
	Covers []string // step ids; empty: a question that gates nothing
	Title  *Value
	Any    []string // groups or persons, as written ("@sales")
	All    []string
	Need   int            // ≥ 1; of Any together, or of each of All
	Edit   []string       // "step.field"
	Not    []string       // "requester", "editor"
	NotSet bool           // `not` was written, so the default does not apply
	In     []engine.Place // where it is asked; empty: as the flow says
	Remind time.Duration
	Expire *Expire

	Options *Value // of a choice: a list, or an expression giving one
	Fields  *Value // of a form: a list; see FormFields
}

// Expire says what happens when nobody decides.
type Expire struct {
	After time.Duration
	Then  string // stop, deny, approve; of a choice or form: stop, skip
}

// If is a condition with its branches.
type If struct {
	Cond *Cond
	Then []*Step
	Else []*Step
}

// Switch takes the first case that has the value. Else is for none of them.
type Switch struct {
	On    *Value
	Cases []Case
	Else  []*Step
}

// Case is one branch of a switch.
type Case struct {
	Is    *Value // a value, or a list of values of which one is enough
	Steps []*Step
	Pos   engine.Pos
}

// Each goes through a list, one round after the other or several at once.
type Each struct {
	List     *Value
	As       string // what expressions in the round call the element; "item" unless written
	Parallel int    // rounds at once, 1 to MaxParallel; 0 unless written, which is one
	Batch    int    // elements a round, as a list; 0 unless written: one, as it is
	Continue bool   // a round that fails for good is collected, and the loop goes on
	Most     int    // with Continue: more failed rounds than this fail the loop; -1: any number is all right
	Steps    []*Step
}

// AtOnce is how many rounds are under way at once, at least 1; of nothing it is 1.
func (e *Each) AtOnce() int {
	if e == nil {
		return 1
	}
	return max(e.Parallel, 1)
}

// Size is how many elements a round gets, at least 1.
func (e *Each) Size() int { return max(e.Batch, 1) }

// While goes round as long as its condition holds.
type While struct {
	Cond  *Cond
	Most  int    // rounds after which it fails, 1 to MaxRounds
	As    string // what expressions call the value of the round before; "" unless written
	Steps []*Step
}

// Parallel runs branches side by side and goes on when Join of them are through.
type Parallel struct {
	Join     int  // how many branches must come through; 0 is all
	Finish   bool // branches still under way then go on to their end; else they are cancelled
	Branches []Branch
}

// Branch is one of a parallel's.
type Branch struct {
	Name  string
	Steps []*Step
	Pos   engine.Pos
}

// MaxParallel is how many rounds of one loop are under way at once, MaxBatch how many elements one of them gets, and
// MaxBranches how many branches a parallel has.
const (
	MaxParallel = 100
	MaxBatch    = 1000
	MaxBranches = 20
)

// MaxRounds is the longest list that a loop goes through.
const MaxRounds = 10_000

// Try runs Catch when a step of Body fails for good, and Finally after either. What a step says itself comes first: with
// on_error continue, stop or ask its failure is not caught. Unknown outcomes ask a person as ever; the end of the run
// (stop, denial, cancellation) is no failure and runs neither part.
type Try struct {
	Body    []*Step
	Catch   []*Step // nil: none is written
	Finally []*Step
}

// Wait is a pause. One of For, Until and Hours is set. Reply or Event, at most one, ends it early.
type Wait struct {
	For   *Value // duration text or expression giving one
	Until *Value // RFC 3339 text or expression giving one
	Hours *Hours // until somebody works
	Reply *Reply
	Event *Heard
}

// Member is the name of what a wait gives when it did not wait in vain: "reply" or "event".
func (w *Wait) Member() string {
	if w.Event != nil {
		return "event"
	}
	return "reply"
}

// Reply is the message whose answer a step waits for.
type Reply struct {
	To   *Value   // what chat.message.post gave, or its ref
	From []string // groups or persons; empty: anybody
}

// Assign is one name of a set step.
type Assign struct {
	Name  string
	Value *Value
	Pos   engine.Pos
}

// Retry replaces the default of 5 tries, 1 s, factor 2, at most 5 min. Zero fields keep the default.
type Retry struct {
	Max    int // tries in all, ≥ 1
	First  time.Duration
	Factor float64
	Cap    time.Duration
}

// OnError says what happens when a step has failed for good.
type OnError string

// What on_error may say. The zero value parks the step and alerts, which is also what ErrRetry does once its
// tries are used up.
const (
	ErrPark     OnError = ""
	ErrRetry    OnError = "retry"
	ErrContinue OnError = "continue"
	ErrStop     OnError = "stop"
	ErrAsk      OnError = "ask"
	ErrSteps    OnError = "steps" // the steps of Rescue run, then the run goes on
)

// Cond is a condition: the inside of a {{ … }} that must give true or false.
type Cond struct {
	Source string
	Pos    engine.Pos // of Source's first character in the flow's text

	from origin
}

// Value is a value as written, with expressions not yet compiled. Exactly one of the following holds: Segments is
// set (text with at least one expression; Whole when it is one expression and nothing else, which keeps its type);
// Map is not nil; List is not nil; or it is the constant Const.
type Value struct {
	Pos      engine.Pos
	Const    any
	Segments []Segment
	Whole    bool
	List     []*Value
	Map      []Pair
}

// Segment is an expr.Segment with its place in the flow's text.
type Segment struct {
	expr.Segment
	Pos engine.Pos

	from origin
}

// Pair is one member of a map, in the order written.
type Pair struct {
	Key   string
	Pos   engine.Pos
	Value *Value
}

// Get is the member of a map value by name; nil when v is nil, no map, or has none.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	for _, p := range v.Map {
		if p.Key == key {
			return p.Value
		}
	}
	return nil
}

// Block is a list of steps within a step.
type Block struct {
	Name  string // then, else, case1, case2, …, steps, try, catch, finally, on_error; of a parallel the name of its branch
	Steps []*Step
}

// Blocks are the lists of steps within s, in the order of the text; those that are not written are left out. The list
// "then" of if_3 is known as "if_3/then".
func (s *Step) Blocks() []Block {
	var out []Block
	add := func(name string, steps []*Step) {
		if steps != nil {
			out = append(out, Block{name, steps})
		}
	}
	switch {
	case s.If != nil:
		add("then", s.If.Then)
		add("else", s.If.Else)
	case s.Switch != nil:
		for i, c := range s.Switch.Cases {
			add(CaseName(i), c.Steps)
		}
		add("else", s.Switch.Else)
	case s.Each != nil:
		add("steps", s.Each.Steps)
	case s.While != nil:
		add("steps", s.While.Steps)
	case s.Parallel != nil:
		for _, b := range s.Parallel.Branches {
			add(b.Name, b.Steps)
		}
	case s.Try != nil:
		add("try", s.Try.Body)
		add("catch", s.Try.Catch)
		add("finally", s.Try.Finally)
	}
	add(RescueBlock, s.Rescue)
	return out
}

// RescueBlock is the name of the steps that on_error says.
const RescueBlock = "on_error"

// Loop says that s goes through its steps round by round: their paths say which, "each[3]/notify".
func (s *Step) Loop() bool { return s.Each != nil || s.While != nil }

// CaseName is the name of the block of case i, counted from 0: "case1" is the first.
func CaseName(i int) string { return "case" + strconv.Itoa(i+1) }

// Plain is the value as plain data, as DecodeJSON makes it; an expression is its own text, braces included. Nil where
// there is no value.
func (v *Value) Plain() any {
	switch {
	case v == nil:
		return nil
	case v.Segments != nil:
		var b strings.Builder
		for _, s := range v.Segments {
			if s.Expr {
				b.WriteString("{{" + s.Text + "}}")
			} else {
				b.WriteString(s.Text)
			}
		}
		return b.String()
	case v.Map != nil:
		m := make(map[string]any, len(v.Map))
		for _, p := range v.Map {
			m[p.Key] = p.Value.Plain()
		}
		return m
	case v.List != nil:
		list := make([]any, len(v.List))
		for i, x := range v.List {
			list[i] = x.Plain()
		}
		return list
	}
	return v.Const
}

// Walk calls f for every step in the order of the text, branches included.
func (f *Flow) Walk(fn func(*Step)) { walk(f.Steps, fn) }

func walk(steps []*Step, fn func(*Step)) {
	for _, s := range steps {
		fn(s)
		for _, b := range s.Blocks() {
			walk(b.Steps, fn)
		}
	}
}
