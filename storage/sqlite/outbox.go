package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// raise keeps notices. One with a known id is the same one again.
func (t *tx) raise(notices []engine.Notice) error {
	for _, n := range notices {
		if n.ID == "" {
			n.ID = engine.NewID(t.w.store.now())
		}
		where, thread := place(n.Place)
		if _, err := t.exec(`INSERT INTO notices (id, at, kind, topic, flow, run, number, path, place, thread, data, settled,
			later, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, '') ON CONFLICT (id) DO NOTHING`, n.ID,
			n.At, string(n.Kind), n.Topic, n.Flow, n.Run, n.Number, n.Path, where, thread, text(n.Data)); err != nil {
			return err
		}
	}
	return nil
}

// Raise stores notices that belong to no run's change.
func (s *Store) Raise(ctx context.Context, notices ...engine.Notice) error {
	return s.write(ctx, "raise", func(t *tx) error { return t.raise(notices) })
}

// Undelivered lists notices that are not settled and not put off, oldest first.
func (s *Store) Undelivered(ctx context.Context, n int) ([]engine.Notice, error) {
	out, err := all(s.reading(ctx), `SELECT id, at, kind, topic, flow, run, number, path, place, thread, data FROM notices
		WHERE settled = 0 AND later <= $1 ORDER BY n LIMIT $2`, []any{s.millis(), limit(n)},
		func(row *sql.Rows) (n engine.Notice, err error) {
			var where, thread string
			var data []byte
			err = row.Scan(&n.ID, &n.At, &n.Kind, &n.Topic, &n.Flow, &n.Run, &n.Number, &n.Path, &where, &thread, &data)
			n.Place, n.Data = placed(where, thread), data
			return n, err
		})
	return out, explain(s.dir, "undelivered", err)
}

// Settle stores what delivering a notice gave.
func (s *Store) Settle(ctx context.Context, in bot.Settled) error {
	return s.write(ctx, "settle", func(t *tx) error {
		var settled int64
		if in.Later == 0 {
			settled = max(in.At, 1)
		}
		n, err := t.exec(`UPDATE notices SET settled = $2, later = $3, outcome = $4 WHERE id = $1`, in.Notice, settled, in.Later,
			in.Reason)
		if err != nil {
			return err
		}
		if n == 0 {
			return storage.NoNotice(in.Notice)
		}
		for _, c := range in.Cards {
			if err := t.card(c); err != nil {
				return err
			}
		}
		if err := t.intents(in.Intents); err != nil {
			return err
		}
		if err := t.want(in.Copies); err != nil {
			return err
		}
		if in.Alert == nil {
			return nil
		}
		return t.alert(*in.Alert)
	})
}

// alertRun is bot.AlertRun as stored.
type alertRun struct {
	Run    string `json:"run"`
	Number int64  `json:"number"`
	Path   string `json:"path"`
	At     int64  `json:"at"`
	State  string `json:"state"`
	To     string `json:"to,omitempty"`
}

func (t *tx) alert(a bot.Alert) error {
	list := make([]alertRun, len(a.Runs))
	for i, r := range a.Runs {
		list[i] = alertRun(r)
	}
	runs, err := encode(list)
	if err != nil {
		return err
	}
	where, thread := place(a.Place)
	_, err = t.exec(`INSERT INTO alerts (fingerprint, flow, place, thread, since, count, runs, state, muted_until, muted_by,
		last, resolved_by, resolved_at, edition) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (fingerprint) DO UPDATE SET flow = excluded.flow, place = excluded.place, thread = excluded.thread,
		since = excluded.since, count = excluded.count, runs = excluded.runs, state = excluded.state,
		muted_until = excluded.muted_until, muted_by = excluded.muted_by, last = excluded.last,
		resolved_by = excluded.resolved_by, resolved_at = excluded.resolved_at, edition = excluded.edition`, a.Fingerprint,
		a.Flow, where, thread, a.Since, a.Count, runs, a.State, a.MutedUntil, a.MutedBy, text(a.Last), a.ResolvedBy,
		a.ResolvedAt, a.Edition)
	return err
}

// PutAlert stores an alert group.
func (s *Store) PutAlert(ctx context.Context, a bot.Alert) error {
	return s.write(ctx, "alert", func(t *tx) error { return t.alert(a) })
}

// Alert finds an alert group.
func (s *Store) Alert(ctx context.Context, fingerprint string) (bot.Alert, error) {
	a := bot.Alert{Fingerprint: fingerprint}
	var where, thread string
	var runs, last []byte
	found, err := one(s.reading(ctx), `SELECT flow, place, thread, since, count, runs, state, muted_until, muted_by, last,
		resolved_by, resolved_at, edition FROM alerts WHERE fingerprint = $1`, []any{fingerprint}, &a.Flow, &where, &thread,
		&a.Since, &a.Count, &runs, &a.State, &a.MutedUntil, &a.MutedBy, &last, &a.ResolvedBy, &a.ResolvedAt, &a.Edition)
	if err == nil && !found {
		err = storage.NoAlert()
	}
	var list []alertRun
	if err == nil {
		err = json.Unmarshal(runs, &list)
	}
	if err != nil {
		return bot.Alert{}, explain(s.dir, "alert", err)
	}
	for _, r := range list {
		a.Runs = append(a.Runs, bot.AlertRun(r))
	}
	a.Place, a.Last = placed(where, thread), last
	return a, nil
}
