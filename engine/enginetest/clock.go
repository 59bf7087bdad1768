package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// jumps is a world whose clock can jump: time that passes moves both clocks, a jump only the one on the wall.
type jumps struct {
	*World
	mu     sync.Mutex
	steady time.Duration
	told   int
}

// withJumps begins a new life in which clocks are compared.
func withJumps(w *World) *jumps {
	j := &jumps{World: w}
	w.Tune = func(o *local.Options) {
		o.Steady = func() (time.Time, time.Duration) {
			j.mu.Lock()
			defer j.mu.Unlock()
			return w.Clock.Now(), j.steady
		}
	}
	w.Restart()
	return j
}

// passes lets time pass as it should.
func (j *jumps) passes(d time.Duration) {
	j.mu.Lock()
	j.steady += d
	j.Clock.Add(d)
	j.mu.Unlock()
	j.RT.Wake()
}

// jump moves the clock, and waits until people are told.
func (j *jumps) jump(d time.Duration) engine.ClockData {
	j.T.Helper()
	j.Clock.Add(d)
	j.RT.Wake()
	j.told++
	j.Until("people are told of the jump", func() bool { return len(j.clocks()) == j.told })
	list := j.clocks()
	return list[len(list)-1]
}

// clocks is what people were told of the clock, in order.
func (j *jumps) clocks() (out []engine.ClockData) {
	j.T.Helper()
	all, err := j.back.Undelivered(context.Background(), 1000)
	if err != nil {
		j.T.Fatal(err)
	}
	for _, n := range all {
		if n.Kind == engine.NoticeClock {
			if !strings.HasPrefix(n.Topic, "clock:") || n.Place != (engine.Place{}) {
				j.T.Errorf("the notice %+v", n)
			}
			var d engine.ClockData
			if err := json.Unmarshal(n.Data, &d); err != nil {
				j.T.Fatal(err)
			}
			out = append(out, d)
		}
	}
	return out
}

// looked waits until what is due now is fired: a wait that is due after it is over, and one of the next look, too.
func (j *jumps) looked(key string) {
	j.T.Helper()
	for _, n := range []string{"a", "b"} {
		run := j.Begin("soon", key+n, nil)
		j.Reaches(run, engine.RunWaiting)
		j.passes(time.Second)
		j.Reaches(run, engine.RunDone)
	}
}

const soonFlow = `
flow: soon
trigger: {on: webhook.received, with: {path: soon, sender: unsigned}}
steps:
  - {id: pause, wait: {for: 1s}}
`

// jumpForwards: expiries and time limits are held, waits are not; a clock that is put right has ended nothing; after the
// grace they end.
func jumpForwards(t *testing.T, h Harness) {
	j := withJumps(world(t, h, soonFlow, asking("asks", "by: {any: ['@ops']}", "    expire: {after: 30m, then: stop}"),
		inTry("limited", `      - {id: slow, wait: {for: 2d}, timeout: 40m}`), inTry("waits", `      - {id: slow, wait: {for: 50m}}`)))
	asks := func(key string) string {
		run := j.Begin("asks", key, nil)
		j.Reaches(run, engine.RunWaiting)
		return run
	}
	voted, left, right := asks("voted"), asks("left"), asks("right")
	limit, wait := j.Begin("limited", "k", nil), j.Begin("waits", "k", nil)
	j.Reaches(limit, engine.RunWaiting)
	j.Reaches(wait, engine.RunWaiting)

	from := engine.Millis(j.Clock.Now())
	d := j.jump(time.Hour)
	j.want("what was told", d, engine.ClockData{Since: from, From: from, To: from + 3600e3, By: 3600e3, Held: from + 4200e3})
	j.Reaches(wait, engine.RunDone) // waits go by the clock
	j.looked("1")
	j.want("an approval whose time is over by the clock", j.State(voted), engine.RunWaiting)
	j.want("a time limit", j.State(limit), engine.RunWaiting)
	j.want("somebody answers", j.vote(voted, "review", "ann", "approve", "@ops").Verdict, engine.Counted)
	j.Reaches(voted, engine.RunDone)

	d = j.jump(-time.Hour)
	if !d.Right || d.By != -3600e3 || d.Held != 0 {
		t.Errorf("it was put right: %+v", d)
	}
	j.passes(15 * time.Minute) // the grace is over, and with it nothing ends before its time
	j.looked("2")
	j.want("an approval that has time", j.State(right), engine.RunWaiting)
	j.passes(20 * time.Minute)
	j.Reaches(right, engine.RunStopped)
	j.Reaches(left, engine.RunStopped)
	j.want("the time limit", j.State(limit), engine.RunWaiting)
	j.passes(6 * time.Minute)
	j.Reaches(limit, engine.RunDone)
	j.want("what was caught", len(j.Outside.Calls("note")), 1)

	// One that stays wrong, by ten years: what is open expires when the grace is over, and not before.
	long := asks("long")
	j.jump(10 * 365 * 24 * time.Hour)
	j.want("nothing is forgotten", j.RT.Leapt(), true)
	j.passes(9 * time.Minute)
	j.looked("3")
	j.want("within the grace", j.State(long), engine.RunWaiting)
	j.passes(2 * time.Minute)
	j.Reaches(long, engine.RunStopped)
	j.passes(24 * time.Hour)
	j.want("a day later", j.RT.Leapt(), false)
	j.want("jumps told of", len(j.clocks()), j.told)
	j.Verify()
}

