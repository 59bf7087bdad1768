package corpus

import (
	"encoding/json"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Card is one card of the corpus. Name is unique, and the golden file's name without "LANG-" and ".golden".
type Card struct {
	Name string
	Card prompts.Card
}

// Form is one form of the corpus; names as of Card.
type Form struct {
	Name string
	Form prompts.Form
}

// Langs are the languages that the corpus is made in.
func Langs() []string { return []string{"en", "fr"} }

// Day is the corpus's today: Monday 23 November 2026.
func Day(clock string) int64 {
	t, err := time.Parse("2006-01-02 15:04:05", "2026-11-23 "+clock)
	if err != nil {
		return 0
	}
	return t.UnixMilli()
}

// Ctx is the corpus's reader.
func Ctx(lang string) prompts.Ctx {
	names := map[string]string{"p-ann": "Ann", "p-bob": "Bob", "p-mia": "Mia"}
	return prompts.Ctx{
		Lang: lang, Zone: time.UTC, Now: Day("14:23:02"),
		Who: func(id string) string { return names[id] },
		Members: func(g string) []string {
			if g == "@triage" {
				return []string{"Bob", "Kim", "Lee"}
			}
			return nil
		},
	}
}

// Tokens gives every verb a fixed token.
func Tokens(verb string) string { return "token-" + verb }

func raw(v any) json.RawMessage {
	b, err := engine.EncodeJSON(v)
	if err != nil {
		return nil
	}
	return b
}

const spelling = "Spelling error in the README file"

func plan() *engine.Plan {
	return &engine.Plan{Flow: "bug-triage", Version: 1, Hash: "7f3a91c2d4e5f60718293a4b5c6d7e8f", Steps: []engine.PlanStep{{
		ID: "ticket", Action: "http.request", Risk: engine.Write, Line: ticketLine, Detail: ticketBody(),
		Input: map[string]any{"method": "POST", "url": "https://tracker.example.org/tickets", "expect": "2xx",
			"json": ticketBody()},
	}}}
}

const ticketLine = "POST https://tracker.example.org/tickets"

func ticketBody() any {
	return map[string]any{"title": spelling, "url": "https://github.com/Codertocat/Hello-World/issues/1"}
}

func ticketInput() json.RawMessage { return raw(plan().Steps[0].Input) }

func ask() engine.AskView {
	return engine.AskView{Path: "review", State: engine.CardOpen, Title: `Ticket for "` + spelling + `"?`, Plan: plan(), Revision: 1, Mode: "any",
		Groups: []string{"@triage"}, Need: 1, Edit: []string{"ticket.json"}, Opened: Day("14:21:00"),
		Expires: Day("14:21:00") + 3*24*3600e3, Then: "stop"}
}

func run() engine.RunView {
	return engine.RunView{
		RunHead: engine.RunHead{ID: "r12", Number: 12, Flow: "bug-triage", Version: 1, State: engine.RunWaiting, Trigger: "webhook.received", Started: Day("14:21:00")},
		Title:   "Bugs become tickets", Place: engine.Place{Surface: "console", Channel: "#triage"},
		Event: &engine.Event{ID: "e1", Key: "k1", At: Day("14:21:00"), Trigger: "webhook.received", Data: map[string]any{"path": "github-bugs",
			"body": map[string]any{"action": "opened", "issue": map[string]any{"html_url": "https://github.com/Codertocat/Hello-World/issues/1",
				"title": spelling, "user": map[string]any{"login": "Codertocat"}}}}},
		Steps: []engine.StepView{
			{Path: "review", Kind: "ask", Index: 1, State: engine.StepWaiting},
			{Path: "ticket", Kind: "do", Index: 2, Action: "http.request", Line: ticketLine, Detail: ticketBody(), Risk: engine.Write, State: engine.StepPending, Max: 5},
			{Path: "tell", Kind: "do", Index: 3, Action: "chat.message.post", Line: "post in #triage", Risk: engine.Write, State: engine.StepPending},
		},
		Asks: []engine.AskView{ask()},
	}
}

func done() engine.RunView {
	r := run()
	r.State, r.Ended = engine.RunDone, Day("14:23:05")
	r.Steps[0].State = engine.StepStateDone
	r.Steps[1].State, r.Steps[1].EndedAt, r.Steps[1].Attempts = engine.StepStateDone, Day("14:23:04"), 1
	r.Steps[1].Input, r.Steps[1].Output = ticketInput(), raw(map[string]any{"status": 201, "body": map[string]any{"id": 481}})
	r.Steps[2].State, r.Steps[2].EndedAt = engine.StepStateDone, Day("14:23:05")
	r.Steps[2].Input = raw(map[string]any{"to": "#triage", "text": "Ticket 481"})
	return r
}

func refused() *engine.Failure {
	return &engine.Failure{Class: engine.Rejected, Code: engine.Refused, Msg: "{peer} answered {status}", Args: map[string]any{"peer": "tracker.example.org", "status": 422},
		Status: 422, Peer: "tracker.example.org", Said: "project is required"}
}

func parked() engine.RunView {
	r := run()
	a := ask()
	a.State, a.Decision, a.DecidedBy, a.DecidedAt = engine.CardDecided, "approve", "p-bob", Day("14:23:00")
	r.Asks = []engine.AskView{a}
	r.State = engine.RunParked
	r.Steps[0].State = engine.StepStateDone
	r.Steps[1].State, r.Steps[1].Attempts, r.Steps[1].Input, r.Steps[1].Failure = engine.StepStateFailed, 1, ticketInput(), refused()
	return r
}

func unsure() engine.RunView {
	r := parked()
	r.State, r.Number, r.ID = engine.RunUnknown, 16, "r16"
	r.Steps[1].State, r.Steps[1].SentAt, r.Steps[1].Failure = engine.StepStateUnknown, Day("14:20:03"),
		&engine.Failure{Class: engine.Unsure, Code: engine.Unknown, Msg: "I was stopped while the answer was on its way"}
	return r
}

func failed() engine.FailedData {
	return engine.FailedData{Step: "ticket", Index: 2, Action: "http.request", Failure: refused()}
}

func head() engine.FlowHead {
	return engine.FlowHead{Name: "bug-triage", Title: "Bugs become tickets", State: engine.FlowLive, Live: 1, Place: engine.Place{Surface: "console", Channel: "#triage"},
		Owner: "p-ann", Trigger: "webhook.received", Changed: Day("14:00:00")}
}
