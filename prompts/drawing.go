package prompts

import "github.com/bretelle/bretelle/engine"

// Drawing is a flow as boxes in rows, what every picture of it is made from. It is laid out from top to bottom in
// the order of Nodes; branches stand side by side.
type Drawing struct {
	Title string     `json:"title"`
	Lang  string     `json:"lang,omitempty"`
	Nodes []DrawNode `json:"nodes"`
}

// DrawNode is one box.
type DrawNode struct {
	ID       string       `json:"id"`   // step id; "trigger" is the trigger
	Kind     string       `json:"kind"` // trigger, do, ask, if, switch, each, try, wait, set, stop
	Label    string       `json:"label"`
	Detail   string       `json:"detail,omitempty"`
	Risk     engine.Risk  `json:"risk,omitempty"`
	State    string       `json:"state,omitempty"` // engine.StepState of a run; "" in a flow
	Gates    []string     `json:"gates,omitempty"` // ids of the steps that this one gates
	Branches []DrawBranch `json:"branches,omitempty"`
}

// DrawBranch is what stands below a box on one side.
type DrawBranch struct {
	Label string     `json:"label"` // "yes", "no", a case, "each item", "if it fails"
	Nodes []DrawNode `json:"nodes,omitempty"`
}
