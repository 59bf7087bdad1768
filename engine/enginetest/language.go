package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// richFlow has what waits and branches in other ways than wholeFlow: a form, a loop with a call that must not be
// repeated in a try, a switch, a wait for a reply.
const richFlow = `
flow: rich
title: Rich
channel: "#ops"
trigger: {on: webhook.received, with: {path: rich, sender: unsigned}}
steps:
  - id: details
    ask: form
    with:
      title: Details
      by: {any: ["@ops"]}
      fields: [{name: names, required: true}, {name: n, type: number, default: 1}]
  - id: post
    do: test.thing.put
  - id: all
    each: {list: "{{ split(steps.details.fields.names, ',') }}", as: name}
    steps:
      - id: safe
        try:
          - id: make
            do: test.thing.create
            with: {name: "{{ name }}"}
          - {id: check, do: test.thing.put}
        catch:
          - id: note
            do: test.thing.put
            with: {text: "{{ name }}: {{ error.code }}"}
      - id: kind
        switch: "{{ index }}"
        cases:
          - is: 0
            steps: [{id: first, set: {begun: "{{ name }}"}}]
      - {id: out, set: {made: "{{ name }}", caught: "{{ steps.safe.caught }}"}}
  - id: reply
    wait: {reply: {to: "{{ steps.post.ref }}"}, for: 1h}
  - id: sum
    set: {all: "{{ map(steps.all.results, .made) }}", said: "{{ steps.reply.reply.text }}"}
`

// richWorld is a world whose services answer as richFlow needs it.
func richWorld(t *testing.T, d Disk) *World {
	w := NewWorld(t, d)
	w.Outside.Answer("post", OK(`{"ref":"m1"}`))
	w.Outside.Answer("all[1]/check", Fail(engine.Rejected, 422))
	return w
}

// crashInLanguage kills the process before and after each write of a run of richFlow.
func crashInLanguage(t *testing.T, h Harness) {
	calm := richWorld(t, h.Disk(t, 64))
	calm.Publish(richFlow)
	want := calm.history(calm.driveRich())
	calm.Verify()
	log := calm.Gate.Log()
	for n := 1; n <= len(log); n++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d of %d (%s), after %v", n, len(log), log[n-1], after), func(t *testing.T) {
				w := richWorld(t, h.Disk(t, 64))
				w.Publish(richFlow)
				w.Kill()
				w.Live(n, after)
				run := w.driveRich()
				if got := w.history(run); !slices.Equal(got, want) {
					t.Errorf("the history is\n%q\nwithout a crash it was\n%q", got, want)
				}
				for i := range 3 {
					w.want("calls that must not be repeated", len(w.Outside.Calls(fmt.Sprintf("all[%d]/make", i))), 1)
				}
				for _, c := range w.Outside.Calls("all[1]/note") {
					w.want("key", c.Key, run+"/all[1]/note")
				}
				w.Verify()
			})
		}
	}
}

// driveRich takes one event of richFlow to its end, whatever happens to the process.
func (w *World) driveRich() (run string) {
	w.T.Helper()
	for {
		if w.Gate.Dead() {
			w.Restart()
		}
		if run == "" {
			r, err := w.Offer("rich", "k", nil)
			if err != nil && engine.CodeOf(err) != engine.Unavailable {
				w.T.Fatal(err)
			}
			run = r.Run
		} else if w.actRich(run) {
			return run
		}
		w.Until("there is something to do", func() bool {
			return w.Gate.Dead() || run == "" || w.State(run) != engine.RunRunning && w.State(run) != engine.RunQueued
		})
	}
}

func (w *World) actRich(run string) (ended bool) {
	var err error
	switch s := w.State(run); {
	case s.Final():
		return true
	case s == engine.RunUnknown:
		for _, step := range w.View(run).Steps {
			if step.State != engine.StepStateUnknown {
				continue
			}
			head, data := engine.OutcomeHead{Choice: "again"}, any(nil)
			if w.Outside.CallsOf(run, step.Path) > 0 {
				head.Choice, data = "happened", map[string]any{"ok": true}
			}
			_, err = w.Say(run, step.Path, "ann", engine.OutcomeGiven, head, data)
		}
	case s == engine.RunWaiting && w.open(run):
		_, err = w.Fill(run, "details", "ann", map[string]any{"names": "ada,bob,cy", "n": "2"}, "@ops")
	case s == engine.RunWaiting:
		_, err = w.RT.Correlate(context.Background(), engine.ReplyKey("m1"), json.RawMessage(`{"text":"yes","by":"bob"}`), "bob", "r1")
	}
	if err != nil && engine.CodeOf(err) != engine.Unavailable {
		w.T.Fatal(err)
	}
	return false
}

// Fill answers the form at path.
func (w *World) Fill(run, path, by string, fields map[string]any, groups ...string) (engine.Answer, error) {
	h := engine.AnswerHead{Groups: groups, GroupsAt: engine.Millis(w.Clock.Now()), Via: "test"}
	return w.Say(run, path, by, engine.AskAnswered, h, map[string]any{"fields": fields})
}

