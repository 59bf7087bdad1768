package main

import (
	"fmt"
	"net/http"
	"testing"
)

// Issue 5, "circuit breaker": calls to a service that does not answer are held and not failed, people are told in one
// card, a kill changes nothing of it, and after "Try now" everything goes through.
func TestCallsToAServiceThatIsAwayWaitForItThroughAKill(t *testing.T) {
	b, rc := opsRoom(t), newReceiver(t)
	rc.set(func(_ int, w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	b.apply(hookFlow("reports", fmt.Sprintf(`
  - id: ticket
    do: http.request
    with: {method: POST, url: "%s/ticket", allow_private: true, json: {title: "{{ event.body.title }}"}}
`, rc.URL)))
	const runs = 12
	for i := range runs {
		b.send("reports", fmt.Sprintf(`{"title": "crash %d"}`, i))
	}
	told := b.card("ann", "#ops", "does not answer, calls wait")
	b.kill()
	reached := len(rc.requests())
	b.start()
	if n := len(rc.requests()); n > reached+1 {
		t.Errorf("%d calls right after a restart", n-reached)
	}
	for _, r := range b.runs() {
		if r.State != "running" {
			t.Errorf("run %d is %s while its call is held", r.Number, r.State)
		}
	}
	rc.set(func(n int, w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id": %d}`, n)
	})
	b.pressOn("ann", told, "breaker-try")
	b.card("ann", "#ops", "answers again")
	for _, r := range b.runs() {
		b.await(r.Number, "done")
	}
	if n := len(b.runs()); n != runs {
		t.Errorf("%d runs of %d", n, runs)
	}
}
