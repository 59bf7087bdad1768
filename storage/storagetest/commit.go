package storagetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

func task(path string, attempt int, probe bool) engine.Task {
	return engine.Task{Run: "r1", Number: 1, Flow: "triage", Path: path, Attempt: attempt, Probe: probe, Action: "http.request",
		Account: "a", Input: json.RawMessage(`{"big":9007199254740993}`), Key: "r1/" + path, Intent: true,
		Timeout: 1500 * time.Millisecond, Channel: engine.Place{Surface: "slack", Workspace: "T1", Channel: "#a", Thread: "7.1"}}
}

var commitTests = map[string]func(*testing.T, Store){
	"a change is what Load and Entries show": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		c := change("r1", 1)
		c.Entries = append(c.Entries, entry(3, engine.StepParked, ""), engine.Entry{Seq: 4, At: 1, Kind: engine.AskOpened})
		c.Status, c.Reason = engine.RunParked, "not final: not kept"
		ok(t, s.Commit(ctx, c))
		snap := must(s.Load(ctx, "r1"))(t)
		same(t, "seq", snap.Seq, int64(4))
		same(t, "state", string(snap.State), "state")
		same(t, "status", snap.Head.State, engine.RunParked)
		same(t, "reason", snap.Head.Reason, "")
		got := must(s.Entries(ctx, "r1", 2, 0))(t)
		same(t, "entries", got, c.Entries)
		same(t, "part", must(s.Entries(ctx, "r1", 3, 1))(t), c.Entries[1:2])
		same(t, "beyond", len(must(s.Entries(ctx, "r1", 5, 0))(t)), 0)
		first := must(s.Entries(ctx, "r1", 1, 1))(t)[0]
		all := append([]engine.Entry{first}, c.Entries...)
		for i := range all {
			all[i].Data = nil
		}
		same(t, "heads", must(s.Heads(ctx, "r1", 1, 0))(t), all)
		same(t, "part of the heads", must(s.Heads(ctx, "r1", 2, 2))(t), all[1:3])
	},
	"the last entry must be the expected one": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		ok(t, s.Commit(ctx, change("r1", 1)))
		c := change("r1", 1)
		c.SetTimers = []local.Timer{{ID: "a", At: 1}}
		c.Notices = []engine.Notice{{ID: "n"}}
		code(t, s.Commit(ctx, c), engine.Conflict)
		code(t, s.Commit(ctx, change("r1", 5)), engine.Conflict)
		code(t, s.Commit(ctx, change("r9", 1)), engine.NotFound)
		_, err := s.Load(ctx, "r9")
		code(t, err, engine.NotFound)
		same(t, "entries", len(must(s.Entries(ctx, "r1", 1, 0))(t)), 2)
		same(t, "notices", len(must(s.Undelivered(ctx, 0))(t)), 0)
		gap := change("r1", 2)
		gap.Entries[0].Seq = 4
		code(t, s.Commit(ctx, gap), engine.Internal)
	},
	"an ended run keeps when and why": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		c := change("r1", 1)
		c.AddTasks = []engine.Task{task("list", 1, false)}
		c.SetTimers = []local.Timer{{ID: "a", At: 5}}
		ok(t, s.Commit(ctx, c))
		c = change("r1", 2)
		c.Status, c.Reason, c.At = engine.RunStopped, "denied by ben", 7777
		ok(t, s.Commit(ctx, c))
		h := must(s.Load(ctx, "r1"))(t).Head
		same(t, "state", h.State, engine.RunStopped)
		same(t, "reason", h.Reason, "denied by ben")
		same(t, "ended", h.Ended, int64(7777))
		same(t, "tasks left", len(must(s.Tasks(ctx))(t)), 0)
		due, next, err := s.Due(ctx, 100, 0)
		ok(t, err)
		same(t, "timers left", len(due)+int(next), 0)
	},
	"tasks are added, replaced, started and dropped": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		c := change("r1", 1)
		c.AddTasks = []engine.Task{task("b", 1, false), task("a", 1, false), task("a", 2, false)}
		c.StartTask = &local.TaskRef{Path: "a", Attempt: 1}
		ok(t, s.Commit(ctx, c))
		same(t, "added", must(s.Tasks(ctx))(t), []local.OpenTask{{Task: task("a", 1, false), Started: true},
			{Task: task("a", 2, false)}, {Task: task("b", 1, false)}})
		c = change("r1", 2)
		c.DropTasks = []local.TaskRef{{Path: "a", Attempt: 1}, {Path: "a", Attempt: 2, Probe: true}, {Path: "z", Attempt: 1}}
		c.AddTasks = []engine.Task{task("a", 1, true)}
		ok(t, s.Commit(ctx, c))
		same(t, "replaced by a probe", must(s.Tasks(ctx))(t), []local.OpenTask{{Task: task("a", 1, true)},
			{Task: task("a", 2, false)}, {Task: task("b", 1, false)}})
		c = change("r1", 3)
		c.DropTasks = []local.TaskRef{{Path: "a", Attempt: 1}, {Path: "a", Attempt: 2}}
		ok(t, s.Commit(ctx, c))
		same(t, "a call's drop leaves the probe", must(s.Tasks(ctx))(t), []local.OpenTask{{Task: task("a", 1, true)},
			{Task: task("b", 1, false)}})
	},
	"timers fall due in order": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		started(t, s, "r2")
		c := change("r1", 1)
		c.SetTimers = []local.Timer{{ID: "a", At: 30}, {ID: "b", At: 10}, {ID: "c", At: 90}}
		ok(t, s.Commit(ctx, c))
		c = change("r2", 1)
		c.SetTimers = []local.Timer{{ID: "a", At: 20}}
		ok(t, s.Commit(ctx, c))
		see := func(now int64, limit int, want []local.Timer, wantNext int64) {
			t.Helper()
			due, next, err := s.Due(ctx, now, limit)
			ok(t, err)
			same(t, "due", due, want)
			same(t, "next", next, wantNext)
		}
		b1, a2, a1 := local.Timer{Run: "r1", ID: "b", At: 10}, local.Timer{Run: "r2", ID: "a", At: 20}, local.Timer{Run: "r1", ID: "a", At: 30}
		see(5, 10, nil, 10)
		see(10, 10, []local.Timer{b1}, 20)
		see(30, 10, []local.Timer{b1, a2, a1}, 90)
		see(30, 0, []local.Timer{b1, a2, a1}, 90)
		see(30, 2, []local.Timer{b1, a2}, 30)
		see(30, 3, []local.Timer{b1, a2, a1}, 90)
		c = change("r1", 2)
		c.SetTimers, c.CancelTimers = []local.Timer{{ID: "a", At: 5}}, []string{"b", "c", "nothing"}
		ok(t, s.Commit(ctx, c))
		see(100, 10, []local.Timer{{Run: "r1", ID: "a", At: 5}, a2}, 0)
	},
	"notices, cleared steps and audit go with the change": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		c := change("r1", 1)
		n := engine.Notice{ID: "n1", At: 5, Kind: engine.NoticeAsk, Topic: "ask:r1/list", Flow: "triage", Run: "r1", Number: 1,
			Path: "list", Place: engine.Place{Surface: "slack", Workspace: "T:1", Channel: "#x", Thread: "1.2"},
			Data: json.RawMessage(`{"k":1}`)}
		c.Notices = []engine.Notice{n}
		c.Cleared = []string{"send", "list", "send"}
		c.Audit = []engine.AuditEntry{{At: 1, Actor: "ben", What: "ask.approved", Object: "run/r1/list", Detail: "abc"}}
		ok(t, s.Commit(ctx, c))
		same(t, "notices", must(s.Undelivered(ctx, 0))(t), []engine.Notice{n})
		same(t, "cleared", must(s.Cleared(ctx, "triage", 3))(t), []string{"list", "send"})
		same(t, "other version", len(must(s.Cleared(ctx, "triage", 4))(t)), 0)
		same(t, "audit", must(s.AuditEntries(ctx, 1, 0))(t), c.Audit)
	},
	"what the caller keeps is not what is stored": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		c := change("r1", 1)
		ok(t, s.Commit(ctx, c))
		c.State[0], c.Entries[0].Data[0] = 'X', 'X'
		snap := must(s.Load(ctx, "r1"))(t)
		same(t, "state", string(snap.State), "state")
		snap.State[0] = 'Y'
		same(t, "state again", string(must(s.Load(ctx, "r1"))(t).State), "state")
		same(t, "data", string(must(s.Entries(ctx, "r1", 2, 1))(t)[0].Data), `{"x":1}`)
	},
}
