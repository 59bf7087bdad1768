package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// want stores copies; one that waits already only gets its new draft.
func (t *tx) want(copies []bot.Copy) error {
	for _, c := range copies {
		where, thread := place(c.Place)
		spare, _ := place(c.Spare)
		if _, err := t.exec(`INSERT INTO copies (rev, key, place, thread, run, draft, at, due, tries, since, alone, reason, spare, over)
			VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (key, place, thread) DO UPDATE SET
			rev = copies.rev + 1, draft = excluded.draft, run = excluded.run,
			over = CASE WHEN excluded.over = 0 THEN 0 ELSE copies.over END`, c.Key, where, thread, c.Run, text(c.Draft), c.At,
			c.Due, c.Tries, c.Since, flag(c.Alone), c.Reason, spare, c.Over); err != nil {
			return err
		}
	}
	return nil
}

// Want stores copies without a notice.
func (s *Store) Want(ctx context.Context, copies ...bot.Copy) error {
	return s.write(ctx, "want", func(t *tx) error { return t.want(copies) })
}

// Queues lists channels in which copies wait.
func (s *Store) Queues(ctx context.Context) ([]bot.Queue, error) {
	out, err := all(s.reading(ctx), `SELECT place, COUNT(*), COALESCE(MIN(CASE WHEN since > 0 THEN since END), 0),
		COALESCE((SELECT due FROM copies h WHERE h.place = c.place AND h.alone = 0 ORDER BY n LIMIT 1), -1),
		COALESCE(MIN(CASE WHEN alone = 1 THEN due END), -1) FROM copies c GROUP BY place ORDER BY MIN(n)`, nil,
		func(row *sql.Rows) (q bot.Queue, err error) {
			var where string
			var head, alone int64
			err = row.Scan(&where, &q.Count, &q.Since, &head, &alone)
			q.Place, q.Due = placed(where, ""), head
			if head < 0 || alone >= 0 && alone < head {
				q.Due = alone
			}
			return q, err
		})
	return out, explain(s.dir, "queues", err)
}

func (s *Store) copies(ctx context.Context, query string, args ...any) ([]bot.Copy, error) {
	out, err := all(s.reading(ctx), `SELECT n, rev, key, place, thread, run, draft, at, due, tries, since, alone, reason, spare, over
		FROM copies `+query, args, func(row *sql.Rows) (c bot.Copy, err error) {
		var where, thread, spare string
		var draft []byte
		err = row.Scan(&c.N, &c.Rev, &c.Key, &where, &thread, &c.Run, &draft, &c.At, &c.Due, &c.Tries, &c.Since, &c.Alone, &c.Reason,
			&spare, &c.Over)
		c.Place, c.Spare, c.Draft = placed(where, thread), placed(spare, ""), json.RawMessage(draft)
		return c, err
	})
	return out, explain(s.dir, "copies", err)
}

// Waiting lists what waits in a channel, in order.
func (s *Store) Waiting(ctx context.Context, p engine.Place, n int) ([]bot.Copy, error) {
	where, _ := place(p)
	return s.copies(ctx, `WHERE place = $1 ORDER BY n LIMIT $2`, where, limit(n))
}

// CopiesOf lists the copies of a card that wait.
func (s *Store) CopiesOf(ctx context.Context, key string) ([]bot.Copy, error) {
	return s.copies(ctx, `WHERE key = $1 ORDER BY n`, key)
}

// Spares lists copies with a way out.
func (s *Store) Spares(ctx context.Context, n int) ([]bot.Copy, error) {
	return s.copies(ctx, `WHERE over > 0 ORDER BY over, n LIMIT $1`, limit(n))
}

// Shown stores what became of a copy.
func (s *Store) Shown(ctx context.Context, c bot.Copy, cards []bot.StoredCard, then ...bot.Copy) error {
	return s.write(ctx, "shown", func(t *tx) error {
		if _, err := t.exec(`DELETE FROM copies WHERE n = $1 AND rev = $2`, c.N, c.Rev); err != nil {
			return err
		}
		for _, card := range cards {
			if err := t.card(card); err != nil {
				return err
			}
			if card.Key == c.Key && card.Ref != "" {
				if _, err := t.exec(`UPDATE copies SET over = 0 WHERE key = $1`, c.Key); err != nil {
					return err
				}
			}
		}
		return t.want(then)
	})
}

// PutOff stores that a copy failed.
func (s *Store) PutOff(ctx context.Context, c bot.Copy) error {
	return s.write(ctx, "put off", func(t *tx) error {
		_, err := t.exec(`UPDATE copies SET due = $2, tries = $3, since = $4, alone = $5, reason = $6 WHERE n = $1`, c.N, c.Due, c.Tries,
			c.Since, flag(c.Alone), c.Reason)
		return err
	})
}

// GoElsewhere ends the waiting of a key's copies for their way out.
func (s *Store) GoElsewhere(ctx context.Context, key string, then ...bot.Copy) error {
	return s.write(ctx, "elsewhere", func(t *tx) error {
		if _, err := t.exec(`UPDATE copies SET over = 0 WHERE key = $1`, key); err != nil {
			return err
		}
		return t.want(then)
	})
}

// Revive makes everything due that waits because a surface could not be reached.
func (s *Store) Revive(ctx context.Context, surface string) error {
	return s.write(ctx, "revive", func(t *tx) error {
		head, err := encode(surface) // places are JSON lists that begin with the surface
		if err != nil {
			return err
		}
		_, err = t.exec(`UPDATE copies SET due = 0 WHERE since > 0 AND alone = 0 AND substr(place, 1, length($1)) = $1`, "["+string(head)+",")
		return err
	})
}
