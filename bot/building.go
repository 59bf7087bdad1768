package bot

import (
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/flows"
)

// Drafts is what building flows asks of the library, besides [Flows]. Errors: NotFound for an unknown name, Conflict
// when somebody else was faster or another flow has the address, Invalid for a text that is no flow, Unavailable.
type Drafts interface {
	// Draft is the text that an edit begins with: the draft, else the live text.
	Draft(ctx context.Context, name string) (flows.Edit, error)
	// Save makes source the draft if the draft is still of revision rev: 0, there is none; below 0, it does not matter.
	Save(ctx context.Context, source []byte, rev int64, by string) (flows.Applied, error)
	// PublishRev makes the draft of revision rev live in place of the version live, else Conflict; with Problems.Bad
	// nothing changed.
	PublishRev(ctx context.Context, name string, rev, live int64, by string) (engine.FlowHead, engine.Problems, error)
	// Discard forgets the draft; a flow that was never published goes with it.
	Discard(ctx context.Context, name, by string) error
	// Versions lists the published versions without their texts, newest first.
	Versions(ctx context.Context, name string) ([]flows.Version, error)
	// Rollback publishes an earlier version's text as the next one.
	Rollback(ctx context.Context, name string, version int64, by string) (engine.FlowHead, error)
	// Check parses and checks a text; the flow is nil when there is none in it.
	Check(source []byte) (*flow.Flow, engine.Problems)
}

// Sampler asks what starts a flow for something to try with.
type Sampler interface {
	// Sample has the trigger of the flow's draft give a sample now: the newest item of a feed, the next tick. It
	// arrives as an event with the outcome Sampled. Invalid when such triggers cannot be asked, with what to do
	// instead; else the errors of looking.
	Sample(ctx context.Context, flow string) error
}

// Secrets makes the secrets that senders of webhooks sign with.
type Secrets interface {
	// Make stores a new random value under name, in place of the one that was there, and gives it out this once.
	Make(ctx context.Context, name string) (engine.Secret, error)
	// Has reports whether there is one. With an error nothing is known, and so nothing may be made.
	Has(ctx context.Context, name string) (bool, error)
}

// Hooks is where webhooks are received.
type Hooks struct {
	URL    string // "https://bots.example.org/hooks/", ends in a slash
	Public bool   // programs on other machines can reach it
}

// Templates is the list of flows to start from.
type Templates interface {
	List() []Template
}

// Template is a flow to start from.
type Template struct {
	Name  string // "bug-triage"; proposed as the flow's name
	Title string // an English message id
	Doc   string // an English message id: one or two sentences
	// Asks is an object whose fields are what the template cannot know: a channel, a group, an address. Nil asks for
	// nothing. The dialog begins with the flow's name, so no field may be called "name".
	Asks *engine.Schema
	// Fill gives the text of a flow called name. values has what was answered to Asks, as JSON values, without the
	// fields left empty. Errors are Invalid, with the field's name as the argument "field" where one is to blame.
	Fill func(name string, values map[string]any) (source []byte, err error)
	// Accounts says of fields of Asks that they name a stored account of a kind. The fitting ones are offered; where
	// there is none, the dialog says how one is stored.
	Accounts map[string]TemplateAccount
	// Tables are those that the flow reads and people fill, made with the draft so that they can be filled at once. One
	// that is there already stays as it is. Nil makes none; values are as for Fill.
	Tables func(values map[string]any) []TemplateTable
}

// TemplateAccount is an account that a template needs.
type TemplateAccount struct {
	Schemes []string // of the origins that fit: "smtps", "smtp"
	Store   string   // how one is stored, after "bretelle secret set NAME", as engine.Action.Store
}

// TemplateTable is a table that a template begins with.
type TemplateTable struct {
	Table engine.Table // its name and columns
	Rows  []map[string]any
}
