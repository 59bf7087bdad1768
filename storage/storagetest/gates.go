package storagetest

import (
	"fmt"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/gate"
	"github.com/bretelle/bretelle/engine/local"
)

// gated is an event whose run asks a gate of so many places before it begins.
func gated(run, name string, rule gate.Rule) local.AcceptItem {
	it := item(run, "")
	it.Gates = []local.GateAsk{{Gate: name, Flow: "triage", Label: "ann", Rule: rule}}
	it.Head.Gated = true
	return it
}

func ended(run string, expect int64) local.Change {
	c := change(run, expect)
	c.Status, c.Entries = engine.RunDone, nil
	return c
}

var gateTests = map[string]func(*testing.T, Store){
	"runs wait in line and begin in turn": func(t *testing.T, s Store) {
		ctx := t.Context()
		two := gate.Rule{Kind: gate.Slots, Most: 2}
		var ids []string
		for i := range 5 {
			ids = append(ids, fmt.Sprint("r", i+1))
			r := must(s.Accept(ctx, accepting(gated(ids[i], "runs:triage:", two))))(t)[0]
			same(t, "waits", r.Waits, i >= 2)
			same(t, "outcome", r.Outcome, engine.Accepted)
		}
		same(t, "ready", ready(must(s.Ready(ctx, "", 0))(t)), []string{"r1", "r2"})
		lines := must(s.Lined(ctx, ids))(t)
		same(t, "lines", len(lines), 3)
		same(t, "the last one's", lines["r5"], engine.Line{Kind: engine.LineSlots, Label: "ann", Most: 2, Place: 3, Behind: []int64{1, 2}})
		code(t, s.Commit(ctx, change("r4", 1)), engine.Internal) // it is not its turn
		c := change("r4", 1)
		c.Status, c.Reason = engine.RunCancelled, "no more"
		ok(t, s.Commit(ctx, c))
		ok(t, s.Commit(ctx, ended("r1", 1)))
		same(t, "after an end", ready(must(s.Ready(ctx, "triage", 0))(t)), []string{"r2", "r3"})
		ok(t, s.Commit(ctx, ended("r2", 1)))
		ok(t, s.Commit(ctx, ended("r3", 1)))
		same(t, "the cancelled one is skipped", ready(must(s.Ready(ctx, "", 0))(t)), []string{"r5"})
		ok(t, s.Commit(ctx, ended("r5", 1)))
		_, next, err := s.GatesDue(ctx, 1<<50, 10)
		ok(t, err)
		same(t, "next", next, int64(0))
		r := must(s.Accept(ctx, accepting(gated("r6", "runs:triage:", two))))(t)[0]
		same(t, "waits", r.Waits, false)
	},
	"a run asks its gates one after the other": func(t *testing.T, s Store) {
		ctx := t.Context()
		one := gate.Rule{Kind: gate.Slots, Most: 1}
		both := func(run, key string) local.AcceptItem {
			it := gated(run, "order:triage:"+key, one)
			it.Gates = append(it.Gates, local.GateAsk{Gate: "runs:triage:", Flow: "triage", Rule: one})
			return it
		}
		must(s.Accept(ctx, accepting(both("r1", "a"), both("r2", "a"), both("r3", "b"))))(t)
		same(t, "ready", ready(must(s.Ready(ctx, "", 0))(t)), []string{"r1"})
		ok(t, s.Commit(ctx, ended("r1", 1)))
		same(t, "then", ready(must(s.Ready(ctx, "", 0))(t)), []string{"r3"})
		ok(t, s.Commit(ctx, ended("r3", 1)))
		same(t, "at last", ready(must(s.Ready(ctx, "", 0))(t)), []string{"r2"})
	},
	"a flow that is paused keeps its line": func(t *testing.T, s Store) {
		ctx := t.Context()
		published(t, s, "triage")
		state := func(to engine.FlowState) {
			must(s.SetState(ctx, flows.StateChange{Name: "triage", State: to, By: "ann", At: 9}))(t)
		}
		one := gate.Rule{Kind: gate.Slots, Most: 1}
		must(s.Accept(ctx, accepting(gated("r1", "g", one), gated("r2", "g", one))))(t)
		state(engine.FlowPaused)
		same(t, "paused", len(must(s.Ready(ctx, "", 0))(t)), 0)
		ok(t, s.Commit(ctx, ended("r1", 1)))
		same(t, "let through while paused", len(must(s.Ready(ctx, "", 0))(t)), 0)
		must(s.Accept(ctx, accepting(gated("r3", "g", one))))(t)
		state(engine.FlowLive)
		same(t, "resumed", ready(must(s.Ready(ctx, "", 0))(t)), []string{"r2"})
	},
	"a full gate drops, replaces or joins": func(t *testing.T, s Store) {
		ctx := t.Context()
		rule := gate.Rule{Kind: gate.Slots, Most: 1, Full: gate.Drop}
		rs := must(s.Accept(ctx, accepting(gated("r1", "d", rule), gated("r2", "d", rule))))(t)
		same(t, "dropped", []any{rs[1].Outcome, rs[1].Run, rs[1].Reason}, []any{engine.Skipped, "", "the limit of 1 at once was reached for ann"})
		rule.Full = gate.Replace
		must(s.Accept(ctx, accepting(gated("r3", "p", rule), gated("r4", "p", rule), gated("r5", "p", rule))))(t)
		told := must(s.Told(ctx, 0))(t)
		same(t, "told", told, []local.GateTold{{Run: "r3", Gate: "p", Tell: local.GateOusted, Reason: "replaced by #3"},
			{Run: "r4", Gate: "p", Tell: local.GateOusted, Reason: "replaced by #4"}})
		for _, x := range told {
			c := change(x.Run, 1)
			c.Status = engine.RunCancelled
			ok(t, s.Commit(ctx, c))
		}
		same(t, "all told", len(must(s.Told(ctx, 0))(t)), 0)
		same(t, "ready", ready(must(s.Ready(ctx, "", 0))(t)), []string{"r1", "r5"})
	},
	"a rate frees places by itself, whatever becomes of the run": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		started(t, s, "r2")
		ask := func(run string, expect int64) {
			c := change(run, expect)
			c.Asks = []local.GateAsk{{Gate: "budget", Flow: "triage", Rule: gate.Rule{Kind: gate.Rate, Most: 1, Per: 500}, Path: "list",
				Data: []byte(`{"n":1}`)}}
			ok(t, s.Commit(ctx, c))
		}
		ask("r1", 1)
		ask("r2", 1)
		same(t, "told", must(s.Told(ctx, 0))(t), []local.GateTold{{Run: "r1", Gate: "budget", Path: "list", Tell: local.GateGranted, Data: []byte(`{"n":1}`)}})
		c := ended("r1", 2)
		c.Heard = []string{"list"}
		ok(t, s.Commit(ctx, c))
		same(t, "heard", len(must(s.Told(ctx, 0))(t)), 0)
		due, next, err := s.GatesDue(ctx, 2499, 10)
		ok(t, err)
		same(t, "due", len(due), 0)
		same(t, "next", next, int64(2500))
		ok(t, s.GateTick(ctx, local.GateAsk{Gate: "budget"}, 2499, nil))
		same(t, "too early", len(must(s.Told(ctx, 0))(t)), 0)
		ok(t, s.GateTick(ctx, local.GateAsk{Gate: "budget"}, 2500, nil))
		same(t, "in time", len(must(s.Told(ctx, 0))(t)), 1)
		c = change("r2", 2)
		c.Heard = []string{"list"}
		ok(t, s.Commit(ctx, c))
		same(t, "heard", len(must(s.Told(ctx, 0))(t)), 0)
		ok(t, s.GateTick(ctx, local.GateAsk{Gate: "budget"}, 9000, nil))
		due, next, err = s.GatesDue(ctx, 1<<50, 10)
		ok(t, err)
		same(t, "forgotten", []any{len(due), next}, []any{0, int64(0)})
	},
	"events are collected and taken": func(t *testing.T, s Store) {
		ctx := t.Context()
		collect := func(id, key string) {
			it := item(id, key)
			it.Outcome, it.Run = engine.Collected, ""
			it.Gather = &local.GateAsk{Gate: "collect", Flow: "triage", Rule: gate.Rule{Kind: gate.Gather, For: 100, Most: 3}}
			r := must(s.Accept(ctx, accepting(it)))(t)[0]
			same(t, "run", r.Run, "")
		}
		collect("a", "k1")
		collect("b", "k2")
		list := must(s.Collected(ctx, "collect", 0, false))(t)
		same(t, "collected", []any{len(list), list[0].Event.ID, list[1].Event.ID, list[0].Trigger}, []any{2, "event-a", "event-b", "t1"})
		due, _, err := s.GatesDue(ctx, 1100, 10)
		ok(t, err)
		same(t, "due", []any{len(due), due[0].Gate, due[0].State.Waiting, due[0].Steps}, []any{1, "collect", 2, false})
		collect("c", "k3")
		a := accepting(item("r1", ""))
		a.Take = &local.GateTake{Gate: "collect", Rows: []int64{list[0].Row, list[1].Row}, Joined: true}
		r := must(s.Accept(ctx, a))(t)[0]
		same(t, "run", r.Run, "r1")
		_, err = s.Accept(ctx, a)
		code(t, err, engine.Conflict)
		events := must(s.Events(ctx, "triage", 0))(t)
		same(t, "events", len(events), 3)
		same(t, "the last", []any{events[1].Outcome, events[1].Number}, []any{engine.Accepted, int64(1)})
		same(t, "the one before", []any{events[2].Outcome, events[2].Reason}, []any{engine.Skipped, "joined by #1"})
		same(t, "left", len(must(s.Collected(ctx, "collect", 0, false))(t)), 1)
		again := item("r2", "k2")
		r = must(s.Accept(ctx, accepting(again)))(t)[0]
		same(t, "again", []any{r.Outcome, r.Number}, []any{engine.Duplicate, int64(1)})
	},
}
