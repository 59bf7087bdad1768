package connectors

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// Connector is a service: its actions and triggers. A package exports one as a value (R11); connectors/all lists
// them.
type Connector struct {
	Name     string // "http", "chat", "webhook"
	Title    string
	Doc      string
	Actions  []Action
	Triggers []engine.TriggerKind
	// Sources are what its polled triggers look at, by the trigger's name.
	Sources map[string]Source
}

// Action is a typed Act made uniform; see Act.Action.
type Action struct {
	engine.Action
	// Run does it. in has the shape of Action.In, rendered; accounts and secrets are names, never values.
	Run func(ctx context.Context, c *Call, in map[string]any) (any, error)
	// Look asks whether an earlier attempt happened; nil when the service cannot tell.
	Look func(ctx context.Context, c *Call, in map[string]any) (engine.ProbeFound, any, error)
	// Assume is what a dry run takes for the answer to an input; nil: Sample, whatever the input.
	Assume func(c *Call, in map[string]any) any
	// Idempotency says how repeating is made safe.
	Idempotency Idempotency
	// Tests are the recorded exchanges that connectortest replays.
	Tests []Recorded
}

// Idempotency says how a repeated call is kept from acting twice.
type Idempotency string

// The ways.
const (
	NotIdempotent Idempotency = ""        // it is not: an unknown outcome is probed or asked about
	NaturalKey    Idempotency = "natural" // the same input is the same thing to the service (PUT, upsert by a key)
	KeySent       Idempotency = "key"     // Task.Key goes along and the other side honours it
	ByInput       Idempotency = "input"   // Traits decides per input
)

// Recorded is one exchange with a service, written down: what the action is given, what it must send, what the
// service answered, what must come out.
type Recorded struct {
	Name    string
	In      map[string]any
	Account *engine.Credential // opened by Secrets under its own name; nil when the action needs none
	Calls   []Exchange         // in order
	Posts   []Posted           // what is said and done in chat, in order
	Members []ChatMember       // who is in every channel
	Mails   []Mailed           // mails, in order
	Tables  []engine.Table     // the bot's tables before it
	Rows    []engine.TableRow  // the rows of the first of them before it
	After   []engine.TableRow  // and after it, by what they hold; nil is not compared
	Out     any                // compared as canonical JSON; nil is not compared
	Class   engine.FailureClass
}

// Exchange is one HTTP request and its answer.
type Exchange struct {
	Method string
	URL    string            // compared whole, query included
	Header map[string]string // must be among the request's headers
	Body   string            // compared as JSON when it is JSON, else as text

	Status int
	Answer map[string]string // headers of the answer
	Text   string            // body of the answer
}

// Posted is one thing that the Messenger was asked to do.
type Posted struct {
	Did     string // "" is a message; "edit", "delete", "thread", "topic", "file"
	Place   string
	Thread  string // or the message that something is done to
	Text    string
	Mention []string
	File    *File
}

// Mailed is one mail given to a mail server.
type Mailed struct {
	From string
	To   []string
	Text []string // each must stand in the message as it was sent
}
