package sqlite

import (
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
	"github.com/bretelle/bretelle/storage/pack"
)

// Commit applies one change to one run, whole or not at all.
func (s *Store) Commit(ctx context.Context, c local.Change) error {
	if err := storage.CheckChange(c); err != nil {
		return err
	}
	s.blobs.using.RLock()
	defer s.blobs.using.RUnlock()
	rows, err := s.rows(c.Entries)
	if err != nil {
		return explain(s.dir, "commit", err)
	}
	starts, err := s.prepareStarts(&c)
	if err != nil {
		return err
	}
	err = s.write(ctx, "commit", func(t *tx) error { return t.change(&c, rows, starts) })
	if err != nil {
		for i := range starts {
			s.back(&starts[i].made, 0)
		}
	}
	return err
}

// reason of a change: only of one that ends its run.
func reason(c *local.Change) string {
	if c.Status.Final() {
		return c.Reason
	}
	return ""
}

// snapshot makes a state a column's value, NULL for none.
func snapshot(state []byte) any {
	if state == nil {
		return nil
	}
	return pack.Squeeze(state)
}

func (t *tx) change(c *local.Change, rows []journalRow, starts []started) error {
	var number, version, ended int64
	var gated int
	var flow string
	if c.Status.Final() {
		ended = c.At
	}
	// A run that ends, or goes on, is not ready to begin; only one that is queued may be.
	query := `UPDATE runs SET seq = $1, state = coalesce($2, state), status = $3, ended = $4, reason = $5, ready = 0
		WHERE id = $6 AND seq = $7 RETURNING number, flow, version, gated`
	switch {
	case c.Status == engine.RunQueued:
		query = `UPDATE runs SET seq = $1, state = coalesce($2, state), status = $3, ended = $4, reason = $5,
			ready = CASE WHEN gated = 2 OR EXISTS (SELECT 1 FROM flows WHERE name = runs.flow AND state = 'paused') THEN 0 ELSE 1 END
			WHERE id = $6 AND seq = $7 RETURNING number, flow, version, gated`
	case c.Status.Final():
		query = `UPDATE runs SET seq = $1, state = $2, status = $3, ended = $4, reason = $5, ready = 0
			WHERE id = $6 AND seq = $7 RETURNING number, flow, version, gated`
	}
	found, err := one(t, query, []any{c.Expect + int64(len(c.Entries)), snapshot(c.State), string(c.Status), ended, reason(c), c.Run, c.Expect},
		&number, &flow, &version, &gated)
	if err != nil {
		return err
	}
	if !found {
		return t.moved(c)
	}
	if err := t.journal(number, rows); err != nil {
		return err
	}
	return t.follow(number, flow, version, gated, c, starts)
}

// follow stores what a change says beside the run's row and its entries.
func (t *tx) follow(number int64, flow string, version int64, gated int, c *local.Change, starts []started) error {
	if err := t.tasks(number, c); err != nil {
		return err
	}
	if err := t.timers(number, c); err != nil {
		return err
	}
	if err := t.waits(number, c); err != nil {
		return err
	}
	if err := t.calls(number, c, starts); err != nil {
		return err
	}
	if gated > 0 || len(c.Asks) > 0 {
		if err := t.gates(number, gated, c); err != nil {
			return err
		}
	}
	for _, step := range c.Cleared {
		if _, err := t.exec(`INSERT INTO cleared (flow, version, step) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			flow, version, step); err != nil {
			return err
		}
	}
	if err := t.raise(c.Notices); err != nil {
		return err
	}
	return t.audit(c.Audit)
}

// moved says why a change does not fit.
func (t *tx) moved(c *local.Change) error {
	var seq int64
	found, err := one(t, `SELECT seq FROM runs WHERE id = $1`, []any{c.Run}, &seq)
	switch {
	case err != nil:
		return err
	case !found:
		return storage.NoRun(c.Run)
	}
	return storage.RunMoved(c.Run, c.Expect, seq)
}

func (t *tx) tasks(number int64, c *local.Change) error {
	if c.Status.Final() {
		_, err := t.exec(`DELETE FROM tasks WHERE run = $1`, number)
		return err
	}
	for _, ref := range c.DropTasks {
		if _, err := t.exec(`DELETE FROM tasks WHERE run = $1 AND path = $2 AND attempt = $3 AND probe = $4`, number,
			ref.Path, ref.Attempt, ref.Probe); err != nil {
			return err
		}
	}
	added := false // StartTask, as begun
	for _, task := range c.AddTasks {
		task.Run = c.Run
		b, err := encode(task)
		if err != nil {
			return engine.E(engine.Internal, "a task cannot be stored as JSON").Wrap(err)
		}
		begun := c.StartTask != nil && *c.StartTask == local.TaskRef{Path: task.Path, Attempt: task.Attempt, Probe: task.Probe}
		added = added || begun
		if _, err := t.exec(`INSERT INTO tasks (run, path, attempt, probe, started, task, thread)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (run, path, attempt) DO UPDATE SET probe = excluded.probe,
			started = excluded.started, task = excluded.task, thread = excluded.thread`, number, task.Path, task.Attempt, task.Probe,
			begun, b, task.Channel.Thread); err != nil {
			return err
		}
	}
	if ref := c.StartTask; ref != nil && !added {
		_, err := t.exec(`UPDATE tasks SET started = 1 WHERE run = $1 AND path = $2 AND attempt = $3 AND probe = $4`, number,
			ref.Path, ref.Attempt, ref.Probe)
		return err
	}
	return nil
}

func (t *tx) timers(number int64, c *local.Change) error {
	if c.Status.Final() {
		_, err := t.exec(`DELETE FROM timers WHERE run = $1`, number)
		return err
	}
	for _, id := range c.CancelTimers {
		if _, err := t.exec(`DELETE FROM timers WHERE run = $1 AND id = $2`, number, id); err != nil {
			return err
		}
	}
	for _, timer := range c.SetTimers {
		if _, err := t.exec(`INSERT INTO timers (run, id, at) VALUES ($1, $2, $3)
			ON CONFLICT (run, id) DO UPDATE SET at = excluded.at`, number, timer.ID, timer.At); err != nil {
			return err
		}
	}
	return nil
}
