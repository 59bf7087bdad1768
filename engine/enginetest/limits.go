package enginetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// inTry is a flow whose step is caught; after says what was.
func inTry(name, step string) string {
	return fmt.Sprintf(`
flow: %s
channel: "#ops"
trigger: {on: webhook.received, with: {path: %[1]s, sender: unsigned}}
steps:
  - id: safe
    try:
%s
    catch:
      - {id: note, do: test.thing.put, with: {text: "{{ error.step }} {{ error.code }}: {{ error.message }}"}}
`, name, step)
}

// timeouts of steps that wait, each caught, and of a run.
func timeouts(t *testing.T, h Harness) {
	w := world(t, h, calleeFlow)
	for i, c := range []struct{ name, step string }{
		{"ask", `      - {id: slow, ask: approval, timeout: 1h30m, with: {title: "Well?", by: {any: ["@ops"]}}}`},
		{"wait", `      - {id: slow, wait: {for: 2d}, timeout: 1h30m}`},
		{"event", `      - {id: slow, wait: {event: {name: paid, key: a}, for: 2d}, timeout: 1h30m}`},
		{"call", `      - {id: slow, call: {flow: callee, with: {name: ada}}, timeout: 1h30m}`},
	} {
		w.Publish(inTry(c.name, c.step))
		run := w.Begin(c.name, "k", nil)
		w.Reaches(run, engine.RunWaiting)
		var child string
		if c.name == "call" {
			child = w.child(run, "slow")
			w.Reaches(child, engine.RunWaiting)
		}
		before := w.Clock.Now()
		w.Restart()
		w.Settled(run, engine.RunDone)
		w.want("how long "+c.name+" took", w.Clock.Now().Sub(before), 90*time.Minute)
		w.want("what was caught", w.Outside.Calls("note")[i].Input, `{"text":"slow timeout: it took longer than 1h30m"}`)
		switch c.name {
		case "ask":
			w.want("the card", w.View(run).Asks[0].State, engine.CardExpired)
			late, err := w.Vote(run, "slow", "ann", "approve", "@ops")
			w.want("a late click", late.Verdict, engine.Expired)
			w.want("error", err, nil)
		case "event":
			w.want("who waits", w.emit("paid", "a", "s1").Waits, 0)
		case "call":
			w.Reaches(child, engine.RunCancelled)
			w.want("why", w.View(child).Reason, "slow took longer than 1h30m")
		}
	}
	w.Publish(strings.Replace(inTry("whole", `      - {id: slow, wait: {for: 2d}}`), "steps:", "limits: {time: 1d}\nsteps:", 1))
	run := w.Begin("whole", "k", nil)
	w.Settled(run)
	w.want("a run that takes too long", w.State(run), engine.RunFailed)
	w.want("why", w.View(run).Reason, "it took longer than 1d")
	w.Verify()
	w.noMail()
}

