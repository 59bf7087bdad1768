package storagetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/local"
)

var listTests = map[string]func(*testing.T, Store){
	"Ready lists queued runs, oldest first": func(t *testing.T, s Store) {
		ctx := t.Context()
		for _, r := range []string{"r1", "r2", "r3"} {
			started(t, s, r)
		}
		same(t, "ready", ready(must(s.Ready(ctx, "", 0))(t)), []string{"r1", "r2", "r3"})
		ok(t, s.Commit(ctx, change("r2", 1)))
		same(t, "after one began", ready(must(s.Ready(ctx, "", 10))(t)), []string{"r1", "r3"})
		same(t, "limit", ready(must(s.Ready(ctx, "", 1))(t)), []string{"r1"})
	},
	"Ready leaves out runs of paused flows": func(t *testing.T, s Store) {
		ctx := t.Context()
		published(t, s, "triage")
		started(t, s, "r1")
		state := func(to engine.FlowState) {
			t.Helper()
			must(s.SetState(ctx, flows.StateChange{Name: "triage", State: to, By: "ann", At: 9}))(t)
		}
		state(engine.FlowPaused)
		same(t, "paused", len(ready(must(s.Ready(ctx, "", 0))(t))), 0)
		it := item("r2", "")
		it.Outcome = engine.Queued
		must(s.Accept(ctx, accepting(it, item("r3", ""))))(t)
		same(t, "accepted while paused", len(ready(must(s.Ready(ctx, "", 0))(t))), 0)
		c := change("r3", 1)
		c.Status = engine.RunQueued
		ok(t, s.Commit(ctx, c))
		same(t, "queued again while paused", len(ready(must(s.Ready(ctx, "", 0))(t))), 0)
		state(engine.FlowLive)
		same(t, "resumed", ready(must(s.Ready(ctx, "", 0))(t)), []string{"r1", "r2", "r3"})
		state(engine.FlowRetired)
		same(t, "a retired flow's runs go on", len(ready(must(s.Ready(ctx, "", 0))(t))), 3)
	},
	"RunID finds a run by its number": func(t *testing.T, s Store) {
		started(t, s, "r1")
		same(t, "id", must(s.RunID(t.Context(), 1))(t), "r1")
		for _, n := range []int64{0, 2, -1} {
			_, err := s.RunID(t.Context(), n)
			code(t, err, engine.NotFound)
		}
	},
	"Runs filters, newest first": func(t *testing.T, s Store) {
		ctx := t.Context()
		states := []engine.RunState{engine.RunWaiting, engine.RunDone, engine.RunFailed, engine.RunParked}
		for i := range int64(8) {
			run := fmt.Sprintf("r%d", i+1)
			a := accepting(item(run, ""))
			if i%2 == 1 {
				a.Flow = "other"
			}
			must(s.Accept(ctx, a))(t)
			c := change(run, 1)
			c.Status = states[i/2]
			ok(t, s.Commit(ctx, c))
		}
		see := func(q local.RunQuery, want ...int64) {
			t.Helper()
			var got []int64
			for _, h := range must(s.Runs(ctx, q))(t) {
				got = append(got, h.Number)
			}
			same(t, fmt.Sprintf("%+v", q), got, want)
		}
		see(local.RunQuery{}, 8, 7, 6, 5, 4, 3, 2, 1)
		see(local.RunQuery{Flow: "other"}, 8, 6, 4, 2)
		see(local.RunQuery{Before: 4, Limit: 2}, 3, 2)
		see(local.RunQuery{States: []engine.RunState{engine.RunWaiting, engine.RunParked}}, 8, 7, 2, 1)
		see(local.RunQuery{States: []engine.RunState{engine.RunFailed, engine.RunParked}, Flow: "triage"}, 7, 5)
		see(local.RunQuery{States: []engine.RunState{engine.RunFailed}, Before: 6}, 5)
		h := must(s.Runs(ctx, local.RunQuery{Limit: 1}))(t)[0]
		same(t, "head", h, must(s.Load(ctx, "r8"))(t).Head)
	},
	"Runs gives 50 unless told, at most 1000": func(t *testing.T, s Store) {
		ctx := t.Context()
		var items []local.AcceptItem
		for i := range 1100 {
			items = append(items, item(fmt.Sprintf("r%d", i), ""))
		}
		must(s.Accept(ctx, accepting(items...)))(t)
		same(t, "default", len(must(s.Runs(ctx, local.RunQuery{}))(t)), 50)
		same(t, "most", len(must(s.Runs(ctx, local.RunQuery{Limit: 5000}))(t)), 1000)
	},
	"a caller that has gone stores nothing": func(t *testing.T, s Store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Accept(ctx, accepting(item("r1", "")))
		code(t, err, engine.Canceled)
		same(t, "runs", len(must(s.Runs(t.Context(), local.RunQuery{}))(t)), 0)
	},
}

func ready(list []local.ReadyRun) (out []string) {
	for _, r := range list {
		out = append(out, r.Run)
	}
	return out
}
