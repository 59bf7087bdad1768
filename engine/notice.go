package engine

import "encoding/json"

// Notice is a neutral fact for people, committed in the transaction that raised it and rendered when it is
// delivered, per reader. Notices about one Topic end in one card, edited in place.
type Notice struct {
	ID     string          `json:"id"`
	At     int64           `json:"at"`
	Kind   NoticeKind      `json:"kind"`
	Topic  string          `json:"topic"` // "ask:RUN/PATH", "outcome:RUN/PATH", "fail:RUN/PATH", "run:RUN", "flow:NAME", …
	Flow   string          `json:"flow,omitempty"`
	Run    string          `json:"run,omitempty"`
	Number int64           `json:"number,omitempty"`
	Path   string          `json:"path,omitempty"`
	Place  Place           `json:"place"` // the flow's channel; zero is the operator's channel
	Data   json.RawMessage `json:"data,omitempty"`
}

// NoticeKind names a fact.
type NoticeKind string

// The kinds.
const (
	NoticeAsk       NoticeKind = "ask.wanted"      // a person is asked to approve
	NoticeAskMoved  NoticeKind = "ask.changed"     // votes, edit, decision, expiry: the card is rendered anew
	NoticeRemind    NoticeKind = "ask.remind"      // nobody answered for a while
	NoticeRetrying  NoticeKind = "step.retrying"   // an attempt failed and another is planned
	NoticeFailed    NoticeKind = "step.failed"     // a step gave up; Data: FailedData
	NoticeMended    NoticeKind = "step.mended"     // a step that had given up is through, or its run ended; Data: FailedData
	NoticeOutcome   NoticeKind = "outcome.unknown" // a person is asked whether a call happened
	NoticeOutcomeIn NoticeKind = "outcome.given"   // and has answered
	NoticeEnded     NoticeKind = "run.ended"       // a run reached its end
	NoticeStalled   NoticeKind = "run.stalled"     // it neither waits nor makes progress; Data: StalledData
	NoticeExpect    NoticeKind = "flow.quiet"      // fewer events came than expected, or enough again; Data: ExpectData
	NoticePublished NoticeKind = "flow.published"
	NoticePaused    NoticeKind = "flow.paused"   // or resumed
	NoticeSample    NoticeKind = "flow.sample"   // an event was kept as a sample of a draft
	NoticeUnsigned  NoticeKind = "hook.unsigned" // deliveries with a wrong signature, at most once an hour
	NoticeBroken    NoticeKind = "event.failed"  // `when` or `key` could not be evaluated
	NoticeAway      NoticeKind = "bot.away"      // what happened while the bot was off
	NoticePoll      NoticeKind = "poll.trouble"  // something that is looked at cannot be read, can again, or is another one; Data: PollData
	NoticeFlood     NoticeKind = "poll.flood"    // more was new at once than the flow allows: a person decides; Data: PollData
	NoticeClock     NoticeKind = "clock.jumped"  // the clock of the machine was moved, or the machine slept; Data: ClockData
	NoticeBudget    NoticeKind = "budget.full"   // calls wait because a flow's budget is used up: people decide; Data: BudgetData
	NoticeBreaker   NoticeKind = "peer.away"     // a service does not answer and calls wait, or it answers again; Data: BreakerData
)

// BreakerData is the Data of NoticeBreaker.
type BreakerData struct {
	Lane    string   `json:"lane"`            // what does not answer, as the runtime names it
	Peer    string   `json:"peer"`            // the same as people know it
	Waiting int      `json:"waiting"`         // calls that wait
	Since   int64    `json:"since"`           // which trouble this is: since when calls are held
	Next    int64    `json:"next,omitempty"`  // when it is tried again
	Tries   int      `json:"tries,omitempty"` // tries that failed since
	Back    bool     `json:"back,omitempty"`  // it answers again
	Failure *Failure `json:"failure,omitempty"`
	Stopped int      `json:"stopped,omitempty"` // so many calls wait no more, because By said so
	By      string   `json:"by,omitempty"`
}

// BreakerTopic is what topics of NoticeBreaker begin with; the flow and what does not answer follow.
const BreakerTopic = "breaker:"

// What people say to a service that does not answer.
const (
	BreakerTry  = "try"  // try now
	BreakerStop = "stop" // the calls that wait now fail
)

