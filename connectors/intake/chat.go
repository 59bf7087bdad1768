package intake

import (
	"context"
	"strings"
	"sync"

	"github.com/bretelle/bretelle/connectors/chat"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
)

// Said is a message or a reaction that a surface heard. What the bot itself says is never given here.
type Said struct {
	Place   engine.Place // Thread set where it came from one
	Ref     string       // the message
	Text    string       // what it says; of a reaction, where the platform tells
	Emoji   string       // of a reaction
	Mention bool         // the bot is spoken to
	By      string       // person id; "" for somebody unknown
	Name    string       // as shown
	// Member reports whether the speaker is a person, or in a group, that is written "@triage"; nil is never.
	Member func(ctx context.Context, group string) (bool, error)
}

// Chats matches what is said with the flows that listen (chat.message, chat.reaction). One message fits any number of
// flows. Drafts are given samples.
type Chats struct {
	Loop

	mu     sync.Mutex
	recent []Said // newest last; in memory only, for samples
}

// mostRecent bounds the messages that samples are chosen from.
const mostRecent = 200

// maxSaid bounds a message's text, in bytes.
const maxSaid = 32 << 10

// NewChats makes it.
func NewChats(l Loop) *Chats {
	l.defaults()
	return &Chats{Loop: l}
}

// Said offers a message to every flow that it fits. The error is Unavailable: it is to be delivered again, which those
// flows that have it already will not notice.
func (c *Chats) Said(ctx context.Context, s Said) error {
	s.Text = bounded(s.Text)
	c.keep(s)
	return c.each(ctx, chat.Message, s, func(t flows.Trigger) (engine.Item, bool, error) {
		it, ok := said(t.With, t.Place, s)
		return it, ok, nil
	})
}

// Reacted offers a reaction; see Said.
func (c *Chats) Reacted(ctx context.Context, s Said) error {
	s.Text = bounded(s.Text)
	return c.each(ctx, chat.Reaction, s, func(t flows.Trigger) (engine.Item, bool, error) { return reacted(ctx, t, s) })
}

func (c *Chats) each(ctx context.Context, kind string, s Said, match func(flows.Trigger) (engine.Item, bool, error)) error {
	var failed error
	from := "chat"
	if s.By != "" {
		from = "person:" + s.By
	}
	for _, t := range c.Flows.Triggers(kind) {
		it, ok, err := match(t)
		if err == nil && ok {
			_, err = c.Intake.Accept(ctx, engine.Batch{Trigger: t.ID, Items: []engine.Item{it}, From: from})
		}
		if err != nil && engine.CodeOf(err) != engine.NotFound {
			failed = err // the others have their turn first
		}
	}
	return failed
}

// said is a message as an event of a trigger; ok is false when it does not fit.
func said(with map[string]any, home engine.Place, s Said) (it engine.Item, ok bool) {
	if from, _ := with["from"].(string); from != chat.FromAnyone && s.By == "" {
		return it, false
	}
	if mention, _ := with["mention"].(bool); mention && !s.Mention || !within(with, home, s.Place) {
		return it, false
	}
	p, bad := chat.ParsePattern(with)
	if bad != nil {
		return it, false
	}
	found, ok := p.Match(s.Text)
	if !ok {
		return it, false
	}
	matches := make([]any, len(found))
	for i, m := range found {
		matches[i] = m
	}
	return engine.Item{Key: s.Place.String() + "/" + s.Ref, Data: map[string]any{"text": s.Text, "by": by(s), "place": s.Place.String(),
		"thread": s.Place.Thread, "ref": s.Ref, "matches": matches}}, true
}

func reacted(ctx context.Context, t flows.Trigger, s Said) (it engine.Item, ok bool, err error) {
	emoji := chat.EmojiName(s.Emoji)
	if want, _ := t.With["emoji"].(string); want != "" && chat.EmojiName(want) != emoji || s.By == "" || !within(t.With, t.Place, s.Place) {
		return it, false, nil
	}
	if group, _ := t.With["from"].(string); group != "" {
		if s.Member == nil {
			return it, false, nil
		}
		if ok, err := s.Member(ctx, group); !ok || err != nil {
			return it, false, err
		}
	}
	key := s.Place.String() + "/" + s.Ref + "/" + emoji
	if once, _ := t.With["once"].(string); once == chat.OncePerPerson {
		key += "/" + s.By
	}
	return engine.Item{Key: key, Data: map[string]any{"emoji": emoji, "by": by(s), "place": s.Place.String(), "thread": s.Place.Thread,
		"ref": s.Ref, "text": s.Text}}, true, nil
}

func by(s Said) map[string]any { return map[string]any{"id": s.By, "name": s.Name} }

// within reports whether something was said in the channel that is listened to, or in a thread of it.
func within(with map[string]any, home, at engine.Place) bool {
	want := home
	if text, _ := with["place"].(string); text != "" {
		p, err := engine.ParsePlace(text)
		if err != nil {
			return false
		}
		want = p
	}
	return want.Channel != "" && strings.EqualFold(want.String(), at.String())
}

func bounded(s string) string {
	if len(s) > maxSaid {
		s = s[:maxSaid]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func (c *Chats) keep(s Said) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.recent = append(c.recent, s); len(c.recent) > mostRecent {
		c.recent = append([]Said(nil), c.recent[len(c.recent)-mostRecent:]...)
	}
}

// Last is the last message that fits the settings of a chat.message trigger. NotFound.
func (c *Chats) Last(with map[string]any, home engine.Place) (engine.Item, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.recent) - 1; i >= 0; i-- {
		if it, ok := said(with, home, c.recent[i]); ok {
			return it, nil
		}
	}
	return engine.Item{}, engine.E(engine.NotFound, "No message that fits was written lately").WithHint("Write one in the channel: it is kept as a sample.")
}
