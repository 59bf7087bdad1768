package memory

import (
	"context"
	"strings"
)

// MarkRestored does what package sqlite does to the runs of a restored copy, and says how many there are.
func (s *Store) MarkRestored() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restored = map[string]int64{}
	for _, r := range s.runs {
		if !r.head.State.Final() {
			s.restored[r.head.ID] = r.seq
		}
	}
	return len(s.restored)
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
