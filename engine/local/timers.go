package local

import (
	"context"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
)

const (
	// timerBatch is how many due timers are read at once.
	timerBatch = 256
	// longestSleep bounds the sleep of the timer loop: the clock may be set, or the machine suspended.
	longestSleep = time.Minute
	// timerPause is how long a timer that could not be fired for another reason than storage is left alone.
	timerPause = time.Minute
)

// fireTimers feeds timers when they are due, until the runtime stops. Late ones fire once: firing removes the row.
func (r *Runtime) fireTimers() {
	broken := map[Timer]time.Time{} // real time: not before
	for r.loops.Err() == nil {
		r.timerSleeps(0) // whatever is set from here on wakes the loop again
		next, more := r.fireDue(broken)
		if more {
			continue
		}
		sleep := longestSleep
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

// fireDue fires what is due and tells when the next is, or that there may be more already.
func (r *Runtime) fireDue(broken map[Timer]time.Time) (next int64, more bool) {
	var due []Timer
	limit := timerBatch + len(broken)
	err := r.persist(r.loops, func() (err error) {
		due, next, err = r.store.Due(context.WithoutCancel(r.loops), r.now(), limit)
		return err
	})
	if err != nil && r.loops.Err() != nil {
		return 0, false
	}
	if err != nil {
		r.log.Error("timers could not be read", "err", err)
		return 0, false
	}
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		slots = make(chan struct{}, r.o.Feeders)
		fired int
	)
	for _, t := range due {
		mu.Lock()
		until, skip := broken[t]
		mu.Unlock()
		if skip && time.Now().Before(until) || r.loops.Err() != nil {
			continue
		}
		slots <- struct{}{}
		fired++
		wg.Go(func() {
			defer func() { <-slots }()
			err := r.persist(r.loops, func() error {
				_, err := r.feed(r.base, input{
					run: t.Run, kind: engine.TimerFired, head: encode(engine.TimerHead{Timer: t.ID}), timer: t.ID,
				})
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			delete(broken, t)
			if err != nil && r.loops.Err() == nil {
				r.log.Error("a timer could not be fired", "run", t.Run, "timer", t.ID, "err", err, "cause", engine.AsError(err).Err)
				broken[t] = time.Now().Add(timerPause)
			}
		})
	}
	wg.Wait()
	return next, fired > 0
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
