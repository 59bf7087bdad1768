package memory

import (
	"bytes"
	"context"

	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/engine"
)

// Failures lists failures of steps after a number, in order.
func (s *Store) Failures(ctx context.Context, after int64, limit int) (out []intake.Failure, err error) {
	err = s.read(ctx, func() error {
		for i, n := range s.notices {
			if number := int64(i + 1); n.Kind == engine.NoticeFailed && number > after {
				f := intake.Failure{N: number, Notice: n.Notice}
				f.Notice.Data = bytes.Clone(n.Data)
				out = append(out, f)
			}
		}
		out = upTo(out, limit)
		return nil
	})
	return out, err
}

// LastFailure is the number of the newest failure; 0 when there is none.
func (s *Store) LastFailure(ctx context.Context) (n int64, err error) {
	err = s.read(ctx, func() error {
		for i, x := range s.notices {
			if x.Kind == engine.NoticeFailed {
				n = int64(i + 1)
			}
		}
		return nil
	})
	return n, err
}