// jumpBack: what has expired stays so, entries keep their order, and what began before comes when the clock is there.
func jumpBack(t *testing.T, h Harness) {
	j := withJumps(world(t, h, soonFlow, asking("asks", "by: {any: ['@ops']}", "    expire: {after: 30m, then: stop}")))
	gone, open := j.Begin("asks", "gone", nil), ""
	j.Reaches(gone, engine.RunWaiting)
	plan := j.Plan(gone, "review")
	j.passes(29 * time.Minute)
	open = j.Begin("asks", "open", nil)
	j.Reaches(open, engine.RunWaiting)
	j.passes(time.Minute)
	j.Reaches(gone, engine.RunStopped)
	d := j.jump(-time.Hour)
	if d.By != -3600e3 || d.Held != 0 || d.Right {
		t.Errorf("what was told: %+v", d)
	}
	late := engine.VoteHead{Choice: "approve", Plan: plan, Groups: []string{"@ops"}, GroupsAt: engine.Millis(j.Clock.Now())}
	if got := j.say(gone, "review", "ann", engine.AskVoted, late, nil).Verdict; got == engine.Counted {
		t.Errorf("an expired approval was decided: %s", got)
	}
	j.want("its run", j.State(gone), engine.RunStopped)
	j.want("calls", len(j.Outside.Calls("create")), 0)
	j.want("one that is open", j.vote(open, "review", "ann", "approve", "@ops").Verdict, engine.Counted)
	j.Reaches(open, engine.RunDone)
	j.looked("1")
	for _, run := range []string{gone, open} {
		es, err := j.back.Entries(context.Background(), run, 1, 0)
		if err != nil || !slices.IsSortedFunc(es, func(a, b engine.Entry) int { return int(a.At - b.At) }) {
			t.Errorf("times go back: %v", err)
		}
	}
	j.passes(59 * time.Second) // what NTP mends all the time is no jump
	j.Clock.Add(-50 * time.Second)
	j.looked("2")
	j.want("jumps told of", len(j.clocks()), j.told)
	j.Verify()
}

// jumpWithMany: more approvals are held than timers are looked at in one go, and hold up nothing behind them.
func jumpWithMany(t *testing.T, h Harness) {
	const many = 300 // more than are read at once
	j := withJumps(world(t, h, soonFlow, asking("asks", "by: {any: ['@ops']}", "    expire: {after: 30m, then: stop}")))
	trigger, _ := j.Lib.Find("webhook.received", "path", "asks")
	b := engine.Batch{Trigger: trigger.ID, From: "webhook"}
	for i := range many {
		b.Items = append(b.Items, engine.Item{Key: fmt.Sprint(i), Data: map[string]any{"body": map[string]any{}}})
	}
	if _, err := j.RT.Accept(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	are := func(s engine.RunState) func() bool {
		return func() bool {
			list, err := j.back.Runs(context.Background(), local.RunQuery{Flow: "asks", States: []engine.RunState{s}, Limit: many})
			return err == nil && len(list) == many
		}
	}
	j.Until("all ask", are(engine.RunWaiting))
	j.jump(time.Hour)
	j.looked("1")
	if !are(engine.RunWaiting)() {
		t.Error("some expired")
	}
	j.passes(local.HoldFor)
	j.Until("all expire in the end", are(engine.RunStopped))
	j.Verify()
}
