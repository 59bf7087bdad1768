package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"math"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
)

// Accept stores a batch in one transaction.
func (s *Store) Accept(ctx context.Context, a local.Accepting) ([]engine.Receipt, error) {
	s.blobs.using.RLock()
	defer s.blobs.using.RUnlock()
	data := make([][]byte, len(a.Items))
	payloads := make([]payload, len(a.Items))
	for i, it := range a.Items {
		b, err := storage.EncodeEvent(it.Event)
		if err != nil {
			return nil, err
		}
		data[i] = b
		if payloads[i], err = s.blobs.keep(b); err != nil {
			return nil, explain(s.dir, "accept", err)
		}
	}
	var out []engine.Receipt
	err := s.write(ctx, "accept", func(t *tx) error {
		out = make([]engine.Receipt, 0, len(a.Items))
		if err := t.take(&a); err != nil {
			return err
		}
		for i, it := range a.Items {
			r, err := t.accept(&a, &it, data[i], payloads[i])
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		if a.Take != nil && len(out) == 1 {
			if err := t.taken(&a, out[0]); err != nil {
				return err
			}
		}
		if a.Cursor == nil {
			return nil
		}
		_, err := t.exec(`INSERT INTO cursors (trigger, cursor) VALUES ($1, $2)
			ON CONFLICT (trigger) DO UPDATE SET cursor = excluded.cursor`, a.Trigger, string(a.Cursor))
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (t *tx) accept(a *local.Accepting, it *local.AcceptItem, data []byte, p payload) (engine.Receipt, error) {
	if it.Event.Key != "" && a.Take == nil {
		r := engine.Receipt{Outcome: engine.Duplicate}
		var at int64
		seen, err := one(t, `SELECT k.event, coalesce(r.id, ''), coalesce(k.run, 0), k.at FROM trigger_keys k
			LEFT JOIN runs r ON r.number = k.run WHERE k.trigger = $1 AND k.key = $2`,
			[]any{a.Trigger, it.Event.Key}, &r.Event, &r.Run, &r.Number, &at)
		if err != nil {
			return r, err
		}
		if seen {
			return r, t.touch(a.Trigger, it.Event.Key, at, it.Event.At)
		}
	}
	if len(it.Gates) > 0 {
		why, err := storage.WouldRefuse(t, it.Gates, it.Event.At)
		if err != nil {
			return engine.Receipt{}, err
		}
		if why != "" {
			it.Outcome, it.Reason = engine.Skipped, why
		}
	}
	if it.Count != "" {
		if err := storage.CountAt(t, it.Count, it.Event.At); err != nil {
			return engine.Receipt{}, err
		}
	}
	r := engine.Receipt{Outcome: it.Outcome, Event: it.Event.ID, Reason: it.Reason}
	var run any
	if storage.MakesRun(it.Outcome) {
		number, waits, err := t.start(a, it, data, p)
		if err != nil {
			return r, err
		}
		r.Run, r.Number, run, r.Waits = it.Run, number, number, waits
	}
	if it.Event.Key != "" && a.Take == nil {
		if _, err := t.exec(`INSERT INTO trigger_keys (trigger, key, event, run, at) VALUES ($1, $2, $3, $4, $5)`,
			a.Trigger, it.Event.Key, it.Event.ID, run, it.Event.At); err != nil {
			return r, err
		}
	}
	if it.Outcome == engine.Seen || a.Take != nil {
		return r, t.raise(storage.FillNotices(it.Notices, r.Run, r.Number))
	}
	n, err := t.insert(`INSERT INTO events (id, flow, trigger, kind, key, at, outcome, reason, source, run)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, it.Event.ID, a.Flow, a.Trigger, it.Event.Trigger, it.Event.Key,
		it.Event.At, string(it.Outcome), it.Reason, a.From, run)
	if err != nil {
		return r, err
	}
	if run == nil {
		if _, err := t.exec(`INSERT INTO event_payloads (event, data, blob) VALUES ($1, $2, $3)`, n, p.data, p.blob); err != nil {
			return r, err
		}
	}
	if it.Gather != nil {
		if err := storage.Gather(t, *it.Gather, n, it.Event.At); err != nil {
			return r, err
		}
	}
	return r, t.raise(storage.FillNotices(it.Notices, r.Run, r.Number))
}

// start makes the run of a new item, with its entry 1.
func (t *tx) start(a *local.Accepting, it *local.AcceptItem, data []byte, p payload) (number int64, waits bool, err error) {
	number, err = t.insert(`INSERT INTO runs (id, flow, version, status, ready, seq, trigger, key, by, started, ended, reason)
		VALUES ($1, $2, $3, 'queued', CASE WHEN EXISTS (SELECT 1 FROM flows WHERE name = $2 AND state = 'paused')
		THEN 0 ELSE 1 END, 1, $4, $5, $6, $7, 0, '')`, it.Run, a.Flow, a.Version, it.Event.Trigger, it.Event.Key, it.Head.By,
		it.Event.At)
	if err != nil {
		return 0, false, err
	}
	if len(it.Gates) > 0 {
		if waits, err = storage.AskGates(t, number, it.Gates, it.Event.At); err != nil {
			return 0, false, err
		}
		it.Head.Queued = it.Head.Queued || waits
	}
	if err := t.inherit(a.From, number); err != nil {
		return 0, false, err
	}
	e, err := storage.StartEntry(*it, number, data)
	if err != nil {
		return 0, false, err
	}
	return number, waits, t.entry(number, &e, p)
}

func (t *tx) entry(run int64, e *engine.Entry, p payload) error {
	if _, err := t.exec(`INSERT INTO entries (run, seq, at, kind, path, attempt, by, format, head)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, run, e.Seq, e.At, string(e.Kind), e.Path, e.Attempt, e.By, e.Format,
		text(e.Head)); err != nil {
		return err
	}
	if p == (payload{}) {
		return nil
	}
	_, err := t.exec(`INSERT INTO payloads (run, seq, data, blob) VALUES ($1, $2, $3, $4)`, run, e.Seq, p.data, p.blob)
	return err
}

// Cursor reads where a trigger stands; nil when it never stored one.
func (s *Store) Cursor(ctx context.Context, trigger string) ([]byte, error) {
	var c []byte
	_, err := one(s.reading(ctx), `SELECT cursor FROM cursors WHERE trigger = $1`, []any{trigger}, &c)
	return c, explain(s.dir, "cursor", err)
}

// Events lists recent occurrences of a flow, newest first.
func (s *Store) Events(ctx context.Context, flow string, n int) ([]local.StoredEvent, error) {
	return s.Recent(ctx, flow, n, math.MaxInt)
}

// Recent is Events that reads at most so many bytes of payloads; the rest come without their Data.
func (s *Store) Recent(ctx context.Context, flow string, n, most int) ([]local.StoredEvent, error) {
	left := storage.Budget(most)
	out, err := all(s.reading(ctx), `SELECT e.id, e.kind, e.key, e.at, e.outcome, e.reason, coalesce(e.run, 0),
		coalesce(r.id, ''), CASE WHEN q.event IS NULL THEN p.data ELSE q.data END,
		coalesce(CASE WHEN q.event IS NULL THEN p.blob ELSE q.blob END, '')
		FROM events e LEFT JOIN runs r ON r.number = e.run LEFT JOIN payloads p ON p.run = e.run AND p.seq = 1
		LEFT JOIN event_payloads q ON q.event = e.n WHERE e.flow = $1 ORDER BY e.n DESC LIMIT $2`,
		[]any{flow, limit(n)}, func(row *sql.Rows) (e local.StoredEvent, err error) {
			var raw sql.RawBytes
			var blob string
			if err = row.Scan(&e.Event.ID, &e.Event.Trigger, &e.Event.Key, &e.Event.At, &e.Outcome, &e.Reason, &e.Number,
				&e.Run, &raw, &blob); err != nil {
				return e, err
			}
			e.Flow = flow
			if !left.Take(len(raw)) {
				return e, nil
			}
			data, err := s.blobs.load(bytes.Clone(raw), blob)
			if err != nil || data == nil || blob != "" && !left.Take(len(data)) {
				return e, err
			}
			full, err := storage.DecodeEvent(data)
			e.Event.Data = full.Data
			return e, err
		})
	return out, explain(s.dir, "events", err)
}
