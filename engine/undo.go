package engine

// Inverse is the call that takes back another one.
type Inverse struct {
	Action string
	With   map[string]any
}

// UndoPlan is what undoing a run, or one of its steps, would do, before anything is done: the last thing first.
type UndoPlan struct {
	Old    RunHead    `json:"old"`
	Step   string     `json:"step,omitempty"` // id; "" is the whole run
	Steps  []UndoStep `json:"steps"`
	Cannot []UndoStep `json:"cannot,omitempty"`
}

// UndoStep is one thing that was done, and how it is taken back.
type UndoStep struct {
	ID      string         `json:"id"`   // of the step of the undoing run
	Path    string         `json:"path"` // of what is taken back
	Action  string         `json:"action"`
	Account string         `json:"account,omitempty"`
	Risk    Risk           `json:"risk,omitempty"`
	Line    string         `json:"-"` // what would be done, in one line
	Detail  any            `json:"-"`
	With    map[string]any `json:"-"`
	Why     *Error         `json:"-"` // why it cannot be taken back
}

// UndoHead says, at the start of a run, that it takes back what another one did. What its steps send is in its event.
type UndoHead struct {
	Run    string     `json:"run"`
	Number int64      `json:"number"`
	Steps  []UndoStep `json:"steps"`
}
