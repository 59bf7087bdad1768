package enginetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// votes takes two of @ops, each once, for the plan that stands.
func votes(t *testing.T, h Harness) {
	w := world(t, h, asking("asks", "by: {any: ['@ops'], need: 2}", ""))
	run := w.Begin("asks", "k", nil)
	w.Reaches(run, engine.RunWaiting)
	first := w.vote(run, "review", "ann", "approve", "@ops")
	if first.Verdict != engine.Counted || first.Votes != 1 || first.Need != 2 || first.Decided {
		t.Errorf("the first vote: %+v", first)
	}
	w.want("the same person again", w.vote(run, "review", "ann", "approve", "@ops").Verdict, engine.Voted)
	w.want("a stranger", w.vote(run, "review", "eve", "approve", "@guests").Verdict, engine.NotYou)
	old := engine.VoteHead{Choice: "approve", Plan: strings.Repeat("0", 64), Groups: []string{"@ops"}}
	w.want("an old plan", w.say(run, "review", "bob", engine.AskVoted, old, nil).Verdict, engine.OldPlan)
	w.want("a wrong answer", w.vote(run, "review", "bob", "perhaps", "@ops").Verdict, engine.BadAnswer)
	w.want("calls before", len(w.Outside.Calls("create")), 0)
	w.Restart()
	second := w.vote(run, "review", "bob", "approve", "@ops")
	if second.Verdict != engine.Counted || !second.Decided {
		t.Errorf("the second vote: %+v", second)
	}
	w.Reaches(run, engine.RunDone)
	w.want("calls", len(w.Outside.Calls("create")), 1)

	denied := w.Begin("asks", "l", nil)
	w.Reaches(denied, engine.RunWaiting)
	w.want("denial", w.vote(denied, "review", "ann", "deny", "@ops").Verdict, engine.Counted)
	w.Until("the run ends", func() bool { return w.State(denied).Final() })
	w.want("denied", w.State(denied), engine.RunStopped)
	w.want("calls", len(w.Outside.Calls("create")), 1)
	w.Verify()
}

// earlyVotes keeps a vote that comes before its question, through a crash (R5).
func earlyVotes(t *testing.T, h Harness) {
	w := world(t, h, asking("asks", "by: {any: ['@ops']}", ""))
	first := w.Begin("asks", "first", nil)
	w.Reaches(first, engine.RunWaiting)
	plan := w.Plan(first, "review")
	w.Outside.Hold("look")
	run := w.Begin("asks", "second", nil)
	w.Until("the step before is under way", func() bool { return w.Outside.CallsOf(run, "look") == 1 })
	head := engine.VoteHead{Choice: "approve", Plan: plan, Groups: []string{"@ops"}, Via: "test"}
	w.want("early", w.say(run, "review", "ann", engine.AskVoted, head, nil).Verdict, engine.Counted)
	w.Kill()
	w.Outside.Hold("look")() // let go
	w.Live(0, false)
	w.Reaches(run, engine.RunDone)
	w.want("calls", w.Outside.CallsOf(run, "create"), 1)
	if got := w.say(run, "review", "ann", engine.AskVoted, head, nil).Verdict; got != engine.Ended && got != engine.Already {
		t.Errorf("a late duplicate: %s", got)
	}
	w.want("the other still waits", w.State(first), engine.RunWaiting)
	w.Verify()
}

// edits makes a new revision: votes lapse, the editor votes for it, what runs is what was approved.
func edits(t *testing.T, h Harness) {
	w := world(t, h, asking("asks", "by: {any: ['@ops'], need: 2}, edit: [create.text]", ""))
	run := w.Begin("asks", "k", nil)
	w.Reaches(run, engine.RunWaiting)
	w.vote(run, "review", "ann", "approve", "@ops")
	was := w.Plan(run, "review")
	head := engine.VoteHead{Choice: "approve", Plan: was, Groups: []string{"@ops"}, Via: "test"}
	w.want("another field", w.say(run, "review", "bob", engine.AskEdited, head, map[string]any{"look.x": 1}).Verdict, engine.BadAnswer)
	a := w.say(run, "review", "bob", engine.AskEdited, head, map[string]any{"create.text": "better"})
	if a.Verdict != engine.Counted || a.Votes != 1 || a.Decided {
		t.Errorf("the edit: %+v", a)
	}
	w.want("a vote for what it was", w.say(run, "review", "cat", engine.AskVoted, head, nil).Verdict, engine.OldPlan)
	w.want("ann again", w.vote(run, "review", "ann", "approve", "@ops").Decided, true)
	w.Reaches(run, engine.RunDone)
	w.want("what ran", w.Outside.Calls("create")[0].Input, `{"text":"better"}`)
	w.Verify()
}

