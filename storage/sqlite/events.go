package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
	"github.com/bretelle/bretelle/storage/pack"
)

// Events lists recent occurrences of a flow, newest first.
func (s *Store) Events(ctx context.Context, flow string, n int) ([]local.StoredEvent, error) {
	return s.Recent(ctx, flow, n, math.MaxInt)
}

// Recent is Events that reads at most so many bytes of payloads; the rest come without their Data.
func (s *Store) Recent(ctx context.Context, flow string, n, most int) ([]local.StoredEvent, error) {
	out, err := s.recent(ctx, flow, n, most)
	return out, explain(s.dir, "events", err)
}

// occurrence is an event as it stands in a list: one with a row of its own, or a run that says all of it.
type occurrence struct {
	local.StoredEvent
	after int64 // the run it became, or the last one before it
	n     int64 // row in events; 0: it is a run
}

func (s *Store) recent(ctx context.Context, flow string, n, most int) ([]local.StoredEvent, error) {
	list, err := all(s.reading(ctx), `SELECT e.n, e.after, e.id, e.kind, e.key, e.at, e.outcome, e.reason, coalesce(e.run, 0), coalesce(r.id, '')
		FROM events e LEFT JOIN runs r ON r.number = e.run WHERE e.flow = $1 ORDER BY e.n DESC LIMIT $2`,
		[]any{flow, limit(n)}, func(row *sql.Rows) (o occurrence, err error) {
			return o, row.Scan(&o.n, &o.after, &o.Event.ID, &o.Event.Trigger, &o.Event.Key, &o.Event.At, &o.Outcome, &o.Reason, &o.Number, &o.Run)
		})
	if err != nil {
		return nil, err
	}
	oldest := int64(0) // runs before it are not among the newest n; what lies there may be a million runs with rows of their own
	if n > 0 && len(list) == n {
		oldest = list[n-1].after
	}
	runs, err := all(s.reading(ctx), `SELECT number, id, trigger, key, started FROM runs WHERE flow = $1 AND listed = 0 AND number >= $3
		ORDER BY number DESC LIMIT $2`, []any{flow, limit(n), oldest}, func(row *sql.Rows) (o occurrence, err error) {
		err = row.Scan(&o.Number, &o.Run, &o.Event.Trigger, &o.Event.Key, &o.Event.At)
		o.after, o.Outcome = o.Number, engine.Accepted
		return o, err
	})
	if err != nil {
		return nil, err
	}
	list = append(list, runs...)
	slices.SortStableFunc(list, func(a, b occurrence) int { return cmp.Or(cmp.Compare(b.after, a.after), cmp.Compare(b.n, a.n)) })
	if n > 0 && len(list) > n {
		list = list[:n]
	}
	left := storage.Budget(most)
	var out []local.StoredEvent
	for _, o := range list {
		o.Flow = flow
		if o.n == 0 {
			err = s.runEvent(ctx, &o.StoredEvent, &left)
		} else {
			err = s.listedEvent(ctx, &o, &left)
		}
		if err != nil && engine.CodeOf(err) != engine.Unreadable { // that of one is known without what it said
			return nil, err
		}
		out = append(out, o.StoredEvent)
	}
	return out, nil
}

// listedEvent fills in the data of an event with a row of its own.
func (s *Store) listedEvent(ctx context.Context, o *occurrence, left *storage.Budget) error {
	if *left < 0 {
		return nil
	}
	var data []byte
	if o.Number > 0 {
		list, err := s.entries(ctx, o.Run, 1, 1, true)
		if err != nil {
			return err
		}
		if len(list) == 1 {
			data = list[0].Data
		}
	} else {
		var blob string
		if _, err := one(s.reading(ctx), `SELECT data, coalesce(blob, '') FROM event_payloads WHERE event = $1`, []any{o.n}, &data, &blob); err != nil {
			return err
		}
		var err error
		if data, err = s.blobs.load(data, blob); err != nil {
			return err
		}
	}
	if data == nil || !left.Take(len(data)) {
		return nil
	}
	full, err := storage.DecodeEvent(data)
	o.Event.Data = full.Data
	return err
}

// runEvent fills in the id and the data of an event that is a run.
func (s *Store) runEvent(ctx context.Context, e *local.StoredEvent, left *storage.Budget) error {
	u, err := firstOf(s.reading(ctx), e.Number, *left >= 0)
	if err != nil || u == nil || u.Path == "" {
		return err
	}
	e.Event.ID = longID(u.Path)
	data := u.Data
	if u.Apart && *left >= 0 {
		if data, err = s.apart(ctx, e.Number, 1); err != nil {
			return err
		}
	}
	if data == nil || !left.Take(len(data)) {
		return nil
	}
	v, err := engine.DecodeJSON(json.RawMessage(data))
	e.Event.Data, _ = v.(map[string]any)
	return err
}

// eventOf is the id of the event that a run began with; "" where only its erased payload said it.
func (t *tx) eventOf(run int64) (string, error) {
	u, err := firstOf(t, run, false)
	if err != nil || u == nil || u.Path == "" {
		return "", err
	}
	return longID(u.Path), nil
}

// firstOf is entry 1 of a run as it was packed; nil where there is none.
func firstOf(from source, run int64, data bool) (*pack.Unpacked, error) {
	var heads, said []byte
	query := `SELECT heads, NULL FROM journal WHERE id = $1`
	if data {
		query = `SELECT heads, data FROM journal WHERE id = $1`
	}
	found, err := one(from, query, []any{rowID(run, 1)}, &heads, &said)
	if err != nil || !found {
		return nil, err
	}
	list, err := pack.Unpack(1, heads, said)
	if err != nil || len(list) == 0 {
		return nil, damaged(run, err)
	}
	return &list[0], nil
}
