package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
)

// Answers gives a flow's sample answers by step id.
func (s *Store) Answers(ctx context.Context, flow string) (map[string]json.RawMessage, error) {
	type answer struct {
		step string
		data []byte
	}
	list, err := all(s.reading(ctx), `SELECT step, data FROM answers WHERE flow = $1`, []any{flow},
		func(row *sql.Rows) (a answer, err error) { return a, row.Scan(&a.step, &a.data) })
	if err != nil {
		return nil, explain(s.dir, "answers", err)
	}
	out := make(map[string]json.RawMessage, len(list))
	for _, a := range list {
		out[a.step] = a.data
	}
	return out, nil
}

// SetAnswer stores the sample answer of a step; nil forgets it.
func (s *Store) SetAnswer(ctx context.Context, flow, step string, data json.RawMessage, by string, at int64) error {
	return s.write(ctx, "answer", func(t *tx) (err error) {
		if data == nil {
			_, err = t.exec(`DELETE FROM answers WHERE flow = $1 AND step = $2`, flow, step)
			return err
		}
		_, err = t.exec(`INSERT INTO answers (flow, step, data, by, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (flow, step) DO UPDATE SET data = excluded.data, by = excluded.by, at = excluded.at`,
			flow, step, string(data), by, at)
		return err
	})
}

// TrimSamples removes samples older than before (milliseconds), and of each flow all but the newest keep, with what
// they said, sample answers older than before, and what came before then for waits. It gives the number of samples.
func (s *Store) TrimSamples(ctx context.Context, before int64, keep int) (gone int, err error) {
	var blobs []string
	err = s.write(ctx, "trim", func(t *tx) error {
		gone, blobs = 0, nil
		old, err := all(t, `SELECT n, trigger, key, coalesce(blob, '') FROM (
			SELECT e.n, e.at, e.trigger, e.key, p.blob, row_number() OVER (PARTITION BY e.flow ORDER BY e.n DESC) AS rank
			FROM events e LEFT JOIN event_payloads p ON p.event = e.n WHERE e.outcome = $1) WHERE rank > $2 OR at < $3`,
			[]any{string(engine.Sampled), keep, before}, func(row *sql.Rows) (x sample, err error) {
				return x, row.Scan(&x.n, &x.trigger, &x.key, &x.blob)
			})
		if err != nil {
			return err
		}
		for _, x := range old {
			for _, q := range []string{`DELETE FROM event_payloads WHERE event = $1`, `DELETE FROM events WHERE n = $1`} {
				if _, err := t.exec(q, x.n); err != nil {
					return err
				}
			}
			if _, err := t.exec(`DELETE FROM trigger_keys WHERE trigger = (SELECT n FROM triggers WHERE id = $1) AND key = $2 AND run IS NULL`, x.trigger, x.key); err != nil {
				return err
			}
			if x.blob != "" {
				blobs = append(blobs, x.blob)
			}
		}
		gone = len(old)
		for _, q := range []string{`DELETE FROM answers WHERE at < $1`, forgetTaken, forgetArrivals} {
			if _, err := t.exec(q, before); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	_, err = s.unlink(ctx, blobs)
	return gone, explain(s.dir, "trim", err)
}

type sample struct {
	n                  int64
	trigger, key, blob string
}

// blobUsed says whether a payload still lies in a blob.
func blobUsed(from source, name string) (bool, error) {
	var n int
	return one(from, `SELECT 1 FROM payloads WHERE blob = $1 UNION ALL SELECT 1 FROM event_payloads WHERE blob = $1 LIMIT 1`,
		[]any{name}, &n)
}
