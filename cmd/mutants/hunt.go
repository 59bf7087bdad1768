package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// hunt tries mutants in their order.
type hunt struct {
	settings
	try      func(context.Context, mutant) (result, error)
	progress io.Writer

	mu      sync.Mutex
	results map[string]result
	next    int // in the order
	counted int // before next: known and compiled, or being tried
	failed  error
}

// all tries until as many as wanted are known, the time is over, or ctx ends, which is no error: what is known is kept.
func (h *hunt) all(ctx context.Context, order []mutant) error {
	var end <-chan time.Time
	if h.span > 0 {
		t := time.NewTimer(h.span)
		defer t.Stop()
		end = t.C
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	begin, done := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // tells whether there is time for another
		defer close(begin)
		for {
			select {
			case begin <- struct{}{}:
			case <-end:
				return
			case <-ctx.Done():
				return
			case <-done:
				return
			}
		}
	})
	var workers sync.WaitGroup
	for range h.workers {
		workers.Go(func() {
			for range begin {
				m, ok := h.take(order)
				if !ok {
					return
				}
				res, err := h.try(ctx, m)
				if ctx.Err() != nil {
					return
				}
				if !h.put(res, err) {
					stop()
					return
				}
			}
		})
	}
	workers.Wait()
	close(done)
	wg.Wait()
	return h.failed
}

// take is the next to try. As many as wanted are at most under way or known, so that the last of them may turn out not
// to compile: whoever finds that takes another.
func (h *hunt) take(order []mutant) (mutant, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.counted < h.n && h.next < len(order) {
		m := order[h.next]
		h.next++
		known, ok := h.results[m.ID]
		if !ok || known.Status != notBuilt {
			h.counted++
		}
		if h.again && ok && known.Status == survived || !h.again && !ok {
			return m, true
		}
	}
	return mutant{}, false
}

// ahead are those that all is going to take, and some more for those that will not compile.
func (h *hunt) ahead(order []mutant) (out []mutant) {
	a := hunt{settings: h.settings, results: h.results}
	if !a.again {
		a.n += a.n/5 + 1
	}
	for {
		m, ok := a.take(order)
		if !ok {
			return out
		}
		out = append(out, m)
	}
}

// put keeps what was found out, and says whether to go on.
func (h *hunt) put(res result, err error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil && h.settings.results != "" {
		err = addResult(h.settings.results, res)
	}
	if err != nil {
		h.failed = err
		return false
	}
	h.results[res.ID] = res
	if res.Status == notBuilt {
		h.counted--
	}
	fmt.Fprintf(h.progress, "%4d %-9s %5.0fs %s %s\n", h.counted, res.Status, res.Seconds, res.ID, res.Mutant)
	if res.By != "" {
		fmt.Fprintf(h.progress, "%27s%s\n", "", res.By)
	}
	if h.only != "" {
		fmt.Fprintln(h.progress, res.Said)
	}
	return true
}
