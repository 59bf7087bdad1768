package flow

import (
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
)

// Flow is the syntax tree of a flow's text. It is immutable after Parse.
type Flow struct {
	Name     string
	Title    string
	Channel  engine.Place // zero when none is given
	Timezone string       // IANA name; "" is UTC
	Trigger  Trigger
	Limits   *Value // parsed, kept, and checked for shape; enforced by later work
	Steps    []*Step
	Source   []byte // the text itself; exporting an unedited version gives these bytes
	Pos      engine.Pos

	places places
}

// Trigger is what starts the flow.
type Trigger struct {
	On   string
	With *Value // a map, or nil
	Key  *Value // text or expression; nil is the trigger's own key
	When *Cond
	Pos  engine.Pos
}

// Kind of a step.
type Kind string

// The kinds this version runs. Parse knows the words of the later ones and says "not yet" rather than "unknown".
const (
	KindDo   Kind = "do"
	KindAsk  Kind = "ask"
	KindIf   Kind = "if"
	KindWait Kind = "wait"
	KindSet  Kind = "set"
	KindStop Kind = "stop"
)

// Step is one node. Exactly one of the kind's own fields is set.
type Step struct {
	ID   string // given, or made from kind and position ("if_3"); unique in the flow
	Kind Kind
	Pos  engine.Pos

	When    *Cond
	Retry   *Retry
	Timeout time.Duration // of one attempt; 0 is the default
	OnError OnError

	// do
	Action  string
	Account string
	With    *Value
	Risk    engine.Risk // raises the action's risk; 0 leaves it

	Ask  *Ask
	If   *If
	Wait *Wait
	Set  []Assign // in the order written
	Stop *Value   // the reason, text; nil for none

	places places
}

// Ask is an approval.
type Ask struct {
	Covers []string // step ids; empty: a question that gates nothing
	Title  *Value
	Any    []string // groups or persons, as written ("@sales")
	All    []string
	Need   int      // ≥ 1; of Any together, or of each of All
	Edit   []string // "step.field"
	Not    []string // "requester", "editor"
	NotSet bool     // `not` was written, so the default does not apply
	Remind time.Duration
	Expire *Expire
}

// Expire says what happens when nobody decides.
type Expire struct {
	After time.Duration
	Then  string // stop, deny, approve
}

// If is a condition with its branches.
type If struct {
	Cond *Cond
	Then []*Step
	Else []*Step
}

// Wait is a pause. One of For and Until is set.
type Wait struct {
	For   *Value // duration text or expression giving one
	Until *Value // RFC 3339 text or expression giving one
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

// Walk calls f for every step in the order of the text, branches included.
func (f *Flow) Walk(fn func(*Step)) { walk(f.Steps, fn) }

func walk(steps []*Step, fn func(*Step)) {
	for _, s := range steps {
		fn(s)
		if s.If != nil {
			walk(s.If.Then, fn)
			walk(s.If.Else, fn)
		}
	}
}
