package local

import "sync"

// locks is one lock per run, existing only while somebody holds or awaits it.
type locks struct {
	mu   sync.Mutex
	held map[string]*held
}

type held struct {
	mu    sync.Mutex
	users int
}

// lock takes the run's lock and gives what releases it.
func (l *locks) lock(run string) (unlock func()) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*held{}
	}
	h := l.held[run]
	if h == nil {
		h = &held{}
		l.held[run] = h
	}
	h.users++
	l.mu.Unlock()
	h.mu.Lock()
	return func() {
		h.mu.Unlock()
		l.mu.Lock()
		defer l.mu.Unlock()
		if h.users--; h.users == 0 {
			delete(l.held, run)
		}
	}
}
