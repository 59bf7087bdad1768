package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
	"github.com/bretelle/bretelle/storage/pack"
)

const headColumns = `id, number, flow, version, status, trigger, key, by, started, ended, reason`

func headFields(h *engine.RunHead) []any {
	return []any{&h.ID, &h.Number, &h.Flow, &h.Version, &h.State, &h.Trigger, &h.Key, &h.By, &h.Started, &h.Ended, &h.Reason}
}

// Load reads a run's snapshot.
func (s *Store) Load(ctx context.Context, run string) (local.Snapshot, error) {
	var snap local.Snapshot
	found, err := one(s.reading(ctx), `SELECT `+headColumns+`, seq, state FROM runs WHERE id = $1`, []any{run},
		append(headFields(&snap.Head), &snap.Seq, &snap.State)...)
	if err == nil && !found {
		err = storage.NoRun(run)
	}
	// A state of before it was packed is JSON.
	if err == nil && len(snap.State) > 0 && snap.State[0] != '{' {
		if snap.State, err = pack.Expand(snap.State); err != nil {
			err = damaged(snap.Head.Number, err)
		}
	}
	return snap, explain(s.dir, "load", err)
}

func oneString(row *sql.Rows) (v string, err error) {
	err = row.Scan(&v)
	return v, err
}

// Ready lists runs that may start, of each flow the oldest.
func (s *Store) Ready(ctx context.Context, flow string, n int) ([]local.ReadyRun, error) {
	// One look into the index a flow, however many runs of another are ready.
	query, args := `WITH RECURSIVE f(name) AS (SELECT min(flow) FROM runs WHERE ready = 1
		UNION ALL SELECT (SELECT min(flow) FROM runs WHERE ready = 1 AND flow > f.name) FROM f WHERE f.name IS NOT NULL)
		SELECT r.id, r.flow FROM f JOIN runs r ON r.number IN
		(SELECT number FROM runs WHERE ready = 1 AND flow = f.name ORDER BY number LIMIT $1) ORDER BY r.number`, []any{limit(n)}
	if flow != "" {
		query, args = `SELECT id, flow FROM runs WHERE ready = 1 AND flow = $2 ORDER BY number LIMIT $1`, append(args, flow)
	}
	out, err := all(s.reading(ctx), query, args, func(row *sql.Rows) (r local.ReadyRun, err error) {
		err = row.Scan(&r.Run, &r.Flow)
		return r, err
	})
	return out, explain(s.dir, "ready", err)
}

// Tasks lists every outstanding task.
func (s *Store) Tasks(ctx context.Context) ([]local.OpenTask, error) {
	out, err := all(s.reading(ctx), `SELECT started, task, thread FROM tasks ORDER BY run, path, attempt`, nil,
		func(row *sql.Rows) (t local.OpenTask, err error) {
			var body []byte
			var thread string
			if err = row.Scan(&t.Started, &body, &thread); err != nil {
				return t, err
			}
			err = json.Unmarshal(body, &t.Task)
			t.Task.Channel.Thread = thread
			return t, err
		})
	return out, explain(s.dir, "tasks", err)
}

// Due lists timers that are due, and when the next one is.
func (s *Store) Due(ctx context.Context, now int64, n int) (due []local.Timer, next int64, err error) {
	ask := -1
	if n > 0 {
		ask = n + 1 // the one too many is the next one
	}
	due, err = all(s.reading(ctx), `SELECT r.id, t.id, t.at FROM timers t JOIN runs r ON r.number = t.run
		WHERE t.at <= $1 ORDER BY t.at, t.run, t.id LIMIT $2`, []any{now, ask},
		func(row *sql.Rows) (t local.Timer, err error) {
			err = row.Scan(&t.Run, &t.ID, &t.At)
			return t, err
		})
	if err != nil {
		return nil, 0, explain(s.dir, "due", err)
	}
	if n > 0 && len(due) > n {
		return due[:n], due[n].At, nil
	}
	_, err = one(s.reading(ctx), `SELECT coalesce(min(at), 0) FROM timers WHERE at > $1`, []any{now}, &next)
	return due, next, explain(s.dir, "due", err)
}

// RunID finds a run by its number.
func (s *Store) RunID(ctx context.Context, number int64) (id string, err error) {
	found, err := one(s.reading(ctx), `SELECT id FROM runs WHERE number = $1`, []any{number}, &id)
	if err == nil && !found {
		err = engine.E(engine.NotFound, "there is no run #{number}", "number", number)
	}
	return id, explain(s.dir, "run", err)
}

// Runs lists runs, newest first.
func (s *Store) Runs(ctx context.Context, q local.RunQuery) ([]engine.RunHead, error) {
	query, args := runsQuery(q)
	if query == "" {
		return nil, nil
	}
	out, err := all(s.reading(ctx), query, args, func(row *sql.Rows) (h engine.RunHead, err error) {
		err = row.Scan(headFields(&h)...)
		return h, err
	})
	return out, explain(s.dir, "runs", err)
}

// runsQuery is the text of a list of runs; "" for a search without words, which finds nothing.
func runsQuery(q local.RunQuery) (string, []any) {
	var where []string
	var args []any
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	open, odd := len(q.States) > 0, len(q.States) > 0
	if len(q.States) > 0 {
		var names []string
		for _, st := range q.States {
			open, odd = open && !st.Final(), odd && st.Final() && st != engine.RunDone
			names = append(names, arg(string(st)))
		}
		where = append(where, `status IN (`+strings.Join(names, ", ")+`)`)
	}
	if open {
		where = append(where, `ended = 0`) // lets the index of open runs serve
	}
	if odd {
		where = append(where, `ended > 0 AND status <> 'done'`) // and this one that of runs that did not get done
	}
	if q.Flow != "" {
		where = append(where, `flow = `+arg(q.Flow))
	}
	if q.Before > 0 {
		where = append(where, `number < `+arg(q.Before))
	}
	if q.Text != "" {
		words := match(q.Text)
		if words == "" {
			return "", nil
		}
		found := `SELECT rowid FROM run_words WHERE run_words MATCH ` + arg(words)
		if q.Before > 0 {
			found += ` AND rowid < ` + arg(q.Before)
		}
		where = append(where, `number IN (`+found+` ORDER BY rowid DESC LIMIT `+arg(wordsMost)+`)`)
	}
	from := `runs`
	switch {
	case q.Text != "":
	case odd:
		from += ` INDEXED BY runs_ends`
	case open && q.Flow == "":
		from += ` INDEXED BY runs_open`
	}
	query := `SELECT ` + headColumns + ` FROM ` + from
	if len(where) > 0 {
		query += ` WHERE ` + strings.Join(where, ` AND `)
	}
	return query + ` ORDER BY number DESC LIMIT ` + arg(storage.RunLimit(q)), args
}

// Cleared lists the steps that a person approved in a version.
func (s *Store) Cleared(ctx context.Context, flow string, version int64) ([]string, error) {
	out, err := all(s.reading(ctx), `SELECT step FROM cleared WHERE flow = $1 AND version = $2 ORDER BY step`,
		[]any{flow, version}, oneString)
	return out, explain(s.dir, "cleared", err)
}
