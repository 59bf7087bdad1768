package connectors

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// Post puts a message into a chat channel, once for the call's key. Errors are a *Fault.
func (c *Call) Post(ctx context.Context, place engine.Place, thread, text string) (ref string, err error) {
	err = c.speak(func(m Messenger) (err error) {
		ref, err = m.Post(ctx, place, thread, c.task.Key, text)
		return err
	})
	return ref, err
}

// Reply answers a message in the thread below it, once for the call's key. Errors are a *Fault.
func (c *Call) Reply(ctx context.Context, place engine.Place, message, text string) (ref string, err error) {
	err = c.speak(func(m Messenger) (err error) {
		ref, err = m.Reply(ctx, place, message, c.task.Key, text)
		return err
	})
	return ref, err
}

// Direct writes to one person alone, once for the call's key. Errors are a *Fault.
func (c *Call) Direct(ctx context.Context, person, text string) (ref string, place engine.Place, err error) {
	err = c.speak(func(m Messenger) (err error) {
		ref, place, err = m.Direct(ctx, person, c.task.Key, text)
		return err
	})
	return ref, place, err
}

// React puts an emoji under a message. Errors are a *Fault.
func (c *Call) React(ctx context.Context, place engine.Place, message, emoji string) error {
	return c.speak(func(m Messenger) error { return m.React(ctx, place, message, emoji) })
}

// speak does one thing in chat.
func (c *Call) speak(do func(Messenger) error) error {
	if c.dry {
		return dryRefusal()
	}
	if c.exits.Messenger == nil {
		return Fail(engine.BadInput, engine.Invalid, "No chat surface is connected").
			WithHint("Connect one, then retry this step.")
	}
	done, err := c.enter()
	if err != nil {
		return err
	}
	defer done()
	c.markSent()
	if err = do(c.exits.Messenger); err == nil {
		return nil
	}
	f := failureOf(err, true)
	switch f.Code {
	case engine.Invalid, engine.NotFound:
		f.Class = engine.BadInput
	case engine.Denied:
		f.Class = engine.Rejected
	}
	return &Fault{Failure: f, Err: err}
}
