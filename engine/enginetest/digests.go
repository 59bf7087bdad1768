package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

func digestFlow(rest string) string {
	return `
flow: news
channel: "#ops"
timezone: Europe/Zurich
trigger: {on: webhook.received, with: {path: news, sender: unsigned}}
steps:
  - {id: first, set: {n: "{{ event.body.n }}"}}
  - {id: all, digest: {item: "{{ vars.n }}", ` + rest + `}}
  - {id: act, do: test.thing.put, with: {list: "{{ steps.all.items }}"}}
`
}

// offered gives so many events, whatever dies meanwhile, and waits until each has been added.
func (w *World) offered(path string, from, n int, body map[string]any) (runs []string) {
	w.T.Helper()
	for i := range n {
		b := map[string]any{"n": fmt.Sprint("n", from+i)}
		for k, v := range body {
			b[k] = v
		}
		for {
			r, err := w.Offer(path, fmt.Sprint("k", from+i), b)
			if err == nil {
				runs = append(runs, r.Run)
				break
			}
			w.Restart()
		}
	}
	return runs
}

// released are the digests that have gone out, in no order, each with its items.
func (w *World) released(path string) (out [][]string) {
	w.T.Helper()
	for _, h := range w.allRuns() {
		for _, s := range w.View(h.ID).Steps {
			var v struct {
				Released bool     `json:"released"`
				Items    []string `json:"items"`
			}
			if s.Path == path && json.Unmarshal(s.Output, &v) == nil && v.Released {
				out = append(out, v.Items)
			}
		}
	}
	return out
}

// once wants each item from n0 to n(count-1) to have gone out exactly once, but for those that were withdrawn.
func (w *World) once(count int, but ...string) {
	w.T.Helper()
	seen := map[string]int{}
	for _, items := range w.released("all") {
		for _, x := range items {
			seen[x]++
		}
	}
	for i := range count {
		x, want := fmt.Sprint("n", i), 1
		if slices.Contains(but, x) {
			want = 0
		}
		if seen[x] != want {
			w.T.Errorf("%s went out %d times, wanted %d", x, seen[x], want)
		}
	}
}

// digests go out by number, and the rest by time, whatever dies in between: each item once, each digest once.
func digests(t *testing.T, h Harness) {
	for n := 0; n <= 45; n += 5 {
		w := world(t, h, digestFlow("most: 3, for: 1h"))
		w.Kill()
		w.Live(n, n%2 == 0)
		runs := w.offered("news", 0, 7, nil)
		w.tillDead("two have gone out", func() bool { return w.in(runs, engine.RunDone) == 6 && w.in(runs, engine.RunWaiting) == 1 })
		if w.Gate.Dead() {
			w.Restart()
		}
		w.Until("two have gone out", func() bool { return w.in(runs, engine.RunDone) == 6 && w.in(runs, engine.RunWaiting) == 1 })
		w.want("calls", w.calledFor(runs), 2)
		w.Clock.Add(time.Hour)
		w.RT.Wake()
		w.tillDead("all are through", func() bool { return w.in(runs, engine.RunDone) == 7 })
		w.want("calls", w.calledFor(runs), 3)
		w.once(7)
		w.Verify()
		w.Kill()
	}
}

// digestTimes go out by the clock of the flow's time zone, each key for itself, also when nobody was there at the time.
func digestTimes(t *testing.T, h Harness) {
	w := world(t, h, digestFlow(`at: "every day at 9:00", per: "{{ event.body.team }}"`))
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	red := w.offered("news", 0, 3, map[string]any{"team": "red"})
	blue := w.offered("news", 3, 2, map[string]any{"team": "blue"})
	w.Until("one of each waits", func() bool {
		return w.in(red, engine.RunDone) == 2 && w.in(red, engine.RunWaiting) == 1 && w.in(blue, engine.RunDone) == 1 && w.in(blue, engine.RunWaiting) == 1
	})
	waits := slices.IndexFunc(red, func(id string) bool { return w.State(id) == engine.RunWaiting })
	for i, id := range red {
		if why := w.View(id).Reason; i != waits && why != fmt.Sprint("added to the digest of #", w.View(red[waits]).Number) {
			t.Errorf("%d ended with %q", i, why)
		}
	}
	now := w.Clock.Now().In(zurich)
	nine := time.Date(now.Year(), now.Month(), now.Day(), 9, 0, 0, 0, zurich)
	if !nine.After(now) {
		nine = nine.AddDate(0, 0, 1)
	}
	w.Clock.Add(nine.Sub(now) - time.Second)
	w.RT.Wake()
	w.Restart()
	w.want("before nine", len(w.released("all")), 0)
	w.Kill()
	w.Clock.Add(2 * time.Hour)
	w.Live(0, false)
	w.Until("both have gone out", func() bool { return w.in(red, engine.RunDone)+w.in(blue, engine.RunDone) == 5 })
	w.Until("all have ended", func() bool { return w.atEnd(w.ran("news")) })
	out := w.released("all")
	for _, items := range out {
		slices.Sort(items)
	}
	slices.SortFunc(out, func(a, b []string) int { return len(b) - len(a) })
	if len(out) != 2 || !slices.Equal(out[0], []string{"n0", "n1", "n2"}) || !slices.Equal(out[1], []string{"n3", "n4"}) {
		t.Errorf("out went %q", out)
	}
	w.Verify()
}

