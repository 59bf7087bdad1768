package engine

import "encoding/json"

// EntryFormat is the format number of journal entries and states written by this version. Readers accept every
// format up to it; recorded runs of each stay in testdata and must replay.
const EntryFormat = 1

// Entry is one line of a run's journal. Entries are immutable and numbered from 1 without gaps. Replaying them
// gives the run's state again, byte for byte (R4).
//
// Head holds small facts without personal data (ids, hashes, codes) and is kept; Data is the payload, stored
// apart so that it can be erased.
type Entry struct {
	Seq     int64           `json:"seq"`
	At      int64           `json:"at"` // milliseconds UTC; never decreases within a run
	Kind    EntryKind       `json:"kind"`
	Path    string          `json:"path,omitempty"`
	Attempt int             `json:"attempt,omitempty"` // 1 is the first
	By      string          `json:"by,omitempty"`      // person id, for what a person did
	Format  int             `json:"format"`
	Head    json.RawMessage `json:"head,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"`
}

// EntryKind names what happened. Kinds marked "from outside" are fed to Apply; the rest are recorded by Apply
// itself and only verified on replay.
type EntryKind string

// The kinds of entry.
const (
	RunStarted     EntryKind = "run.started"     // from outside; Data: the Event; Head: StartHead
	RunBegun       EntryKind = "run.begun"       // from outside; a run that was queued may go on: its time begins now
	StepStarted    EntryKind = "step.started"    // Data: the rendered input
	StepSkipped    EntryKind = "step.skipped"    // Head: reason
	AttemptStarted EntryKind = "attempt.started" // from outside; the intent of a call that must not be repeated blindly (R7)
	AttemptLost    EntryKind = "attempt.lost"    // from outside; found at start-up: an intent without outcome
	StepKept       EntryKind = "step.kept"       // its result is that of an earlier run; Head: KeptHead; Data: output
	StepDone       EntryKind = "step.done"       // from outside for actions, recorded for the rest; Data: output
	StepFailed     EntryKind = "step.failed"     // from outside for actions (one attempt), recorded for the rest; Head: Failure
	StepParked     EntryKind = "step.parked"     // the step gave up and waits for a person; Head: Failure
	ProbeDone      EntryKind = "probe.done"      // from outside; Head: ProbeHead; Data: output when it happened
	AskOpened      EntryKind = "ask.opened"      // Head: AskHead; Data: Plan
	AskVoted       EntryKind = "ask.voted"       // from outside; Head: VoteHead
	AskEdited      EntryKind = "ask.edited"      // from outside; Head: VoteHead; Data: field values by "step.field"
	AskAnswered    EntryKind = "ask.answered"    // from outside; Head: AnswerHead; Data: {"choice": …} or {"fields": {…}}
	AskDecided     EntryKind = "ask.decided"     // Head: decision
	OutcomeAsked   EntryKind = "outcome.asked"   // the outcome of a step is unknown and a person is asked
	OutcomeGiven   EntryKind = "outcome.given"   // from outside; Head: OutcomeHead; Data: output for "happened"
	StepRetry      EntryKind = "step.retry"      // from outside: a person retries a parked step
	StepFixed      EntryKind = "step.fixed"      // from outside: a person retries it with another input; Data: input
	TimerFired     EntryKind = "timer.fired"     // from outside; Head: TimerHead
	WaitAnswered   EntryKind = "wait.answered"   // from outside; what a wait by key waits for has come; Head: ArrivalHead; Data: what came
	CallEnded      EntryKind = "call.ended"      // from outside; a called run has ended, or could not begin; Head: CallHead; Data: its output
	EachItems      EntryKind = "each.items"      // Data: a part of the list that a loop goes through
	RoundDone      EntryKind = "round.done"      // a round of a loop is over; Data: what its steps came to
	GateAnswered   EntryKind = "gate.answered"   // from outside; a gate that a step asked lets it through or refuses it; Head: GateHead; Data: what it asked with
	RunCancel      EntryKind = "run.cancel"      // from outside; Head: reason
	RunEnded       EntryKind = "run.ended"       // Head: EndHead; Data: what a flow that is called gives
)

