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
