package console

import (
	"fmt"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// stateWord is the state of a run or a step in words.
func stateWord(lang, state string) string {
	t := func(english string) string { return prompts.T(lang, english, nil) }
	switch state {
	case "queued":
		return t("queued")
	case "pending":
		return t("not yet")
	case "running":
		return t("running")
	case "waiting":
		return t("waiting")
	case "parked":
		return t("parked")
	case "unknown":
		return t("unknown")
	case "done":
		return t("done")
	case "failed":
		return t("failed")
	case "cancelled":
		return t("cancelled")
	case "stopped":
		return t("stopped")
	case "skipped":
		return t("skipped")
	case "draft":
		return t("draft")
	case "live":
		return t("live")
	case "paused":
		return t("paused")
	case "retired":
		return t("retired")
	}
	return state
}

// entryWord is a line of the history in words; a kind that has none is shown as it is.
func entryWord(lang string, kind engine.EntryKind) string {
	t := func(english string) string { return prompts.T(lang, english, nil) }
	switch kind {
	case engine.RunStarted:
		return t("run started")
	case engine.RunBegun:
		return t("run goes on")
	case engine.StepStarted:
		return t("step began")
	case engine.StepSkipped:
		return t("step skipped")
	case engine.AttemptStarted:
		return t("call begins")
	case engine.AttemptLost:
		return t("call interrupted: its outcome is unknown")
	case engine.StepDone:
		return t("step done")
	case engine.StepFailed:
		return t("step failed")
	case engine.StepParked:
		return t("step parked: somebody has to look")
	case engine.ProbeDone:
		return t("looked up what happened")
	case engine.AskOpened:
		return t("asked for approval")
	case engine.AskVoted:
		return t("voted")
	case engine.AskEdited:
		return t("changed what was asked, and approved")
	case engine.AskDecided:
		return t("decided")
	case engine.OutcomeAsked:
		return t("asked what happened")
	case engine.OutcomeGiven:
		return t("said what happened")
	case engine.StepRetry:
		return t("retried by hand")
	case engine.StepFixed:
		return t("mended by hand")
	case engine.TimerFired:
		return t("time is up")
	case engine.RunCancel:
		return t("stopped by hand")
	case engine.RunEnded:
		return t("run ended")
	}
	return string(kind)
}

// took is how long something lasted, from and to in milliseconds: "0.4 s", "3 min 4 s", "2 h 5 min", "3 d 2 h"; ""
// while either is not known.
func took(from, to int64) string {
	if from == 0 || to < from {
		return ""
	}
	ms := to - from
	s := ms / 1000
	switch {
	case ms < 1000:
		return fmt.Sprintf("%d ms", ms)
	case s < 10:
		return fmt.Sprintf("%d.%d s", s, ms%1000/100)
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%d h %d min", s/3600, s%3600/60)
	}
	return fmt.Sprintf("%d d %d h", s/86400, s%86400/3600)
}
