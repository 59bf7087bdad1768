package fold_test

import (
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// A loop that has more to do at once than fits into one Apply goes on by a timer. When it is over for another reason, that
// timer goes with it: else the lane would begin its next step while one is under way.
func TestTimeUpBetweenTwoParts(t *testing.T) {
	for _, how := range []string{"on_error: continue", ""} {
		r := begin(t, `
  - id: long
    each: {list: "{{ 1..2000 }}"}
    timeout: 1h
    `+how+`
    steps: [{id: s, set: {x: 1}}]
  - {id: a, do: t.put, with: {x: 1}}
  - {id: b, do: t.put, with: {x: 2}}
`, nil)
		if _, ok := r.timers["go:"]; !ok {
			t.Fatalf("it does not stop in between: %v", r.timers)
		}
		delete(r.timers, "limit:long")
		r.at(3600_000, engine.Entry{Kind: engine.TimerFired, Head: mustJSON(engine.TimerHead{Timer: "limit:long"})})
		if _, ok := r.timers["go:"]; ok {
			t.Errorf("%q: the loop is over, and its timer is not: %v", how, r.timers)
		}
		if len(r.tasks) > 1 {
			t.Errorf("%d calls are under way", len(r.tasks))
		}
	}
}
