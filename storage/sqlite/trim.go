package sqlite

import "context"

// TrimIntents removes intents that expired before expired, and the cards of answers and dialogs (resolved, standing
// nowhere) not updated since before that have no intents left. All in milliseconds.
func (s *Store) TrimIntents(ctx context.Context, expired, before int64) (gone int, err error) {
	err = s.write(ctx, "trim", func(t *tx) error {
		gone = 0
		for _, q := range []struct {
			text string
			arg  int64
		}{
			{`DELETE FROM intents WHERE expires > 0 AND expires < $1`, expired},
			{`DELETE FROM cards WHERE state = 'resolved' AND ref = '' AND updated < $1 AND id NOT IN (SELECT card FROM intents)`, before},
		} {
			n, err := t.exec(q.text, q.arg)
			if err != nil {
				return err
			}
			gone += int(n)
		}
		return nil
	})
	return gone, err
}
