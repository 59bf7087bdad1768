package bot

import (
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// builds reports whether flows are built here.
func (b *Bot) builds() bool { return b.o.Drafts != nil && b.o.Catalog != nil }

// unbuilt refuses where flows are not built.
func (b *Bot) unbuilt() error {
	if b.builds() {
		return nil
	}
	return engine.E(engine.Invalid, "Flows are not built here").WithHint("Bring one in from a file: bretelle flow apply -f FLOW.yaml.")
}

func (b *Bot) lookUp(context.Context, *caller, In) ([]prompts.Option, error) { return nil, nil }

func (b *Bot) offerLine(c *caller, in In, ws []word, from int, offer func(word, help string), out *[]prompts.Option) []prompts.Option {
	b.offerTriggers(c, offer)
	return *out
}

func (b *Bot) cmdNew(ctx context.Context, c *call) (Reply, error)      { return nil, b.unbuilt() }
func (b *Bot) cmdEdit(ctx context.Context, c *call) (Reply, error)     { return nil, b.unbuilt() }
func (b *Bot) cmdTest(ctx context.Context, c *call) (Reply, error)     { return nil, b.unbuilt() }
func (b *Bot) cmdDiscard(ctx context.Context, c *call) (Reply, error)  { return nil, b.unbuilt() }
func (b *Bot) cmdSample(ctx context.Context, c *call) (Reply, error)   { return nil, b.unbuilt() }
func (b *Bot) cmdTemplate(ctx context.Context, c *call) (Reply, error) { return nil, b.unbuilt() }
func (b *Bot) cmdVersions(ctx context.Context, c *call) (Reply, error) { return nil, b.unbuilt() }
func (b *Bot) cmdCompare(ctx context.Context, c *call) (Reply, error)  { return nil, b.unbuilt() }
func (b *Bot) cmdRollback(ctx context.Context, c *call) (Reply, error) { return nil, b.unbuilt() }
func (b *Bot) cmdExport(ctx context.Context, c *call) (Reply, error)   { return nil, b.unbuilt() }
