package main

import (
	"hash/maphash"
	"sync/atomic"
	"time"
)

const (
	chunkBits = 12
	chunkLen  = 1 << chunkBits
	chunksMax = 2048
	// mostDeliveries bounds what one measurement can send.
	mostDeliveries = chunkLen * chunksMax
)

// entry is what was seen of one delivery. Times are nanoseconds since the ledger's start; 0 is not yet.
type entry struct {
	sent, acked, called atomic.Int64
	run                 atomic.Int64  // number of the run, as the acknowledgement said
	key                 atomic.Uint64 // of the first call's idempotency key
	calls               atomic.Int32
	otherKeys           atomic.Int32 // calls whose key was another than the first call's
	wake                atomic.Pointer[chan struct{}]
}

// ledger is what was seen of all deliveries, by their number from 0.
type ledger struct {
	began  time.Time
	seed   maphash.Seed
	chunks [chunksMax]atomic.Pointer[[chunkLen]entry]
	next   atomic.Int64 // number of the next delivery
	stray  atomic.Int64 // calls that belong to no delivery
	wanted atomic.Int32 // calls after which a run's sender is woken; 0 is 1
}

func newLedger() *ledger { return &ledger{began: time.Now(), seed: maphash.MakeSeed()} }

// at is the entry of a delivery; nil when there can be none.
func (l *ledger) at(n int64) *entry {
	if n < 0 || n >= mostDeliveries {
		return nil
	}
	c := &l.chunks[n>>chunkBits]
	for c.Load() == nil {
		c.CompareAndSwap(nil, new([chunkLen]entry))
	}
	return &c.Load()[n&(chunkLen-1)]
}

// now is the time since the start, never 0.
func (l *ledger) now() int64 { return max(int64(time.Since(l.began)), 1) }

// call notes a call for a delivery and wakes who waits for it.
func (l *ledger) call(n int64, key string) {
	e := l.at(n)
	if e == nil || e.sent.Load() == 0 {
		l.stray.Add(1)
		return
	}
	sum := maphash.String(l.seed, key)
	if !e.key.CompareAndSwap(0, sum) && e.key.Load() != sum {
		e.otherKeys.Add(1)
	}
	if e.calls.Add(1) == max(l.wanted.Load(), 1) {
		e.called.Store(l.now())
		if w := e.wake.Load(); w != nil {
			select {
			case *w <- struct{}{}:
			default:
			}
		}
	}
}

// tally is the judgement over all deliveries.
type tally struct {
	Sent      int64 `json:"sent"`
	Accepted  int64 `json:"accepted"`
	Completed int64 `json:"completed"` // accepted and called
	Lost      int64 `json:"lost"`      // accepted and never called
	Doubled   int64 `json:"doubled"`   // called more than once
	Repeated  int64 `json:"repeated"`  // called more than once with one idempotency key, where the flow allows it
	Stray     int64 `json:"stray"`     // calls that nobody sent a delivery for
}

// judge counts. repeatable says whether a second call with the same key is allowed.
func (l *ledger) judge(repeatable func(n int64) bool) tally {
	t := tally{Stray: l.stray.Load()}
	for n := range l.next.Load() {
		e := l.at(n)
		if e.sent.Load() == 0 {
			continue
		}
		t.Sent++
		if e.acked.Load() == 0 {
			continue
		}
		t.Accepted++
		switch calls := e.calls.Load(); {
		case calls == 0:
			t.Lost++
			continue
		case e.otherKeys.Load() > 0 || calls > 1 && !repeatable(n):
			t.Doubled++
		case calls > 1:
			t.Repeated++
		}
		t.Completed++
	}
	return t
}

// latencies gives the acknowledgement and the end-to-end times of what was sent since a moment, unsorted.
func (l *ledger) latencies(from, to int64) (acks, ends []time.Duration) {
	for n := from; n < to; n++ {
		e := l.at(n)
		sent := e.sent.Load()
		if a := e.acked.Load(); a > 0 {
			acks = append(acks, time.Duration(a-sent))
		}
		if c := e.called.Load(); c > 0 {
			ends = append(ends, time.Duration(c-sent))
		}
	}
	return acks, ends
}
