package engine

import "encoding/json"

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
	Answer string `json:"answer"` // GateGranted, GateRefused or GateJoined
	Reason string `json:"reason,omitempty"`
}

// What a gate answers a step.
const (
	GateGranted = "granted"
	GateRefused = "refused"
	GateJoined  = "joined" // what the step brought was added to a digest that another run waits for
)

// DigestPart is what one run adds to a digest.
type DigestPart struct {
	Number int64             `json:"number"` // of the run
	Step   string            `json:"step,omitempty"`
	Items  []json.RawMessage `json:"items"`
}

// DigestData is what has gone out, in the order in which it came.
type DigestData struct {
	Parts []DigestPart `json:"parts"`
}
