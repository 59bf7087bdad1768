package enginetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// longRun is a question, and then a loop of loops that ends with another step.
func longRun(name string, outer, inner int) string {
	return fmt.Sprintf(`
flow: %s
channel: "#ops"
trigger: {on: webhook.received, with: {path: %s, sender: unsigned}}
steps:
  - {id: review, ask: approval, with: {title: "Go through them?", by: {any: ["@ops"]}}}
  - id: rows
    each: {list: "{{ 1..%d }}", as: row}
    steps:
      - id: cells
        each: {list: "{{ 1..%d }}", as: cell}
        steps: [{id: note, set: {text: "{{ row }}/{{ cell }}"}}]
  - {id: last, set: {said: "{{ steps.rows.count }}"}}
`, name, name, outer, inner)
}

// longViews shows a run of many rounds: the latest part of it, and what is read for that does not grow with the run.
func longViews(t *testing.T, h Harness) {
	w := world(t, h, longRun("short", 6, 100), longRun("long", 30, 100))
	asked := map[string]int{}
	for _, name := range []string{"short", "long"} {
		run := w.Begin(name, "k", nil)
		w.Reaches(run, engine.RunWaiting)
		w.Clock.Add(1000)
		w.want("vote", w.vote(run, "review", "ann", "approve", "@ops").Verdict, engine.Counted)
		w.Reaches(run, engine.RunDone)
		all, err := w.back.Entries(context.Background(), run, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		w.Gate.read.Store(0)
		v := w.View(run)
		asked[name] = int(w.Gate.read.Load())

		last := v.Steps[len(v.Steps)-1]
		w.want("the last step", last.State, engine.StepStateDone)
		w.want("from where it was decided", v.Asks[0].Via, "test")
		w.want("entries shown", len(v.History), engine.HistoryPage)
		w.want("entries not shown", v.Earlier, int64(len(all)-engine.HistoryPage))
		for _, st := range v.Steps {
			first := slices.IndexFunc(all, func(e engine.Entry) bool { return e.Path == st.Path })
			if first < 0 || st.Path == "rows" && st.BeganAt != all[first].At || st.BeganAt < all[first].At {
				t.Fatalf("%s began at %d", st.Path, st.BeganAt)
			}
		}
		var back []engine.EntryBrief
		for until := int64(len(all)) + 5; until > 0; {
			part, earlier, err := w.RT.History(context.Background(), run, until)
			if err != nil || len(part) == 0 || len(part) > engine.HistoryPage {
				t.Fatalf("%d entries up to %d (%v)", len(part), until, err)
			}
			back, until = append(slices.Clone(part), back...), earlier
		}
		w.want("all parts", len(back), len(all))
		for i, e := range all {
			w.want("a line of the history", back[i], engine.EntryBrief{Seq: e.Seq, At: e.At, Kind: e.Kind, Path: e.Path, Attempt: e.Attempt, By: e.By})
		}
	}
	t.Logf("entries read: %v", asked)
	if asked["long"] > asked["short"]+2*512 { // the question was decided further back, up to a bound
		t.Errorf("five times the rounds: %d entries are read to show them, and were %d", asked["long"], asked["short"])
	}
}
