package enginetest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// callerFlow calls a flow that asks, tells what it got, and waits for what a listener tells in turn.
const callerFlow = `
flow: caller
channel: "#ops"
trigger: {on: webhook.received, with: {path: caller, sender: unsigned}}
steps:
  - {id: before, do: test.thing.put}
  - {id: sub, call: {flow: callee, with: {name: "{{ event.body.name }}"}}}
  - {id: tell, emit: {event: made, key: "{{ steps.sub.output.id }}", data: {n: 1}}}
  - {id: heard, wait: {event: {name: answered, key: "{{ steps.sub.output.id }}"}, for: 1h}}
  - {id: after, do: test.thing.create, with: {text: "{{ steps.sub.output.id }} {{ steps.sub.state }} {{ steps.heard.event.data.text }}"}}
`

const calleeFlow = `
flow: callee
channel: "#ops"
trigger: {on: flow.called, with: {input: {name: {type: string, required: true}, n: {type: integer, default: 7}}}}
steps:
  - id: review
    ask: approval
    covers: [make]
    with: {title: "Make {{ event.input.name }}?", by: {any: ["@ops"]}}
  - {id: make, do: test.thing.create, with: {name: "{{ event.input.name }}", n: "{{ event.input.n }}"}}
output: {id: "{{ event.input.name }}-{{ event.input.n }}", from: "{{ event.from.flow }}/{{ event.from.step }}"}
`

const listenerFlow = `
flow: %s
trigger: {on: event.emitted, with: {event: made}}
steps:
  - {id: note, do: test.thing.create, with: {text: "{{ event.key }} {{ event.data.n }}"}}
  - {id: back, emit: {event: answered, key: "{{ event.key }}", data: {text: "%[1]s"}}}
`

// callWorld has all of them.
func callWorld(t *testing.T, d Disk) *World {
	w := NewWorld(t, d)
	for _, f := range []string{calleeFlow, callerFlow, fmt.Sprintf(listenerFlow, "first")} {
		w.Publish(f)
	}
	return w
}

var (
	anyID     = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	anyNumber = regexp.MustCompile(`"number":[0-9]+`)
)

// anonymous is a history without ids and numbers of runs, which differ from world to world.
func anonymous(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = anyNumber.ReplaceAllString(anyID.ReplaceAllString(l, "ID"), "N")
	}
	return out
}

// crashInCalls kills the process before and after each write of runs that call and tell each other.
func crashInCalls(t *testing.T, h Harness) {
	calm := callWorld(t, h.Disk(t, 64))
	want := anonymous(calm.history(calm.driveCalls()))
	calm.Verify()
	writes := len(calm.Gate.Log())
	for n := 1; n <= writes+1; n++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d of %d, after %v", n, writes, after), func(t *testing.T) {
				w := callWorld(t, h.Disk(t, 64))
				w.Kill()
				w.Live(n, after)
				run := w.driveCalls()
				if got := anonymous(w.history(run)); !slices.Equal(got, want) {
					t.Errorf("the history is\n%q\nwithout a crash it was\n%q", got, want)
				}
				w.want("runs of the called flow", len(w.runsOf("callee")), 1)
				w.want("runs of the listener", len(w.runsOf("first")), 1)
				for _, path := range []string{"make", "note", "after"} {
					w.want("calls of "+path, len(w.Outside.Calls(path)), 1)
				}
				w.want("sent", w.Outside.Calls("after")[0].Input, `{"text":"ada-7 done first"}`)
				w.Verify()
				w.noMail()
			})
		}
	}
}

// runsOf lists the runs of a flow, newest first.
func (w *World) runsOf(flow string) []engine.RunHead {
	w.T.Helper()
	runs, err := w.back.Runs(context.Background(), local.RunQuery{Flow: flow, Limit: 1000})
	if err != nil {
		w.T.Fatal(err)
	}
	return runs
}

// noMail waits until nothing is left to be told, whatever happens to the process.
func (w *World) noMail() {
	w.T.Helper()
	for told := false; !told; {
		w.Until("everything is told", func() bool {
			mail, err := w.back.Mail(context.Background(), "", 0)
			told = err == nil && len(mail) == 0
			return told || w.Gate.Dead()
		})
		if !told {
			w.Restart()
		}
	}
}

// driveCalls takes one event of callerFlow to the end of all it begins, whatever happens to the process.
func (w *World) driveCalls() (run string) {
	w.T.Helper()
	for {
		if w.Gate.Dead() {
			w.Restart()
		}
		if run == "" {
			r, err := w.Offer("caller", "k", map[string]any{"name": "ada"})
			if err != nil && engine.CodeOf(err) != engine.Unavailable {
				w.T.Fatal(err)
			}
			run = r.Run
		}
		open := 0
		for _, head := range w.allRuns() {
			if !head.State.Final() {
				open++
			}
			w.actCall(head)
		}
		if run != "" && open == 0 && !w.Gate.Dead() {
			return run
		}
		w.Until("there is something to do", func() bool {
			busy := false
			for _, head := range w.allRuns() {
				busy = busy || head.State == engine.RunRunning || head.State == engine.RunQueued || head.Flow == "caller" && head.State == engine.RunWaiting
			}
			return w.Gate.Dead() || run == "" || !busy || w.asks()
		})
	}
}

func (w *World) allRuns() []engine.RunHead { return w.runsOf("") }

