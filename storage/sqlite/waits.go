package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
)

// What came before a time is forgotten, and first whom it answered.
const (
	forgetTaken    = `DELETE FROM taken WHERE arrival IN (SELECT n FROM arrivals WHERE at < $1)`
	forgetArrivals = `DELETE FROM arrivals WHERE at < $1`
)

// Arrive keeps what came for a key.
func (s *Store) Arrive(ctx context.Context, a local.Arrival) (fresh bool, err error) {
	err = s.write(ctx, "arrive", func(t *tx) error {
		old := a.At - local.ArrivalsKept.Milliseconds()
		for _, q := range []string{forgetTaken, forgetArrivals} {
			if _, err := t.exec(q, old); err != nil {
				return err
			}
		}
		n, err := t.exec(`INSERT INTO arrivals (key, id, by, at, data) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key, id) DO NOTHING`,
			a.Key, a.ID, a.By, a.At, text(a.Data))
		fresh = n > 0
		return err
	})
	return fresh, err
}

// Matches lists what came for open waits.
func (s *Store) Matches(ctx context.Context, q local.MatchQuery) ([]local.Match, error) {
	query := `SELECT r.id, w.path, w.asked, a.key, a.id, a.by, a.at, a.data FROM waits w
		JOIN arrivals a ON a.key = w.key JOIN runs r ON r.number = w.run
		WHERE NOT EXISTS (SELECT 1 FROM taken t WHERE t.run = w.run AND t.arrival = a.n)`
	var args []any
	where := func(column, value string) {
		if value != "" {
			args = append(args, value)
			query += ` AND ` + column + ` = $` + strconv.Itoa(len(args))
		}
	}
	where(`r.id`, q.Run)
	where(`a.key`, q.Key)
	where(`a.id`, q.ID)
	args = append(args, storage.MostMatches)
	query += ` ORDER BY a.n, w.run, w.path LIMIT $` + strconv.Itoa(len(args))
	out, err := all(s.reading(ctx), query, args, func(row *sql.Rows) (m local.Match, err error) {
		var asked, data []byte
		if err = row.Scan(&m.Run, &m.Path, &asked, &m.Key, &m.ID, &m.By, &m.At, &data); err != nil {
			return m, err
		}
		m.Data = data
		return m, json.Unmarshal(asked, &m.From)
	})
	return out, explain(s.dir, "matches", err)
}

// waits stores what a change says about waiting, and what it took.
func (t *tx) waits(k *knownRun, c *local.Change) error {
	for _, path := range c.DropWaits {
		if !k.waits {
			break
		}
		if _, err := t.exec(`DELETE FROM waits WHERE run = $1 AND path = $2`, k.number, path); err != nil {
			return err
		}
	}
	k.waits = k.waits || len(c.AddWaits) > 0
	for _, w := range c.AddWaits {
		asked, err := encode(w.From)
		if err != nil {
			return engine.E(engine.Internal, "a wait cannot be stored as JSON").Wrap(err)
		}
		if _, err := t.exec(`INSERT INTO waits (run, path, key, asked) VALUES ($1, $2, $3, $4)
			ON CONFLICT (run, path) DO UPDATE SET key = excluded.key, asked = excluded.asked`, k.number, w.Path, w.Key, asked); err != nil {
			return err
		}
	}
	if c.Took != nil {
		if _, err := t.exec(`INSERT INTO taken (run, arrival) SELECT $1, n FROM arrivals WHERE key = $2 AND id = $3
			ON CONFLICT DO NOTHING`, k.number, c.Took.Key, c.Took.ID); err != nil {
			return err
		}
	}
	if c.Status.Final() && k.waits {
		_, err := t.exec(`DELETE FROM waits WHERE run = $1`, k.number)
		return err
	}
	return nil
}
