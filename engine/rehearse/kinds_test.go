package rehearse_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/rehearse"
)

const kinds = `
flow: kinds
channel: "#ops"
trigger: {on: webhook.received, with: {path: kinds, sender: unsigned}}
limits: {budget: {write: 0}}
steps:
  - id: size
    ask: choice
    with: {title: "Which?", options: [small, large], by: {any: ["@team"]}}
  - id: details
    ask: form
    with:
      title: "Details"
      by: {any: ["@team"]}
      fields:
        - {name: mail, type: email, required: true}
        - {name: n, type: number, required: true}
        - {name: sure, type: check, required: true}
        - {name: day, type: date, required: true}
        - {name: colours, type: many, options: [red, blue], required: true}
  - id: route
    switch: "{{ steps.size.choice }}"
    cases:
      - is: small
        steps:
          - {id: few, do: test.thing.put}
      - is: large
        steps:
          - {id: many, do: test.thing.put}
  - id: loop
    each: {list: "{{ [1, 2, 3] }}", as: item}
    steps:
      - {id: notify, do: test.thing.create, with: {name: "{{ item }}"}}
  - id: safe
    try:
      - {id: risky, do: test.thing.order}
    catch:
      - {id: mended, do: test.thing.put, with: {name: "{{ error.message }}"}}
  - id: both
    parallel:
      join: any
      branches:
        one: [{id: first, do: test.thing.put}]
        two: [{id: pause, wait: {for: 3d}}, {id: never, do: test.thing.put}]
  - id: pages
    while: {cond: "{{ index < 2 }}", most: 5}
    steps: [{id: page, do: test.thing.put}]
  - id: answer
    wait: {reply: {to: "message-1"}, for: 2d}
  - id: last
    do: test.thing.put
`

func TestARehearsalAnswersEveryKindOfStep(t *testing.T) {
	o := &outside{fail: "risky"}
	r := run(t, kinds, event("opened"), rehearse.Options{Rehearser: o})
	if r.State != engine.RunDone || r.Cut {
		t.Fatalf("%s %q cut %v\ncalls %v\nsteps %+v", r.State, r.Reason, r.Cut, o.calls, r.Steps)
	}
	for _, path := range []string{"few", "loop[0]/notify", "loop[2]/notify", "mended", "first", "pages[1]/page", "last"} {
		found := false
		for _, c := range o.calls {
			found = found || strings.HasPrefix(c, path+" ")
		}
		if !found {
			t.Errorf("%s was not tried: %v", path, o.calls)
		}
	}
	if did(t, r, "pause").Step.State != engine.StepStateCanceled || did(t, r, "never").Step.State != engine.StepPending {
		t.Errorf("the branch that was not first went on: %+v", r.Steps)
	}
	if out := string(did(t, r, "details").Step.Output); !strings.Contains(out, "ada@example.org") {
		t.Errorf("the form's answer: %s", out)
	}
}

func TestARehearsalHasTheDigestToItself(t *testing.T) {
	r := run(t, `
flow: news
channel: "#ops"
trigger: {on: webhook.received, with: {path: kinds, sender: unsigned}}
steps:
  - {id: all, digest: {items: [1, 2], at: "every day at 9:00"}}
  - {id: last, do: test.thing.put, with: {name: "{{ steps.all.items }}"}}
`, event("opened"), rehearse.Options{Rehearser: &outside{}})
	if out := string(did(t, r, "all").Step.Output); r.State != engine.RunDone || !strings.Contains(out, `"items":[1,2],"released":true`) {
		t.Errorf("%s: %s", r.State, out)
	}
}

func TestASampleAnswerChooses(t *testing.T) {
	o := &outside{}
	r := run(t, kinds, event("opened"), rehearse.Options{Rehearser: o, Answers: map[string]json.RawMessage{"size": []byte(`{"choice":"large","by":"ann"}`)}})
	if did(t, r, "many").Step.State != engine.StepStateDone || did(t, r, "few").Step.State == engine.StepStateDone {
		t.Errorf("%+v", r.Steps)
	}
}