// expiry stops, denies or approves; a click after it changes nothing.
func expiry(t *testing.T, h Harness) {
	for _, c := range []struct {
		then  string
		state engine.RunState
		calls int
	}{{"stop", engine.RunStopped, 0}, {"deny", engine.RunStopped, 0}, {"approve", engine.RunDone, 1}} {
		w := world(t, h, asking("asks", "by: {any: ['@ops']}", "    remind: 4h\n    expire: {after: 10h, then: "+c.then+"}\n"))
		run := w.Begin("asks", "k", nil)
		w.Reaches(run, engine.RunWaiting)
		late := engine.VoteHead{Choice: "approve", Plan: w.Plan(run, "review"), Groups: []string{"@ops"}}
		w.Restart()
		w.want(c.then, w.Settled(run), c.state)
		w.want("reminders", w.notices(engine.NoticeRemind), 2)
		w.want("calls", len(w.Outside.Calls("create")), c.calls)
		if got := w.say(run, "review", "ann", engine.AskVoted, late, nil).Verdict; got == engine.Counted {
			t.Errorf("a late click: %s", got)
		}
		w.Verify()
		w.Kill()
	}
}

// fourEyes keeps the requester from approving.
func fourEyes(t *testing.T, h Harness) {
	w := world(t, h, asking("asks", "by: {any: ['@ops']}, not: [requester]", ""))
	id, err := w.Lib.ManualTrigger(context.Background(), "asks")
	if err != nil {
		t.Fatal(err)
	}
	rs, err := w.RT.Accept(context.Background(), engine.Batch{Trigger: id, From: local.FromPerson("ann"), Manual: true, Items: []engine.Item{{}}})
	if err != nil {
		t.Fatal(err)
	}
	run := rs[0].Run
	w.Reaches(run, engine.RunWaiting)
	a := w.vote(run, "review", "ann", "approve", "@ops")
	w.want("the requester", a.Verdict, engine.FourEyes)
	w.want("why", a.Why, "requester")
	w.want("somebody else", w.vote(run, "review", "bob", "approve", "@ops").Verdict, engine.Counted)
	w.Reaches(run, engine.RunDone)
	w.want("approvals in the audit", w.Gate.Audits(run, "ask.approved"), 1)
	w.want("refusals in the audit", w.Gate.Audits(run, "signal.refused"), 1)
	w.Verify()
}

// twoAtOnce has one person approve and another deny at the same moment: one wins, both are told the truth.
func twoAtOnce(t *testing.T, h Harness) {
	w := world(t, h, asking("asks", "by: {any: ['@ops']}", ""))
	for i := range 25 {
		run := w.Begin("asks", fmt.Sprint(i), nil)
		w.Reaches(run, engine.RunWaiting)
		var (
			wg      sync.WaitGroup
			yes, no engine.Answer
		)
		wg.Go(func() { yes = w.vote(run, "review", "ann", "approve", "@ops") })
		wg.Go(func() { no = w.vote(run, "review", "bob", "deny", "@ops") })
		wg.Wait()
		if (yes.Verdict == engine.Counted) == (no.Verdict == engine.Counted) {
			t.Fatalf("approve was %s, deny was %s", yes.Verdict, no.Verdict)
		}
		w.Until("the run ends", func() bool { return w.State(run).Final() })
		calls, state, loser, winner := 1, engine.RunDone, no, "ann"
		if no.Verdict == engine.Counted {
			calls, state, loser, winner = 0, engine.RunStopped, yes, "bob"
		}
		w.want("state", w.State(run), state)
		w.want("calls", w.Outside.CallsOf(run, "create"), calls)
		if loser.Verdict == engine.Already {
			w.want("who was first", loser.By, winner)
		} else {
			w.want("the loser is told", loser.Verdict, engine.Ended)
		}
		w.want("refusals in the audit", w.Gate.Audits(run, "signal.refused"), 1)
	}
	w.Verify()
}

// sendGate asks before something is sent until a person has approved that step once in that version.
func sendGate(t *testing.T, h Harness) {
	source := oneStep("sends", "test.mail.send", "")
	w := world(t, h, source)
	first := w.Begin("sends", "1", nil)
	w.Reaches(first, engine.RunWaiting)
	w.want("calls before", len(w.Outside.Calls("act")), 0)
	w.want("approve", w.vote(first, "act", "ann", "approve", engine.DefaultApprovers).Verdict, engine.Counted)
	w.Reaches(first, engine.RunDone)
	for _, key := range []string{"2", "after a restart"} {
		second := w.Begin("sends", key, nil)
		w.Reaches(second, engine.RunDone)
		w.want("asked again", w.Count(second, engine.AskOpened), 0)
		w.Restart()
	}
	w.Publish(source + "\n  - id: more\n    do: test.thing.put\n")
	third := w.Begin("sends", "3", nil)
	w.Reaches(third, engine.RunWaiting)
	w.Verify()
}
