package intake

import (
	"context"
	"slices"

	"github.com/bretelle/bretelle/connectors/chat"
	"github.com/bretelle/bretelle/engine"
)

// Last is the last thing heard that fits the settings of a trigger of the kind; a message that was not reacted to or
// chosen yet does for one that was, and who wrote it for one who joined. NotFound, with what to do.
func (c *Chats) Last(ctx context.Context, kind string, with map[string]any, home engine.Place) (engine.Item, error) {
	c.mu.Lock()
	recent := slices.Clone(c.recent)
	c.mu.Unlock()
	for _, as := range []string{kind, chat.Message} {
		for i := len(recent) - 1; i >= 0; i-- {
			h := recent[i]
			if h.kind != as {
				continue
			}
			if it, ok := c.sampled(ctx, kind, with, home, h); ok {
				return it, nil
			}
		}
	}
	none := engine.E(engine.NotFound, "No message that fits was written lately")
	switch kind {
	case chat.File:
		return engine.Item{}, engine.E(engine.NotFound, "No file that fits was shared lately").WithHint("Share one in the channel: it is kept as a sample.")
	case chat.Reaction:
		return engine.Item{}, none.WithHint("Put the emoji under a message: it is kept as a sample.")
	case chat.Joined:
		return engine.Item{}, engine.E(engine.NotFound, "Nobody who fits has joined lately").WithHint("Have somebody join: it is kept as a sample.")
	}
	return engine.Item{}, none.WithHint("Write one in the channel: it is kept as a sample.")
}

// sampled is something heard as an event of the kind.
func (c *Chats) sampled(ctx context.Context, kind string, with map[string]any, home engine.Place, h overheard) (engine.Item, bool) {
	var items []engine.Item
	s := h.said
	switch kind {
	case chat.Message:
		items = said(with, home, s)
	case chat.File:
		items = filed(with, home, s)
	case chat.Joined:
		if what, _ := with["what"].(string); h.kind == chat.Message && what == chat.JoinWorkspace {
			s.Place.Channel, s.Place.Thread = "", ""
		}
		items = joined(with, home, s)
	case chat.Reaction:
		if h.kind == chat.Message { // as if somebody had reacted to it
			s.Author = Writer{s.By, s.Name, s.Address}
			if s.Emoji, _ = with["emoji"].(string); s.Emoji == "" {
				s.Emoji = "eyes"
			}
			s.Member = func(context.Context, string) (bool, error) { return true, nil }
		}
		got, err := c.reacted(ctx, with, home, s)
		if err != nil {
			return engine.Item{}, false
		}
		items = got
	case chat.Shortcut:
		if !within(with, home, s) { // it starts everywhere; what is said everywhere is not for whoever builds it
			return engine.Item{}, false
		}
		if h.kind == chat.Message {
			s.Author = Writer{s.By, s.Name, s.Address}
		}
		items = []engine.Item{chosen(s)}
	}
	if len(items) == 0 {
		return engine.Item{}, false
	}
	return items[0], true
}
