package local

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// A flow's limit of an account counts the calls of every flow, and holds up no call of another account.
func TestAccountsHaveLimits(t *testing.T) {
	var mu sync.Mutex
	under, worst := 0, 0
	calls := map[string]int{}
	other := make(chan struct{})
	d := newTasks(context.Background(), 16, 16, func(t engine.Task) string { return t.Account }, func(x *task) {
		mu.Lock()
		calls[x.Account]++
		if x.Account == "shop" {
			under++
			worst = max(worst, under)
		} else if calls["mail"] == 20 {
			close(other)
		}
		mu.Unlock()
		if x.Account == "shop" {
			<-other // none of these is over before all of the others are
			mu.Lock()
			under--
			mu.Unlock()
		}
	}, func() {})
	for i := range 20 {
		flow := fmt.Sprint("flow", i%2)
		d.add(engine.Task{Run: fmt.Sprint("s", i), Flow: flow, Path: "call", Attempt: 1, Account: "shop", Most: 3}, false)
		d.add(engine.Task{Run: fmt.Sprint("m", i), Flow: flow, Path: "call", Attempt: 1, Account: "mail"}, false)
	}
	d.start()
	<-other
	for {
		d.wait()
		mu.Lock()
		done := calls["shop"] == 20 && under == 0
		mu.Unlock()
		if done {
			break
		}
	}
	if worst != 3 {
		t.Errorf("%d calls of the account at once, 3 may be", worst)
	}
	if len(d.calls) != 0 {
		t.Errorf("left are %v", d.calls)
	}
}
