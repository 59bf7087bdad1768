package engine

import "encoding/json"

// RunState is the state of a run (CONTRACTS, "States").
type RunState string

// States of a run. Done, Failed, Cancelled and Stopped are final.
const (
	RunQueued    RunState = "queued"
	RunRunning   RunState = "running"
	RunWaiting   RunState = "waiting" // for a person, a time, an event
	RunParked    RunState = "parked"  // a step failed and waits for somebody to retry, fix or stop it
	RunUnknown   RunState = "unknown" // the outcome of a call is unknown and a person is asked
	RunDone      RunState = "done"
	RunFailed    RunState = "failed"
	RunCancelled RunState = "cancelled"
	RunStopped   RunState = "stopped"
)

// Final reports whether nothing can happen to the run any more.
func (s RunState) Final() bool {
	return s == RunDone || s == RunFailed || s == RunCancelled || s == RunStopped
}

// StepState is the state of a step (CONTRACTS, "States").
type StepState string

// States of a step.
const (
	StepPending       StepState = "pending"
	StepRunning       StepState = "running"
	StepWaiting       StepState = "waiting"
	StepStateDone     StepState = "done"
	StepStateSkipped  StepState = "skipped"
	StepStateFailed   StepState = "failed"
	StepStateUnknown  StepState = "unknown"
	StepStateCanceled StepState = "cancelled"
)

// RunHead is a run as lists show it.
type RunHead struct {
	ID      string   `json:"id"`
	Number  int64    `json:"number"`
	Flow    string   `json:"flow"`
	Version int64    `json:"version"`
	State   RunState `json:"state"`
	Trigger string   `json:"trigger"` // trigger kind
	Key     string   `json:"key,omitempty"`
	By      string   `json:"by,omitempty"`
	Started int64    `json:"started"`         // milliseconds
	Ended   int64    `json:"ended,omitempty"` // milliseconds; 0 while it runs
	Reason  string   `json:"reason,omitempty"`
	Line    *Line    `json:"line,omitempty"` // why it has not begun, of a queued run that the flow's limits hold up
}

// RunView is a run with its steps, as pages, cards and JSON show it. Made by fold.View from the journal.
type RunView struct {
	RunHead
	Title   string          `json:"title,omitempty"` // the flow's title
	Place   Place           `json:"place"`           // the flow's channel
	Notify  Notify          `json:"notify,omitzero"` // where else its version wants its messages
	Event   *Event          `json:"event,omitempty"`
	Steps   []StepView      `json:"steps"`
	Asks    []AskView       `json:"asks,omitempty"`
	Parent  *Parent         `json:"parent,omitempty"`  // the step that called it
	Output  json.RawMessage `json:"output,omitempty"`  // what it gave to the one who called it
	History []EntryBrief    `json:"history,omitempty"` // the latest part of it: HistoryPage entries
	Earlier int64           `json:"earlier,omitempty"` // entries of the history before those
}

// HistoryPage is how many entries of a run's history are shown at a time.
const HistoryPage = 500

// StepView is one step of a run.
type StepView struct {
	Path     string          `json:"path"`
	Kind     string          `json:"kind"`  // do, ask, if, switch, each, try, wait, call, emit, set, stop
	Index    int             `json:"index"` // position among the flow's steps as people count them, from 1
	Action   string          `json:"action,omitempty"`
	Line     string          `json:"line,omitempty"` // what it does, in one line
	Detail   any             `json:"-"`              // the rest of what it sends, for people
	Risk     Risk            `json:"risk,omitempty"`
	State    StepState       `json:"state"`
	Attempts int             `json:"attempts"`
	Max      int             `json:"max,omitempty"`      // tries allowed
	RetryAt  int64           `json:"retry_at,omitempty"` // next try; 0 when none is planned
	SentAt   int64           `json:"sent_at,omitempty"`  // when the last attempt began
	EndedAt  int64           `json:"ended_at,omitempty"`
	Begun    int64           `json:"-"`                  // entry with its input; 0: it has none yet
	BeganAt  int64           `json:"began_at,omitempty"` // first time that anything happened to it; 0 when that is not known
	Input    json.RawMessage `json:"input,omitempty"`
	Output   json.RawMessage `json:"output,omitempty"`
	Failure  *Failure        `json:"error,omitempty"`
	Reason   string          `json:"reason,omitempty"` // why it was skipped
	Rounds   int             `json:"rounds,omitempty"` // of a loop: how many it has
	Hidden   int             `json:"hidden,omitempty"` // of a loop: rounds that are over and not shown
	Calls    []Callee        `json:"calls,omitempty"`  // of a call: the runs it made, the last one last
	Kept     int64           `json:"kept,omitempty"`   // number of the earlier run that gave its result; 0: it was done here
	Lost     bool            `json:"lost,omitempty"`   // it was done, only its answer cannot be read: never sent again, a person says what it gave
}

