package storagetest

import (
	"encoding/json"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

func said(to, id string) local.Mail {
	return local.Mail{Run: to, ID: id, Kind: engine.CallEnded, Path: "sub", Head: json.RawMessage(`{"run":"c1"}`), Data: json.RawMessage(`{"n":1}`)}
}

func calling(run string, expect int64, child string) local.Change {
	c := change(run, expect)
	it := item(child, "key of "+child)
	c.Starts = []local.Start{{Path: "sub", Trigger: "callee:flow.called:1", Flow: "callee", Version: 2, Item: it}}
	return c
}

var callTests = map[string]func(*testing.T, Store){
	"a called run begins with its caller's change": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		code(t, s.Commit(ctx, calling("r1", 7, "c1")), engine.Conflict)
		same(t, "nothing begins with a change that fails", len(must(s.Calls(ctx, "r1"))(t)), 0)
		ok(t, s.Commit(ctx, calling("r1", 1, "c1")))
		ok(t, s.Commit(ctx, calling("r1", 2, "c2")))
		got := must(s.Calls(ctx, "r1"))(t)
		same(t, "called", got, map[string][]engine.Callee{"sub": {
			{Run: "c1", Number: 2, Flow: "callee", State: engine.RunQueued}, {Run: "c2", Number: 3, Flow: "callee", State: engine.RunQueued}}})
		snap := must(s.Load(ctx, "c1"))(t)
		same(t, "version", snap.Head.Version, int64(2))
		first := must(s.Entries(ctx, "c1", 1, 1))(t)
		same(t, "entry 1", first[0].Kind, engine.RunStarted)
		ready := must(s.Events(ctx, "callee", 5))(t)
		same(t, "its event", []any{len(ready), ready[1].Run}, []any{2, "c1"})
		same(t, "of the other", len(must(s.Calls(ctx, "c1"))(t)), 0)
	},
	"mail is kept until it is taken": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		started(t, s, "r2")
		c := change("r1", 1)
		c.Mail = []local.Mail{said("r2", "a"), said("r1", "a"), said("r2", "b"), said("r2", "a"), said("nobody", "a")}
		ok(t, s.Commit(ctx, c))
		same(t, "of r2", must(s.Mail(ctx, "r2", 0))(t), []local.Mail{said("r2", "a"), said("r2", "b")})
		same(t, "all", len(must(s.Mail(ctx, "", 0))(t)), 3)
		same(t, "some", len(must(s.Mail(ctx, "", 2))(t)), 2)
		c = change("r2", 1)
		c.TookMail = "a"
		ok(t, s.Commit(ctx, c))
		same(t, "left", must(s.Mail(ctx, "r2", 0))(t), []local.Mail{said("r2", "b")})
		c = change("r2", 1)
		c.TookMail = "b"
		code(t, s.Commit(ctx, c), engine.Conflict)
		same(t, "a change that fails takes nothing", len(must(s.Mail(ctx, "r2", 0))(t)), 1)
		same(t, "of r1", must(s.Mail(ctx, "r1", 0))(t), []local.Mail{said("r1", "a")})
	},
	"what several are told at once": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		started(t, s, "r2")
		to := func(run string) local.Mail {
			m := said(run, "fix:1")
			m.Kind, m.By = engine.StepFixed, "p1"
			return m
		}
		ok(t, s.Post(ctx, []local.Mail{to("r1"), to("r2"), to("r1")}))
		ok(t, s.Post(ctx, []local.Mail{to("r2")}))
		same(t, "all", must(s.Mail(ctx, "", 0))(t), []local.Mail{to("r1"), to("r2")})
	},
	"runs that make no progress": func(t *testing.T, s Store) {
		ctx := t.Context()
		for _, run := range []string{"r1", "r2", "r3", "r4"} {
			started(t, s, run)
			c := change(run, 1)
			c.Status = engine.RunRunning
			switch run {
			case "r2":
				c.Status = engine.RunWaiting
			case "r3":
				c.SetTimers = []local.Timer{{Run: run, ID: "retry:a", At: 5}}
			case "r4":
				c.SetTimers = []local.Timer{{Run: run, ID: "limit:", At: 5}}
			}
			ok(t, s.Commit(ctx, c))
		}
		last := must(s.Entries(ctx, "r1", 2, 1))(t)[0].At
		same(t, "before", len(must(s.Stalled(ctx, last, 10))(t)), 0)
		var runs []string
		for _, x := range must(s.Stalled(ctx, last+1, 10))(t) {
			runs = append(runs, x.Run)
			same(t, "since", x.Since, last)
		}
		same(t, "after", runs, []string{"r1", "r4"})
	},
}
