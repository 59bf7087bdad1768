package local

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/gate"
)

// Breaker is what holds the calls back that a flow makes to a service which does not answer.
type Breaker struct {
	Flow  string
	Lane  string // the service, as Options.Lane names it
	State gate.Breaker
}

// breakers know which services do not answer. They decide when a task may begin; the tasks themselves stay stored and
// queued, so that those that are held cost no attempt. What is open is stored: it survives a restart. A streak that has
// opened nothing is not.
type breakers struct {
	mu   sync.Mutex
	by   map[peer]gate.Breaker
	wake chan struct{}
}

// peer is a service as a flow reaches for it.
type peer struct{ flow, lane string }

func newBreakers() *breakers {
	return &breakers{by: map[peer]gate.Breaker{}, wake: make(chan struct{}, 1)}
}

func (b *breakers) load(list []Breaker) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, x := range list {
		b.by[peer{x.Flow, x.Lane}] = x.State
	}
}

func (b *breakers) poke() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *breakers) lets(x *task, busy int, at int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.by[peer{x.Flow, x.lane}].Lets(at, busy)
}

// mostStreaks is how many services with a streak are remembered before those that are long over are forgotten.
const mostStreaks = 1000

// change moves one breaker on.
func (b *breakers) change(p peer, at int64, move func(gate.Breaker) (gate.Breaker, bool)) (gate.Breaker, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, told := move(b.by[p])
	if s == (gate.Breaker{}) {
		delete(b.by, p)
	} else {
		b.by[p] = s
	}
	if len(b.by) > mostStreaks {
		for k, v := range b.by {
			if !v.Open() && v.Pace == 0 && at-v.First > gate.Within {
				delete(b.by, k)
			}
		}
	}
	return s, told
}

// soonest is when the next probe may go; 0: none is awaited.
func (b *breakers) soonest(now int64) (at int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.by {
		if s.Open() && s.Next > now && (at == 0 || s.Next < at) {
			at = s.Next
		}
	}
	return at
}

// watchPeers lets probes go when their time has come, until the runtime stops.
func (r *Runtime) watchPeers() {
	for r.loops.Err() == nil {
		r.tasks.again()
		sleep := longestSleep
		if next := r.peers.soonest(r.now()); next > 0 {
			sleep = min(sleep, max(time.Duration(next-r.now())*time.Millisecond, 0))
		}
		t := time.NewTimer(sleep)
		select {
		case <-t.C:
		case <-r.peers.wake:
		case <-r.loops.Done():
		}
		t.Stop()
	}
}

// silent tells whether a service gave no answer, or one that says it is of no use to ask on: out of reach, too slow,
// broken, or it does not know us any more.
func silent(f *engine.Failure) bool {
	switch f.Class {
	case engine.NotSent, engine.Unsure, engine.Unauthorized:
		return f.Code != engine.Canceled
	case engine.Busy:
		return f.Status != 429 // it answers, and says when to come back
	}
	return false
}

// learn takes what became of a call into account that began at a time.
func (r *Runtime) learn(x *task, began int64, res engine.Result) {
	if r.o.HoldAfter < 0 || x.lane == "" || x.Emit != nil || x.ctx.Err() != nil {
		return // cut short by us, it says nothing about the service
	}
	at := r.now()
	p := peer{x.Flow, x.lane}
	failed := res.Failure != nil && silent(res.Failure)
	if x.Probe && res.Failure == nil && (res.Found == "" || res.Found == engine.ProbeUnsure) {
		return
	}
	state, told := r.peers.change(p, at, func(b gate.Breaker) (gate.Breaker, bool) {
		if failed {
			return b.Failed(x.Run, began, at, r.o.HoldAfter)
		}
		return b.Answered()
	})
	if !told {
		return
	}
	d := engine.BreakerData{
		Lane: x.lane, Peer: peerName(x, res.Failure), Waiting: r.tasks.waiting(x.Flow, x.lane), Since: state.Since, Next: state.Next,
		Tries: state.Tries, Failure: res.Failure,
	}
	if !failed {
		d.Back, d.Since = true, state.Was
	}
	r.sayPeer(Breaker{x.Flow, x.lane, state}, x.Channel, d)
	r.peers.poke()
}

func peerName(x *task, f *engine.Failure) string {
	if f != nil && f.Peer != "" {
		return f.Peer
	}
	account, host, _ := strings.Cut(x.lane, "@")
	if x.Account != "" || host == "" {
		return account
	}
	return host
}

// sayPeer stores a breaker and what people are told of it.
func (r *Runtime) sayPeer(b Breaker, place engine.Place, d engine.BreakerData, audit ...engine.AuditEntry) {
	n := engine.Notice{
		ID: engine.NewID(r.o.Now()), At: r.now(), Kind: engine.NoticeBreaker, Topic: engine.BreakerTopic + b.Flow + ":" + b.Lane, Flow: b.Flow,
		Place: place, Data: encode(d),
	}
	err := r.persist(r.base, func() error {
		return r.store.PutBreaker(context.WithoutCancel(r.base), b, []engine.Notice{n}, audit...)
	})
	if err != nil {
		r.log.Error("that a service does not answer could not be stored", "flow", b.Flow, "service", b.Lane, "err", err)
		return
	}
	r.o.OnCommit()
}

// Peer is what a person says about a service that does not answer: engine.BreakerTry has it tried now, engine.BreakerStop
// has the calls fail that wait for it now. d is what they were shown. Errors: Conflict when that trouble is over; Invalid
// for anything else.
func (r *Runtime) Peer(_ context.Context, flow string, d engine.BreakerData, did, by string) error {
	at := r.now()
	if did != engine.BreakerTry && did != engine.BreakerStop {
		return engine.E(engine.Invalid, `"{answer}" is no answer here`, "answer", did)
	}
	state, ok := r.peers.change(peer{flow, d.Lane}, at, func(b gate.Breaker) (gate.Breaker, bool) {
		is := b.Open() && b.Since == d.Since
		if is && did == engine.BreakerTry {
			b.Next = min(b.Next, at)
		}
		return b, is
	})
	if !ok {
		return engine.E(engine.Conflict, "This was decided already").WithHint("Nothing else has to be done.")
	}
	if did == engine.BreakerStop {
		d.Stopped = r.tasks.giveUp(flow, d.Lane, by)
	}
	d.Waiting, d.Next, d.By, d.Tries = r.tasks.waiting(flow, d.Lane), state.Next, by, state.Tries
	r.sayPeer(Breaker{flow, d.Lane, state}, engine.Place{}, d, engine.AuditEntry{At: at, Actor: by, What: "service." + did, Object: "flow/" + flow, Detail: "service=" + d.Lane})
	r.peers.poke()
	return nil
}

// gaveUp settles a task that waited for a service until somebody stopped that.
func (r *Runtime) gaveUp(x *task, in input) {
	ref := refOf(x.Task)
	in.ends = &ref
	if in.kind = engine.ProbeDone; x.Probe {
		in.head = encode(engine.ProbeHead{Found: engine.ProbeUnsure})
		r.report(x, in)
		return
	}
	peer := peerName(x, nil)
	in.kind, in.head = engine.StepFailed, encode(&engine.Failure{
		Class: engine.Rejected, Code: engine.Unavailable, Msg: "{peer} does not answer, and waiting for it was stopped", Args: engine.Args("peer", peer), Peer: peer,
		Hint: "Nothing was sent. Try again when it answers.",
	})
	r.report(x, in)
}
