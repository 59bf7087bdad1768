package bot

import (
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Surface is a chat platform, or the console. An SDK lives only in its adapter's folder.
type Surface interface {
	// Name is "slack", "discord" or "console".
	Name() string
	// Limits says what it can show.
	Limits() prompts.Limits
	// Listen takes deliveries and gives them to h until ctx ends. It returns early only with an error that a
	// restart of the surface may cure.
	Listen(ctx context.Context, h Handler) error
	// Post shows a card, or edits the one that ref names in place. Errors: NotFound (no such place, or the message
	// is gone), Denied (the bot is not in that channel; Hint says how to invite it), Throttled, Unavailable.
	Post(ctx context.Context, p engine.Place, ref Ref, c prompts.Card) (Ref, error)
	// Groups tells in which of the groups asked about the actor is now: the surface's own ("slack:T0123/@triage", a
	// user group or role) and the members of a channel ("slack:T0123/#triage"). Groups of another workspace than the
	// actor's, and groups that are not there, have nobody in them. Errors: Denied (a scope is missing), Throttled,
	// Unavailable: then nothing may be concluded.
	Groups(ctx context.Context, a Actor, asked []string) ([]string, error)
}

// Director is a Surface that can speak to one person alone, for a card that lives long and is nobody else's: the
// builder's. A surface that is none gets such cards as private answers, anew with each change.
type Director interface {
	// Direct is the place for the actor alone, to Post to like any other: the direct messages with the bot; where
	// those are refused, a private thread below near. On the console its Channel is "@" and the person's id: what
	// is posted there only that person sees, in the side panel of every channel. Errors: Denied (no way to speak
	// to them alone), Throttled, Unavailable.
	Direct(ctx context.Context, a Actor, near engine.Place) (engine.Place, error)
}

// NoWorkspace is the workspace of direct messages where they belong to none and a user is the same in every workspace
// (Discord): who is known in one of them is known there, and the other way round.
const NoWorkspace = "@me"

// Ref names a posted message on its surface; "" is none.
type Ref string

// Handler is the bot, as surfaces see it. It is safe for concurrent use.
type Handler interface {
	// Handle takes a delivery that the surface has made durable or is its own record of (R14). An error is shown to the
	// person as a private message; a reply beside it says the same with something to press, and is shown instead where
	// the surface can.
	Handle(ctx context.Context, in In) (Reply, error)
	// Options completes a command line or a long list.
	Options(ctx context.Context, in In) ([]prompts.Option, error)
}

// InKind says what a person did.
type InKind string

// The kinds.
const (
	InCommand InKind = "command" // a slash command; Text is all of it, "/flow show bug-triage"
	InMessage InKind = "message" // an ordinary message; Text
	InPress   InKind = "press"   // a button; Token
	InChoose  InKind = "choose"  // a menu; Token and Value
	InSubmit  InKind = "submit"  // a dialog; Token and Fields
	InReact   InKind = "react"   // a reaction to a message; Value is the emoji's name, Message what it is under, Text what that says if the surface knows
	InShort   InKind = "short"   // a shortcut; Value is ShortRun (on a message: Message, Text, Author) or ShortNew
	InHome    InKind = "home"    // somebody looks at the bot's own page; the answer is a Home
	InJoin    InKind = "join"    // somebody joined the place: the actor. Place.Channel is "" for a whole workspace
	InLookUp  InKind = "look_up" // for Options only: Text is typed into field Value of the dialog Token
)

// The shortcuts, In.Value of InShort: the platform's callback ids.
const (
	ShortRun = "run_on_message"
	ShortNew = "new_flow"
)

// ActPrefix begins In.Value of a submission made by a button in a dialog's body or by a field that acts, before its
// name: "act back", "act insert". What is typed is handed over unchecked; the answer is the dialog anew, in place.
const ActPrefix = "act "

// ActTyped is the Value of a submission that only hands over what was typed so far, because a surface shows the rest
// of the dialog elsewhere; the answer is the dialog anew, in place. A name that a handler does not know is to be
// answered like it.
const ActTyped = ActPrefix + "typed"

// In is one delivery, the same whichever surface it came from.
type In struct {
	ID      string // the platform's delivery id; dedup key with Surface
	Kind    InKind
	Actor   Actor
	Place   engine.Place // Thread set where it came from one
	Text    string
	Token   string
	Value   string // of a menu; of a form in pages, see PagePrefix
	Fields  map[string]string
	Message Ref    // the message pressed
	Trigger string // the platform's handle for opening a dialog; "" where the answer is one
	Back    string // the platform's handle for answering later (Slack's response_url); as secret as a token
	At      int64
	ToMe    bool   // of a message: the bot itself is spoken to; surfaces that cannot tell leave it. Text is without the mention then
	Files   []File // of a message: what hangs on it, without Data
	Author  Actor  // of InShort and InReact: who wrote the message, where the surface tells
}

// File is a file on a message, or one to send.
type File struct {
	ID   string // the platform's
	Name string
	Type string // media type, "image/png"; "" when unknown
	Size int64  // bytes
	URL  string // where people open it; it may ask them to log in
	Alt  string // in words what a picture shows
	Data []byte // of one to send
}

// Actor is who did it, as the surface says. Person is filled in by the router from the proven identity; surfaces
// leave it empty.
type Actor struct {
	Surface   string
	Workspace string
	User      string // the platform's user id; on the console the person's id
	Name      string // as shown, not to be trusted
	Lang      string // the platform's locale cut to "en" or "fr"; "" when unknown
	Zone      string // IANA time zone as the platform knows it; "" when unknown
	Guest     bool   // restricted member, or of a workspace that the bot is not installed in: may nothing
	Bot       bool   // not a human: may nothing
	Person    string
}

// Reply is what the person sees at once. The set is closed: Shared, Private, Dialog, FieldErrors, Home, Nothing.
type Reply interface{ reply() }

// Shared posts a card for everybody in the place.
type Shared struct{ Card prompts.Card }

// Private shows a card to the actor alone.
type Private struct{ Card prompts.Card }

// Dialog opens a form, or replaces the one submitted.
type Dialog struct{ Form prompts.Form }

// FieldErrors keeps the submitted form open with what is wrong, by field name; Form is the form filled with what
// was typed, for surfaces that cannot show errors in place.
type FieldErrors struct {
	Errors map[string]string
	Form   prompts.Form
}

// Home is the bot's own page for the actor: the first card on top, each with its buttons.
type Home struct{ Cards []prompts.Card }

// Nothing acknowledges without showing anything; the card itself will change. About is the key of a card that changed
// or came elsewhere, in the place Director gave: a terminal, which shows one thing at a time, shows that one. "" for
// none.
type Nothing struct{ About string }

func (Shared) reply()      {}
func (Private) reply()     {}
func (Dialog) reply()      {}
func (FieldErrors) reply() {}
func (Home) reply()        {}
func (Nothing) reply()     {}
