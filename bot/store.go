package bot

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
)

// What the bot needs of storage, in small parts. Errors not named are Unavailable: nothing was stored.

// People keeps persons, identities, groups, channels and sessions.
type People interface {
	Persons(ctx context.Context) ([]engine.Person, error) // by name
	// AddPerson stores a new person; Conflict when the name is taken.
	AddPerson(ctx context.Context, p engine.Person) error
	// SetPerson replaces role, language and time zone; NotFound.
	SetPerson(ctx context.Context, p engine.Person) error
	// Identify finds the person behind an identity; NotFound.
	Identify(ctx context.Context, surface, workspace, user string) (engine.Person, error)
	// Link ties an identity to a person; Conflict when it belongs to another.
	Link(ctx context.Context, id engine.Identity) error
	Identities(ctx context.Context, person string) ([]engine.Identity, error)
	// Accounts lists the identities that a user has on a surface, in whichever workspaces; without both it lists everybody's.
	Accounts(ctx context.Context, surface, user string) ([]engine.Identity, error)
	// Unlink takes an identity from the person it names; NotFound when it is not theirs.
	Unlink(ctx context.Context, id engine.Identity) error

	// Groups gives every group's members as person ids, by group name without "@".
	Groups(ctx context.Context) (map[string][]string, error)
	// SetGroup makes or replaces a group; no members makes it empty, not gone.
	SetGroup(ctx context.Context, name string, persons []string) error

	// Channels lists the places that people added, with their language ("" is English) and roles given there.
	Channels(ctx context.Context) ([]Channel, error)
	// SetChannel adds or replaces a channel.
	SetChannel(ctx context.Context, c Channel) error

	// PutTicket stores a one-time login link or claim code by its hash; UseTicket removes and returns it, once.
	// NotFound when it was used, has expired, or never was.
	PutTicket(ctx context.Context, t Ticket) error
	UseTicket(ctx context.Context, hash string, now int64) (Ticket, error)
	// PutSession and Session keep console logins by the hash of their cookie; NotFound when gone or expired.
	PutSession(ctx context.Context, s Session) error
	Session(ctx context.Context, hash string, now int64) (Session, error)
	DropSession(ctx context.Context, hash string) error

	// Setting and SetSetting keep single facts of the installation ("installation.id"); "" when never set.
	Setting(ctx context.Context, key string) (string, error)
	SetSetting(ctx context.Context, key, value string) error
}

// Channel is a place with its own language and roles.
type Channel struct {
	Place engine.Place
	Lang  string
	Roles map[string]engine.Role // by person id: what they may there beyond their role everywhere
}

// Ticket is a one-time link or code.
type Ticket struct {
	Hash    string // SHA-256 of the token, hex
	Kind    string // "first-admin", "login"
	Person  string // whom it logs in; "" for the first admin
	Expires int64
}

// Session is a console login.
type Session struct {
	Hash    string
	Person  string
	Expires int64
}

// Outbox hands out notices in order and remembers what came of them.
type Outbox interface {
	Copies
	// Undelivered lists notices not yet settled, oldest first.
	Undelivered(ctx context.Context, limit int) ([]engine.Notice, error)
	// Settle stores, in one transaction, that a notice was dealt with, and what was posted for it.
	Settle(ctx context.Context, s Settled) error
	// PutCard stores a card without a notice (answers, welcome).
	PutCard(ctx context.Context, c StoredCard, intents []Intent) error
	// Card finds the card of a key in a place; NotFound.
	Card(ctx context.Context, key string, p engine.Place) (StoredCard, error)
	// Cards lists the cards of a key in every place.
	Cards(ctx context.Context, key string) ([]StoredCard, error)
	// OpenCards lists cards in state open, in a place when it is not zero, newest first.
	OpenCards(ctx context.Context, p engine.Place, limit int) ([]StoredCard, error)
	// Intent finds what a button or form means; NotFound when it never was.
	Intent(ctx context.Context, token string) (Intent, error)
	// Alert finds an alert group; NotFound.
	Alert(ctx context.Context, fingerprint string) (Alert, error)
	// PutAlert stores a group changed by a person (mute).
	PutAlert(ctx context.Context, a Alert) error
}

// Settled is what delivering a notice gave.
type Settled struct {
	Notice  string // id
	Reason  string // printable: "posted", "edited", "muted until 14:00", "nowhere to post"
	At      int64
	Cards   []StoredCard
	Intents []Intent
	Alert   *Alert
	Copies  []Copy // what is to be shown for it
	Later   int64  // not before: try the notice again then (Throttled, Unavailable); 0 settles it
}

