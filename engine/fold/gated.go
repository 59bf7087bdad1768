package fold

import (
	"encoding/json"

	"github.com/bretelle/bretelle/engine/gate"
)

// Acquire asks a gate for the step at Path (R10). What the gate says comes back as an entry GateAnswered for Path, now or
// when there is room. A step asks one gate at a time.
type Acquire struct {
	Path  string
	Gate  string // its name: equal names are one gate, of whatever run and flow
	Label string // what it is for, as people know it
	Rule  gate.Rule
	Data  json.RawMessage // kept with who asks, and given back with the answer
}

// Release gives back what the step at Path holds or waits for; a step that has nothing is no error. The end of the run
// does the same for all its steps. Places of a rate stay taken until their time is over.
type Release struct{ Path string }

func (Acquire) command() {}
func (Release) command() {}
