package connectors

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// MostUpload bounds a file that is shared in chat, in bytes.
const MostUpload = 8 << 20

// Messenger is chat as actions see it. A message is named by the reference that posting it or an event gave. Every method
// may give, besides what it names: NotFound (no such place, the message or person is gone; nothing was done), Invalid (the
// surface cannot do it; the hint says what to do instead), Denied (the bot may not there), Throttled (nothing was done;
// After says until when), Unavailable (it may have been done).
//
// What takes a key makes at most one message for it, also across restarts, and answers a repeat with the first one's
// reference. The others come to the same when they are done twice.
type Messenger interface {
	// Post puts a text into a place, or into a thread of it when thread is not "", and gives a reference to the
	// message.
	Post(ctx context.Context, place engine.Place, thread, key string, w Words) (ref string, err error)
	// Reply is Post into the thread below a message, which it begins when there is none yet.
	Reply(ctx context.Context, place engine.Place, message, key string, w Words) (ref string, err error)
	// Direct is Post to one person alone, "@ann" or an address of the surface ("slack:T0123/@U42"), and tells where
	// that was. NotFound when nobody is called so.
	Direct(ctx context.Context, person, key, text string) (ref string, place engine.Place, err error)
	// React puts an emoji, by its name without colons, under a message.
	React(ctx context.Context, place engine.Place, message, emoji string) error
	// Edit replaces the text of a message that a flow posted. Denied for any other, the bot's own cards among them.
	Edit(ctx context.Context, place engine.Place, message string, w Words) error
	// Delete takes back a message that a flow posted; one that is gone already is no error. Denied as for Edit.
	Delete(ctx context.Context, place engine.Place, message string) error
	// OpenThread begins a thread with a title, below message when it is not "". thread is what Post takes, ref the
	// message that begins it.
	OpenThread(ctx context.Context, place engine.Place, message, key, title string) (thread, ref string, err error)
	// SetTopic says what a channel is about.
	SetTopic(ctx context.Context, place engine.Place, topic string) error
	// Upload shares a file, with a text above it (may be ""), in a thread when it is not "". TooLarge when the surface
	// takes less than MostUpload.
	Upload(ctx context.Context, place engine.Place, thread, key, text string, f File) (ref string, err error)
	// Members lists who is in a channel, at most most of them; more tells that there are others. It changes nothing.
	Members(ctx context.Context, place engine.Place, most int) (list []ChatMember, more bool, err error)
	// Lookup finds somebody in the place's workspace by name ("@ann"), e-mail address or user id. NotFound; Conflict when
	// several are called so. It changes nothing.
	Lookup(ctx context.Context, place engine.Place, who string) (ChatMember, error)
}

// Words are what a message says.
type Words struct {
	Text string // data: nothing in it notifies anybody, whatever it looks like (R15)
	// Mention is who is notified, before the text: persons and groups that the bot knows, "@ann", "@triage". Invalid for
	// anybody else.
	Mention []string
}

// File is a file to share.
type File struct {
	Name string
	Type string // media type, "text/plain"
	Alt  string // in words what a picture shows
	Data []byte
}

// ChatMember is somebody as a chat platform knows them.
type ChatMember struct {
	ID      string // the platform's
	Address string // what Direct takes
	Person  string // the person's id here; "" for somebody the bot does not know
	Name    string
	Email   string // "" when the platform does not tell
	Title   string
	Lang    string
	Zone    string
	Guest   bool
	App     bool // not a human
}
