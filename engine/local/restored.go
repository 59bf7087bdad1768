package local

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// A database that was restored from a backup does not know what the bot did after the backup was taken. Its open runs
// stand where they stood then; what they would do next may have been done already. The rule:
//
//   - A call that may be repeated (it reads, or is idempotent) is made again, with the same key.
//   - Any other is not made. It counts as one whose answer was lost: a probe looks, else a person is asked. Their "send
//     again" is a new attempt, and that one is made: whoever says so knows.
//   - The next step of that run is held as well: the bot may have come that far. So it goes until the run ends; a run
//     that began after the restore is free.
//
// Emissions count as calls, and runs that such a run calls are held like it. What a person decides, and what a flow
// only works out, is done again.

// held tells that a task must not be performed, because it may have been, after the backup that this store comes from.
func (r *Runtime) held(x *task) (bool, error) {
	if !r.copied || x.Probe || !x.Intent && x.Emit == nil {
		return false, nil
	}
	var held bool
	err := r.persist(r.base, func() (err error) {
		held, err = r.unsaid(context.WithoutCancel(r.base), x)
		return err
	})
	return held, err
}

// unsaid tells that nobody has said yet what became of the step that a task belongs to.
func (r *Runtime) unsaid(ctx context.Context, x *task) (bool, error) {
	seq, marked, err := r.store.Restored(ctx, x.Run)
	if err != nil || !marked {
		return false, err
	}
	entries, err := r.store.Entries(ctx, x.Run, seq+1, 0)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if e.Kind == engine.AttemptLost && e.Path == x.Path {
			return false, nil
		}
	}
	return true, nil
}
