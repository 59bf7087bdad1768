package bot

import (
	"bytes"
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
)

// pressAdopt writes the change that mended an alert's runs into the flow's draft and asks whether to publish it. Where it
// cannot be written there, because the flow works that value out itself, it says so.
func (b *Bot) pressAdopt(ctx context.Context, p *press) (Reply, error) {
	k, err := b.fixOf(ctx, p.it.Key)
	if err != nil {
		return nil, unsaved(err)
	}
	if k == nil {
		return nil, stale()
	}
	w, err := b.work(ctx, p.caller, p.in, p.it.Flow, DeedBuild)
	if err != nil {
		return nil, err
	}
	step, err := edit.Step(w.Source, k.Change.Step)
	if err != nil {
		return nil, engine.E(engine.Conflict, "{flow} has no step {step} any more, so the change has no place in it", "flow", p.it.Flow, "step", k.Change.Step)
	}
	next, err := edit.Amend(step, k.Change.Ops)
	if err != nil {
		return nil, err
	}
	source, err := edit.Apply(w.Source, edit.ReplaceStep{ID: k.Change.Step, Step: next})
	if err != nil {
		return nil, err
	}
	if bytes.Equal(source, w.Source) && w.Rev == 0 {
		return nil, engine.E(engine.Conflict, "{flow} sends this already", "flow", p.it.Flow)
	}
	if !bytes.Equal(source, w.Source) {
		if err := b.keepDraft(ctx, p.caller, p.it.Flow, source, w.Rev); err != nil {
			return nil, err
		}
		if err := b.keepUndo(ctx, p.caller, p.it.Flow, w.Source); err != nil {
			b.o.Log.Warn("what a draft was before could not be kept", "flow", p.it.Flow, "err", err)
		}
	}
	b.note(ctx, p, "counted")
	return b.askPublish(ctx, p.caller, p.in, p.it.Flow, false)
}
