package bot

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// mark is what is remembered of a message that a flow posted, or of one that flows answered below: that it may be changed
// (the bot's own cards may not), and which messages stand in its thread, so that an answer in the thread reaches whoever
// waits for one to any of them.
type mark struct {
	Key  string `json:"key,omitempty"`  // of the card, when a flow posted the message; "" when it is somebody else's
	Refs []Ref  `json:"refs,omitempty"` // what flows said in its thread, itself included, oldest first
}

// mostRefs bounds what is remembered of a thread.
const mostRefs = 16

// markKey names a message or a thread by the last part of its reference, which is the same whichever channel it is called
// by (Slack's "C1/170.1" and "170.1", Discord's "ROOM/MESSAGE" and the thread MESSAGE).
func markKey(p engine.Place, name string) (string, engine.Place) {
	surface := p.Surface
	if surface == "" {
		surface = engine.ConsoleSurface
	}
	last := name[strings.LastIndexByte(name, '/')+1:]
	return "said:" + surface + ":" + p.Workspace + "/" + last, engine.Place{}
}

// marked reads a mark. NotFound.
func (b *Bot) marked(ctx context.Context, p engine.Place, name string) (StoredCard, mark, error) {
	key, where := markKey(p, name)
	c, err := b.o.Outbox.Card(ctx, key, where)
	var m mark
	if err == nil {
		err = json.Unmarshal(c.Card, &m)
	}
	return c, m, err
}

// markSaid keeps that a flow posted a message in a place.
func (b *Bot) markSaid(ctx context.Context, p engine.Place, ref Ref, key string) error {
	if err := b.addMark(ctx, p, string(ref), ref, key); err != nil || p.Thread == "" {
		return err
	}
	return b.addMark(ctx, p, p.Thread, ref, "")
}

func (b *Bot) addMark(ctx context.Context, p engine.Place, name string, ref Ref, key string) error {
	b.marks.Lock()
	defer b.marks.Unlock()
	c, m, err := b.marked(ctx, p, name)
	if err != nil && engine.CodeOf(err) != engine.NotFound {
		return err
	}
	if slices.Contains(m.Refs, ref) && (key == "" || m.Key == key) {
		return nil
	}
	if c.ID == "" {
		c.ID = engine.NewID(b.o.Now())
	}
	if key != "" {
		m.Key = key
		c.Ref = ref
	}
	if !slices.Contains(m.Refs, ref) {
		m.Refs = append(m.Refs, ref)
	}
	if len(m.Refs) > mostRefs {
		m.Refs = m.Refs[len(m.Refs)-mostRefs:]
	}
	c.Key, c.Place = markKey(p, name)
	c.State, c.Updated = engine.CardResolved, b.now()
	if c.Card, err = json.Marshal(m); err != nil {
		return engine.AsError(err).WithOp("bot.mark")
	}
	return b.o.Outbox.PutCard(ctx, c, nil)
}

// SaidIn are the messages of flows that an answer in a thread may be to, newest first: the one that begins the thread and
// those below it. Unavailable.
func (b *Bot) SaidIn(ctx context.Context, p engine.Place) ([]Ref, error) {
	if p.Thread == "" {
		return nil, nil
	}
	b.speaking.wait(ctx, p)
	_, m, err := b.marked(ctx, p, p.Thread)
	if err != nil {
		if engine.CodeOf(err) == engine.NotFound {
			return nil, nil
		}
		return nil, err
	}
	slices.Reverse(m.Refs)
	return m.Refs, nil
}

// mine finds the key of the card that a message is, when a flow posted it. Denied for any other.
func (b *Bot) mine(ctx context.Context, p engine.Place, message Ref) (string, error) {
	c, m, err := b.marked(ctx, p, string(message))
	if err != nil && engine.CodeOf(err) != engine.NotFound {
		return "", err
	}
	if err != nil || m.Key == "" || c.Ref != message {
		return "", engine.E(engine.Denied, "This message is not one that a flow posted, so a flow cannot change it").
			WithHint("Use the ref that the step gave which posted it.")
	}
	return m.Key, nil
}
