package connectors

import (
	"context"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// Call is all an action sees (R12): one attempt of one step, and the exits it may use. Its methods are safe for
// concurrent use. After the attempt was given up the exits refuse.
type Call struct {
	task  engine.Task
	exits Exits
	wire  *wire
	dry   bool
	mask  mask

	mu     sync.Mutex
	sent   bool // something may have left this machine
	open   int  // exits in use
	closed bool
}

// Key is the idempotency key: the same for every attempt of one input.
func (c *Call) Key() string { return c.task.Key }

// Account is the name of the step's account, "" when it has none.
func (c *Call) Account() string { return c.task.Account }

// Channel is the flow's channel.
func (c *Call) Channel() engine.Place { return c.task.Channel }

// Dry reports whether this is a dry run, whose exits only read.
func (c *Call) Dry() bool { return c.dry }

// Now is the time, as everything in this installation sees it.
func (c *Call) Now() time.Time { return c.now() }

// credential opens an account and remembers what to star out.
func (c *Call) credential(ctx context.Context, name string) (engine.Credential, error) {
	if c.exits.Secrets == nil {
		return engine.Credential{}, unknownAccount(name)
	}
	cred, err := c.exits.Secrets.Open(ctx, name)
	if err != nil {
		if code := engine.CodeOf(err); code == engine.NotFound || code == engine.Invalid {
			return engine.Credential{}, unknownAccount(name)
		}
		return engine.Credential{}, Fail(engine.NotSent, engine.Unavailable, `The account "{account}" cannot be opened now`,
			"account", name).WithHint("Run bretelle doctor: the master key may be missing.").wrap(err)
	}
	c.mask.add(cred.Value.Reveal())
	if cred.User != "" {
		c.mask.add(basic(cred))
	}
	return cred, nil
}

func unknownAccount(name string) *Fault {
	return Fail(engine.BadInput, engine.Invalid, `No account is called "{account}"`, "account", clip(name, 80)).
		WithHint("Store it with: bretelle secret set {account}")
}

// enter registers the use of an exit; the call of done ends it. It refuses once the attempt was given up.
func (c *Call) enter() (done func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, Fail(engine.NotSent, engine.Canceled, "This attempt was given up")
	}
	c.open++
	return func() {
		c.mu.Lock()
		c.open--
		c.mu.Unlock()
	}, nil
}

func (c *Call) markSent() {
	c.mu.Lock()
	c.sent = true
	c.mu.Unlock()
}

func (c *Call) hasSent() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent
}

// shut gives the attempt up and reports whether anything may have left, or may still leave through an exit in use.
func (c *Call) shut() (maybeSent bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return c.sent || c.open > 0
}

func (c *Call) now() time.Time {
	if c.exits.Now != nil {
		return c.exits.Now()
	}
	return time.Now()
}

func dryRefusal() *Fault {
	return Fail(engine.Forbidden, engine.Denied, "A dry run changes nothing, so this was not sent")
}
