package sqlite

import (
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// ownEvents are the events that a run ($1) was made of; of one that became a run at once the run itself has the payload.
const ownEvents = `SELECT n FROM events WHERE flow = (SELECT flow FROM runs WHERE number = $1) AND run = $1`

// Erase removes what a run that has ended was given and gave: what its event, the events that were collected for it and its
// steps said, what it told other runs, notices, cards and answers of it, and the words it is found by. The journal's heads
// stay, and so does what stands in channels, the console's too. NotFound, or Conflict while the run has not ended. Erased
// bytes are overwritten in the database at once (secure_delete), in its log when that is next written over, at the latest
// when the store closes.
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
		blobs, err := all(t, `SELECT blob FROM payloads WHERE run = $1 AND blob IS NOT NULL
			UNION SELECT blob FROM event_payloads WHERE event IN (`+ownEvents+`) AND blob IS NOT NULL`, []any{number}, oneString)
		if err != nil {
			return err
		}
		if err := t.unword(number); err != nil {
			return err
		}
		for _, q := range []string{
			`UPDATE journal SET data = NULL WHERE id > $1 << 24 AND id < ($1 + 1) << 24`,
			`DELETE FROM payloads WHERE run = $1`,
			`DELETE FROM event_payloads WHERE event IN (` + ownEvents + `)`,
			`UPDATE arrivals SET data = NULL WHERE n IN (SELECT arrival FROM taken WHERE run = $1)`,
			`UPDATE gate_rows SET data = '{"number":' || $1 || ',"items":[]}' WHERE run = $1 AND run > 0 AND state = 3`,
			`DELETE FROM copies WHERE run = (SELECT id FROM runs WHERE number = $1) AND run <> ''`,
			`UPDATE arrivals SET data = NULL WHERE id >= (SELECT id || '/' FROM runs WHERE number = $1) AND id < (SELECT id || '0' FROM runs WHERE number = $1)`,
			`UPDATE cards SET card = NULL WHERE state <> 'open' AND instr(key, (SELECT ':' || id FROM runs WHERE number = $1)) > 0`,
			`UPDATE intents SET data = NULL WHERE run = (SELECT id FROM runs WHERE number = $1) AND key NOT GLOB 'alert:*'`,
			`UPDATE notices SET data = NULL WHERE run = (SELECT id FROM runs WHERE number = $1) AND run <> ''`,
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
