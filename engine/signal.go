package engine

import (
	"context"
	"encoding/json"
)

// Signal is what a person says to a run. Kind is one of the person-made entry kinds: AskVoted, AskEdited,
// AskAnswered, OutcomeGiven, StepRetry, StepFixed, RunCancel. Who may is decided before the signal is made; what it carries as
// evidence is judged by the fold.
type Signal struct {
	Run    string
	Path   string
	Kind   EntryKind
	By     string          // person id
	Head   json.RawMessage // VoteHead, AnswerHead, OutcomeHead, or nil
	Data   json.RawMessage // edited fields, an answer, output or input; nil when the kind has none
	Source string          // delivery id, for the audit
}

// Verdict is what became of a signal.
type Verdict string

// Verdicts. Only Counted changed anything.
const (
	Counted   Verdict = "counted"    // durable
	Already   Verdict = "already"    // somebody decided before; By, At and Via say who, when and from where
	Voted     Verdict = "voted"      // this person voted already; Via says from where
	OldPlan   Verdict = "old_plan"   // it changed after the person saw it
	Expired   Verdict = "expired"    // too late: At says since when
	NotYou    Verdict = "not_you"    // not in any of the groups
	FourEyes  Verdict = "four_eyes"  // the requester or last editor may not decide; Why is "requester" or "editor"
	Ended     Verdict = "ended"      // the run has ended
	NotNow    Verdict = "not_now"    // nothing of the kind is open at that path
	BadAnswer Verdict = "bad_answer" // what was given cannot be used; Err says why
)

// Answer tells the person what became of the signal.
type Answer struct {
	Verdict Verdict
	Votes   int // after this one
	Need    int
	Decided bool   // this vote decided it
	By      string // for Already: person id
	At      int64  // for Already, Expired
	Via     string // for Voted and Already: the surface it came from; "" when it is not known
	Why     string // for FourEyes
	Choice  string // for Already: what was decided
	Err     *Error // for BadAnswer
	// Fields says for BadAnswer of a form what is wrong, by field name.
	Fields map[string]*Error `json:",omitempty"`
}

// Signaller delivers signals. A nil error means the answer is true and, when Counted, durable. Errors: NotFound
// (no such run), Unavailable (it could not be stored, so it does not count).
type Signaller interface {
	Signal(ctx context.Context, s Signal) (Answer, error)
}
