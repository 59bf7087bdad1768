package sqlite

import (
	"context"
	"database/sql"

	"github.com/bretelle/bretelle/connectors/intake"
)

// Failures lists failures of steps after a number, in the order of their commits.
func (s *Store) Failures(ctx context.Context, after int64, n int) ([]intake.Failure, error) {
	out, err := all(s.reading(ctx), `SELECT n, id, at, kind, topic, flow, run, number, path, place, thread, data FROM notices
		WHERE kind = 'step.failed' AND n > $1 ORDER BY n LIMIT $2`, []any{after, limit(n)},
		func(row *sql.Rows) (f intake.Failure, err error) {
			var where, thread string
			var data []byte
			x := &f.Notice
			err = row.Scan(&f.N, &x.ID, &x.At, &x.Kind, &x.Topic, &x.Flow, &x.Run, &x.Number, &x.Path, &where, &thread, &data)
			x.Place, x.Data = placed(where, thread), data
			return f, err
		})
	return out, explain(s.dir, "failures", err)
}

// LastFailure is the number of the newest failure; 0 when there is none.
func (s *Store) LastFailure(ctx context.Context) (n int64, err error) {
	_, err = one(s.reading(ctx), `SELECT n FROM notices WHERE kind = 'step.failed' ORDER BY n DESC LIMIT 1`, nil, &n)
	return n, explain(s.dir, "failures", err)
}
