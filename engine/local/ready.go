package local

import (
	"context"
	"sync"

	"github.com/bretelle/bretelle/engine"
)

// ready is the queue of runs to start, a line for each flow; they begin in turn, so that a flow with 10,000 of them holds
// up no other. Runs just accepted are pushed; when they are too many, or nobody knows (start-up, a flow was resumed), the
// store is asked.
type ready struct {
	mu    sync.Mutex
	runs  map[string][]string        // by flow
	turn  []string                   // flows with runs, next first
	more  map[string]bool            // flows with more runs in the store
	query bool                       // nobody knows
	known map[string]map[string]bool // by flow: queued here or being started
	stuck map[string]map[string]bool // by flow: could not be started; not tried again before the next ask
	wake  chan struct{}
}

// longReady is how many runs of a flow are queued in memory; the rest stay in the store.
const longReady = 4096

func newReady() *ready {
	q := &ready{wake: make(chan struct{}, 1), more: map[string]bool{}, runs: map[string][]string{}}
	q.known, q.stuck = map[string]map[string]bool{}, map[string]map[string]bool{}
	return q
}

func (q *ready) push(flow string, runs ...string) {
	if len(runs) == 0 {
		return
	}
	q.mu.Lock()
	for _, id := range runs {
		if len(q.runs[flow]) >= longReady {
			q.more[flow] = true
			break
		}
		q.add(flow, id)
	}
	q.mu.Unlock()
	q.poke()
}

// add queues a run that is not queued. Called with the lock held.
func (q *ready) add(flow, run string) {
	if q.known[flow][run] {
		return
	}
	if q.known[flow] == nil {
		q.known[flow] = map[string]bool{}
	}
	q.known[flow][run] = true
	if len(q.runs[flow]) == 0 {
		q.turn = append(q.turn, flow)
	}
	q.runs[flow] = append(q.runs[flow], run)
}

// ask has the store asked, runs that could not be started included.
func (q *ready) ask() {
	q.mu.Lock()
	q.query = true
	clear(q.stuck)
	q.mu.Unlock()
	q.poke()
}

// idle tells that no run of a flow waits for its start, as far as is known here. What an earlier life left is looked for
// meanwhile; a new run does not wait for that.
func (q *ready) idle(flow string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.runs[flow]) == 0 && !q.more[flow]
}

// askFor has the store asked for runs of one flow.
func (q *ready) askFor(flow string) {
	q.mu.Lock()
	q.more[flow] = true
	q.mu.Unlock()
	q.poke()
}

func (q *ready) poke() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// next is the next run to start of a flow that is not full, or for how many of a flow ("": of each) to ask the store. All
// zero: nothing to do.
func (q *ready) next(full func(flow string) bool) (flow, run string, ask int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.query {
		q.query = false
		clear(q.more)
		most := 0
		for f := range q.known {
			most = max(most, len(q.known[f])+len(q.stuck[f]))
		}
		for f := range q.stuck {
			most = max(most, len(q.known[f])+len(q.stuck[f]))
		}
		return "", "", most + 256
	}
	for f := range q.more {
		if len(q.runs[f]) == 0 {
			delete(q.more, f)
			return f, "", len(q.known[f]) + len(q.stuck[f]) + 256
		}
	}
	for range len(q.turn) {
		flow, q.turn = q.turn[0], q.turn[1:]
		if full(flow) {
			q.turn = append(q.turn, flow)
			continue
		}
		run, q.runs[flow] = q.runs[flow][0], q.runs[flow][1:]
		if len(q.runs[flow]) == 0 {
			delete(q.runs, flow)
		} else {
			q.turn = append(q.turn, flow)
		}
		return flow, run, 0
	}
	return "", "", 0
}

// found takes the store's answer to a question for n runs of each flow.
func (q *ready) found(runs []ReadyRun, n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	had := map[string]int{}
	for _, r := range runs {
		if had[r.Flow]++; had[r.Flow] == n {
			q.more[r.Flow] = true
		}
		if !q.stuck[r.Flow][r.Run] {
			q.add(r.Flow, r.Run)
		}
	}
}

func (q *ready) done(flow, run string, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if delete(q.known[flow], run); len(q.known[flow]) == 0 {
		delete(q.known, flow)
	}
	if err == nil {
		return
	}
	if q.stuck[flow] == nil {
		q.stuck[flow] = map[string]bool{}
	}
	q.stuck[flow][run] = true
}

// startRuns starts queued runs, several at once, until the runtime stops.
func (r *Runtime) startRuns() {
	slots := make(chan struct{}, r.o.Feeders)
	var wg sync.WaitGroup
	defer wg.Wait()
	for r.loops.Err() == nil {
		flow, run, ask := r.ready.next(r.tasks.full)
		switch {
		case run != "":
			select {
			case slots <- struct{}{}:
			case <-r.loops.Done():
				return
			}
			wg.Go(func() {
				r.startRun(flow, run)
				<-slots
			})
		case ask > 0:
			r.askReady(flow, ask)
		default:
			select {
			case <-r.ready.wake:
			case <-r.loops.Done():
			}
		}
	}
}

func (r *Runtime) askReady(flow string, n int) {
	var runs []ReadyRun
	err := r.persist(r.loops, func() (err error) {
		runs, err = r.store.Ready(context.WithoutCancel(r.loops), flow, n)
		return err
	})
	if err != nil && r.loops.Err() == nil {
		r.log.Error("queued runs could not be listed", "err", err)
	}
	r.ready.found(runs, n)
}

func (r *Runtime) startRun(flow, run string) {
	err := r.persist(r.loops, func() error {
		_, err := r.feed(r.base, input{run: run, kind: engine.RunStarted})
		return err
	})
	if err != nil && r.loops.Err() == nil {
		r.log.Error("a run could not be started", "run", run, "err", err, "cause", engine.AsError(err).Err)
	}
	r.ready.done(flow, run, err)
}
