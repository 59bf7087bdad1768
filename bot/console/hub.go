package console

import (
	"sync"
)

// hub wakes the pages that are open. It carries no data: who wakes reads what has changed from the store, so a
// slow reader costs nothing and misses nothing.
type hub struct {
	mu     sync.Mutex
	ears   map[chan struct{}]struct{}
	closed bool
}

func newHub() *hub { return &hub{ears: map[chan struct{}]struct{}{}} }

// listen gives a channel that receives after each change, and is closed when the hub closes.
func (h *hub) listen() (<-chan struct{}, func()) {
	ear := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(ear)
		return ear, func() {}
	}
	h.ears[ear] = struct{}{}
	return ear, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.ears, ear)
	}
}

func (h *hub) ring() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ear := range h.ears {
		select {
		case ear <- struct{}{}:
		default: // it has not woken from the last one yet, and will see this too
		}
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for ear := range h.ears {
		close(ear)
		delete(h.ears, ear)
	}
}

// recent remembers the last deliveries, so that a double click or a repeated request does its work once.
type recent struct {
	mu    sync.Mutex
	known map[string]struct{}
	order []string
}

const recentMost = 2048

func newRecent() *recent { return &recent{known: map[string]struct{}{}} }

// first reports whether id is new.
func (r *recent) first(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.known[id]; ok {
		return false
	}
	r.known[id] = struct{}{}
	r.order = append(r.order, id)
	if len(r.order) > recentMost {
		delete(r.known, r.order[0])
		r.order = r.order[1:]
	}
	return true
}

// forget lets id come again: its work failed in a way that a repetition may cure.
func (r *recent) forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, id)
}

// posted remembers when the last messages were first posted.
type posted struct {
	mu    sync.Mutex
	times map[string]int64
	order []string
}

func newPosted() *posted { return &posted{times: map[string]int64{}} }

func (p *posted) at(id string) (int64, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.times[id]
	return at, ok
}

func (p *posted) put(id string, at int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.times[id]; !ok {
		p.order = append(p.order, id)
	}
	p.times[id] = at
	if len(p.order) > recentMost {
		delete(p.times, p.order[0])
		p.order = p.order[1:]
	}
}
