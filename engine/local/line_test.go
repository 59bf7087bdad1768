package local

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// RELIABILITY, F-11: of ten services that one flow calls, one hangs; then two, then three. What the flow asks of the
// others is done meanwhile, and when the service answers again nothing is left.
func TestAServiceThatHangsHoldsUpOnlyItself(t *testing.T) {
	for sick := 1; sick <= 3; sick++ {
		t.Run(fmt.Sprint(sick), func(t *testing.T) {
			const each = 100
			var mu sync.Mutex
			hanging, well, done := 0, 0, 0
			hang, allWell := make(chan struct{}), make(chan struct{})
			isSick := func(service string) bool { return service < fmt.Sprint(sick) }
			d := newTasks(context.Background(), 64, 32, func(t engine.Task) string { return t.Account }, func(x *task) {
				mu.Lock()
				if isSick(x.Account) {
					hanging++
				} else if well++; well == (10-sick)*each {
					close(allWell)
				}
				mu.Unlock()
				if isSick(x.Account) {
					<-hang
				}
				mu.Lock()
				done++
				mu.Unlock()
			}, func() {})
			for i := range each {
				for service := range 10 {
					run := fmt.Sprintf("%d-%d", service, i)
					d.add(engine.Task{Run: run, Flow: "one", Path: "call", Attempt: 1, Account: fmt.Sprint(service)}, false)
				}
			}
			d.start()
			<-allWell // with one lane this would never be
			mu.Lock()
			if hanging > 31 {
				t.Errorf("%d of 32 places are taken by what hangs", hanging)
			}
			mu.Unlock()
			close(hang)
			d.wait()
			if done != 10*each || len(d.lines) != 0 || d.busy != 0 {
				t.Errorf("%d of %d were done, %d flows are left, %d busy", done, 10*each, len(d.lines), d.busy)
			}
		})
	}
}

// A flow whose tasks all reach for one service still uses what it may: all of few places, three quarters of many.
func TestOneLane(t *testing.T) {
	for perFlow, most := range map[int]int{1: 1, 2: 2, 3: 3, 4: 3, 32: 24, 64: 48} {
		l := newLine()
		for range 100 {
			l.push(&task{})
		}
		n := 0
		all := func(*task) bool { return true }
		for x := l.pop(perFlow, all); x != nil; x = l.pop(perFlow, all) {
			l.begin(x)
			n++
		}
		if n != most {
			t.Errorf("of %d places one lane takes %d, wanted %d", perFlow, n, most)
		}
	}
}

// Calls of a service that is held and whose runs are cancelled meanwhile (each event replaces the one before) are not
// counted, do not keep others from beginning, and are not performed when the service is back.
func TestWhatIsCancelledLeavesAHeldLine(t *testing.T) {
	var mu sync.Mutex
	held, done := true, []string{}
	d := newTasks(context.Background(), 4, 4, func(t engine.Task) string { return t.Account }, func(x *task) {
		mu.Lock()
		defer mu.Unlock()
		done = append(done, x.Run)
	}, func() {})
	d.lets = func(x *task, _ int) bool {
		mu.Lock()
		defer mu.Unlock()
		return !held || x.Account != "away"
	}
	d.start()
	ref := TaskRef{Path: "call", Attempt: 1}
	for i := range 3 * longQueue {
		d.add(engine.Task{Run: fmt.Sprint(i), Flow: "one", Path: "call", Attempt: 1, Account: "away"}, false)
		if i > 0 {
			d.cancel(fmt.Sprint(i - 1))
			d.drop(fmt.Sprint(i-1), ref)
		}
	}
	if n := d.waiting("one", "away"); n != 1 || d.full("one") || !d.free("one") {
		t.Errorf("%d wait, and the flow has %d queued", n, d.queuedOf("one"))
	}
	last := fmt.Sprint(3*longQueue - 1)
	d.drop(last, ref)
	if n := d.giveUp("one", "away", "ann"); n != 0 || len(d.lines) != 0 {
		t.Errorf("%d of none are given up, %d flows are left", n, len(d.lines))
	}
	d.add(engine.Task{Run: "new", Flow: "one", Path: "call", Attempt: 1, Account: "away"}, false)
	mu.Lock()
	held = false
	mu.Unlock()
	d.again()
	d.wait()
	if len(done) != 1 || done[0] != "new" || len(d.lines) != 0 || len(d.turn) != 0 {
		t.Errorf("%q were done; left are %d lines, %d turns", done, len(d.lines), len(d.turn))
	}
}
