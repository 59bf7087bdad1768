package enginetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

const pickyFlow = `
flow: picky
channel: "#ops"
trigger:
  on: webhook.received
  with: {path: picky, sender: unsigned}
  when: "{{ event.body.n + 0 > 1 && event.body.kind == 'bug' }}"
steps:
  - id: act
    do: test.thing.put
`

// events has each outcome of an event in one batch, answered in order.
func events(t *testing.T, h Harness) {
	w := world(t, h, pickyFlow)
	tr, ok := w.Lib.Find("webhook.received", "path", "picky")
	if !ok {
		t.Fatal("no trigger")
	}
	item := func(key string, n any, kind string) engine.Item {
		return engine.Item{Key: key, Data: map[string]any{"body": map[string]any{"n": n, "kind": kind}}}
	}
	rs, err := w.RT.Accept(context.Background(), engine.Batch{Trigger: tr.ID, From: "webhook", Items: []engine.Item{
		item("a", 2, "bug"), item("b", 2, "idea"), item("a", 2, "bug"), item("c", "many", "bug"), item("d", 3, "bug"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := []engine.Outcome{engine.Accepted, engine.Skipped, engine.Duplicate, engine.Broken, engine.Accepted}
	for i, r := range rs {
		w.want(fmt.Sprintf("outcome %d", i), r.Outcome, want[i])
	}
	w.want("the first one's run", rs[2].Run, rs[0].Run)
	if !strings.Contains(rs[1].Reason, "idea") || rs[3].Reason == "" {
		t.Errorf("reasons: %q and %q", rs[1].Reason, rs[3].Reason)
	}
	w.want("alerts about broken events", w.notices(engine.NoticeBroken), 1)
	w.Reaches(rs[0].Run, engine.RunDone)
	w.Reaches(rs[4].Run, engine.RunDone)
	kept, err := w.RT.Events(context.Background(), "picky", 10)
	if err != nil || len(kept) != 4 {
		t.Errorf("kept events: %d, %v", len(kept), err)
	}

	manual, err := w.RT.Accept(context.Background(), engine.Batch{
		Trigger: tr.ID, From: local.FromPerson("ann"), Manual: true, Items: []engine.Item{item("a", 0, "idea")},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.want("by hand", manual[0].Outcome, engine.Accepted)
	w.Reaches(manual[0].Run, engine.RunDone)
	w.want("started by", w.View(manual[0].Run).By, "ann")
	var once [3]engine.Receipt
	for i, delivery := range []string{"slack/d1", "slack/d1", "slack/d2"} {
		rs, err := w.RT.Accept(context.Background(), engine.Batch{
			Trigger: tr.ID, From: local.FromPerson("ann"), Manual: true, Once: delivery, Items: []engine.Item{item("a", 0, "idea")},
		})
		if err != nil {
			t.Fatal(err)
		}
		once[i] = rs[0]
	}
	w.want("by hand, handled again", once[1].Outcome, engine.Duplicate)
	w.want("its run", once[1].Run, once[0].Run)
	w.want("by hand, another delivery", once[2].Outcome, engine.Accepted)
	w.Reaches(once[0].Run, engine.RunDone)
	w.Reaches(once[2].Run, engine.RunDone)

	if _, err := w.RT.Accept(context.Background(), engine.Batch{Trigger: "picky:nothing:0"}); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("an unknown trigger: %v", err)
	}
	w.Gate.failNext(1)
	if _, err := w.Offer("picky", "e", map[string]any{"n": 2, "kind": "bug"}); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("a full disk: %v", err)
	}
	r, err := w.Offer("picky", "e", map[string]any{"n": 2, "kind": "bug"})
	if err != nil || r.Outcome != engine.Accepted {
		t.Errorf("what was not stored must come again: %+v, %v", r, err)
	}
	w.Reaches(r.Run, engine.RunDone)
	w.Verify()
}

// samples keeps events without starting anything, and remembers what a poll saw at its first look.
func samples(t *testing.T, h Harness) {
	w := world(t, h, pickyFlow)
	ctx := context.Background()
	tr, ok := w.Lib.Find("webhook.received", "path", "picky")
	if !ok {
		t.Fatal("no trigger")
	}
	offer := func(b engine.Batch, key string) engine.Receipt {
		t.Helper()
		b.Trigger, b.Items = tr.ID, []engine.Item{{Key: key, Data: map[string]any{"body": map[string]any{"n": 2, "kind": "bug"}}}}
		rs, err := w.RT.Accept(ctx, b)
		if err != nil {
			t.Fatal(err)
		}
		return rs[0]
	}
	w.want("a sample of a live flow", offer(engine.Batch{Sample: true}, "a").Outcome, engine.Sampled)
	w.want("its notice", w.notices(engine.NoticeSample), 1)
	w.want("a baseline", offer(engine.Batch{Baseline: true}, "b").Outcome, engine.Seen)
	w.Restart()
	w.want("what was in the baseline", offer(engine.Batch{}, "b").Outcome, engine.Duplicate)
	got := offer(engine.Batch{}, "a")
	w.want("what was only a sample", got.Outcome, engine.Accepted)
	w.Reaches(got.Run, engine.RunDone)
	kept, err := w.RT.Events(ctx, "picky", 10)
	if err != nil || len(kept) != 2 || kept[1].Outcome != engine.Sampled {
		t.Errorf("events: %+v %v", kept, err)
	}
	w.want("calls", len(w.Outside.Calls("act")), 1)
	w.Verify()
}

// dedup delivers the same event a thousand times, 32 at once.
func dedup(t *testing.T, h Harness) {
	w := world(t, h, oneStep("one", "test.thing.create", ""))
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		outcomes = map[engine.Outcome]int{}
		runs     = map[string]int{}
	)
	for range 32 {
		wg.Go(func() {
			for range 1000/32 + 1 {
				r, err := w.Offer("one", "the key", map[string]any{"name": "x"})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				outcomes[r.Outcome]++
				runs[r.Run]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	w.want("accepted", outcomes[engine.Accepted], 1)
	w.want("duplicates", outcomes[engine.Duplicate], 32*(1000/32+1)-1)
	w.want("runs", len(runs), 1)
	for run := range runs {
		w.Reaches(run, engine.RunDone)
	}
	w.Restart()
	r, err := w.Offer("one", "the key", nil)
	if err != nil || r.Outcome != engine.Duplicate {
		t.Errorf("after a restart: %+v, %v", r, err)
	}
	w.want("calls", len(w.Outside.Calls("act")), 1)
	w.Verify()
}

// paused queues runs through a restart, cancels one, and runs the others on resume.
func paused(t *testing.T, h Harness) {
	w := world(t, h, oneStep("one", "test.thing.put", ""))
	ctx := context.Background()
	if _, err := w.Lib.SetState(ctx, "one", engine.FlowPaused, "ann"); err != nil {
		t.Fatal(err)
	}
	var runs []string
	for i := range 5 {
		r, err := w.Offer("one", fmt.Sprint(i), nil)
		if err != nil || r.Outcome != engine.Queued || r.Number != int64(i)+1 {
			t.Fatalf("%+v, %v", r, err)
		}
		runs = append(runs, r.Run)
	}
	w.Restart()
	w.want("a vote on a queued run", w.say(runs[0], "act", "ann", engine.AskVoted, engine.VoteHead{Choice: "approve"}, nil).Verdict, engine.NotNow)
	w.want("cancelling a queued run", w.say(runs[0], "", "ann", engine.RunCancel, nil, nil).Verdict, engine.Counted)
	w.want("its state", w.State(runs[0]), engine.RunCancelled)
	for _, run := range runs[1:] {
		w.want("state", w.State(run), engine.RunQueued)
		w.want("shown as", w.View(run).State, engine.RunQueued)
	}
	w.want("calls while paused", len(w.Outside.Calls("act")), 0)
	if _, err := w.Lib.SetState(ctx, "one", engine.FlowLive, "ann"); err != nil {
		t.Fatal(err)
	}
	for _, run := range runs[1:] {
		w.Reaches(run, engine.RunDone)
	}
	w.want("calls", len(w.Outside.Calls("act")), 4)
	w.want("told", w.notices(engine.NoticePaused), 2)
	w.Verify()
}

// pausedLong resumes a flow days after an event came: its run begins then, and so does the time there is to answer.
func pausedLong(t *testing.T, h Harness) {
	w := world(t, h, strings.Replace(asking("asks", "by: {any: ['@ops']}", "    expire: {after: 3d, then: stop}"),
		"  - id: look\n    do: test.thing.read\n", "", 1)) // the approval is the first step
	ctx := context.Background()
	if _, err := w.Lib.SetState(ctx, "asks", engine.FlowPaused, "ann"); err != nil {
		t.Fatal(err)
	}
	r, err := w.Offer("asks", "k", nil)
	if err != nil || r.Outcome != engine.Queued {
		t.Fatalf("%+v, %v", r, err)
	}
	w.Clock.Add(4 * 24 * time.Hour)
	if _, err := w.Lib.SetState(ctx, "asks", engine.FlowLive, "ann"); err != nil {
		t.Fatal(err)
	}
	w.Reaches(r.Run, engine.RunWaiting)
	w.Restart()
	ask := w.View(r.Run).Asks[0]
	if left := ask.Expires - engine.Millis(w.Clock.Now()); left < int64(2*24*time.Hour/time.Millisecond) {
		t.Errorf("asked %s after it expired", time.Duration(-left)*time.Millisecond)
	}
	w.want("vote", w.vote(r.Run, "review", "ann", "approve", "@ops").Verdict, engine.Counted)
	w.Reaches(r.Run, engine.RunDone)
	w.Verify()
}

// longKeys has a sender choose keys of any length: they are told apart, and what is kept of them is short.
func longKeys(t *testing.T, h Harness) {
	w := world(t, h, oneStep("one", "test.thing.put", ""))
	long := strings.Repeat("k", 500_000)
	for _, c := range []struct {
		key  string
		want engine.Outcome
	}{{long, engine.Accepted}, {long, engine.Duplicate}, {long + "!", engine.Accepted}} {
		r, err := w.Offer("one", c.key, nil)
		if err != nil || r.Outcome != c.want {
			t.Errorf("%+v, %v; want %s", r, err, c.want)
		}
		w.Reaches(r.Run, engine.RunDone)
		if n := len(w.View(r.Run).Key); n > 100 {
			t.Errorf("a key of %d bytes is kept", n)
		}
	}
	w.Verify()
}

// draft keeps events as samples, which do not count as seen once the flow is live.
func draft(t *testing.T, h Harness) {
	w := world(t, h)
	source := oneStep("one", "test.thing.put", "")
	if _, err := w.Lib.Apply(context.Background(), []byte(source), "bea", false); err != nil {
		t.Fatal(err)
	}
	for i, want := range []engine.Outcome{engine.Sampled, engine.Duplicate} {
		r, err := w.Offer("one", "k", nil)
		if err != nil || r.Outcome != want || r.Run != "" {
			t.Fatalf("delivery %d: %+v, %v", i, r, err)
		}
	}
	w.Publish(source)
	r, err := w.Offer("one", "k", nil)
	if err != nil || r.Outcome != engine.Accepted {
		t.Fatalf("%+v, %v", r, err)
	}
	w.Reaches(r.Run, engine.RunDone)
	if _, err := w.Lib.SetState(context.Background(), "one", engine.FlowRetired, "bea"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Offer("one", "l", nil); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("a retired flow: %v", err)
	}
	w.Verify()
}
