package connectors

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// Post puts a message into a chat channel, once for the call's key. Errors are a *Fault.
func (c *Call) Post(ctx context.Context, place engine.Place, thread string, w Words) (ref string, err error) {
	err = c.speak(func(m Messenger) (err error) {
		ref, err = m.Post(ctx, place, thread, c.task.Key, w)
		return err
	})
	return ref, err
}

// Reply answers a message in the thread below it, once for the call's key. Errors are a *Fault.
func (c *Call) Reply(ctx context.Context, place engine.Place, message string, w Words) (ref string, err error) {
	err = c.speak(func(m Messenger) (err error) {
		ref, err = m.Reply(ctx, place, message, c.task.Key, w)
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

// EditMessage replaces the text of a message that a flow posted. Errors are a *Fault.
func (c *Call) EditMessage(ctx context.Context, place engine.Place, message string, w Words) error {
	return c.speak(func(m Messenger) error { return m.Edit(ctx, place, message, w) })
}

// DeleteMessage takes back a message that a flow posted. Errors are a *Fault.
func (c *Call) DeleteMessage(ctx context.Context, place engine.Place, message string) error {
	return c.speak(func(m Messenger) error { return m.Delete(ctx, place, message) })
}

// OpenThread begins a thread, once for the call's key. Errors are a *Fault.
func (c *Call) OpenThread(ctx context.Context, place engine.Place, message, title string) (thread, ref string, err error) {
	err = c.speak(func(m Messenger) (err error) {
		thread, ref, err = m.OpenThread(ctx, place, message, c.task.Key, title)
		return err
	})
	return thread, ref, err
}

// SetTopic says what a channel is about. Errors are a *Fault.
func (c *Call) SetTopic(ctx context.Context, place engine.Place, topic string) error {
	return c.speak(func(m Messenger) error { return m.SetTopic(ctx, place, topic) })
}

// Upload shares a file, once for the call's key. Errors are a *Fault.
func (c *Call) Upload(ctx context.Context, place engine.Place, thread, text string, f File) (ref string, err error) {
	err = c.speak(func(m Messenger) (err error) {
		ref, err = m.Upload(ctx, place, thread, c.task.Key, text, f)
		return err
	})
	return ref, err
}

// Members lists who is in a channel, also in a dry run. Errors are a *Fault.
func (c *Call) Members(ctx context.Context, place engine.Place, most int) (list []ChatMember, more bool, err error) {
	err = c.consult(func(m Messenger) (err error) {
		list, more, err = m.Members(ctx, place, most)
		return err
	})
	return list, more, err
}

// Lookup finds somebody in a place's workspace, also in a dry run. Errors are a *Fault.
func (c *Call) Lookup(ctx context.Context, place engine.Place, who string) (found ChatMember, err error) {
	err = c.consult(func(m Messenger) (err error) {
		found, err = m.Lookup(ctx, place, who)
		return err
	})
	return found, err
}

// speak does one thing in chat.
func (c *Call) speak(do func(Messenger) error) error {
	if c.dry {
		return dryRefusal()
	}
	return c.consult(func(m Messenger) error {
		c.markSent()
		return do(m)
	})
}

// consult uses the messenger for what may be done in a dry run too.
func (c *Call) consult(do func(Messenger) error) error {
	if c.exits.Messenger == nil {
		return Fail(engine.BadInput, engine.Invalid, "No chat surface is connected").
			WithHint("Connect one, then retry this step.")
	}
	done, err := c.enter()
	if err != nil {
		return err
	}
	defer done()
	if err = do(c.exits.Messenger); err == nil {
		return nil
	}
	f := failureOf(err, c.hasSent())
	switch f.Code {
	case engine.Invalid, engine.NotFound, engine.TooLarge:
		f.Class = engine.BadInput
	case engine.Denied:
		f.Class = engine.Rejected
	}
	return &Fault{Failure: f, Err: err}
}
