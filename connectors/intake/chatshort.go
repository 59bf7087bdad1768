package intake

import (
	"context"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/connectors/chat"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
)

// Short is a flow that people can run on a message (chat.shortcut).
type Short struct {
	Trigger string // trigger id
	Flow    string
	Title   string // in the list; "" is the flow's
	State   engine.FlowState
}

// Shorts lists those that can be chosen at a message, by title, those of drafts last. Which person may start what is
// decided elsewhere.
func (c *Chats) Shorts(at engine.Place, ref string) []Short {
	var out []Short
	for _, t := range c.Flows.Triggers(chat.Shortcut) {
		if offers(t, at, ref) {
			title, _ := t.With["title"].(string)
			out = append(out, Short{Trigger: t.ID, Flow: t.Flow, Title: strings.TrimSpace(title), State: t.State})
		}
	}
	slices.SortStableFunc(out, func(a, b Short) int {
		if x, y := a.State == engine.FlowDraft, b.State == engine.FlowDraft; x != y {
			if x {
				return 1
			}
			return -1
		}
		return strings.Compare(strings.ToLower(a.Title+"\x00"+a.Flow), strings.ToLower(b.Title+"\x00"+b.Flow))
	})
	return out
}

// offers reports whether a shortcut can be chosen at a message.
func offers(t flows.Trigger, at engine.Place, ref string) bool {
	if place, _ := t.With["place"].(string); place == "" {
		return true
	}
	return within(t.With, engine.Place{}, Said{Place: at, Ref: ref})
}

// Short offers a message that somebody chose; s.ID is the delivery of the choice: the same when it comes again. Errors:
// NotFound when the flow starts in another way by now or not in that channel, Unavailable.
func (c *Chats) Short(ctx context.Context, trigger string, s Said) (engine.Receipt, error) {
	s = bounded(s)
	c.keep(chat.Shortcut, s)
	for _, t := range c.Flows.Triggers(chat.Shortcut) {
		if t.ID != trigger || !offers(t, s.Place, s.Ref) {
			continue
		}
		got, err := c.Intake.Accept(ctx, engine.Batch{Trigger: t.ID, Items: []engine.Item{chosen(s)}, From: s.from()})
		if err != nil {
			return engine.Receipt{}, err
		}
		if len(got) != 1 {
			return engine.Receipt{}, engine.E(engine.Internal, "a choice gave {n} receipts", "n", len(got)).WithOp("intake.short")
		}
		return got[0], nil
	}
	return engine.Receipt{}, engine.E(engine.NotFound, "this trigger is gone").WithHint("Its flow was retired, or has another trigger now.")
}
