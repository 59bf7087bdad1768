package local

import (
	"slices"
	"strconv"
	"strings"
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
	idle := func(string) bool { return false }
	for i := range longReady + 10 {
		q.push("f", strconv.Itoa(i))
	}
	q.push("f", "0")
	seen := 0
	for {
		flow, run, ask := q.next(idle)
		if ask > 0 {
			if flow != "f" {
				t.Fatalf("asked for runs of %q", flow)
			}
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
	q.found([]ReadyRun{{"0", "f"}, {"x", "f"}}, 5000) // 0 is being started
	if _, run, _ := q.next(idle); run != "x" {
		t.Errorf("next is %q", run)
	}
	q.done("f", "x", engine.E(engine.Internal, "it cannot be read"))
	q.found([]ReadyRun{{"x", "f"}}, 5000)
	if _, run, _ := q.next(idle); run != "" {
		t.Errorf("%q is tried again at once", run)
	}
	q.ask()
	q.next(idle)
	q.found([]ReadyRun{{"x", "f"}}, 5000)
	if _, run, _ := q.next(idle); run != "x" {
		t.Error("a run that could not be started is never tried again")
	}
}

// Flows begin their runs in turn: one with 4,000 of them holds up no other, nor does one whose calls are queued already.
func TestReadyRunsOfFlowsTakeTurns(t *testing.T) {
	q := newReady()
	for i := range 4000 {
		q.push("many", strconv.Itoa(i))
	}
	for i := range 3 {
		q.push("few", "few"+strconv.Itoa(i))
	}
	var first []string
	for range 6 {
		flow, _, _ := q.next(func(string) bool { return false })
		first = append(first, flow)
	}
	if n := strings.Count(strings.Join(first, " "), "few"); n != 3 {
		t.Errorf("of the first six that began, three were to be of the other flow: %v", first)
	}
	q.push("few", "last")
	if flow, _, _ := q.next(func(flow string) bool { return flow == "many" }); flow != "few" {
		t.Errorf("a flow that is full lets %q begin", flow)
	}
	if flow, run, _ := q.next(func(flow string) bool { return flow == "many" }); run != "" {
		t.Errorf("a flow that is full begins: %q", flow)
	}
}