// EntryBrief is one line of the history as people read it: no payload.
type EntryBrief struct {
	Seq     int64     `json:"seq"`
	At      int64     `json:"at"`
	Kind    EntryKind `json:"kind"`
	Path    string    `json:"path,omitempty"`
	Attempt int       `json:"attempt,omitempty"`
	By      string    `json:"by,omitempty"`
}

// CardState is the state of something asked (CONTRACTS, "States": Card).
type CardState string

// States of a card.
const (
	CardOpen       CardState = "open"
	CardDecided    CardState = "decided"
	CardExpired    CardState = "expired"
	CardSuperseded CardState = "superseded"
	CardResolved   CardState = "resolved"
)

// Kinds of AskView.
const (
	AskApproval = ""       // approve or deny
	AskChoice   = "choice" // one of Options
	AskForm     = "form"   // Fields, filled in
)

// AskOption is something that can be chosen.
type AskOption struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// AskView is one question to people, open or decided: an approval, a choice or a form.
type AskView struct {
	Kind      string    `json:"kind,omitempty"`
	Path      string    `json:"path"`            // of the ask step; of the gated step for an automatic gate
	Auto      bool      `json:"auto,omitempty"`  // an automatic gate, not written in the flow
	Again     bool      `json:"again,omitempty"` // asked again because the input changed since it was approved
	State     CardState `json:"state"`
	Title     string    `json:"title"`
	Plan      *Plan     `json:"plan,omitempty"`
	Revision  int       `json:"revision"` // 1, 2, … one more with each edit
	Mode      string    `json:"mode"`     // "any" (need of all groups together) or "all" (need in each group)
	Groups    []string  `json:"groups"`
	Need      int       `json:"need"`
	Not       []string  `json:"not,omitempty"`  // "requester", "editor"
	Edit      []string  `json:"edit,omitempty"` // "step.field" that may be edited
	Votes     []Vote    `json:"votes,omitempty"`
	Lapsed    []Vote    `json:"lapsed,omitempty"` // votes for an earlier revision
	Seq       int64     `json:"-"`                // entry in which it was asked as it stands
	Opened    int64     `json:"opened"`
	Expires   int64     `json:"expires,omitempty"`
	Then      string    `json:"then,omitempty"`     // on expiry: stop, deny, approve; of a choice or form: stop, skip
	Decision  string    `json:"decision,omitempty"` // approve or deny; of a choice or form: answered
	DecidedBy string    `json:"decided_by,omitempty"`
	DecidedAt int64     `json:"decided_at,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	Via       string    `json:"via,omitempty"`       // surface from which it was decided; "" when it is not known
	In        []Place   `json:"in,omitempty"`        // where it is asked, when the step itself says
	EditedBy  string    `json:"edited_by,omitempty"` // of the current revision
	Edited    []string  `json:"edited,omitempty"`    // fields changed by the current revision

	Options []AskOption     `json:"options,omitempty"` // of a choice
	Fields  *Schema         `json:"-"`                 // of a form: what it asks for; flow.FormSchema makes it of Form
	Form    json.RawMessage `json:"form,omitempty"`    // of a form: its fields as they are written, expressions worked out
	Answer  json.RawMessage `json:"answer,omitempty"`  // {"choice": …} or {"fields": {…}}, with by and at, once answered
}

// Vote is one person's approval of one revision.
type Vote struct {
	By     string   `json:"by"`
	At     int64    `json:"at"`
	Groups []string `json:"groups"`
	Via    string   `json:"via,omitempty"`
}

// Plan is what approval authorises: what the covered steps would do, as far as it is known when asked.
type Plan struct {
	Flow    string     `json:"flow"`
	Version int64      `json:"version"`
	Steps   []PlanStep `json:"steps"`
	Hash    string     `json:"-"` // SHA-256 over the canonical JSON of the rest, hex; people see the first 8
}

// PlanStep is one covered step of a plan.
type PlanStep struct {
	ID      string `json:"id"`
	Action  string `json:"action"`
	Account string `json:"account,omitempty"`
	Risk    Risk   `json:"risk"`
	// Input is the step's input; a part that is not known yet is {"$from": "<expression>"}, a secret is
	// {"$secret": "name", "version": n}.
	Input map[string]any `json:"input"`

	// Line and Detail are Input for people, as Action.Describe gives it: not part of what is approved.
	Line   string `json:"-"`
	Detail any    `json:"-"`
}

// Short is the part of the hash that people see.
func (p *Plan) Short() string {
	if p == nil || len(p.Hash) < 8 {
		return ""
	}
	return p.Hash[:8]
}
