package bot

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// FailingTemplate is the template that the welcome offers as "Try one that fails".
const FailingTemplate = "one-that-fails"

// pressFailing publishes the flow that fails on purpose, the first time, and starts it.
func (b *Bot) pressFailing(ctx context.Context, p *press) (Reply, error) {
	if err := b.mayTemplate(ctx, p.caller, p.in); err != nil {
		return nil, err
	}
	if err := b.may(ctx, p.caller, DeedPublish, FailingTemplate, p.in.Place, false); err != nil {
		return nil, err
	}
	h, err := b.o.Flows.Head(ctx, FailingTemplate)
	if engine.CodeOf(err) == engine.NotFound {
		h, err = b.publishFailing(ctx, p)
	}
	switch {
	case err != nil:
		return nil, err
	case h.Live == 0 || h.State != engine.FlowLive:
		return b.showFlow(ctx, p.caller, p.in, h.Name, "", nil) // somebody changed it: they see how it stands
	}
	return b.start(ctx, p.caller, p.in, h, map[string]any{"parameters": map[string]any{}})
}

func (b *Bot) publishFailing(ctx context.Context, p *press) (h engine.FlowHead, err error) {
	t, err := b.template(FailingTemplate)
	if err != nil {
		return h, err
	}
	place := p.in.Place
	place.Thread = ""
	source, err := t.Fill(FailingTemplate, map[string]any{"channel": place.String()})
	if err != nil {
		return h, err
	}
	if _, err := b.o.Drafts.Save(ctx, source, 0, p.person.ID); err != nil {
		return h, err
	}
	h, _, err = b.o.Flows.Publish(ctx, FailingTemplate, p.person.ID)
	return h, err
}
