package local

import (
	"context"
	"time"

	"github.com/bretelle/bretelle/engine"
)

const (
	// StalledAfter is how long a run may neither wait nor make progress before people are told: no run is running for ever.
	StalledAfter = 24 * time.Hour
	// stalledEvery is how often runs are looked at for that.
	stalledEvery = time.Hour
	// mostStalled bounds the runs told of in one look; the next look finds the others.
	mostStalled = 100
)

// tellStalled tells of runs that neither wait nor make progress, each time it happens once. It looks at most once in
// stalledEvery, and not while the clock may be wrong. Called by the timer loop.
func (r *Runtime) tellStalled(now int64) {
	if r.watch.left() > 0 {
		return
	}
	if r.looked != 0 && now-r.looked < stalledEvery.Milliseconds() && now >= r.looked {
		return
	}
	r.looked = now
	ctx := context.WithoutCancel(r.loops)
	list, err := r.store.Stalled(ctx, now-StalledAfter.Milliseconds(), mostStalled)
	if err != nil {
		r.log.Warn("runs that make no progress could not be looked for", "err", err)
		return
	}
	var notices []engine.Notice
	for _, x := range list {
		n := engine.Notice{
			ID: engine.IDFrom(x.Since, "stalled:"+x.Run), At: now, Kind: engine.NoticeStalled, Topic: "stalled:" + x.Run,
			Flow: x.Flow, Run: x.Run, Number: x.Number, Data: encode(engine.StalledData{Since: x.Since}),
		}
		if p, err := r.flows.Program(ctx, x.Flow, x.Version); err == nil {
			n.Place = p.Flow.Channel
		}
		notices = append(notices, n)
	}
	if len(notices) == 0 {
		return
	}
	if err := r.store.Raise(ctx, notices...); err != nil {
		r.log.Warn("runs that make no progress could not be told of", "err", err)
		r.looked = 0
		return
	}
	r.o.OnCommit()
}