// blockTimeouts cancel what is within and fail the step as a whole; where nothing catches that, a person may go on.
func blockTimeouts(t *testing.T, h Harness) {
	w := world(t, h)
	for _, c := range []struct{ name, step string }{
		{"try", `
  - id: block
    timeout: 1h
    on_error: {then: continue}
    try: [{id: held, do: test.thing.put}]
    finally: [{id: never, do: test.thing.put}]`},
		{"each", `
  - id: block
    timeout: 1h
    on_error: {then: continue}
    each: {list: [1, 2]}
    steps: [{id: held, do: test.thing.put}]`},
		{"many", `
  - id: block
    timeout: 1h
    on_error: {then: continue}
    each: {list: [1, 2, 3], parallel: 2}
    steps: [{id: held, do: test.thing.put}]`},
		{"while", `
  - id: block
    timeout: 1h
    on_error: {then: continue}
    while: {cond: "1 == 1", most: 3}
    steps: [{if: "1 == 1", then: [{id: held, do: test.thing.put}]}]`},
		{"parallel", `
  - id: block
    timeout: 1h
    on_error: {then: continue}
    parallel:
      branches:
        left: [{id: held, do: test.thing.put}]
        right: [{id: pause, wait: {for: 2d}}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.Publish("\nflow: " + c.name + "\ntrigger: {on: webhook.received, with: {path: " + c.name + ", sender: unsigned}}\nsteps:" + c.step +
				"\n  - {id: after, do: test.thing.put, with: {text: \"{{ steps.block.error.message }}\"}}\n")
			paths := []string{"held", "block[0]/held", "block[1]/held"}
			var releases []func()
			for _, p := range paths {
				releases = append(releases, w.Outside.Hold(p))
			}
			run := w.Begin(c.name, "k", nil)
			w.Until("the calls are under way", func() bool {
				n := 0
				for _, p := range paths {
					n += w.Outside.CallsOf(run, p)
				}
				return n > 0 && (c.name != "many" || n == 2)
			})
			cut := w.Outside.Cut()
			w.Settled(run, engine.RunDone)
			w.want("state", w.State(run), engine.RunDone)
			w.Until("what is within is cut short", func() bool { return w.Outside.Cut() > cut })
			for _, release := range releases {
				release()
			}
			after := w.Outside.Calls("after")
			w.want("sent", after[len(after)-1].Input, `{"text":"it took longer than 1h"}`)
			w.want("what comes after a cancelled step", w.Outside.CallsOf(run, "never"), 0)
			for _, s := range w.View(run).Steps {
				if strings.HasSuffix(s.Path, "held") {
					w.want(c.name+": state of "+s.Path, s.State, engine.StepStateCanceled)
				}
			}
		})
	}
	w.Publish(`
flow: again
trigger: {on: webhook.received, with: {path: again, sender: unsigned}}
steps:
  - id: block
    timeout: 1h
    each: {list: [1, 2, 3, 4], parallel: 2}
    steps: [{id: first, do: test.thing.put, with: {n: "{{ item }}"}}]
  - {id: sum, do: test.thing.put, with: {all: "{{ map(steps.block.results, .n) }}"}}
`)
	for i := range 4 {
		w.Outside.Answer(fmt.Sprintf("block[%d]/first", i), OK(fmt.Sprintf(`{"n":%d}`, i+1)))
	}
	release := w.Outside.Hold("block[1]/first")
	run := w.Begin("again", "k", nil)
	w.Until("the others are through, and one is under way", func() bool {
		return w.Outside.CallsOf(run, "block[3]/first") == 1 && w.Outside.CallsOf(run, "block[1]/first") == 1
	})
	w.Settled(run, engine.RunParked)
	release()
	w.Restart()
	w.say(run, "block", "ann", engine.StepRetry, nil, nil)
	w.Reaches(run, engine.RunDone)
	w.want("the round that was cut off", w.Outside.CallsOf(run, "block[1]/first"), 2)
	w.want("one that was through", w.Outside.CallsOf(run, "block[2]/first"), 1)
	sum := w.Outside.Calls("sum")
	w.want("the sum", sum[len(sum)-1].Input, `{"all":[1,2,3,4]}`)
	w.Verify()
}

// onErrorSteps run when a step has failed for good, and the run goes on after them.
func onErrorSteps(t *testing.T, h Harness) {
	w := world(t, h, `
flow: rescue
trigger: {on: webhook.received, with: {path: rescue, sender: unsigned}}
steps:
  - id: all
    each: {list: [1, 2]}
    steps:
      - id: act
        do: test.thing.put
        on_error:
          steps:
            - {id: note, do: test.thing.put, with: {text: "{{ item }} {{ error.step }} {{ error.code }} {{ steps.act.error.status }}"}}
            - {id: keep, set: {failed: "{{ item }}"}}
  - {id: after, do: test.thing.put, with: {failed: "{{ vars.failed }}"}}
`)
	w.Outside.Answer("all[1]/act", Fail(engine.Rejected, 422))
	run := w.Begin("rescue", "k", nil)
	w.Reaches(run, engine.RunDone)
	w.want("the first went well", len(w.Outside.Calls("all[0]/note")), 0)
	w.want("the second", w.Outside.Calls("all[1]/note")[0].Input, `{"text":"2 act refused 422"}`)
	w.want("after", w.Outside.Calls("after")[0].Input, `{"failed":2}`)
	w.Outside.Answer("all[1]/note", Fail(engine.Rejected, 500))
	run = w.Begin("rescue", "k2", nil)
	w.Reaches(run, engine.RunParked)
	w.say(run, "all[1]/note", "ann", engine.RunCancel, engine.EndHead{}, nil)
	w.Verify()
}

// standingStill: a run that neither waits nor makes progress is told of, once.
func standingStill(t *testing.T, h Harness) {
	w := world(t, h, oneStep("one", "test.thing.put", ""), inTry("waits", `      - {id: slow, wait: {for: 9d}}`))
	release := w.Outside.Hold("act")
	run := w.Begin("one", "k", nil)
	w.Reaches(w.Begin("waits", "k", nil), engine.RunWaiting)
	w.Until("the call is under way", func() bool { return w.Outside.CallsOf(run, "act") == 1 })
	w.Clock.Add(23 * time.Hour)
	w.RT.Wake()
	w.want("told too early", w.notices(engine.NoticeStalled), 0)
	w.Clock.Add(2 * time.Hour)
	w.RT.Wake()
	w.Until("people are told", func() bool { return w.notices(engine.NoticeStalled) == 1 })
	w.Clock.Add(2 * time.Hour)
	w.RT.Wake()
	stalled, err := w.back.Stalled(context.Background(), engine.Millis(w.Clock.Now()), 10)
	if err != nil || len(stalled) != 1 || stalled[0].Run != run {
		t.Errorf("%v, %v", stalled, err)
	}
	w.want("told again", w.notices(engine.NoticeStalled), 1)
	release()
	w.Reaches(run, engine.RunDone)
}

// Raise tells whoever waits that notices were stored.
func (g *Gate) Raise(ctx context.Context, notices ...engine.Notice) error {
	defer g.moved()
	return g.Backend.Raise(ctx, notices...)
}

// Unused is nothing that a dead process says: the number of a run that it stored and did not hear of is taken.
func (g *Gate) Unused(number int64) {
	if !g.Dead() {
		g.Backend.Unused(number)
	}
}
