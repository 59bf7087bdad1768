package local

import (
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

func TestCacheStaysInItsBudgetAndKeepsWhatMovedLast(t *testing.T) {
	c := newCache(10 * (&hot{}).cost())
	for i := range 25 {
		c.put(&hot{head: engine.RunHead{ID: strconv.Itoa(i)}})
	}
	if c.order.Len() != 10 || c.used > c.budget {
		t.Errorf("%d runs, %d of %d bytes", c.order.Len(), c.used, c.budget)
	}
	if c.take("24") == nil || c.take("0") != nil {
		t.Error("the wrong runs are kept")
	}
	if c.take("24") != nil {
		t.Error("a run was taken twice")
	}
	c.put(&hot{head: engine.RunHead{ID: "big"}, size: c.budget})
	if c.used != 0 || c.order.Len() != 0 {
		t.Errorf("a run over the budget: %d bytes in %d runs", c.used, c.order.Len())
	}
}

func TestLocksExistOnlyWhileHeld(t *testing.T) {
	var (
		l  locks
		wg sync.WaitGroup
		n  = map[string]*int{"a": new(int), "b": new(int)}
	)
	for run, count := range n {
		for range 50 {
			wg.Go(func() {
				defer l.lock(run)()
				*count++
			})
		}
	}
	wg.Wait()
	if *n["a"] != 50 || *n["b"] != 50 || len(l.held) != 0 {
		t.Errorf("%d, %d, %d locks left", *n["a"], *n["b"], len(l.held))
	}
}

func TestAnApprovalInALoopClearsTheStep(t *testing.T) {
	got := clearedBy(engine.Entry{Kind: engine.AskDecided, Head: []byte(`{"decision":"approve","by":"ann","covers":["all[3]/a","rows[0]/cells[1]/b","c"]}`)})
	if want := []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("it clears %q", got)
	}
}

func TestOnlyAPersonsApprovalClearsASendGate(t *testing.T) {
	for head, want := range map[string]int{
		`{"decision":"approve","by":"ann","covers":["a","b"]}`: 2,
		`{"decision":"approve","covers":["a"]}`:                0, // nobody answered in time
		`{"decision":"deny","by":"ann","covers":["a"]}`:        0,
		`no json`: 0,
	} {
		if got := clearedBy(engine.Entry{Kind: engine.AskDecided, Head: []byte(head)}); len(got) != want {
			t.Errorf("%s clears %v", head, got)
		}
	}
	if got := clearedBy(engine.Entry{Kind: engine.StepDone, Head: []byte(`{"decision":"approve","by":"ann","covers":["a"]}`)}); got != nil {
		t.Errorf("another kind clears %v", got)
	}
}

func TestReadyRunsBeyondTheQueueAreAskedFor(t *testing.T) {
	q := newReady()
	for i := range longReady + 10 {
		q.push(strconv.Itoa(i))
	}
	q.push("0")
	seen := 0
	for {
		run, ask := q.next()
		if ask > 0 {
			break
		}
		if run == "" {
			t.Fatal("the store is not asked for what was left out")
		}
		seen++
	}
	if seen != longReady {
		t.Errorf("%d runs were queued", seen)
	}
	q.found([]string{"0", "x"}, 500) // 0 is being started
	if run, _ := q.next(); run != "x" {
		t.Errorf("next is %q", run)
	}
	q.done("x", engine.E(engine.Internal, "it cannot be read"))
	q.found([]string{"x"}, 500)
	if run, _ := q.next(); run != "" {
		t.Errorf("%q is tried again at once", run)
	}
	q.ask()
	q.next()
	q.found([]string{"x"}, 500)
	if run, _ := q.next(); run != "x" {
		t.Error("a run that could not be started is never tried again")
	}
}
