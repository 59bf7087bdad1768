package sqlite

import (
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// Erase removes the payloads of a run that has ended: what its event and its steps said, what notices say of
// it, and the words it is found by. The journal's heads stay. NotFound, or Conflict while the run has not ended. Erased bytes are overwritten in the
// database at once (secure_delete), in its log when that is next written over, at the latest when the store closes.
func (s *Store) Erase(ctx context.Context, run string) error {
	var gone []string
	err := s.write(ctx, "erase", func(t *tx) error {
		gone = nil
		var number int64
		var status engine.RunState
		found, err := one(t, `SELECT number, status FROM runs WHERE id = $1`, []any{run}, &number, &status)
		switch {
		case err != nil:
			return err
		case !found:
			return storage.NoRun(run)
		case !status.Final():
			return storage.NotEnded(number)
		}
		blobs, err := all(t, `SELECT DISTINCT blob FROM payloads WHERE run = $1 AND blob IS NOT NULL`, []any{number}, oneString)
		if err != nil {
			return err
		}
		if err := t.unword(number); err != nil {
			return err
		}
		for _, q := range []string{
			`UPDATE journal SET data = NULL WHERE id > $1 << 24 AND id < ($1 + 1) << 24`,
			`DELETE FROM payloads WHERE run = $1`,
			`UPDATE arrivals SET data = NULL WHERE n IN (SELECT arrival FROM taken WHERE run = $1)`,
			`DELETE FROM copies WHERE run = (SELECT id FROM runs WHERE number = $1)`,
			`UPDATE notices SET data = NULL WHERE run = (SELECT id FROM runs WHERE number = $1)`,
		} {
			if _, err := t.exec(q, number); err != nil {
				return err
			}
		}
		gone = blobs
		return nil
	})
	if err != nil {
		return err
	}
	_, err = s.unlink(ctx, gone)
	return explain(s.dir, "erase", err)
}
