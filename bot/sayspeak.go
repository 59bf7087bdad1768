package bot

import (
	"context"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// speaking is in which threads flows are posting right now: people may see a message, and answer it, before it is
// remembered here. The zero value is ready.
type speaking struct {
	mu   sync.Mutex
	open map[string]*talk
}

type talk struct {
	n    int
	done chan struct{}
}

// longestTalk bounds how long an answer is held up by a message that is being posted.
const longestTalk = 5 * time.Second

// begin notes that something is posted in a thread, until the call of end.
func (s *speaking) begin(p engine.Place) (end func()) {
	if p.Thread == "" {
		return func() {}
	}
	key, _ := markKey(p, p.Thread)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[string]*talk{}
	}
	t := s.open[key]
	if t == nil {
		t = &talk{done: make(chan struct{})}
		s.open[key] = t
	}
	t.n++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if t.n--; t.n == 0 {
			delete(s.open, key)
			close(t.done)
		}
	}
}

// wait returns when nothing is being posted in a thread, or it has taken too long.
func (s *speaking) wait(ctx context.Context, p engine.Place) {
	key, _ := markKey(p, p.Thread)
	s.mu.Lock()
	t := s.open[key]
	s.mu.Unlock()
	if t == nil {
		return
	}
	timer := time.NewTimer(longestTalk)
	defer timer.Stop()
	select {
	case <-t.done:
	case <-timer.C:
	case <-ctx.Done():
	}
}
