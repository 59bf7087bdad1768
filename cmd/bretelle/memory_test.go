package main

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestMemoryIsGivenBackOnce: after the start at once, after work when there was none for a while, and never again and again.
func TestMemoryIsGivenBackOnce(t *testing.T) {
	var allocated, live uint64 = 0, 5 << 20
	var did []string
	k := &keeper{
		read:    func() (uint64, uint64) { return allocated, live },
		percent: func(p int) { did = append(did, fmt.Sprint(p)) },
		release: func() { did = append(did, "release") },
		now:     100, quiet: startQuiet,
	}
	rounds := func(n int, each uint64) (next time.Duration) {
		for range n {
			allocated += each
			next = k.round()
		}
		return next
	}
	want := func(what string, next, is time.Duration, list ...string) {
		t.Helper()
		if !slices.Equal(did, list) || next != is {
			t.Errorf("%s: %v, wanted %v; next in %v, wanted %v", what, did, list, next, is)
		}
		did = nil
	}
	want("the start goes on", rounds(3, 4<<20), roundLasts, "400")
	want("it is through", rounds(1, 0), restLasts, "100", "release")
	want("nothing happens", rounds(50, 1<<10), restLasts)
	want("work", rounds(20, 4<<20), roundLasts, "400")
	live = 40 << 20
	want("much lives", rounds(1, 4<<20), roundLasts, "100")
	live = 10 << 20
	want("less lives", rounds(1, 4<<20), roundLasts, "200")
	live = 11 << 20
	want("about as much", rounds(1, 4<<20), roundLasts)
	want("a pause in the work", rounds(workQuiet-1, 0), roundLasts)
	want("it goes on", rounds(1, 4<<20), roundLasts)
	want("it has ended", rounds(workQuiet, 0), restLasts, "100", "release")
}
