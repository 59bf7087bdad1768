package engine

// Line says why a run that was accepted has not begun: what it waits for, and where it stands.
type Line struct {
	Kind   string  `json:"kind"`             // LineSlots or LineOrder
	Label  string  `json:"label,omitempty"`  // the key that the limit is counted by
	Most   int     `json:"most"`             // so many at once
	Place  int     `json:"place"`            // in line, from 1
	Behind []int64 `json:"behind,omitempty"` // numbers of runs that are through, oldest first, at most three
}

// Kinds of Line.
const (
	LineSlots = "concurrency" // so many runs at once
	LineOrder = "order"       // one run after the other
)

// GateHead is the Head of GateAnswered.
type GateHead struct {
	Gate   string `json:"gate"`
	Answer string `json:"answer"` // GateGranted or GateRefused
	Reason string `json:"reason,omitempty"`
}

// What a gate answers a step.
const (
	GateGranted = "granted"
	GateRefused = "refused"
)
