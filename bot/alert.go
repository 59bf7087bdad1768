package bot

import (
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// States of an Alert and of its runs.
const (
	alertOpen     = "open"
	alertResolved = "resolved"

	runFailing = "failing"
	runMended  = "mended"
	runStopped = "stopped"
	runMoved   = "moved" // it fails differently now, in another group
)

// MutedUntilFixed is Alert.MutedUntil of a group muted until it works again.
const MutedUntilFixed = int64(1) << 52

// alertRuns is how many runs a group remembers.
const alertRuns = 100

// decision is what to do about a notice of a failure.
type decision struct {
	Alert  Alert
	Card   bool   // bring the group's card up to date, posting it when there is none
	Line   bool   // write the run's line in its thread
	Reason string // printable
}

// decideAlert says what a failure (NoticeFailed) or its end (NoticeMended) does to its group. It is pure: the same
// group, notice and time give the same decision. The zero Alert is a group never seen. Muting silences messages and
// never the counting; the green end is always shown, because it edits in place and pings nobody.
func decideAlert(a Alert, n engine.Notice, d engine.FailedData, now int64) decision {
	a.Runs = append([]AlertRun(nil), a.Runs...)
	if n.Kind == engine.NoticeMended {
		return decideMended(a, n, d)
	}
	muted := a.MutedUntil > now
	reason := ""
	switch {
	case a.Fingerprint == "":
		a = Alert{Fingerprint: d.Fingerprint(n.Flow), Flow: n.Flow, Place: n.Place, Edition: 1}
		reason = "first"
	case a.State == alertResolved:
		a = Alert{Fingerprint: a.Fingerprint, Flow: a.Flow, Place: n.Place, Edition: a.Edition + 1, MutedUntil: a.MutedUntil, MutedBy: a.MutedBy}
		reason = "reopened: it failed again after it was resolved"
	}
	if a.Count == 0 {
		a.State, a.Since = alertOpen, n.At
	}
	a.Last = n.Data
	seen := a.run(n.Run, n.Path)
	if seen == nil {
		a.Count++
		a.Runs = append(a.Runs, AlertRun{Run: n.Run, Number: n.Number, Path: n.Path, At: n.At, State: runFailing})
		a.forget()
	} else {
		seen.State, seen.At = runFailing, n.At
	}
	switch {
	case muted && a.MutedUntil >= MutedUntilFixed:
		return decision{Alert: a, Reason: "counted, muted until it is fixed"}
	case muted:
		return decision{Alert: a, Reason: "counted, muted until " + engine.Time(a.MutedUntil).Format("2006-01-02 15:04") + " UTC"}
	case reason != "":
	case seen != nil:
		reason = "failed again, counted before"
	default:
		reason = "counted, run " + strconv.Itoa(a.Count) + " of its group"
	}
	return decision{Alert: a, Card: true, Line: true, Reason: reason}
}

func decideMended(a Alert, n engine.Notice, d engine.FailedData) decision {
	r := a.run(n.Run, n.Path)
	if a.Fingerprint == "" || r == nil {
		return decision{Alert: a, Reason: "nothing was alerted for this run"}
	}
	r.State, r.At = runStopped, n.At
	reason := "run stopped"
	if d.Mended {
		r.State, reason = runMended, "run mended"
	}
	left := 0
	for _, r := range a.Runs {
		if r.State == runFailing {
			left++
		}
	}
	if left > 0 || a.State == alertResolved {
		return decision{Alert: a, Card: true, Line: true, Reason: reason + ", " + strconv.Itoa(left) + " still failing"}
	}
	a.State, a.ResolvedBy, a.ResolvedAt = alertResolved, d.By, n.At
	if a.MutedUntil >= MutedUntilFixed {
		a.MutedUntil, a.MutedBy = 0, ""
	}
	return decision{Alert: a, Card: true, Line: true, Reason: "resolved: " + reason}
}

// run finds a run's step in the group.
func (a *Alert) run(id, path string) *AlertRun {
	for i := range a.Runs {
		if a.Runs[i].Run == id && a.Runs[i].Path == path {
			return &a.Runs[i]
		}
	}
	return nil
}

// forget keeps the list short: runs that do not fail any more go first, then the oldest.
func (a *Alert) forget() {
	for len(a.Runs) > alertRuns {
		drop := 0
		for i, r := range a.Runs {
			if r.State != runFailing {
				drop = i
				break
			}
		}
		a.Runs = append(a.Runs[:drop], a.Runs[drop+1:]...)
	}
}

// failing lists the runs that wait for somebody, oldest first.
func (a *Alert) failing() []AlertRun {
	var out []AlertRun
	for _, r := range a.Runs {
		if r.State == runFailing {
			out = append(out, r)
		}
	}
	return out
}

// first is the run that buttons act on: the one failing longest, else the last one; nil when there is none.
func (a *Alert) first() *AlertRun {
	for i := range a.Runs {
		if a.Runs[i].State == runFailing {
			return &a.Runs[i]
		}
	}
	if n := len(a.Runs); n > 0 {
		return &a.Runs[n-1]
	}
	return nil
}

// key is the card key of this edition of the group: each edition is a message of its own.
func (a *Alert) key() string { return "alert:" + a.Fingerprint + "#" + strconv.Itoa(a.Edition) }

// alertOf is the fingerprint in the card key of a group.
func alertOf(key string) (fingerprint string, ok bool) {
	fp, ok := strings.CutPrefix(key, "alert:")
	i := strings.LastIndexByte(fp, '#')
	if !ok || i < 0 {
		return "", false
	}
	return fp[:i], true
}
