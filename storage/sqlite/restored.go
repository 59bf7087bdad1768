package sqlite

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/storage"
)

// MarkRestored makes this store a restored copy: the bot that the backup was taken of went on, for nobody knows how long,
// and what it did since is not in here. now is when, in milliseconds.
//
//   - Of each run that was open the next call of a step that must not be repeated blindly is taken for one whose outcome
//     is unknown: local.Runtime probes or asks before it makes it. One that is idempotent is repeated, with its key. The
//     same holds for runs that such a run calls.
//   - A polled source may show again what was handled since: what is new at the first look waits for a person, as a
//     flood does (the place's check).
//   - Times of schedules until now are let pass: they may have been kept.
//
// Webhooks are left: a sender that had its answer does not send again. All of it is one transaction; again changes
// nothing.
func (s *Store) MarkRestored(ctx context.Context, now int64) (m storage.Marked, err error) {
	err = s.write(ctx, "restore", func(t *tx) error {
		m = storage.Marked{}
		for _, q := range []struct {
			text string
			args []any
			into *int
		}{
			{`INSERT INTO restored (run, seq) SELECT number, seq FROM runs WHERE ended = 0 ON CONFLICT DO NOTHING`, nil, &m.Runs},
			{`UPDATE cursors SET cursor = json_set(cursor, '$.check', json('true')) WHERE json_valid(cursor) AND (json_type(cursor, '$.seen') = 'array' OR json_type(cursor, '$.uidvalidity') = 'integer')`, nil, &m.Polls},
			{`UPDATE cursors SET cursor = json_set(cursor, '$.until', $1) WHERE json_valid(cursor) AND json_type(cursor, '$.spec') = 'text'
				AND json_extract(cursor, '$.until') < $1`, []any{now}, &m.Schedules},
		} {
			n, err := t.exec(q.text, q.args...)
			if err != nil {
				return err
			}
			*q.into = int(n)
		}
		return nil
	})
	return m, err
}

// Restored tells whether a run, or any run for "", was open when the backup was taken that this store comes from, and
// what its last entry was then.
func (s *Store) Restored(ctx context.Context, run string) (seq int64, ok bool, err error) {
	if run == "" {
		ok, err = one(s.reading(ctx), `SELECT seq FROM restored LIMIT 1`, nil, &seq)
	} else {
		ok, err = one(s.reading(ctx), `SELECT seq FROM restored WHERE run = (SELECT number FROM runs WHERE id = $1)`, []any{run}, &seq)
	}
	return seq, ok, explain(s.dir, "restored", err)
}

// inherit marks a run that a restored run began: that one may have begun it before, too.
func (t *tx) inherit(from string, number int64) error {
	parent, ok := strings.CutPrefix(from, "run:")
	if !ok {
		return nil
	}
	_, err := t.exec(`INSERT INTO restored (run, seq) SELECT $1, 0 WHERE EXISTS
		(SELECT 1 FROM restored WHERE run = (SELECT number FROM runs WHERE id = $2)) ON CONFLICT DO NOTHING`, number, parent)
	return err
}
