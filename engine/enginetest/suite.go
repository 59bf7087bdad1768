package enginetest

import (
	"context"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// Harness is a store to run the suite over.
type Harness struct {
	// Disk makes empty data whose transactions take up to batch members.
	Disk func(t testing.TB, batch int) Disk
}

// Run is the whole suite.
func Run(t *testing.T, h Harness) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, h Harness)
	}{
		{"crash at every commit", crashEverywhere},
		{"crash among many runs", crashAmongMany},
		{"failing commit", failingCommit},
		{"graceful stop", gracefulStop},
		{"outcome offered until it is stored", stubbornOutcome},
		{"events", events},
		{"samples and baselines", samples},
		{"dedup", dedup},
		{"paused", paused},
		{"paused for long", pausedLong},
		{"long keys", longKeys},
		{"draft", draft},
		{"restart", restart},
		{"late timers", lateTimers},
		{"cancel", cancelling},
		{"cancel races", cancelRaces},
		{"unknown outcome", unknownOutcome},
		{"probe", probing},
		{"retry table", retryTable},
		{"votes", votes},
		{"early and duplicate votes", earlyVotes},
		{"edit", edits},
		{"expiry", expiry},
		{"four eyes", fourEyes},
		{"two people at once", twoAtOnce},
		{"send gate", sendGate},
		{"resumed meanwhile", resumedMeanwhile},
		{"nothing in memory", nothingInMemory},
		{"expected events", expecting},
		{"flows in turn", flowsInTurn},
		{"limits", concurrency},
		{"limits and crashes", limitsCrash},
		{"order of a key", order},
		{"when full", whenFull},
		{"budgets", budgets},
		{"answers about budgets", budgetAnswers},
		{"budgets and crashes", budgetCrash},
		{"a service away", breaker},
		{"answers about a service away", breakerAnswers},
		{"throttle", throttled},
		{"dedupe", deduped},
		{"digest", digests},
		{"digest by the clock", digestTimes},
		{"digest nobody waits for", digestLeft},
		{"digest with a run erased", digestErased},
		{"digest after a cancellation", digestNext},
		{"debounce", debounced},
		{"batch", batched},
		{"defects", defects},
		{"moved elsewhere", elsewhere},
		{"stopped before the call", stoppedBeforeTheCall},
		{"stopped while looking up", stoppedWhileLookingUp},
		{"version gone", versionGone},
		{"one run unreadable", oneRunUnreadable},
		{"crash in the language", crashInLanguage},
		{"crash in lanes", crashInLanes},
		{"losers", losers},
		{"rounds at once", atOnce},
		{"cancelled lanes", cancelledLanes},
		{"answers", answers},
		{"replies", replies},
		{"no reply", timedOut},
		{"replies from some", repliesFrom},
		{"crash in calls", crashInCalls},
		{"how calls end", callEnds},
		{"crash in a cancelled call", crashInCancel},
		{"calls that fail", callFails},
		{"what is called", callPinned},
		{"events told", eventsTold},
		{"events for waits", eventsAwaited},
		{"timeouts", timeouts},
		{"timeouts of blocks", blockTimeouts},
		{"on_error steps", onErrorSteps},
		{"working hours", workingHours},
		{"standing still", standingStill},
		{"clock jumps forwards", jumpForwards},
		{"clock goes back", jumpBack},
		{"clock jumps while many ask", jumpWithMany},
		{"fix all", fixAll},
		{"fixed late", fixedLate},
		{"run again", runAgain},
		{"not run again", againRefused},
		{"long views", longViews},
		{"undo", undoing},
		{"move", moving},
		{"move a wait", movedWaits},
		{"not moved", notMoved},
		{"undo one step", undoOne},
		{"seams", seams},
		{"real clock", realClock},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, h) })
	}
}

// world is a new installation at batch 64.
func world(t *testing.T, h Harness, flows ...string) *World {
	t.Helper()
	w := NewWorld(t, h.Disk(t, 64))
	for _, f := range flows {
		w.Publish(f)
	}
	return w
}

func (w *World) want(what string, got, want any) {
	w.T.Helper()
	if got != want {
		w.T.Errorf("%s: %v, want %v", what, got, want)
	}
}

// say is Say for a signal that must be stored.
func (w *World) say(run, path, by string, kind engine.EntryKind, head, data any) engine.Answer {
	w.T.Helper()
	a, err := w.Say(run, path, by, kind, head, data)
	if err != nil {
		w.T.Fatal(err)
	}
	return a
}

func (w *World) vote(run, path, by, choice string, groups ...string) engine.Answer {
	w.T.Helper()
	a, err := w.Vote(run, path, by, choice, groups...)
	if err != nil {
		w.T.Fatal(err)
	}
	return a
}

// notices counts the undelivered notices of a kind.
func (w *World) notices(kind engine.NoticeKind) (n int) {
	w.T.Helper()
	all, err := w.back.Undelivered(context.Background(), 1000)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, x := range all {
		if x.Kind == kind {
			if x.ID == "" || x.At == 0 || x.Flow == "" {
				w.T.Errorf("an incomplete notice: %+v", x)
			}
			n++
		}
	}
	return n
}
