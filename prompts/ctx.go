package prompts

import (
	"maps"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// Ctx is for whom a card or form is made, and what builders may look up. Its functions may be nil.
type Ctx struct {
	Lang    string         // "en" or "fr": the channel's for shared cards, the reader's for private ones
	Zone    *time.Location // for times in plain text; nil is UTC
	Now     int64          // milliseconds
	Who     func(personID string) string
	Members func(group string) []string     // names of a group's members
	Surface string                          // where it will stand; "" when that is not known
	Link    func(run engine.RunHead) string // public URL of the run's page, or ""
	Place   func(p engine.Place) string     // how people call a place; nil: as flows write it
}

func (c Ctx) place(p engine.Place) string {
	if c.Place == nil {
		return p.String()
	}
	return c.Place(p)
}

// placed is a text whose place, if it has one, is called as people do.
func (c Ctx) placed(t engine.Text) engine.Text {
	written, ok := t.Args["place"].(string)
	if p, err := engine.ParsePlace(written); ok && err == nil {
		t.Args = maps.Clone(t.Args)
		t.Args["place"] = c.place(p)
	}
	return t
}

// Tokens gives the token for a button, menu or form verb; "" leaves the button out.
type Tokens func(verb string) string

// AlertFacts is what an alert says: one group of failures alike.
type AlertFacts struct {
	Flow, Title string
	Data        engine.FailedData // of the latest failure
	Since       int64             // first failure, milliseconds
	Runs        []AlertRun
	MutedUntil  int64
	MutedFixed  bool   // muted until it works again; MutedUntil is after every time then
	MutedBy     string // person id
	Resolved    bool
	ResolvedBy  string // person id; "" when it mended by itself
	ResolvedAt  int64
	Fixed       bool   // ResolvedBy changed what is sent, and the change can become the flow's own
	Line        string // what was sent, as the action describes it (engine.StepView)
	Detail      any
	Owner       string // person id of the flow's owner; mentioned
	Reason      string // printable reason of the delivery decision; "" for none
	Lost        int64  // number of the run whose call was done though its answer is lost; 0 when it may be sent again
}

// AlertRun is one run of an alert: State is "failing", "mended", "stopped" or "moved". A run that moved failed in
// another way since, at At; Now is that failure, nil when it is not known.
type AlertRun struct {
	Number int64
	State  string
	At     int64
	Now    *engine.FailedData
}

// AwayFacts is what happened while the bot was off.
type AwayFacts struct {
	Continued int     // runs that went on
	Missed    int     // schedules missed and made up
	Open      []int64 // numbers of runs with a question open
}

// PendingItem is one thing that waits for somebody.
type PendingItem struct {
	Number  int64 // of the run
	Flow    string
	Title   string // the question; of a parked or unknown step, its line
	Kind    string // "ask", "outcome" or "failed"
	For     []string
	Votes   int
	Need    int
	Since   int64
	Expires int64
	Place   engine.Place
}

// WhyLine says what became of one event.
type WhyLine struct {
	At      int64
	Event   string // short name of what came: "issues", "ping", a key
	Outcome engine.Outcome
	Number  int64        // of the run; 0 when there is none
	Reason  string       // printable, for skipped and failed
	Line    *engine.Line // what its run waits for before it begins; nil otherwise
}

// HelpLine is one command of the help. Text is an English message id.
type HelpLine struct {
	Usage string // "/flow show NAME"
	Text  string
}

// Filled is what a person typed into a form and what is wrong with it, by field name. The zero value is the first
// opening of a form.
type Filled struct {
	Values map[string]string
	Errors map[string]string
}
