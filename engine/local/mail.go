package local

import (
	"context"
	"sync"

	"github.com/bretelle/bretelle/engine"
)

// letters is who is to be told something that is stored. What could not be delivered is found again at the next start.
type letters struct {
	mu    sync.Mutex
	queue []string
	state map[string]letterState
	all   bool
	wake  chan struct{}
}

type letterState int

const (
	letterQueued letterState = iota + 1
	letterBusy               // being delivered
	letterAgain              // being delivered, and there is more
)

func newLetters() *letters {
	return &letters{state: map[string]letterState{}, wake: make(chan struct{}, 1)}
}

// push has runs told what is stored for them.
func (q *letters) push(runs ...string) {
	q.mu.Lock()
	for _, run := range runs {
		switch q.state[run] {
		case 0:
			q.state[run] = letterQueued
			q.queue = append(q.queue, run)
		case letterBusy:
			q.state[run] = letterAgain
		}
	}
	q.mu.Unlock()
	q.poke()
}

// ask has the store asked for everything that is to be told.
func (q *letters) ask() {
	q.mu.Lock()
	q.all = true
	q.mu.Unlock()
	q.poke()
}

func (q *letters) poke() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// next is the next run to tell; all says that the store is to be asked first.
func (q *letters) next() (run string, all bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.all {
		q.all = false
		return "", true
	}
	if len(q.queue) == 0 {
		return "", false
	}
	run, q.queue = q.queue[0], q.queue[1:]
	q.state[run] = letterBusy
	return run, false
}

func (q *letters) done(run string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.state[run] == letterAgain {
		q.state[run] = letterQueued
		q.queue = append(q.queue, run)
		q.poke()
		return
	}
	delete(q.state, run)
}

// deliverMail tells runs what others have to tell them, several at once, until the runtime stops.
func (r *Runtime) deliverMail() {
	slots := make(chan struct{}, r.o.Feeders)
	var wg sync.WaitGroup
	defer wg.Wait()
	for r.loops.Err() == nil {
		run, all := r.mail.next()
		switch {
		case all:
			for _, m := range r.lettersTo("") {
				r.mail.push(m.Run)
			}
		case run != "":
			select {
			case slots <- struct{}{}:
			case <-r.loops.Done():
				return
			}
			wg.Go(func() {
				for _, m := range r.lettersTo(run) {
					r.deliver(m)
				}
				<-slots
				r.mail.done(run)
			})
		default:
			select {
			case <-r.mail.wake:
			case <-r.loops.Done():
			}
		}
	}
}

// lettersTo reads what is to be told to a run, or to all for "".
func (r *Runtime) lettersTo(run string) (list []Mail) {
	err := r.persist(r.loops, func() (err error) {
		list, err = r.store.Mail(context.WithoutCancel(r.loops), run, 0)
		return err
	})
	if err != nil && r.loops.Err() == nil {
		r.log.Error("what runs have to tell each other could not be read", "run", run, "err", err)
	}
	return list
}

// sourceOf names, for the audit, what a person said to several runs at once.
func sourceOf(m Mail) string {
	if m.By == "" {
		return ""
	}
	return m.ID
}

// deliver feeds one message. What does not count any more goes with it.
func (r *Runtime) deliver(m Mail) {
	err := r.persist(r.loops, func() error {
		_, err := r.feed(r.base, input{run: m.Run, kind: m.Kind, path: m.Path, head: m.Head, data: m.Data, mail: m.ID, by: m.By, signal: m.By != "", source: sourceOf(m)})
		return err
	})
	if err != nil && r.loops.Err() == nil && engine.CodeOf(err) != engine.NotFound {
		r.log.Error("what another run said could not be told", "run", m.Run, "path", m.Path, "kind", m.Kind, "err", err,
			"cause", engine.AsError(err).Err)
	}
}
