package memory

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/storage"
)

// MarkRestored does what package sqlite does to the runs of a restored copy; cursors are left as they are.
func (s *Store) MarkRestored(ctx context.Context, _ int64) (m storage.Marked, err error) {
	err = s.write(ctx, func() error {
		if s.restored == nil {
			s.restored = map[string]int64{}
		}
		for _, r := range s.runs {
			if _, marked := s.restored[r.head.ID]; !marked && !r.head.State.Final() {
				s.restored[r.head.ID] = r.seq
				m.Runs++
			}
		}
		return nil
	})
	return m, err
}

// Restored tells whether a run, or any for "", was open when the store was marked.
func (s *Store) Restored(ctx context.Context, run string) (seq int64, ok bool, err error) {
	err = s.read(ctx, func() error {
		seq, ok = s.restored[run]
		ok = ok || run == "" && len(s.restored) > 0
		return nil
	})
	return seq, ok, err
}

// inherit marks a run that a marked run began.
func (s *Store) inherit(from, run string) {
	if parent, ok := strings.CutPrefix(from, "run:"); ok {
		if _, marked := s.restored[parent]; marked {
			s.restored[run] = 0
		}
	}
}
