package fold

import (
	"errors"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Program is a flow ready to run: checked, expressions compiled. Immutable, safe for concurrent use.
type Program struct{ Flow *flow.Flow }

// State is a run's state between entries. It is small: open frames and, for each finished path, the number of the
// entry that holds its value.
type State struct{}

// Compile checks f against c and compiles it. The program is nil when Problems.Bad().
func Compile(f *flow.Flow, c engine.Catalog) (*Program, engine.Problems) { return nil, nil }

// Trigger evaluates `when` and `key` on an event, before there is a run.
func (p *Program) Trigger(e engine.Event) (t Triggered, err error) { return }

// Triggered is what a flow's trigger makes of an event.
type Triggered struct {
	Key    string // dedup key; the event's own when the flow has no key expression
	Run    bool
	Reason string // why not, printable
}

// NewState is the state of a run before its first entry.
func NewState() *State { return &State{} }

// Decode reads what Encode wrote, of this or an earlier format.
func Decode(b []byte) (*State, error) { return nil, errors.New("being built") }

// Encode writes the state; equal states give equal bytes.
func (s *State) Encode() []byte { return nil }

// Clone is a deep copy.
func (s *State) Clone() *State { return s }

// Seq is the number of the last entry the state has seen, recorded ones included; 0 before the first.
func (s *State) Seq() int64 { return 0 }

// Status is the run's state as people see it.
func (s *State) Status() engine.RunState { return "" }

// Apply feeds e, which comes from outside, to the run: the only interpreter. e.Seq must be s.Seq()+1. It changes s
// (callers keep a clone where they may have to give up) and returns what is to be done. It is pure: the same
// arguments give the same result. The error is about v or a broken journal, never about what a flow does.
func (p *Program) Apply(s *State, v Values, e engine.Entry) ([]Command, error) {
	return nil, errors.New("being built")
}

// Replay feeds a recorded journal, verifying that what Apply records equals what was recorded.
func (p *Program) Replay(entries []engine.Entry) (*State, error) {
	return nil, errors.New("being built")
}

// View is the run as people see it. It fills everything but RunHead, Title, Place and History.
func (p *Program) View(s *State, v Values) (engine.RunView, error) { return engine.RunView{}, nil }
