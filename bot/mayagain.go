package bot

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// MayAgain is May about running a run again, with a version of its flow: whoever may start it may do so with the version
// that is live. With any other it is as if that were published once more, which is another right. Besides those of
// Allowed the error is NotFound for a flow that is gone.
func (b *Bot) MayAgain(ctx context.Context, by string, v engine.RunView, version int64) error {
	return b.mayBy(ctx, by, "run/"+v.ID, DeedRun, func(c *caller) error { return b.mayAgain(ctx, c, v, version) })
}

// mayAgain asks for the right where the run was and, as the new run speaks there, where its flow is now.
func (b *Bot) mayAgain(ctx context.Context, c *caller, v engine.RunView, version int64) error {
	if err := b.may(ctx, c, DeedRun, v.Flow, v.Place, false); err != nil {
		return err
	}
	h, err := b.o.Flows.Head(ctx, v.Flow)
	if err != nil {
		return err
	}
	if err := b.may(ctx, c, DeedRun, h.Name, h.Place, false); err != nil || version == h.Live {
		return err
	}
	err = b.may(ctx, c, DeedPublish, h.Name, h.Place, false)
	if engine.CodeOf(err) != engine.Denied {
		return err
	}
	return engine.E(engine.Denied, "Version {version} of {flow} is not the live one ({live}): only those who may publish it may run that", "version", version, "flow", h.Name, "live", h.Live).
		WithHint("Run it again without a version.")
}
