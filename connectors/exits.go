package connectors

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// Exits is everything a Performer may use to reach the outside. The zero value reaches public HTTP servers only.
type Exits struct {
	Secrets   Secrets        // nil: no account can be used
	Messenger Messenger      // nil: no chat message can be posted
	Tables    Tables         // nil: there are no tables
	Roots     *x509.CertPool // who may sign servers' certificates; nil is the system's list
	Resolver  *net.Resolver  // nil is the system's
	Now       func() time.Time
	Log       *slog.Logger // gets defects of actions (a panic, with its stack), redacted; nil discards them

	// Dial, when set, replaces the guarded dialer: the SSRF guard is then not asked. For tests, which put a fake in
	// the place of a service; never set it in the product.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Secrets opens stored secrets.
type Secrets interface {
	// Open finds a credential by name. Errors: NotFound; Unavailable when it cannot be unsealed or read now.
	Open(ctx context.Context, name string) (engine.Credential, error)
}

// Messenger posts into chat channels.
type Messenger interface {
	// Post puts a text into a place, or into a thread of it when thread is not "", and gives a reference to the
	// message. It posts at most one message for a key, also across restarts, and answers a repeat with the first
	// one's reference. Errors: Invalid or NotFound (no such place; nothing was posted), Denied (the bot may not
	// post there), Throttled (nothing was posted; After says until when), Unavailable (it may have been posted).
	Post(ctx context.Context, place engine.Place, thread, key, text string) (ref string, err error)
	// Reply is Post into the thread below a message, which it begins when there is none yet. NotFound when the message
	// is gone.
	Reply(ctx context.Context, place engine.Place, message, key, text string) (ref string, err error)
	// Direct is Post to one person alone, "@ann" or an address of the surface ("slack:T0123/@U42"), and tells where
	// that was. NotFound when nobody is called so.
	Direct(ctx context.Context, person, key, text string) (ref string, place engine.Place, err error)
	// React puts an emoji, named without colons, under a message; doing it twice is doing it once.
	React(ctx context.Context, place engine.Place, message, emoji string) error
}