// asks says that a run waits for somebody.
func (w *World) asks() bool {
	for _, head := range w.allRuns() {
		if head.State == engine.RunUnknown || head.Flow == "callee" && head.State == engine.RunWaiting {
			return true
		}
	}
	return false
}

func (w *World) actCall(head engine.RunHead) {
	var err error
	switch {
	case head.State == engine.RunUnknown:
		for _, step := range w.View(head.ID).Steps {
			if step.State != engine.StepStateUnknown {
				continue
			}
			h, data := engine.OutcomeHead{Choice: "again"}, any(nil)
			if w.Outside.CallsOf(head.ID, step.Path) > 0 {
				h.Choice, data = "happened", map[string]any{"ok": true}
			}
			_, err = w.Say(head.ID, step.Path, "ann", engine.OutcomeGiven, h, data)
		}
	case head.Flow == "callee" && head.State == engine.RunWaiting && w.open(head.ID):
		_, err = w.Vote(head.ID, "review", "ann", "approve", "@ops")
	}
	if err != nil && engine.CodeOf(err) != engine.Unavailable {
		w.T.Fatal(err)
	}
}

// callEnds: a called run that is cancelled, stopped or denied fails the step; the end of the caller cancels the called run.
func callEnds(t *testing.T, h Harness) {
	w := callWorld(t, h.Disk(t, 64))
	w.Publish(`
flow: careful
trigger: {on: webhook.received, with: {path: careful, sender: unsigned}}
steps:
  - id: safe
    try:
      - {id: sub, call: {flow: callee, with: {name: ada}}}
    catch:
      - {id: note, do: test.thing.put, with: {text: "{{ error.step }} {{ error.code }}: {{ error.message }}"}}
`)
	run := w.Begin("careful", "k", nil)
	child := w.child(run, "sub")
	w.Reaches(child, engine.RunWaiting)
	w.want("the caller", w.State(run), engine.RunWaiting)
	view := w.View(child)
	if view.Parent == nil || view.Parent.Run != run || view.Parent.Path != "sub" {
		t.Errorf("the called run does not know its caller: %+v", view.Parent)
	}
	w.Restart()
	w.say(child, "", "ann", engine.RunCancel, engine.EndHead{Reason: "not now"}, nil)
	w.Reaches(run, engine.RunDone)
	w.want("what was caught", w.Outside.Calls("note")[0].Input, `{"text":"sub canceled: callee #2 was cancelled: not now"}`)

	run = w.Begin("careful", "k2", nil)
	child = w.child(run, "sub")
	w.Reaches(child, engine.RunWaiting)
	w.vote(child, "review", "bob", "deny", "@ops")
	w.Reaches(run, engine.RunDone)
	if got := w.Outside.Calls("note")[1].Input; !strings.Contains(got, "callee #4 was stopped") {
		t.Errorf("what was caught: %s", got)
	}

	run = w.Begin("careful", "k3", nil)
	child = w.child(run, "sub")
	w.Reaches(child, engine.RunWaiting)
	w.say(run, "", "ann", engine.RunCancel, engine.EndHead{Reason: "enough"}, nil)
	w.Reaches(child, engine.RunCancelled)
	w.noMail()
	w.want("caught", len(w.Outside.Calls("note")), 2)
	w.Verify()
}

// child waits for the run that a step calls.
func (w *World) child(run, path string) (id string) {
	w.T.Helper()
	w.Until("a run is called", func() bool {
		for _, s := range w.View(run).Steps {
			if s.Path == path && len(s.Calls) > 0 {
				id = s.Calls[len(s.Calls)-1].Run
			}
		}
		return id != ""
	})
	return id
}

// crashInCancel kills the process before and after each write while a caller is cancelled: what it called ends too.
func crashInCancel(t *testing.T, h Harness) {
	for n := 1; n <= 14; n++ {
		for _, after := range []bool{false, true} {
			w := NewWorld(t, h.Disk(t, 64))
			w.Publish(calleeFlow)
			w.Publish(callsBody("callee", 0))
			w.Kill()
			w.Live(n, after)
			run, cancelled := "", false
			for !cancelled {
				if w.Gate.Dead() {
					w.Restart()
				}
				if run == "" {
					r, err := w.Offer("caller", "k", map[string]any{"name": "ada"})
					if err != nil && engine.CodeOf(err) != engine.Unavailable {
						t.Fatal(err)
					}
					run = r.Run
					continue
				}
				if !w.Gate.Dead() && len(w.runsOf("callee")) == 1 {
					a, err := w.Say(run, "", "ann", engine.RunCancel, engine.EndHead{Reason: "enough"}, nil)
					cancelled = err == nil && (a.Verdict == engine.Counted || a.Verdict == engine.Ended)
					continue
				}
				w.Until("there is something to do", func() bool { return w.Gate.Dead() || len(w.runsOf("callee")) == 1 })
			}
			child := w.runsOf("callee")[0].ID
			w.Until("both have ended", func() bool {
				return w.Gate.Dead() || w.State(run) == engine.RunCancelled && w.State(child) == engine.RunCancelled
			})
			if w.Gate.Dead() {
				w.Restart()
			}
			w.Reaches(child, engine.RunCancelled)
			w.want("the caller", w.State(run), engine.RunCancelled)
			w.noMail()
			w.Verify()
			w.Kill()
		}
	}
}
