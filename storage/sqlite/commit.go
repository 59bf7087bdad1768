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
	p, err := s.pack(&c, c.Entries)
	if err == nil {
		p.starts, err = s.prepareStarts(&c)
	}
	if err != nil {
		return explain(s.dir, "commit", err)
	}
	err = s.write(ctx, "commit", func(t *tx) error { return t.change(&c, &p) })
	if err != nil {
		for i := range p.starts {
			s.back(&p.starts[i].made, 0)
		}
	}
	return err
}

// packed is what a change stores, made ready before the transaction: there everybody waits for it.
type packed struct {
	rows   []journalRow
	state  any      // the snapshot; nil: none
	tasks  []string // AddTasks
	starts []started
}

// pack makes a change ready; entries are its own, or those with entry 1 before them. The caller holds blobs.using.
func (s *Store) pack(c *local.Change, entries []engine.Entry) (p packed, err error) {
	if c.State != nil {
		p.state = pack.Squeeze(c.State)
	}
	if !c.Status.Final() { // a run that ends leaves no tasks
		p.tasks = make([]string, len(c.AddTasks))
		for i, task := range c.AddTasks {
			task.Run = c.Run
			if p.tasks[i], err = encode(task); err != nil {
				return p, engine.E(engine.Internal, "a task cannot be stored as JSON").Wrap(err)
			}
		}
	}
	p.rows, err = s.rows(entries)
	return p, err
}

// reason of a change: only of one that ends its run.
func reason(c *local.Change) string {
	if c.Status.Final() {
		return c.Reason
	}
	return ""
}

func (t *tx) change(c *local.Change, p *packed) error {
	k, err := t.advance(c, p)
	if err != nil {
		return err
	}
	if err := t.journal(k.number, p.rows); err != nil {
		return err
	}
	return t.follow(k, c, p)
}

// advance moves a run's row to where a change leaves it.
func (t *tx) advance(c *local.Change, p *packed) (*knownRun, error) {
	if k := t.w.known[c.Run]; k != nil && c.Status != engine.RunQueued {
		ok, err := t.advanceKnown(k, c, p)
		if ok || err != nil {
			return k, err
		}
		delete(t.w.known, c.Run)
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
	k := &knownRun{tasks: true, timers: true, waits: true}
	found, err := one(t, query, []any{last(c), p.state, string(c.Status), ended(c), reason(c), c.Run, c.Expect},
		&k.number, &k.flow, &k.version, &k.gated)
	if err == nil && !found {
		err = t.moved(c)
	}
	return k, err
}

// last is the run's last entry after a change.
func last(c *local.Change) int64 { return c.Expect + int64(len(c.Entries)) }

// ended is when a change ends its run; 0: it does not.
func ended(c *local.Change) int64 {
	if c.Status.Final() {
		return c.At
	}
	return 0
}

// follow stores what a change says beside the run's row and its entries.
func (t *tx) follow(k *knownRun, c *local.Change, p *packed) error {
	if err := t.tasks(k, c, p); err != nil {
		return err
	}
	if err := t.timers(k, c); err != nil {
		return err
	}
	if err := t.waits(k, c); err != nil {
		return err
	}
	if err := t.calls(k.number, c, p.starts); err != nil {
		return err
	}
	if k.gated > 0 || len(c.Asks) > 0 {
		if err := t.gates(k.number, k.gated, c); err != nil {
			return err
		}
	}
	t.know(k, c)
	for _, step := range c.Cleared {
		if _, err := t.exec(`INSERT INTO cleared (flow, version, step) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			k.flow, k.version, step); err != nil {
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

func (t *tx) tasks(k *knownRun, c *local.Change, p *packed) error {
	if c.Status.Final() {
		if !k.tasks {
			return nil
		}
		_, err := t.exec(`DELETE FROM tasks WHERE run = $1`, k.number)
		return err
	}
	for _, ref := range c.DropTasks {
		if !k.tasks {
			break
		}
		if _, err := t.exec(`DELETE FROM tasks WHERE run = $1 AND path = $2 AND attempt = $3 AND probe = $4`, k.number,
			ref.Path, ref.Attempt, ref.Probe); err != nil {
			return err
		}
	}
	k.tasks = k.tasks || len(c.AddTasks) > 0
	added := false // StartTask, as begun
	for i, task := range c.AddTasks {
		begun := c.StartTask != nil && *c.StartTask == local.TaskRef{Path: task.Path, Attempt: task.Attempt, Probe: task.Probe}
		added = added || begun
		if _, err := t.exec(`INSERT INTO tasks (run, path, attempt, probe, started, task, thread)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (run, path, attempt) DO UPDATE SET probe = excluded.probe,
			started = excluded.started, task = excluded.task, thread = excluded.thread`, k.number, task.Path, task.Attempt, task.Probe,
			begun, p.tasks[i], task.Channel.Thread); err != nil {
			return err
		}
	}
	if ref := c.StartTask; ref != nil && !added {
		_, err := t.exec(`UPDATE tasks SET started = 1 WHERE run = $1 AND path = $2 AND attempt = $3 AND probe = $4`, k.number,
			ref.Path, ref.Attempt, ref.Probe)
		return err
	}
	return nil
}

func (t *tx) timers(k *knownRun, c *local.Change) error {
	if c.Status.Final() {
		if !k.timers {
			return nil
		}
		_, err := t.exec(`DELETE FROM timers WHERE run = $1`, k.number)
		return err
	}
	for _, id := range c.CancelTimers {
		if !k.timers {
			break
		}
		if _, err := t.exec(`DELETE FROM timers WHERE run = $1 AND id = $2`, k.number, id); err != nil {
			return err
		}
	}
	k.timers = k.timers || len(c.SetTimers) > 0
	for _, timer := range c.SetTimers {
		if _, err := t.exec(`INSERT INTO timers (run, id, at) VALUES ($1, $2, $3)
			ON CONFLICT (run, id) DO UPDATE SET at = excluded.at`, k.number, timer.ID, timer.At); err != nil {
			return err
		}
	}
	return nil
}
