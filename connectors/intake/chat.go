package intake

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/bretelle/bretelle/connectors/chat"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
)

// Said is what a surface heard: a message, a reaction, somebody who joined, or a message that was chosen. What the bot
// itself says is never given here, or flows would start one another without end.
type Said struct {
	ID      string       // the delivery
	Place   engine.Place // Thread set where it came from one; Channel "" for a whole workspace
	Ref     string       // the message; its part before "/" is the platform's own id of the channel
	Text    string       // what it says; of a reaction, where the platform tells
	Emoji   string       // of a reaction, its name
	Mention bool         // the bot is spoken to
	Files   []SaidFile   // what hangs on it
	By      string       // person id; "" for somebody unknown
	Name    string       // as shown
	Address string       // how to write to them, "slack:T0123/@U42"
	Author  Writer       // of a reaction or a chosen message: who wrote it; zero when the platform does not tell
	// Member reports whether the speaker is a person, or in a group, that is written "@triage"; nil is never.
	Member func(ctx context.Context, group string) (bool, error)
	// Took, when set, is called when a flow takes it: what is skipped by a condition is not taken.
	Took func()
}

// Writer is who wrote a message.
type Writer struct{ By, Name, Address string }

// SaidFile is a file on a message.
type SaidFile struct {
	ID, Name, Type, URL string
	Size                int64
}

// Chats matches what is said with the flows that listen (chat.message and its kin). One message fits any number of
// flows. Drafts are given samples.
type Chats struct {
	Loop
	// Emoji gives an emoji the name that reactions come with, whichever of its names or its sign it is written with in a
	// flow; ok is false for one that it does not know. Nil knows none. Set it before use.
	Emoji func(emoji string) (name string, ok bool)

	mu     sync.Mutex
	recent []overheard // newest last; in memory only, for samples
}

// overheard is something that was heard, with the trigger that it is for.
type overheard struct {
	kind string
	said Said
}

// Bounds of what is kept for samples and of what an event holds.
const (
	mostRecent = 200
	maxSaid    = 32 << 10 // of a message's text, in bytes
	mostFiles  = 20       // of a message
)

// NewChats makes it.
func NewChats(l Loop) *Chats {
	l.defaults()
	return &Chats{Loop: l}
}

// Said offers a message, and the files on it, to every flow that it fits. The error is Unavailable: it is to be delivered
// again, which those flows that have it already will not notice.
func (c *Chats) Said(ctx context.Context, s Said) error {
	s = bounded(s)
	c.keep(chat.Message, s)
	err := c.each(ctx, chat.Message, s, func(t flows.Trigger) ([]engine.Item, error) { return said(t.With, t.Place, s), nil })
	if len(s.Files) == 0 {
		return err
	}
	failed := c.each(ctx, chat.File, s, func(t flows.Trigger) ([]engine.Item, error) { return filed(t.With, t.Place, s), nil })
	if err == nil {
		err = failed
	}
	return err
}

// Reacted offers a reaction; see Said.
func (c *Chats) Reacted(ctx context.Context, s Said) error {
	s = bounded(s)
	c.keep(chat.Reaction, s)
	return c.each(ctx, chat.Reaction, s, func(t flows.Trigger) ([]engine.Item, error) { return c.reacted(ctx, t.With, t.Place, s) })
}

// Joined offers that somebody joined; see Said.
func (c *Chats) Joined(ctx context.Context, s Said) error {
	s = bounded(s)
	c.keep(chat.Joined, s)
	return c.each(ctx, chat.Joined, s, func(t flows.Trigger) ([]engine.Item, error) { return joined(t.With, t.Place, s), nil })
}

func (c *Chats) each(ctx context.Context, kind string, s Said, match func(flows.Trigger) ([]engine.Item, error)) error {
	var failed error
	for _, t := range c.Flows.Triggers(kind) {
		items, err := match(t)
		var got []engine.Receipt
		if err == nil && len(items) > 0 {
			got, err = c.Intake.Accept(ctx, engine.Batch{Trigger: t.ID, Items: items, From: s.from()})
		}
		if s.Took != nil && slices.ContainsFunc(got, func(r engine.Receipt) bool { return r.Outcome != engine.Skipped }) {
			s.Took()
		}
		if err != nil && engine.CodeOf(err) != engine.NotFound {
			failed = err // the others have their turn first
		}
	}
	return failed
}

// from is who or what is offered, for the audit.
func (s Said) from() string {
	if s.By != "" {
		return "person:" + s.By
	}
	return "chat"
}

// bounded is what is heard with its texts in bounds.
func bounded(s Said) Said {
	if len(s.Text) > maxSaid {
		s.Text = s.Text[:maxSaid]
	}
	s.Text = strings.ToValidUTF8(s.Text, "\uFFFD")
	s.Files = s.Files[:min(len(s.Files), mostFiles)]
	return s
}

func (c *Chats) keep(kind string, s Said) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.recent = append(c.recent, overheard{kind, s}); len(c.recent) > mostRecent {
		c.recent = append([]overheard(nil), c.recent[len(c.recent)-mostRecent:]...)
	}
}
