package local

import (
	"context"
	"strconv"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// adopt finds somebody for a digest that is due and that no run waits for any more, because the one that did was cancelled
// or took too long: the last run that added to it runs again from there, and takes what is there without adding anything.
// Where that cannot be, what was added waits for the next run that comes.
func (r *Runtime) adopt(d GateDue) error {
	ctx := context.WithoutCancel(r.base)
	last, found, err := r.store.LastAdded(ctx, d.Gate)
	if err != nil {
		return err
	}
	if _, step, ok := fold.CutDigestGate(d.Gate); ok && found {
		snap, err := r.store.Load(ctx, last.Run)
		if err != nil {
			return err
		}
		ask := engine.AgainAsk{Run: last.Run, From: step, Version: snap.Head.Version, Collect: true}
		day := r.now() / (24 * 60 * 60_000) // where that run waits to begin, one a day is enough
		if _, err := r.RunAgain(ctx, ask, 0, "", d.Gate+":"+strconv.FormatInt(d.State.First, 10)+":"+strconv.FormatInt(day, 10)); err != nil {
			if engine.CodeOf(err) == engine.Unavailable {
				return err
			}
			r.log.Warn("nobody can be found for a digest that is due", "gate", d.Gate, "run", snap.Head.Number, "err", err)
		}
	}
	return r.store.GateTick(ctx, GateAsk{Gate: d.Gate}, r.now(), nil)
}