// digestLeft: the run that waits is cancelled. Its own item is gone with it, those of the others go out at their time.
func digestLeft(t *testing.T, h Harness) {
	for n := 0; n <= 15; n += 3 {
		w := world(t, h, digestFlow("for: 1h, then: skip"))
		runs := w.offered("news", 0, 4, nil)
		w.Until("one waits", func() bool { return w.in(runs, engine.RunDone) == 3 && w.in(runs, engine.RunWaiting) == 1 })
		first := slices.IndexFunc(runs, func(id string) bool { return w.State(id) == engine.RunWaiting })
		w.want("those that only added went on", w.calledFor(runs), 3)
		w.say(runs[first], "", "ann", engine.RunCancel, engine.EndHead{}, nil)
		w.Reaches(runs[first], engine.RunCancelled)
		w.Kill()
		w.Live(n, n%2 == 0)
		w.Clock.Add(time.Hour)
		w.RT.Wake()
		w.tillDead("somebody was found", func() bool { return len(w.released("all")) == 1 && w.atEnd(w.ran("news")) })
		w.once(4, fmt.Sprint("n", first))
		w.want("runs", len(w.allRuns()), 5)
		w.Verify()
		w.Kill()
	}
}

// digestErased: what a run added is erased with the run, also while it waits to go out.
func digestErased(t *testing.T, h Harness) {
	w := world(t, h, digestFlow("for: 1h"))
	runs := w.offered("news", 0, 3, nil)
	w.Until("one waits", func() bool { return w.in(runs, engine.RunDone) == 2 && w.in(runs, engine.RunWaiting) == 1 })
	i := slices.IndexFunc(runs, func(id string) bool { return w.State(id) == engine.RunDone })
	if err := w.back.(interface {
		Erase(ctx context.Context, run string) error
	}).Erase(t.Context(), runs[i]); err != nil {
		t.Fatal(err)
	}
	w.Clock.Add(time.Hour)
	w.RT.Wake()
	w.Until("it went out", func() bool { return w.atEnd(runs) })
	var seen []string
	for _, id := range runs {
		var v struct{ Items []string }
		if s := w.step(id, "all"); json.Unmarshal(s.Output, &v) == nil {
			seen = append(seen, v.Items...)
		}
	}
	if slices.Contains(seen, fmt.Sprint("n", i)) || len(seen) != 2 {
		t.Errorf("out went %q, and n%d was erased", seen, i)
	}
}

// digestNext: after a cancellation the next run that comes takes the place of the one that waited; a version that is
// published meanwhile collects into the same digest, by its own rule.
func digestNext(t *testing.T, h Harness) {
	w := world(t, h, digestFlow("for: 1h"))
	runs := w.offered("news", 0, 3, nil)
	w.Until("one waits", func() bool { return w.in(runs, engine.RunDone) == 2 })
	first := slices.IndexFunc(runs, func(id string) bool { return w.State(id) == engine.RunWaiting })
	w.say(runs[first], "", "ann", engine.RunCancel, engine.EndHead{}, nil)
	w.Publish(digestFlow("most: 4"))
	more := w.offered("news", 3, 1, nil)
	w.Until("it waits", func() bool { return w.State(more[0]) == engine.RunWaiting })
	w.Restart()
	w.Clock.Add(2 * time.Hour)
	w.RT.Wake()
	more = append(more, w.offered("news", 4, 1, nil)...)
	w.Until("it went out", func() bool { return w.in(more, engine.RunDone) == 2 })
	w.once(5, fmt.Sprint("n", first))
	w.Until("the call is made", func() bool { return w.calledFor(more[:1]) == 1 && w.atEnd(w.ran("news")) })
	w.want("digests", len(w.released("all")), 1)
	w.Verify()
}
