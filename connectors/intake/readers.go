package intake

import (
	"container/list"
	"sync"
	"sync/atomic"
)

// readers are the deliveries whose bodies are still coming. They are bounded, because each holds memory; when there
// are too many, the one that has been at it longest gives way. So whoever begins deliveries and ends none keeps
// nobody out, as long as an honest one takes less time than it takes them to begin as many as there may be.
type readers struct {
	mu   sync.Mutex
	most int
	open list.List // of *reader, oldest first
}

type reader struct {
	gone atomic.Bool // it had to give way
	stop func()      // ends the reading
}

// enter adds a reader; stop is called at most once, and never after leave.
func (rs *readers) enter(stop func()) (r *reader, leave func()) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.open.Len() >= rs.most {
		oldest := rs.open.Remove(rs.open.Front()).(*reader)
		oldest.gone.Store(true)
		oldest.stop()
	}
	r = &reader{stop: stop}
	at := rs.open.PushBack(r)
	return r, func() {
		rs.mu.Lock()
		defer rs.mu.Unlock()
		rs.open.Remove(at)
	}
}
