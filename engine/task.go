package engine

import (
	"context"
	"encoding/json"
	"time"
)

// Task is one call of an action, or one probe of an earlier call's outcome.
type Task struct {
	Run     string          `json:"run"`
	Number  int64           `json:"number"`
	Flow    string          `json:"flow"`
	Path    string          `json:"path"`
	Attempt int             `json:"attempt"`
	Probe   bool            `json:"probe,omitempty"` // ask whether the attempt happened, do not do it
	Action  string          `json:"action"`
	Account string          `json:"account,omitempty"`
	Input   json.RawMessage `json:"input"`          // canonical JSON; secrets by name
	Key     string          `json:"key"`            // idempotency key, "run/step", the same for every attempt of one input
	Intent  bool            `json:"intent"`         // attempt.started must be committed before the call (R7)
	Timeout time.Duration   `json:"timeout"`        // of one attempt; 0 is the action's default
	Most    int             `json:"most,omitempty"` // it begins while fewer calls of its account are under way, whoever makes them; 0: at any time
	Channel Place           `json:"channel"`        // the flow's channel
	Emit    *Emission       `json:"emit,omitempty"` // it is no action: the runtime itself tells this
}

// Result is what became of a task: exactly one of Output and Failure for a call; Found for a probe, with Output
// when it happened.
type Result struct {
	Output  json.RawMessage
	Failure *Failure
	Found   ProbeFound
}

// Performer is the only place with side effects and secrets. It never retries, logs nothing secret, and returns
// when ctx ends at the latest shortly after, with what is known: NotSent, or Unsure when the call had begun.
type Performer interface {
	Perform(ctx context.Context, t Task) Result
}

// FailureClass says what is known about an attempt that did not succeed; the fold's retry table is written in it
// (CONTRACTS, "What is retried, and what is unknown").
type FailureClass string

// The classes.
const (
	NotSent      FailureClass = "not_sent"     // nothing left this machine: dial, DNS, TLS
	Busy         FailureClass = "busy"         // 429 or 503: it was not done, come back later
	Unsure       FailureClass = "unsure"       // sent, then timeout, reset, 500, 502, 504: it may have been done
	Unauthorized FailureClass = "unauthorized" // 401
	Rejected     FailureClass = "rejected"     // any other 4xx or unexpected status: it was not done, and will not be
	Garbled      FailureClass = "garbled"      // 2xx that cannot be read: it was done, the answer is lost
	BadInput     FailureClass = "bad_input"    // the input cannot be rendered or does not fit the schema; nothing was sent
	Forbidden    FailureClass = "forbidden"    // our own policy refused it (egress, SSRF guard, rights); nothing was sent
)

// Failure is one unsuccessful attempt, safe to show and to store: no secret, no unbounded text.
type Failure struct {
	Class  FailureClass   `json:"class"`
	Code   Code           `json:"code"`
	Msg    string         `json:"msg"`              // as in Error.Msg
	Args   map[string]any `json:"args,omitempty"`   // as in Error.Args
	Hint   string         `json:"hint,omitempty"`   // as in Error.Hint
	Status int            `json:"status,omitempty"` // HTTP status, 0 when there was none
	After  int64          `json:"after,omitempty"`  // milliseconds: not before (Retry-After)
	Peer   string         `json:"peer,omitempty"`   // who answered, "tracker.example.org"
	Said   string         `json:"said,omitempty"`   // what the service said in its own words, at most 500 bytes
}

// Error is the failure as an *Error.
func (f *Failure) Error() *Error {
	return &Error{Code: f.Code, Msg: f.Msg, Args: f.Args, Hint: f.Hint, After: time.Duration(f.After) * time.Millisecond}
}
