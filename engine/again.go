package engine

// AgainAsk is what a person wants run again: a run from one of its steps on, with what the steps before gave.
type AgainAsk struct {
	Run     string         // id of the earlier run
	From    string         // id of the step to begin at; "" is the flow's first
	Version int64          // to run with; 0 is the published one
	Event   map[string]any // what it begins with instead of its event's data; nil: the same
	Collect bool           // nobody asks: From is a digest that others have added to, and that no run waits for any more
	Move    bool           // the earlier run is under way and moves: nothing that it has done may be done again
}

// AgainPlan is what running again would do, before anything is done.
type AgainPlan struct {
	Old     RunHead     `json:"old"`
	From    string      `json:"from,omitempty"`
	Version int64       `json:"version"`
	Seq     int64       `json:"seq"` // the earlier run's last entry: when it has moved on, the plan is worth nothing
	Kept    []KeptStep  `json:"kept,omitempty"`
	Steps   []AgainStep `json:"steps"` // that run, in their order
	// Until is, of a run that moves and stands at a wait that is as it was, when that wait ends: it goes on, instead of
	// beginning again. Milliseconds; 0 for none.
	Until int64 `json:"until,omitempty"`
}

// KeptStep is a step whose result is taken over: it is never done again.
type KeptStep struct {
	ID      string `json:"id"`
	Index   int    `json:"index"`
	Differs bool   `json:"differs,omitempty"` // it would be given another input now
	Value   any    `json:"-"`
}

// AgainStep is a step that runs, as far as it is known what it would do.
type AgainStep struct {
	ID     string `json:"id"`
	Index  int    `json:"index"`
	Kind   string `json:"kind"`
	Line   string `json:"line,omitempty"`
	Detail any    `json:"-"`
	Risk   Risk   `json:"risk,omitempty"`
	Repeat bool   `json:"repeat,omitempty"` // it was done in the earlier run and is done once more
	Why    string `json:"why,omitempty"`    // for a repeat: an English message id
}

// AgainHead says, at the start of a run, whose results it takes over. The values are in its event.
type AgainHead struct {
	Run     string   `json:"run"`
	Number  int64    `json:"number"`
	Version int64    `json:"version"` // of the earlier run
	From    string   `json:"from,omitempty"`
	Kept    []string `json:"kept,omitempty"`    // ids of steps, in the order of the flow
	Collect bool     `json:"collect,omitempty"` // it waits for what others have added to the digest From, and adds nothing
	Until   int64    `json:"until,omitempty"`   // when the wait at From ends, as AgainPlan.Until
	Moved   bool     `json:"moved,omitempty"`   // the earlier run was under way and ended with this one's beginning
}
