package local

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
)

const (
	// JumpFrom is how far a clock may move in one look without being said to have jumped: NTP mends less all the time.
	JumpFrom = time.Minute
	// HoldFor is how long, by a clock that nobody sets, expiries are held after a jump forwards: the clock may be put right,
	// and people who slept with the machine can still answer.
	HoldFor = 10 * time.Minute
	// leap is a jump after which nothing is forgotten for leapFor: by a clock that is years ahead, everything is old.
	leap    = 24 * time.Hour
	leapFor = 24 * time.Hour
)

// watch compares the clock with one that nobody sets. A machine that slept looks the same: the latter stands still in
// its sleep. Clocks are compared only when somebody looks, and everything that is fired is due by a time that was
// looked at, so that a jump fires nothing that it holds.
type watch struct {
	read func() (now time.Time, since time.Duration)

	mu     sync.Mutex
	begun  bool
	wall   int64         // the last look: by the clock, milliseconds
	at     time.Duration // and by the one that nobody sets, as are the following
	ahead  int64         // milliseconds that the clock jumped forwards, in sum, while expiries are held
	until  time.Duration // expiries are held until then; 0: they are not
	leapt  time.Duration // nothing is forgotten until then
	jumped engine.ClockData
	told   []engine.ClockData // what people are to be told
}

// look compares the clocks and returns the time, in milliseconds.
func (w *watch) look() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	t, at := w.read()
	wall := engine.Millis(t)
	if !w.begun {
		w.begun, w.wall, w.at = true, wall, at
		return wall
	}
	right := w.wall + (at - w.at).Milliseconds() // what it would show had nobody moved it
	drift := wall - right
	w.wall, w.at = wall, at
	if w.until != 0 && at >= w.until {
		w.until, w.ahead = 0, 0
	}
	switch from := JumpFrom.Milliseconds(); {
	case drift > from:
		if w.until == 0 {
			w.jumped = engine.ClockData{Since: right}
		}
		w.until, w.ahead = at+HoldFor, w.ahead+drift
		if w.ahead > leap.Milliseconds() {
			w.leapt = max(at+leapFor, 1)
		}
		w.jumped.From, w.jumped.To, w.jumped.By = right, wall, drift
		w.jumped.Held = wall + HoldFor.Milliseconds()
		w.told = append(w.told, w.jumped)
	case drift >= -from:
	case w.until != 0 && w.ahead+drift >= -from: // what it had jumped, or some of it, is taken back
		w.ahead += drift
		w.jumped.From, w.jumped.To, w.jumped.By = right, wall, drift
		w.jumped.Held = wall + (w.until - at).Milliseconds()
		if w.ahead <= from {
			w.until, w.ahead, w.leapt = 0, 0, 0
			w.jumped.Held, w.jumped.Right = 0, true
		}
		w.told = append(w.told, w.jumped)
	default:
		w.until, w.ahead, w.leapt = 0, 0, 0
		w.told = append(w.told, engine.ClockData{Since: right, From: right, To: wall, By: drift})
	}
	return wall
}

// holds says that a timer, due at now, is due only because the clock jumped, and ends what people or steps had time for.
func (w *watch) holds(t Timer, now int64) bool {
	if !strings.HasPrefix(t.ID, "expire:") && !strings.HasPrefix(t.ID, "limit:") {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.until != 0 && t.At > now-w.ahead
}

// left is how long expiries are held from now on; 0 when none are.
func (w *watch) left() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.until == 0 {
		return 0
	}
	return max(w.until-w.at, time.Millisecond)
}

// Leapt says that the clock jumped forwards by more than a day, within the last day of its working: whoever forgets
// what is old waits until then, since by a clock that is years ahead everything is. Going back by as much ends it.
func (r *Runtime) Leapt() bool {
	r.watch.look()
	r.watch.mu.Lock()
	defer r.watch.mu.Unlock()
	return r.watch.leapt != 0 && r.watch.at < r.watch.leapt
}

// tellClock tells of jumps. Called by the timer loop.
func (r *Runtime) tellClock(now int64) {
	r.watch.mu.Lock()
	told := r.watch.told
	r.watch.told = nil
	r.watch.mu.Unlock()
	if len(told) == 0 {
		return
	}
	notices := make([]engine.Notice, len(told))
	for i, d := range told {
		r.log.Warn("the clock jumped, or the machine slept", "from", engine.Time(d.From), "to", engine.Time(d.To))
		notices[i] = engine.Notice{
			ID: engine.NewID(r.o.Now()), At: now, Kind: engine.NoticeClock, Topic: "clock:" + strconv.FormatInt(d.Since, 10), Data: encode(d),
		}
	}
	if err := r.store.Raise(context.WithoutCancel(r.loops), notices...); err != nil {
		r.log.Warn("a jump of the clock could not be told of, trying again", "err", err)
		r.watch.mu.Lock()
		r.watch.told = append(told, r.watch.told...)
		r.watch.mu.Unlock()
		return
	}
	r.o.OnCommit()
}