// BudgetData is the Data of NoticeBudget.
type BudgetData struct {
	Risk  string       `json:"risk"`  // its name
	Most  int          `json:"most"`  // calls allowed in a window
	Per   int64        `json:"per"`   // the window, in milliseconds; with a Most of 0 it says nothing
	Line  int          `json:"line"`  // calls that wait
	Calls []BudgetCall `json:"calls"` // the first of them
	Asked int64        `json:"asked"` // which question this is
	Next  int64        `json:"next,omitempty"`
	Calm  bool         `json:"calm,omitempty"` // nobody waits any more, and nobody had to decide
	Did   string       `json:"did,omitempty"`  // what was decided: BudgetLet, BudgetRaise or BudgetStop
	N     int          `json:"n,omitempty"`    // how many were let go or stopped; of a raise, the new limit
	By    string       `json:"by,omitempty"`   // who decided
}

// BudgetTopic is what topics of NoticeBudget begin with; the flow and the risk follow.
const BudgetTopic = "budget:"

// What people say to a budget that is used up.
const (
	BudgetLet   = "let"
	BudgetRaise = "raise"
	BudgetStop  = "stop"
)

// BudgetCall is a call that waits for a budget.
type BudgetCall struct {
	Number int64  `json:"number"` // of the run
	Step   string `json:"step"`
	Line   string `json:"line"`         // what it would do
	Of     int64  `json:"of,omitempty"` // number of the run that this one runs again: a step that is the first of its key stays that
}

// PollData is the Data of NoticePoll and NoticeFlood.
type PollData struct {
	Trigger string   `json:"trigger"`         // trigger id
	What    string   `json:"what"`            // the address, as people know it
	Count   int      `json:"count,omitempty"` // looks that failed in a row; items that are new
	Most    int      `json:"most,omitempty"`  // items allowed at once
	Since   int64    `json:"since,omitempty"` // when it began to fail
	Next    int64    `json:"next,omitempty"`  // when it is looked at again
	Titles  []string `json:"titles,omitempty"`
	Failure *Failure `json:"failure,omitempty"`
	Mended  bool     `json:"mended,omitempty"` // it can be read again; of a flood: somebody decided
	Moved   bool     `json:"moved,omitempty"`  // nothing that was known stands there any more: what does counts as known
	Taken   bool     `json:"taken,omitempty"`  // of a flood that was decided: the items were taken
	By      string   `json:"by,omitempty"`     // who decided
}

// FailedData is the Data of NoticeFailed and NoticeMended.
type FailedData struct {
	Step    string   `json:"step"`  // step id
	Index   int      `json:"index"` // as people count steps, from 1
	Action  string   `json:"action"`
	Account string   `json:"account,omitempty"`
	Failure *Failure `json:"failure,omitempty"`
	Mended  bool     `json:"mended,omitempty"` // the step worked in the end (not: the run was stopped)
	By      string   `json:"by,omitempty"`     // who mended or stopped it
}

// Fingerprint groups failures that are alike: flow, step, class of error with its status, account.
func (d FailedData) Fingerprint(flow string) string {
	f := d.Failure
	if f == nil {
		f = &Failure{}
	}
	return flow + "|" + d.Step + "|" + string(f.Class) + "|" + string(f.Code) + "|" + itoa(f.Status) + "|" + d.Account
}

// ExpectData is the Data of NoticeExpect.
type ExpectData struct {
	Had     int   `json:"had"`      // events of the period that is over
	AtLeast int   `json:"at_least"` // so many are expected
	Every   int64 `json:"every"`    // in so many milliseconds
	Again   bool  `json:"again,omitempty"`
}

// StalledData is the Data of NoticeStalled.
type StalledData struct {
	Since int64 `json:"since"` // when it last made progress, milliseconds
}

// ClockData is the Data of NoticeClock. Times are milliseconds.
type ClockData struct {
	Since int64 `json:"since"`           // which jump this is: what the clock would have shown at the first look after it
	From  int64 `json:"from"`            // what it would have shown now
	To    int64 `json:"to"`              // what it shows
	By    int64 `json:"by"`              // To − From; negative: it went back
	Held  int64 `json:"held,omitempty"`  // expiries are held until then
	Right bool  `json:"right,omitempty"` // it had jumped forwards and was put right in time: nothing expired for it
}