// StartHead is the Head of RunStarted.
type StartHead struct {
	Run       string     `json:"run"`
	Number    int64      `json:"number"`
	Flow      string     `json:"flow"`
	Version   int64      `json:"version"`
	Trigger   string     `json:"trigger"`          // trigger id
	By        string     `json:"by,omitempty"`     // person id of who started it by hand; the requester of four-eyes
	Editor    string     `json:"editor,omitempty"` // person id of who published the version; "editor" in `not: [editor]`
	Manual    bool       `json:"manual,omitempty"`
	Queued    bool       `json:"queued,omitempty"`    // its flow was paused: nothing begins before RunBegun
	Gated     bool       `json:"gated,omitempty"`     // the flow's limits let it in: its end lets another in
	Parent    *Parent    `json:"parent,omitempty"`    // the step that called it
	Depth     int        `json:"depth,omitempty"`     // how many runs led to it, by calls and emissions
	Again     *AgainHead `json:"again,omitempty"`     // whose results it takes over
	Undo      *UndoHead  `json:"undo,omitempty"`      // what it takes back
	Cleared   []string   `json:"cleared,omitempty"`   // ids of steps that a person approved before in this version (send gate)
	Approvers string     `json:"approvers,omitempty"` // group asked by automatic gates; "" is DefaultApprovers
}

// DefaultApprovers is the pseudo group asked by automatic gates: whoever may approve in the flow's channel.
const DefaultApprovers = "@approvers"

// VoteHead is the Head of AskVoted and AskEdited.
type VoteHead struct {
	Choice   string   `json:"choice"`           // "approve" or "deny"; of an edit always "approve"
	Plan     string   `json:"plan"`             // hash of what the person was shown
	Groups   []string `json:"groups"`           // evidence: which of the asked groups the person is in
	GroupsAt int64    `json:"groups_at"`        // when that was looked up
	Reason   string   `json:"reason,omitempty"` // why, for a denial
	Via      string   `json:"via,omitempty"`    // surface
}

// AnswerHead is the Head of AskAnswered.
type AnswerHead struct {
	Groups   []string `json:"groups"`        // evidence: which of the asked groups the person is in
	GroupsAt int64    `json:"groups_at"`     // when that was looked up
	Via      string   `json:"via,omitempty"` // surface
}

// ArrivalHead is the Head of WaitAnswered.
type ArrivalHead struct {
	Key      string   `json:"key"`
	ID       string   `json:"id"`               // of what came: the same one never counts twice for a run
	Groups   []string `json:"groups,omitempty"` // evidence: which of the groups waited for the person is in
	GroupsAt int64    `json:"groups_at,omitempty"`
}

// ReplyKey is the correlation key of replies to a message: what a wait for a reply waits for, and what whoever hears a
// reply hands to Correlate. ref is the message as chat.message.post gives it.
func ReplyKey(ref string) string { return "reply:" + ref }

// KeptHead is the Head of StepKept.
type KeptHead struct {
	Run    string `json:"run"` // that gave it
	Number int64  `json:"number"`
}

// FixHead is the Head of a StepFixed or StepRetry that was decided for several runs at once, and may come later than it was
// decided.
type FixHead struct {
	Attempt int `json:"attempt,omitempty"` // the failed attempt that it is about: after another one it says nothing
}

// OutcomeHead is the Head of OutcomeGiven.
type OutcomeHead struct {
	Choice string `json:"choice"` // "happened", "again" or "stop"
	Via    string `json:"via,omitempty"`
}

// TimerHead is the Head of TimerFired.
type TimerHead struct {
	Timer string `json:"timer"`
}

// LostRestored is the Failure.Msg of a call that LostHead.Restored is said of.
const LostRestored = "I was restored from a backup, and this may have been done after it was made"

// LostHead is the Head of AttemptLost; none is a crash between the intent and the outcome.
type LostHead struct {
	// Restored: the run comes from a backup, and the call may have been made after that was taken.
	Restored bool `json:"restored,omitempty"`
}

// ProbeHead is the Head of ProbeDone.
type ProbeHead struct {
	Found ProbeFound `json:"found"`
}

// ProbeFound is what a probe can say.
type ProbeFound string

// Probe results.
const (
	ProbeHappened ProbeFound = "happened"
	ProbeNot      ProbeFound = "not"
	ProbeUnsure   ProbeFound = "unsure"
)

// EndHead is the Head of RunEnded.
type EndHead struct {
	State  RunState `json:"state"`
	Reason string   `json:"reason,omitempty"`
}
