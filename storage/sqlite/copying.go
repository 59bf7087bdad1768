package sqlite

import (
	"context"
	"sync"
	"sync/atomic"
)

// copying is about backups under way. While there is one, files of payloads stay, although no row may name them any
// more: the copy's rows do. And the log is not emptied: that would wait for the copy, which reads for long.
type copying struct {
	now atomic.Int32

	mu   sync.Mutex
	late []string // files that are to go when no backup is under way
}

// begin tells that a backup is under way, until the function that it gives is called.
func (c *copying) begin() (end func()) {
	c.now.Add(1)
	return func() { c.now.Add(-1) }
}

// unlink removes files that no row names, of those given; under a backup it remembers them for later.
func (s *Store) unlink(ctx context.Context, names []string) (gone int, err error) {
	s.blobs.using.Lock()
	defer s.blobs.using.Unlock()
	if s.copying.now.Load() > 0 {
		s.copying.mu.Lock()
		defer s.copying.mu.Unlock()
		s.copying.late = append(s.copying.late, names...)
		return 0, nil
	}
	free := names[:0:0]
	for _, name := range names {
		used, err := blobUsed(s.reading(ctx), name)
		if err != nil {
			return 0, err
		}
		if !used {
			free = append(free, name)
		}
	}
	return len(free), s.blobs.drop(free)
}

// catchUp removes what could not be removed while a backup was under way.
func (s *Store) catchUp(ctx context.Context) error {
	s.copying.mu.Lock()
	late := s.copying.late
	s.copying.late = nil
	s.copying.mu.Unlock()
	if len(late) == 0 {
		return nil
	}
	_, err := s.unlink(ctx, late)
	return err
}
