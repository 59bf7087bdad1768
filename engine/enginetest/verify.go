package enginetest

import (
	"bytes"
	"context"
	"fmt"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// Verify holds every run to the rules that always hold; see the package comment. It waits for what still moves: a task
// that stays is one of a run that is not under way.
func (w *World) Verify() {
	w.T.Helper()
	w.Until("no task is left", func() bool {
		tasks, err := w.back.Tasks(context.Background())
		if err != nil {
			w.T.Fatal(err)
		}
		return len(tasks) == 0
	})
	runs, err := w.back.Runs(context.Background(), local.RunQuery{Limit: 1000})
	if err != nil {
		w.T.Fatal(err)
	}
	for _, h := range runs {
		if err := w.verify(h); err != nil {
			w.T.Errorf("run #%d: %v", h.Number, err)
		}
	}
}

func (w *World) verify(h engine.RunHead) error {
	es := w.Journal(h.ID)
	snap, err := w.back.Load(context.Background(), h.ID)
	if err != nil {
		return err
	}
	at := int64(0)
	for i, e := range es {
		if e.Seq != int64(i)+1 {
			return fmt.Errorf("entry %d has number %d", i+1, e.Seq)
		}
		if e.At < at {
			return fmt.Errorf("time goes back at entry %d", e.Seq)
		}
		at = e.At
		if e.Kind == engine.RunEnded && i != len(es)-1 {
			return fmt.Errorf("something follows the end: %s", es[i+1].Kind)
		}
	}
	if snap.Seq != int64(len(es)) {
		return fmt.Errorf("the snapshot is at %d, the journal at %d", snap.Seq, len(es))
	}
	if snap.State == nil {
		return nil
	}
	p, err := w.Lib.Program(context.Background(), h.Flow, h.Version)
	if err != nil {
		return err
	}
	s, err := p.Replay(es)
	if err != nil {
		return err
	}
	if got := s.Encode(); !bytes.Equal(got, snap.State) {
		return fmt.Errorf("replay gives\n%s\nstored is\n%s", got, snap.State)
	}
	if s.Status() != snap.Head.State {
		return fmt.Errorf("the run is stored as %s, its state says %s", snap.Head.State, s.Status())
	}
	return nil
}

// Journal reads a run's entries.
func (w *World) Journal(run string) []engine.Entry {
	w.T.Helper()
	es, err := w.back.Entries(context.Background(), run, 1, 0)
	if err != nil {
		w.T.Fatal(err)
	}
	return es
}

// Count counts a run's entries of a kind.
func (w *World) Count(run string, kind engine.EntryKind) (n int) {
	for _, e := range w.Journal(run) {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// history is what must be the same whenever the process died: times, ids, questions about unknown outcomes and
// attempts that those led to are left out.
func (w *World) history(run string) (lines []string) {
	for _, e := range w.Journal(run) {
		line := string(e.Kind) + " " + e.Path
		switch e.Kind {
		case engine.AttemptLost, engine.OutcomeAsked, engine.OutcomeGiven:
			continue
		case engine.AttemptStarted:
			if len(lines) > 0 && lines[len(lines)-1] == line {
				continue
			}
		case engine.RunStarted, engine.RoundDone: // numbers of entries, which questions in between move
		default:
			line += " " + string(e.Data)
		}
		lines = append(lines, line)
	}
	return lines
}

// Drive takes events of wholeFlow to their end, whatever happens to the process: it offers, approves, moves the clock,
// and answers truthfully when asked whether a call happened. It gives the runs in the order of the keys.
func (w *World) Drive(keys ...string) []string {
	w.T.Helper()
	runs := make([]string, len(keys))
	for {
		if w.Gate.Dead() {
			w.Restart()
		}
		ended := 0
		for i, key := range keys {
			if runs[i] == "" {
				r, err := w.Offer("whole", key, map[string]any{"name": key})
				if err != nil && engine.CodeOf(err) != engine.Unavailable {
					w.T.Fatal(err)
				}
				runs[i] = r.Run
			} else if w.act(runs[i]) {
				ended++
			}
		}
		if ended == len(keys) {
			return runs
		}
		w.Until("there is something to do", func() bool {
			if w.Gate.Dead() {
				return true
			}
			for _, run := range runs {
				if run == "" || w.State(run) != engine.RunRunning && w.State(run) != engine.RunQueued {
					return true
				}
			}
			return false
		})
	}
}

// act does what a person would do about a run now.
func (w *World) act(run string) (ended bool) {
	var err error
	switch s := w.State(run); {
	case s.Final():
		return true
	case s == engine.RunUnknown:
		head, data := engine.OutcomeHead{Choice: "again"}, any(nil)
		if w.Outside.CallsOf(run, "create") > 0 {
			head.Choice, data = "happened", map[string]any{"ok": true}
		}
		_, err = w.Say(run, "create", "ann", engine.OutcomeGiven, head, data)
	case s == engine.RunWaiting && w.open(run):
		_, err = w.Vote(run, "review", "ann", "approve", "@ops")
	case s == engine.RunWaiting:
		w.Next()
	}
	if err != nil && engine.CodeOf(err) != engine.Unavailable {
		w.T.Fatal(err)
	}
	return false
}

func (w *World) open(run string) bool {
	for _, a := range w.View(run).Asks {
		if a.State == engine.CardOpen {
			return true
		}
	}
	return false
}
