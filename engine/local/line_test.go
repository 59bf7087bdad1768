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