// StoredCard is a card that stands somewhere.
type StoredCard struct {
	ID      string // ours; what `--card` names
	Key     string
	Place   engine.Place
	Ref     Ref
	State   engine.CardState
	Hash    string          // of what was rendered: an equal one is not sent again
	Card    json.RawMessage // as posted, tokens included: `bretelle chat --json` and the console read it
	Updated int64
}

// Intent is what a token means: kept on the server, looked up at the click.
type Intent struct {
	Token   string
	Card    string // StoredCard.ID; "" for a form opened from a command
	Key     string // of the card
	Verb    string
	Run     string
	Path    string
	Plan    string // hash of what was shown, for votes
	Flow    string
	Data    json.RawMessage // what else the verb needs
	Expires int64           // 0 never
	For     string          // person id: shown to them alone, so it works for nobody else; "" for everybody
	On      string          // surface that it was shown on, so it works there and, for who sits at this machine, on the console; "" anywhere
}

// Alert is a group of failures alike.
type Alert struct {
	Fingerprint string
	Flow        string
	Place       engine.Place
	Since       int64
	Count       int        // runs in it
	Runs        []AlertRun // at most 100, oldest first
	State       string     // "open", "resolved"
	MutedUntil  int64
	MutedBy     string
	Last        json.RawMessage // engine.FailedData of the latest
	ResolvedBy  string
	ResolvedAt  int64
	Edition     int // a new one each time a resolved group fails again: a new message
}

// AlertRun is one failing run of a group.
type AlertRun struct {
	Run    string
	Number int64
	Path   string
	At     int64
	State  string // "failing", "mended", "stopped", "moved": it failed in another way since
	To     string // fingerprint of the group it moved to
}

// Samples keeps what the steps of a flow are taken to give when it is tried. Samples of events are the events
// themselves, see Runs.Events.
type Samples interface {
	// Answers gives a flow's sample answers as JSON, by step id.
	Answers(ctx context.Context, flow string) (map[string]json.RawMessage, error)
	// SetAnswer stores the sample answer of a step; nil forgets it.
	SetAnswer(ctx context.Context, flow, step string, data json.RawMessage, by string, at int64) error
}

// Inbox makes deliveries durable before they are acknowledged (R14).
type Inbox interface {
	// Keep stores a delivery; fresh is false when (surface, id) was kept before.
	Keep(ctx context.Context, surface, id string, payload json.RawMessage, at int64) (fresh bool, err error)
	// Done marks it worked off.
	Done(ctx context.Context, surface, id string) error
	// Unworked lists kept deliveries that are not done, oldest first, for start-up.
	Unworked(ctx context.Context, surface string, limit int) ([]Kept, error)
}

// Kept is a delivery in the Inbox.
type Kept struct {
	ID      string
	Payload json.RawMessage
}

// Messages is the console's own channel history.
type Messages interface {
	// PutMessage inserts, or replaces the one with the same ID, giving it the next change number.
	PutMessage(ctx context.Context, m Message) (Message, error)
	// ChangedSince lists messages with Change > after, in order of Change; place filters when not zero.
	ChangedSince(ctx context.Context, p engine.Place, after int64, limit int) ([]Message, error)
	// LastMessages lists the newest messages of a place, oldest first.
	LastMessages(ctx context.Context, p engine.Place, limit int) ([]Message, error)
	// Message is the one with the ID, if there is one.
	Message(ctx context.Context, id string) (m Message, found bool, err error)
}

// Message is one message on the console.
type Message struct {
	ID     string          `json:"id"`
	Change int64           `json:"change"` // grows with every insert and edit
	Place  engine.Place    `json:"place"`
	Thread string          `json:"thread,omitempty"`
	By     string          `json:"by"`            // person id; "" is the bot
	For    string          `json:"for,omitempty"` // person id: only they see it
	Text   string          `json:"text,omitempty"`
	Card   json.RawMessage `json:"card,omitempty"` // prompts.Card
	At     int64           `json:"at"`
	Edited int64           `json:"edited,omitempty"`
	// Reactions is how many put an emoji under it, by its name. Storing nil keeps what is there.
	Reactions map[string]int `json:"reactions,omitempty"`
}

// Auditor appends to the hash-chained audit.
type Auditor interface {
	Audit(ctx context.Context, entries ...engine.AuditEntry) error
	// VerifyAudit walks the chain; Conflict names the first row that does not fit.
	VerifyAudit(ctx context.Context) (rows int64, err error)
}