// answers are right, wrong, late, early and from strangers.
func answers(t *testing.T, h Harness) {
	w := world(t, h, `
flow: asks
channel: "#ops"
trigger: {on: webhook.received, with: {path: asks, sender: unsigned}}
steps:
  - {id: look, do: test.thing.read}
  - id: which
    ask: choice
    with: {title: Which?, options: [red, {value: b, label: Blue}], by: {any: ["@ops"]}}
  - {id: put, do: test.thing.put, with: {text: "{{ steps.which.choice }}"}}
`)
	release := w.Outside.Hold("look")
	run := w.Begin("asks", "k", nil)
	w.Until("the call is under way", func() bool { return len(w.Outside.Calls("look")) == 1 })
	choose := func(by, value string, groups ...string) engine.Answer {
		return w.say(run, "which", by, engine.AskAnswered, engine.AnswerHead{Groups: groups}, map[string]any{"choice": value})
	}
	w.want("an early one that will not fit", choose("ann", "green", "@ops").Verdict, engine.Counted)
	release()
	w.Reaches(run, engine.RunWaiting)
	w.Restart()
	w.want("a stranger", choose("eve", "red").Verdict, engine.NotYou)
	bad := choose("ann", "redd", "@ops")
	w.want("none of the options", bad.Verdict, engine.BadAnswer)
	if bad.Err == nil || bad.Err.Code != engine.Invalid {
		t.Errorf("it does not say why: %v", bad.Err)
	}
	w.want("the first", choose("ann", "Blue", "@ops").Verdict, engine.Counted)
	late := choose("bob", "red", "@ops")
	w.want("the second", late.Verdict, engine.Already)
	w.want("what was chosen", late.Choice, "b")
	w.Reaches(run, engine.RunDone)
	w.want("sent", w.Outside.Calls("put")[0].Input, `{"text":"b"}`)
	ask := w.View(run).Asks[0]
	w.want("kind", ask.Kind, engine.AskChoice)
	w.want("options", len(ask.Options), 2)
	w.want("decided by", ask.DecidedBy, "ann")
	w.want("audit", w.Gate.Audits(run, "ask.answered"), 1)
	w.Verify()
}

const waitingFlow = `
flow: %s
channel: "#ops"
trigger: {on: webhook.received, with: {path: %[1]s, sender: unsigned}}
steps:
  - {id: look, do: test.thing.read}
  - id: first
    wait: {reply: {to: "m1"%s}, for: 1h}
  - id: second
    wait: {reply: {to: "m1"}, for: 1h}
`

func (w *World) correlate(id, by, text string) int {
	w.T.Helper()
	n, err := w.RT.Correlate(context.Background(), engine.ReplyKey("m1"), raw(map[string]any{"text": text}), by, id)
	if err != nil {
		w.T.Fatal(err)
	}
	return n
}

// text is what the reply at a path said; "" when there is none.
func (w *World) text(run, path string) string {
	for _, s := range w.View(run).Steps {
		var out struct {
			Reply *struct{ Text string } `json:"reply"`
		}
		if s.Path == path && json.Unmarshal(s.Output, &out) == nil && out.Reply != nil {
			return out.Reply.Text
		}
	}
	return ""
}

// replies come early, twice, to several runs, and not at all.
func replies(t *testing.T, h Harness) {
	w := world(t, h, fmt.Sprintf(waitingFlow, "waits", ""))
	release := w.Outside.Hold("look")
	run := w.Begin("waits", "k", nil)
	w.Until("the call is under way", func() bool { return len(w.Outside.Calls("look")) == 1 })
	w.want("before it is waited for", w.correlate("r1", "ann", "early"), 0)
	w.want("again", w.correlate("r1", "ann", "early"), 0)
	release()
	w.Until("the early reply is heard", func() bool { return w.text(run, "first") == "early" })
	w.want("the same for the second wait", w.correlate("r1", "ann", "early"), 0)
	w.want("waits on", w.State(run), engine.RunWaiting)
	other := w.Begin("waits", "k2", nil)
	w.Until("another run hears what was kept", func() bool { return w.text(other, "first") == "early" })
	w.Restart()
	// The look at what was kept, which a start begins with, may hand it on before Correlate does.
	if n := w.correlate("r2", "bob", "both"); n > 2 {
		t.Errorf("%d runs heard one reply, of 2 that wait", n)
	}
	w.Reaches(run, engine.RunDone)
	w.Reaches(other, engine.RunDone)
	w.want("after the end", w.correlate("r3", "bob", "late"), 0)
	w.want("said", w.text(run, "second"), "both")
	w.want("said to the other", w.text(other, "second"), "both")
	w.Verify()
}

// timedOut waits for a reply that nobody gives, and hears none that comes later.
func timedOut(t *testing.T, h Harness) {
	w := world(t, h, fmt.Sprintf(waitingFlow, "waits", ""))
	run := w.Begin("waits", "k", nil)
	w.Reaches(run, engine.RunWaiting)
	w.Settled(run, engine.RunDone)
	w.want("after the end", w.correlate("r1", "bob", "late"), 0)
	w.want("said", w.text(run, "first")+w.text(run, "second"), "")
	w.Verify()
}

// repliesFrom only hears those who are asked.
func repliesFrom(t *testing.T, h Harness) {
	w := NewWorld(t, h.Disk(t, 64))
	w.Kill()
	w.Tune = func(o *local.Options) {
		o.Members = func(_ context.Context, person string, groups []string) ([]string, error) {
			if person == "ann" {
				return groups, nil
			}
			return nil, nil
		}
	}
	w.Live(0, false)
	w.Publish(fmt.Sprintf(waitingFlow, "waits", `, from: "@ops"`))
	run := w.Begin("waits", "k", nil)
	w.Reaches(run, engine.RunWaiting)
	w.want("a stranger", w.correlate("r1", "eve", "me"), 0)
	w.want("nobody", w.correlate("r2", "", "me"), 0)
	w.want("one of them", w.correlate("r3", "ann", "I"), 1)
	w.want("said", w.text(run, "first"), "I")
	w.Until("what strangers said is heard where anybody may answer", func() bool { return w.text(run, "second") == "me" })
	w.Reaches(run, engine.RunDone)
	w.Verify()
}
