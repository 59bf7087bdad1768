package storagetest

import (
	"encoding/json"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

func arrival(key, id string, at int64) local.Arrival {
	return local.Arrival{Key: key, ID: id, By: "ann", At: at, Data: json.RawMessage(`{"text":"yes"}`)}
}

func waiting(run string, expect int64, waits ...local.Wait) local.Change {
	c := change(run, expect)
	c.AddWaits = waits
	return c
}

var waitTests = map[string]func(*testing.T, Store){
	"what came before the wait is there when it opens": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		same(t, "fresh", must(s.Arrive(ctx, arrival("k", "m1", 1)))(t), true)
		same(t, "again", must(s.Arrive(ctx, arrival("k", "m1", 2)))(t), false)
		same(t, "another key", must(s.Arrive(ctx, arrival("other", "m1", 2)))(t), true)
		same(t, "nobody waits", len(must(s.Matches(ctx, local.MatchQuery{}))(t)), 0)
		ok(t, s.Commit(ctx, waiting("r1", 1, local.Wait{Path: "w", Key: "k", From: []string{"@a", "@b"}})))
		want := []local.Match{{Run: "r1", Path: "w", From: []string{"@a", "@b"}, Arrival: arrival("k", "m1", 1)}}
		for _, q := range []local.MatchQuery{{}, {Run: "r1"}, {Key: "k"}, {Run: "r1", Key: "k", ID: "m1"}} {
			same(t, "matches", must(s.Matches(ctx, q))(t), want)
		}
		for _, q := range []local.MatchQuery{{Run: "r2"}, {Key: "other"}, {ID: "m2"}} {
			same(t, "no match", len(must(s.Matches(ctx, q))(t)), 0)
		}
	},
	"an arrival answers a run once": func(t *testing.T, s Store) {
		ctx := t.Context()
		for _, run := range []string{"r1", "r2"} {
			started(t, s, run)
			ok(t, s.Commit(ctx, waiting(run, 1, local.Wait{Path: "w", Key: "k"})))
		}
		must(s.Arrive(ctx, arrival("k", "m1", 1)))(t)
		must(s.Arrive(ctx, arrival("k", "m2", 2)))(t)
		got := must(s.Matches(ctx, local.MatchQuery{}))(t)
		same(t, "all", len(got), 4)
		same(t, "in order", []string{got[0].Run, got[0].ID, got[1].Run, got[3].ID}, []string{"r1", "m1", "r2", "m2"})
		c := change("r1", 2)
		c.DropWaits, c.Took = []string{"w", "gone"}, &local.Took{Key: "k", ID: "m1"}
		ok(t, s.Commit(ctx, c))
		same(t, "of r1", len(must(s.Matches(ctx, local.MatchQuery{Run: "r1"}))(t)), 0)
		ok(t, s.Commit(ctx, waiting("r1", 3, local.Wait{Path: "w2", Key: "k"})))
		left := must(s.Matches(ctx, local.MatchQuery{Run: "r1"}))(t)
		same(t, "left", []any{len(left), left[0].ID, left[0].Path}, []any{1, "m2", "w2"})
	},
	"a change that fails opens no wait": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		must(s.Arrive(ctx, arrival("k", "m1", 1)))(t)
		code(t, s.Commit(ctx, waiting("r1", 7, local.Wait{Path: "w", Key: "k"})), engine.Conflict)
		same(t, "matches", len(must(s.Matches(ctx, local.MatchQuery{}))(t)), 0)
	},
	"an ended run waits for nothing": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		ok(t, s.Commit(ctx, waiting("r1", 1, local.Wait{Path: "w", Key: "k"})))
		c := change("r1", 2)
		c.Status = engine.RunStopped
		ok(t, s.Commit(ctx, c))
		must(s.Arrive(ctx, arrival("k", "m1", 1)))(t)
		same(t, "matches", len(must(s.Matches(ctx, local.MatchQuery{}))(t)), 0)
	},
	"what came is forgotten after a while": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		ok(t, s.Commit(ctx, waiting("r1", 1, local.Wait{Path: "w", Key: "k"})))
		must(s.Arrive(ctx, arrival("k", "m1", 1)))(t)
		late := 1 + local.ArrivalsKept.Milliseconds()
		must(s.Arrive(ctx, arrival("k", "m2", late)))(t)
		same(t, "just kept", len(must(s.Matches(ctx, local.MatchQuery{}))(t)), 2)
		must(s.Arrive(ctx, arrival("k", "m3", late+1)))(t)
		same(t, "one gone", len(must(s.Matches(ctx, local.MatchQuery{}))(t)), 2)
	},
	"what came goes with old samples": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		ok(t, s.Commit(ctx, waiting("r1", 1, local.Wait{Path: "w", Key: "k"})))
		must(s.Arrive(ctx, arrival("k", "m1", 1)))(t)
		must(s.Arrive(ctx, arrival("k", "m2", 5)))(t)
		must(s.TrimSamples(ctx, 5, 10))(t)
		left := must(s.Matches(ctx, local.MatchQuery{}))(t)
		same(t, "left", []any{len(left), left[0].ID}, []any{1, "m2"})
	},
	"erasing a run erases what answered it": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		ok(t, s.Commit(ctx, waiting("r1", 1, local.Wait{Path: "w", Key: "k"})))
		must(s.Arrive(ctx, arrival("k", "m1", 1)))(t)
		c := change("r1", 2)
		c.Status, c.Took = engine.RunDone, &local.Took{Key: "k", ID: "m1"}
		ok(t, s.Commit(ctx, c))
		ok(t, s.Erase(ctx, "r1"))
		started(t, s, "r2")
		ok(t, s.Commit(ctx, waiting("r2", 1, local.Wait{Path: "w", Key: "k"})))
		left := must(s.Matches(ctx, local.MatchQuery{}))(t)
		same(t, "left", []any{len(left), string(left[0].Data)}, []any{1, ""})
	},
}
