package rehearse_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/enginetest"
	"github.com/bretelle/bretelle/engine/rehearse"
)

// outside answers calls and counts them; fail has the step of that path fail.
type outside struct {
	calls []string
	fail  string
}

func (o *outside) Rehearse(_ context.Context, t engine.Task) (engine.Result, bool) {
	o.calls = append(o.calls, t.Path+" "+string(t.Input))
	if t.Path == o.fail {
		return engine.Result{Failure: &engine.Failure{Class: engine.Unsure, Code: engine.Unavailable, Msg: "no luck"}}, false
	}
	return engine.Result{Output: json.RawMessage(`{"id":7}`)}, !strings.Contains(t.Action, "read")
}

const bugs = `
flow: bugs
channel: "#ops"
trigger:
  on: webhook.received
  with: {path: bugs, sender: unsigned}
  when: '{{ event.body.action == "opened" }}'
steps:
  - id: review
    ask: approval
    covers: [ticket]
    with: {title: "Ticket for {{ event.body.title }}?", by: {any: ["@triage"], need: 2}}
    expire: {after: 3d, then: stop}
  - id: ticket
    do: test.thing.create
    with: {name: "{{ event.body.title }}"}
  - id: pause
    wait: {for: 2d}
  - id: branch
    if: "{{ steps.ticket.id > 6 }}"
    then:
      - id: tell
        do: test.thing.put
        with: {name: "Ticket {{ steps.ticket.id }}"}
    else:
      - id: other
        do: test.thing.put
`

func event(action string) engine.Event {
	return engine.Event{ID: "e", Data: map[string]any{"body": map[string]any{"action": action, "title": "Crash"}}}
}

func run(t *testing.T, src string, ev engine.Event, o rehearse.Options) rehearse.Report {
	t.Helper()
	o.Catalog, o.Now = enginetest.Catalog(), enginetest.NewClock().Now
	r, err := rehearse.Run(context.Background(), []byte(src), ev, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func did(t *testing.T, r rehearse.Report, path string) rehearse.Did {
	t.Helper()
	for _, d := range r.Steps {
		if d.Step.Path == path {
			return d
		}
	}
	t.Fatalf("no step %s in %+v", path, r.Steps)
	return rehearse.Did{}
}

func TestARehearsalWalksTheWholeFlow(t *testing.T) {
	o := &outside{}
	r := run(t, bugs, event("opened"), rehearse.Options{Rehearser: o})
	if r.State != engine.RunDone || r.Skipped != "" || r.Cut {
		t.Fatalf("%+v", r)
	}
	if a := did(t, r, "review"); a.Ask == nil || a.Ask.Title != "Ticket for Crash?" || a.Ask.Need != 2 || len(a.Ask.Votes) != 2 {
		t.Errorf("the question: %+v", a.Ask)
	}
	if d := did(t, r, "ticket"); !d.Assumed || string(d.Step.Output) != `{"id":7}` {
		t.Errorf("the ticket: %+v", d)
	}
	if d := did(t, r, "tell"); d.Step.State != engine.StepStateDone {
		t.Errorf("the branch taken: %+v", d)
	}
	if d := did(t, r, "other"); d.Step.State != engine.StepPending {
		t.Errorf("the branch not taken: %+v", d)
	}
	want := `ticket {"name":"Crash"}|tell {"name":"Ticket 7"}`
	if got := strings.Join(o.calls, "|"); got != want {
		t.Errorf("calls:\n %s\nwant\n %s", got, want)
	}
}

func TestASkippedEventIsShownWithItsReasonAndItsSteps(t *testing.T) {
	r := run(t, bugs, event("closed"), rehearse.Options{Rehearser: &outside{}})
	if !strings.Contains(r.Skipped, "closed") || did(t, r, "ticket").Step.State != engine.StepStateDone {
		t.Errorf("%q %+v", r.Skipped, r.Steps)
	}
}

func TestSampleAnswersComeBeforeTheService(t *testing.T) {
	o := &outside{}
	r := run(t, bugs, event("opened"), rehearse.Options{Rehearser: o, Answers: map[string]json.RawMessage{"ticket": []byte(`{"id":3}`)}})
	if did(t, r, "other").Step.State != engine.StepStateDone || !did(t, r, "ticket").Assumed || len(o.calls) != 1 {
		t.Errorf("calls %v, %+v", o.calls, r.Steps)
	}
}

func TestAFailureEndsTheRehearsalAtOnce(t *testing.T) {
	o := &outside{fail: "ticket"}
	r := run(t, bugs, event("opened"), rehearse.Options{Rehearser: o})
	d := did(t, r, "ticket")
	if d.Step.Failure == nil || d.Step.Failure.Msg != "no luck" || len(o.calls) != 1 || did(t, r, "tell").Step.State != engine.StepPending {
		t.Errorf("%+v, calls %v", d, o.calls)
	}
}

func TestATextWithErrorsSaysTheFirst(t *testing.T) {
	_, err := rehearse.Run(context.Background(), []byte(strings.Replace(bugs, "test.thing.create", "test.thing.creat", 1)), event("opened"),
		rehearse.Options{Catalog: enginetest.Catalog(), Rehearser: &outside{}})
	if engine.CodeOf(err) != engine.Invalid || !strings.Contains(err.Error(), "test.thing.creat") {
		t.Errorf("%v", err)
	}
	_, err = rehearse.Run(context.Background(), []byte("- no flow"), event("opened"), rehearse.Options{Catalog: enginetest.Catalog(), Rehearser: &outside{}})
	if engine.CodeOf(err) != engine.Invalid {
		t.Errorf("%v", err)
	}
	_, err = rehearse.Run(context.Background(), []byte(strings.Replace(bugs, `event.body.action ==`, `event.body.title + 1 ==`, 1)), event("opened"),
		rehearse.Options{Catalog: enginetest.Catalog(), Rehearser: &outside{}})
	if err == nil {
		t.Error("a condition that cannot be worked out is no error")
	}
}
