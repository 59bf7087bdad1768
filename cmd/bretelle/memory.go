package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Memory is traded for processor time while there is work, and given back when there is none. The collector's own
// default doubles the heap before it looks again: of a small one that is a few megabytes, and it looks so often that a
// tenth of all processor time is its own.
const (
	headroom    = 20 << 20 // what may be allocated before the collector looks again, in bytes, while there is work
	mostPercent = 400
	someWork    = 1 << 20 // allocated in a round: more is work
	startQuiet  = 1       // rounds without work after which the start is through
	workQuiet   = 12      // rounds without work after which there is none
	roundLasts  = 250 * time.Millisecond
	restLasts   = time.Second // a round while there is none
)

// keeper watches how much is allocated.
type keeper struct {
	read    func() (allocated, live uint64) // bytes since the start; bytes that the last collection left
	percent func(int)                       // how much the heap may grow, in percent of what lives
	release func()                          // what the process does not need goes back to the system

	last  uint64
	now   int // percent
	quiet int // rounds that are still to be without work before there is none; 0: there is none
}

func newKeeper() *keeper {
	percent := func(p int) { debug.SetGCPercent(p) }
	if os.Getenv("GOGC") != "" {
		percent = func(int) {} // somebody knows better
	}
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"}}
	return &keeper{
		read: func() (uint64, uint64) {
			metrics.Read(samples)
			return samples[0].Value.Uint64(), samples[1].Value.Uint64()
		},
		percent: percent,
		release: func() {
			debug.FreeOSMemory()
			releaseProgram()
		},
		now: 100, quiet: startQuiet,
	}
}

// watch runs until the context ends.
func (k *keeper) watch(ctx context.Context) {
	k.last, _ = k.read()
	t := time.NewTimer(roundLasts)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			t.Reset(k.round())
		}
	}
}

// round looks once and says when to look again.
func (k *keeper) round() time.Duration {
	allocated, live := k.read()
	working := allocated-k.last > someWork
	k.last = allocated
	switch {
	case working:
		if k.quiet != startQuiet {
			k.quiet = workQuiet
		}
		k.set(max(100, min(mostPercent, int(100*headroom/max(live, 1)))))
	case k.quiet > 0:
		if k.quiet--; k.quiet == 0 {
			k.set(100)
			k.release()
			k.last, _ = k.read()
		}
	}
	if k.quiet == 0 {
		return restLasts
	}
	return roundLasts
}

// set changes the percentage when it is worth it: the world stops for that.
func (k *keeper) set(p int) {
	if p == 100 && k.now != 100 || max(p-k.now, k.now-p)*4 > k.now {
		k.now = p
		k.percent(p)
	}
}
