package bot

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// Reception takes a surface's deliveries in the order of R14: keep, acknowledge, work. It works them off in the
// background, those of one lane (a channel, a person) one after another, and those that a crash left at the next
// start. It is safe for concurrent use. The zero value is not usable.
type Reception struct {
	// Surface names whose deliveries these are.
	Surface string
	Inbox   Inbox
	// Work does what a kept delivery asks for. late is whether its time for an answer is over: it was left by a crash.
	// An error that is Unavailable or Throttled has it tried again, at first while its lane waits, then late, behind what
	// came after it, for as long as this life lasts; any other ends it, and was told to the person.
	Work func(ctx context.Context, payload json.RawMessage, late bool) error
	Now  func() time.Time // nil: time.Now
	Log  *slog.Logger     // nil: slog.Default

	after func(d time.Duration, do func()) // nil: time.AfterFunc

	mu     sync.Mutex
	lanes  map[string][]kept // under way or waiting, by lane
	doubts map[string]bool   // may have been kept
	busy   sync.WaitGroup
	stop   bool
}

// kept is a delivery that is to be worked off.
type kept struct {
	Kept
	late  bool
	round int // how often its lane has gone on without it
}

const (
	leftMost   = 10_000           // deliveries of a former life that are read
	againAfter = 2 * time.Second  // between tries of a delivery that could not be worked off now
	againMost  = 5                // tries while its lane waits
	againLong  = 10 * time.Second // a lane does not wait longer for one try
	againRest  = 30 * time.Second // then its lane goes on, and it is tried again after so long, twice as long, …
	restMost   = 10 * time.Minute // but never longer than that
	untoldMost = 10_000           // deliveries that are remembered because they may or may not have been kept
)

// Keep makes a delivery durable. After a nil error the surface may acknowledge it; fresh is false for one that was
// kept before, which is then acknowledged and no more. Errors: Unavailable, and nothing may be acknowledged; it may stand
// in the inbox all the same, so that it is fresh when the platform brings it again.
func (r *Reception) Keep(ctx context.Context, id string, payload json.RawMessage) (fresh bool, err error) {
	fresh, err = r.Inbox.Keep(ctx, r.Surface, id, payload, engine.Millis(r.now()))
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		fresh = fresh || r.doubts[id]
		delete(r.doubts, id)
	case len(r.doubts) < untoldMost:
		if r.doubts == nil {
			r.doubts = map[string]bool{}
		}
		r.doubts[id] = true
	}
	return fresh, err
}

// Begin has a delivery that was kept worked off, behind the others of its lane. ctx bounds the work and is to outlive
// the delivery. After Close nothing begins: the next start finds it.
func (r *Reception) Begin(ctx context.Context, lane, id string, payload json.RawMessage) {
	r.begin(ctx, lane, kept{Kept: Kept{ID: id, Payload: payload}})
}

// Done marks a delivery that the surface has answered itself, without Begin.
func (r *Reception) Done(ctx context.Context, id string) {
	if err := r.Inbox.Done(context.WithoutCancel(ctx), r.Surface, id); err != nil {
		r.log().Warn("a delivery could not be marked done", "surface", r.Surface, "id", id, "err", err)
	}
}

// Left begins what a former life left behind, oldest first. lane tells where a payload belongs; one that it cannot read
// (ok false) is done.
func (r *Reception) Left(ctx context.Context, lane func(payload json.RawMessage) (name string, ok bool)) error {
	left, err := r.Inbox.Unworked(ctx, r.Surface, leftMost)
	if err != nil {
		return err
	}
	if len(left) == leftMost {
		r.log().Warn("a former life left more deliveries than are read at once; the rest comes with the next start", "surface", r.Surface, "read", leftMost)
	}
	for _, k := range left {
		name, ok := lane(k.Payload)
		if !ok {
			r.log().Warn("a delivery of a former life cannot be read", "surface", r.Surface, "id", k.ID)
			r.Done(ctx, k.ID)
			continue
		}
		r.begin(ctx, name, kept{Kept: k, late: true})
	}
	return nil
}

// Close waits until what is under way is done, or ctx ends; nothing new begins.
func (r *Reception) Close(ctx context.Context) {
	r.mu.Lock()
	r.stop = true
	r.mu.Unlock()
	done := make(chan struct{})
	go func() { r.busy.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

func (r *Reception) begin(ctx context.Context, lane string, k kept) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop {
		return
	}
	if r.lanes == nil {
		r.lanes = map[string][]kept{}
	}
	waiting, under := r.lanes[lane]
	r.lanes[lane] = append(waiting, k)
	if !under {
		r.busy.Go(func() { r.lane(ctx, lane) })
	}
}

// lane works until nothing is left in it.
func (r *Reception) lane(ctx context.Context, name string) {
	for {
		r.mu.Lock()
		if len(r.lanes[name]) == 0 || r.stop || ctx.Err() != nil {
			delete(r.lanes, name)
			r.mu.Unlock()
			return
		}
		k := r.lanes[name][0]
		r.lanes[name] = r.lanes[name][1:]
		r.mu.Unlock()
		r.work(ctx, name, k)
	}
}

func (r *Reception) work(ctx context.Context, lane string, k kept) {
	for try := 1; ; try++ {
		err := r.once(ctx, k)
		code := engine.CodeOf(err)
		if err == nil || code != engine.Unavailable && code != engine.Throttled && ctx.Err() == nil {
			if err != nil {
				r.log().Warn("a delivery ended in an error", "surface", r.Surface, "id", k.ID, "err", err)
			}
			r.Done(ctx, k.ID)
			return
		}
		wait := max(againAfter, engine.AsError(err).After)
		if ctx.Err() != nil {
			return // it stays in the inbox
		}
		if try == againMost || k.round > 0 || wait > againLong {
			r.rest(ctx, lane, k, wait)
			return
		}
		passed := make(chan struct{})
		r.in(wait, func() { close(passed) })
		select {
		case <-ctx.Done():
			return
		case <-passed:
		}
	}
}

// rest lets a lane go on without a delivery, which comes back into it later. It stays in the inbox, so that nothing is
// lost when this life ends before.
func (r *Reception) rest(ctx context.Context, lane string, k kept, wait time.Duration) {
	r.log().Warn("a delivery cannot be worked off now and is tried later", "surface", r.Surface, "id", k.ID)
	wait = max(wait, min(restMost, againRest<<min(k.round, 10)))
	k.late = true
	k.round++
	r.in(wait, func() { r.begin(ctx, lane, k) })
}

func (r *Reception) in(d time.Duration, do func()) {
	if r.after != nil {
		r.after(d, do)
		return
	}
	time.AfterFunc(d, do)
}

// once guards against a defect that one delivery stumbles over: it would be found again at the next start.
func (r *Reception) once(ctx context.Context, k kept) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			r.log().Error("a delivery panicked", "surface", r.Surface, "id", k.ID, "cause", cause)
			err = engine.E(engine.Internal, "Something went wrong on my side").WithOp("bot.Reception")
		}
	}()
	return r.Work(ctx, k.Payload, k.late)
}

func (r *Reception) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

func (r *Reception) log() *slog.Logger {
	if r.Log != nil {
		return r.Log
	}
	return slog.Default()
}
