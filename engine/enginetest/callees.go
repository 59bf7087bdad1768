package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// callFails: what cannot be called parks the step and says why; trying again calls anew.
func callFails(t *testing.T, h Harness) {
	w := world(t, h)
	w.refused(callsBody("callee", 0), "no flow is called callee")
	if _, err := w.Lib.Apply(context.Background(), []byte(calleeFlow), "bea", false); err != nil {
		t.Fatal(err)
	}
	w.Publish(callsBody("callee", 0))
	contains := func(run, want string) {
		t.Helper()
		w.Reaches(run, engine.RunParked)
		got := ""
		for _, s := range w.View(run).Steps {
			if s.Failure != nil {
				got = s.Failure.Error().Error()
			}
		}
		if !strings.Contains(got, want) {
			t.Errorf("it failed with %q, want %q", got, want)
		}
	}
	unborn := w.Begin("caller", "k", map[string]any{"name": "ada"})
	contains(unborn, "callee was never published")
	w.Publish(calleeFlow)
	w.refused(callsBody("callee", 2), "callee has no version 2")
	w.refused(callsBody("caller", 0), "cannot be called")
	contains(w.Begin("caller", "k2", nil), `"name" is missing`)
	w.Restart()
	w.say(unborn, "sub", "ann", engine.StepRetry, nil, nil)
	child := w.child(unborn, "sub")
	w.Reaches(child, engine.RunWaiting)
	w.vote(child, "review", "ann", "approve", "@ops")
	w.Reaches(unborn, engine.RunDone)
	w.state("callee", engine.FlowRetired)
	contains(w.Begin("caller", "k3", map[string]any{"name": "ada"}), "callee is retired")
	w.Verify()
	w.noMail()
}

// refused is a flow that cannot be published.
func (w *World) refused(source, why string) {
	w.T.Helper()
	a, err := w.Lib.Apply(context.Background(), []byte(source), "bea", true)
	if err == nil || !strings.Contains(a.Problems.String(), why) {
		w.T.Errorf("published with %v: %s; want %q", err, a.Problems, why)
	}
}

func (w *World) state(flow string, s engine.FlowState) {
	w.T.Helper()
	if _, err := w.Lib.SetState(context.Background(), flow, s, "bea"); err != nil {
		w.T.Fatal(err)
	}
}

// callPinned: a call keeps the version it began with; a paused flow's run waits; forgetting one goes on at once; and what
// calls itself ends.
func callPinned(t *testing.T, h Harness) {
	w := world(t, h, calleeFlow, callsBody("callee", 1))
	pinned := w.Begin("caller", "k", map[string]any{"name": "ada"})
	child := w.child(pinned, "sub")
	w.Reaches(child, engine.RunWaiting)
	w.Publish(strings.Replace(calleeFlow, "-{{ event.input.n }}", " again", 1))
	w.vote(child, "review", "ann", "approve", "@ops")
	w.Reaches(pinned, engine.RunDone)
	w.want("version", w.View(child).Version, int64(1))
	w.want("what it gave", w.output(pinned, "sub"), `{"from":"caller/sub","id":"ada-7"}`)
	w.Publish(callsBody("callee", 0))
	w.state("callee", engine.FlowPaused)
	paused := w.Begin("caller", "k2", map[string]any{"name": "bob"})
	child = w.child(paused, "sub")
	w.want("of a paused flow", w.State(child), engine.RunQueued)
	w.state("callee", engine.FlowLive)
	w.Reaches(child, engine.RunWaiting)
	w.want("version", w.View(child).Version, int64(2))
	w.vote(child, "review", "ann", "approve", "@ops")
	w.Reaches(paused, engine.RunDone)
	w.want("what it gave", w.output(paused, "sub"), `{"from":"caller/sub","id":"bob again"}`)

	w.Publish(`
flow: forgetful
trigger: {on: webhook.received, with: {path: forgetful, sender: unsigned}}
steps:
  - {id: sub, call: {flow: callee, with: {name: cy}, wait: false}}
  - {id: after, do: test.thing.put, with: {text: "{{ steps.sub.run }}"}}
`)
	forgot := w.Begin("forgetful", "k", nil)
	w.Reaches(forgot, engine.RunDone)
	child = w.child(forgot, "sub")
	w.want("what it knows", w.Outside.Calls("after")[0].Input, `{"text":"`+child+`"}`)
	w.Reaches(child, engine.RunWaiting)
	w.say(child, "", "ann", engine.RunCancel, engine.EndHead{}, nil)

	w.Publish(`
flow: deep
trigger: {on: flow.called}
steps:
  - {id: sub, call: {flow: deep}, on_error: stop}
`)
	w.Publish(strings.Replace(callsBody("deep", 0), `, with: {name: "{{ event.body.name }}"}`, "", 1))
	top := w.Begin("caller", "k3", nil)
	w.Reaches(top, engine.RunParked)
	w.want("how deep it went", len(w.runsOf("deep")), 16)
	w.noMail()
	w.Verify()
}

// output is what the flow called at a path gave.
func (w *World) output(run, path string) string {
	for _, s := range w.View(run).Steps {
		var out struct {
			Output json.RawMessage `json:"output"`
		}
		if s.Path == path && json.Unmarshal(s.Output, &out) == nil {
			return string(out.Output)
		}
	}
	return ""
}

func callsBody(flow string, version int) string {
	pin := ""
	if version > 0 {
		pin = fmt.Sprintf(", version: %d", version)
	}
	return `
flow: caller
trigger: {on: webhook.received, with: {path: caller, sender: unsigned}}
steps:
  - {id: sub, call: {flow: ` + flow + pin + `, with: {name: "{{ event.body.name }}"}}}
`
}
