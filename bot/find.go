package bot

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// Finder finds runs by words of the event that started them, newest first. Runs that can do it implement it beside Runs.
type Finder interface {
	// Find lists runs in which all words occur; "ann*" is every word that begins so. "" and nil do not filter.
	Find(ctx context.Context, text, flow string, states []engine.RunState, limit int) ([]engine.RunHead, error)
}

// findMost is how many runs are looked through for those that somebody may see.
const findMost = 200

// find lists the newest runs of flows that somebody may see by their words.
func (b *Bot) find(ctx context.Context, c *caller, text string) ([]engine.RunHead, error) {
	f, ok := b.o.Runs.(Finder)
	if !ok {
		return nil, nil
	}
	all, err := f.Find(ctx, text, "", nil, findMost)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	heads, err := b.seen(ctx, c)
	if err != nil {
		return nil, err
	}
	var mine []string
	for _, h := range heads {
		mine = append(mine, h.Name)
	}
	var runs []engine.RunHead
	for _, r := range all {
		if has(mine, r.Flow) && len(runs) < 2*listed10 {
			runs = append(runs, r)
		}
	}
	return runs, nil
}
