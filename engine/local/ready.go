package local

import (
	"context"
	"sync"

	"github.com/bretelle/bretelle/engine"
)

// ready is the queue of runs to start. Runs just accepted are pushed; when they are too many, or nobody knows
// (start-up, a flow was resumed), the store is asked.
type ready struct {
	mu    sync.Mutex
	runs  []string
	query bool
	known map[string]bool // queued here or being started
	stuck map[string]bool // could not be started; not tried again before the next ask
	wake  chan struct{}
}

// longReady is how many runs are queued in memory; the rest stay in the store.
const longReady = 4096

func newReady() *ready {
	return &ready{known: map[string]bool{}, stuck: map[string]bool{}, wake: make(chan struct{}, 1)}
}

func (q *ready) push(runs ...string) {
	q.mu.Lock()
	for _, id := range runs {
		switch {
		case len(q.runs) >= longReady:
			q.query = true
		case !q.known[id]:
			q.known[id] = true
			q.runs = append(q.runs, id)
		}
	}
	q.mu.Unlock()
	q.poke()
}

// ask has the store asked, runs that could not be started included.
func (q *ready) ask() {
	q.mu.Lock()
	q.query = true
	clear(q.stuck)
	q.mu.Unlock()
	q.poke()
}

func (q *ready) poke() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// next is the next run to start, or how many to ask the store for (0: nothing to do).
func (q *ready) next() (run string, ask int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.runs) > 0 {
		run, q.runs = q.runs[0], q.runs[1:]
		return run, 0
	}
	if q.query {
		q.query = false
		return "", len(q.known) + len(q.stuck) + 256
	}
	return "", 0
}

// found takes the store's answer to a question for n runs.
func (q *ready) found(runs []string, n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, id := range runs {
		if !q.known[id] && !q.stuck[id] {
			q.known[id] = true
			q.runs = append(q.runs, id)
		}
	}
	if len(runs) == n {
		q.query = true
	}
}

func (q *ready) done(run string, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.known, run)
	if err != nil {
		q.stuck[run] = true
	}
}

// startRuns starts queued runs, several at once, until the runtime stops.
func (r *Runtime) startRuns() {
	slots := make(chan struct{}, r.o.Feeders)
	var wg sync.WaitGroup
	defer wg.Wait()
	for r.loops.Err() == nil {
		if full := r.tasks.full(); full != nil {
			select {
			case <-full:
			case <-r.loops.Done():
			}
			continue
		}
		run, ask := r.ready.next()
		switch {
		case run != "":
			select {
			case slots <- struct{}{}:
			case <-r.loops.Done():
				return
			}
			wg.Go(func() {
				r.startRun(run)
				<-slots
			})
		case ask > 0:
			r.askReady(ask)
		default:
			select {
			case <-r.ready.wake:
			case <-r.loops.Done():
			}
		}
	}
}

func (r *Runtime) askReady(n int) {
	var runs []string
	err := r.persist(r.loops, func() (err error) {
		runs, err = r.store.Ready(context.WithoutCancel(r.loops), n)
		return err
	})
	if err != nil && r.loops.Err() == nil {
		r.log.Error("queued runs could not be listed", "err", err)
	}
	r.ready.found(runs, n)
}

func (r *Runtime) startRun(run string) {
	err := r.persist(r.loops, func() error {
		_, err := r.feed(r.base, input{run: run, kind: engine.RunStarted})
		return err
	})
	if err != nil && r.loops.Err() == nil {
		r.log.Error("a run could not be started", "run", run, "err", err, "cause", engine.AsError(err).Err)
	}
	r.ready.done(run, err)
}
