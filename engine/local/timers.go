package local

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
)

const (
	// timerBatch is how many due timers are read at once.
	timerBatch = 256
	// longestSleep bounds the sleep of the timer loop: the clock may be set, or the machine suspended.
	longestSleep = time.Minute
	// shortPause is how long a timer is left alone that storage could not fire, timerPause one that failed otherwise.
	shortPause = time.Second
	timerPause = time.Minute
)

// failing are timers that could not be fired, with the real time before which they are left alone. They hold up no
// others: what is wrong may concern their run only.
type failing map[Timer]time.Time

// soonest bounds a sleep so that it ends when the first of them may be tried again.
func (f failing) soonest(sleep time.Duration) time.Duration {
	for _, until := range f {
		sleep = min(sleep, max(time.Until(until), 0))
	}
	return sleep
}

// fireTimers feeds timers when they are due, until the runtime stops. Late ones fire once: firing removes the row.
func (r *Runtime) fireTimers() {
	left := failing{}
	for r.loops.Err() == nil {
		r.timerSleeps(0) // whatever is set from here on wakes the loop again
		now := r.watch.look()
		r.tellClock(now)
		r.tellStalled(now)
		next, more := r.fireDue(now, left)
		if more {
			continue
		}
		sleep := left.soonest(longestSleep)
		if held := r.watch.left(); held > 0 {
			sleep = min(sleep, held)
		}
		if next > 0 {
			sleep = min(sleep, max(time.Duration(next-r.now())*time.Millisecond, 0))
		}
		r.timerSleeps(next)
		t := time.NewTimer(sleep)
		select {
		case <-t.C:
		case <-r.timerWake:
		case <-r.loops.Done():
		}
		t.Stop()
	}
}

// fireDue fires what is due at now and tells when the next is, or that there may be more already.
func (r *Runtime) fireDue(now int64, left failing) (next int64, more bool) {
	var due []Timer
	limit := timerBatch + len(left) + r.heldBack
	err := r.persist(r.loops, func() (err error) {
		due, next, err = r.store.Due(context.WithoutCancel(r.loops), now, limit)
		return err
	})
	if err != nil && r.loops.Err() != nil {
		return 0, false
	}
	if err != nil {
		r.log.Error("timers could not be read", "err", err)
		return 0, false
	}
	// Those whose time is over are tried now, or are gone with their runs.
	real := time.Now()
	maps.DeleteFunc(left, func(_ Timer, until time.Time) bool { return !real.Before(until) })
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		slots = make(chan struct{}, r.o.Feeders)
		fired int
		fails []Timer
		waits []time.Duration
	)
	held := 0
	for _, t := range due {
		if r.watch.holds(t, now) {
			held++
			continue
		}
		if _, skip := left[t]; skip || r.loops.Err() != nil {
			continue
		}
		slots <- struct{}{}
		fired++
		wg.Go(func() {
			defer func() { <-slots }()
			if wait := r.fire(t); wait > 0 {
				mu.Lock()
				defer mu.Unlock()
				fails, waits = append(fails, t), append(waits, wait)
			}
		})
	}
	wg.Wait()
	behind := len(due) == limit && held > r.heldBack // those that are held hid others
	r.heldBack = held
	out := fired > 0 && fired == len(fails)
	for i, t := range fails {
		left[t] = time.Now().Add(waits[i])
		out = out && waits[i] == shortPause
	}
	if out && next <= r.now() {
		return 0, false // storage itself is out: those behind need not be tried yet
	}
	return next, fired > 0 || behind
}

// fire feeds one timer. It tells how long to leave it alone when that failed; 0 when it did not.
func (r *Runtime) fire(t Timer) time.Duration {
	_, err := r.feed(r.base, input{
		run: t.Run, kind: engine.TimerFired, head: encode(engine.TimerHead{Timer: t.ID}), timer: t.ID,
	})
	switch {
	case err == nil:
		return 0
	case passing(err):
		r.log.Warn("a timer could not be fired, trying again", "run", t.Run, "timer", t.ID, "err", err, "cause", engine.AsError(err).Err)
		return shortPause
	}
	r.log.Error("a timer could not be fired", "run", t.Run, "timer", t.ID, "err", err, "cause", engine.AsError(err).Err)
	return timerPause
}

// timerSet has the loop look again when a timer comes before what it sleeps until.
func (r *Runtime) timerSet(at int64) {
	r.timerMu.Lock()
	sooner := r.timerNext == 0 || at < r.timerNext
	r.timerMu.Unlock()
	if sooner {
		r.wakeTimers()
	}
}

func (r *Runtime) timerSleeps(until int64) {
	r.timerMu.Lock()
	defer r.timerMu.Unlock()
	r.timerNext = until
}

func (r *Runtime) wakeTimers() {
	select {
	case r.timerWake <- struct{}{}:
	default:
	}
}
