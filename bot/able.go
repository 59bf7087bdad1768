package bot

import (
	"context"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// What some surfaces can do beyond [Surface], each found by a type assertion. Errors not named are those of Post.

// Deleter is a surface on which the bot can take back a message of its own; NotFound when it is gone already, Denied
// for somebody else's.
type Deleter interface {
	Delete(ctx context.Context, p engine.Place, message Ref) error
}

// Uploader is a surface that takes files. For one key at most one message is made where the surface can tell.
// Errors: TooLarge, Invalid for what the surface refuses.
type Uploader interface {
	// Upload posts files with a text above them (may be ""), in p.Thread when it is set.
	Upload(ctx context.Context, p engine.Place, key, text string, files ...File) (Ref, error)
}

// ThreadOpener is a surface on which a thread can be begun that has a title of its own: the message that begins it is
// its title where threads have none (Slack).
type ThreadOpener interface {
	// OpenThread begins a thread, below message when it is not "". The place has its Thread set; the Ref is the message
	// that begins it, for one key at most one.
	OpenThread(ctx context.Context, p engine.Place, message Ref, key, title string) (engine.Place, Ref, error)
}

// TopicSetter is a surface whose channels have a topic. Invalid when the text is too long.
type TopicSetter interface {
	SetTopic(ctx context.Context, p engine.Place, topic string) error
}

// Member is somebody as a surface knows them.
type Member struct {
	Actor        // Surface, Workspace, User, Name, Lang, Zone, Guest, Bot
	Email string // "" when the surface does not tell
	Title string // what they do, as they say
}

// RoomLister is a surface that can list its channels, so that they are offered where a flow asks for one.
type RoomLister interface {
	// Rooms are the channels that somebody and the bot are both in, as flows name them, at most a few hundred: none that
	// they could not see by themselves. Errors: Denied, Throttled, Unavailable; a list beside one is what is known.
	Rooms(ctx context.Context, a Actor) ([]engine.Place, error)
}

// Directory is a surface that knows people.
type Directory interface {
	// Lookup finds somebody in a workspace by user id, e-mail address or name ("@ann"); NotFound, Conflict when
	// several are called so.
	Lookup(ctx context.Context, workspace, who string) (Member, error)
	// Members lists who is in a channel, at most most of them; more tells that there are others.
	Members(ctx context.Context, p engine.Place, most int) (list []Member, more bool, err error)
}

// Paced is a surface that limits how fast messages may be sent; the bot keeps to it, so that 429 is the exception.
type Paced interface {
	// Pace is the rate in one channel, and of all channels of a workspace together.
	Pace() (channel, workspace Rate)
}

// Rate lets Burst messages go at once, then one every Every.
type Rate struct {
	Every time.Duration
	Burst int
}

// Checker is a surface that can tell what it lacks.
type Checker interface {
	// Check asks the platform and gives one sentence for each thing that is wrong, with what to do: a token that is
	// refused, a scope or intent that is missing and what does not work without it. Nothing wrong is empty.
	Check(ctx context.Context) []*engine.Error
}

// Linked is a surface whose connection comes and goes.
type Linked interface {
	// Links are its connections: one for each workspace, or a single one when that cannot be told.
	Links() []Link
}

// Link is the state of a connection.
type Link struct {
	Workspace string // id
	Name      string // as people know the workspace; "" when unknown
	Up        bool
	Since     int64         // when it came up or went down
	Why       *engine.Error // of one that is down
}

// Named is a surface of several workspaces that knows what people call them.
type Named interface {
	// WorkspaceName is a workspace's name, from what is known without asking; "" when it is not.
	WorkspaceName(workspace string) string
}
