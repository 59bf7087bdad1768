package fold_test

import (
	"fmt"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// consistent: what the world holds for a run belongs to a step that is under way, in a lane that is open.
func (w *world) consistent() error {
	for id := range w.timers {
		kind, path, _ := strings.Cut(id, ":")
		if kind != "go" && id != "limit:" && !active(w.s, path) {
			return fmt.Errorf("timer %s is about no step under way", id)
		}
		if kind == "go" && path != "" && w.s.Lanes[path] == nil {
			return fmt.Errorf("timer %s is about no open lane", id)
		}
	}
	for path := range w.waits {
		if !active(w.s, path) {
			return fmt.Errorf("%s is waited for and not under way", path)
		}
	}
	for path := range w.lines {
		if !active(w.s, path) {
			return fmt.Errorf("%s stands in line and is not under way", path)
		}
	}
	for path, c := range w.calls {
		if c.Wait && !active(w.s, path) {
			return fmt.Errorf("%s calls and is not under way", path)
		}
	}
	for _, t := range w.tasks {
		if !active(w.s, t.Path) {
			return fmt.Errorf("%s is performed and not under way", t.Path)
		}
	}
	for path, k := range w.s.Asks {
		if k.State == engine.CardSuperseded && !w.ended {
			w.seen["cancelled ask"]++
		}
		if k.State == engine.CardOpen && !active(w.s, path) {
			return fmt.Errorf("%s is asked and not under way", path)
		}
	}
	waitedFor, finishing := 0, 0
	for _, f := range w.s.Frames {
		waitedFor += f.Open
	}
	for key, l := range w.s.Lanes {
		for _, f := range l.Frames {
			waitedFor += f.Open
		}
		if l.Under > 0 {
			finishing++
		}
		if l.Under > 0 {
			w.seen["loser finishes"]++
		} else if strings.HasSuffix(key, "/") && w.s.Active[l.Of] != nil && w.s.Active[l.Of].Open > 1 {
			w.seen["rounds at once"]++
		}
		if l.Under == 0 && !active(w.s, l.Of) || l.Under > 0 && w.s.Done[l.Of] == nil {
			return fmt.Errorf("lane %s is open and %s is not", key, l.Of)
		}
	}
	if waitedFor != finishing {
		return fmt.Errorf("blocks wait for %d losers, and %d are under way", waitedFor, finishing)
	}
	return nil
}

// question is an open question, and trouble a step that waits for a person: the first of some order. "" is none.
func (w *world) question() (path string) {
	for at, k := range w.s.Asks {
		if k.State == engine.CardOpen && (path == "" || at < path) {
			path = at
		}
	}
	return path
}

func (w *world) trouble() (path string) {
	for at, a := range w.s.Active {
		if (a.Phase == "parked" || a.Phase == "outcome") && (path == "" || at < path) {
			path = at
		}
	}
	return path
}

// shown: a view shows every question and every step that waits for a person.
func (w *world) shown() error {
	v, err := w.view()
	if err != nil {
		return err
	}
	open, bad := map[string]bool{}, map[string]bool{}
	for _, a := range v.Asks {
		open[a.Path] = a.State == engine.CardOpen
	}
	for _, s := range v.Steps {
		bad[s.Path] = s.State == engine.StepStateFailed || s.State == engine.StepStateUnknown
	}
	if path := w.question(); path != "" && !open[path] {
		return fmt.Errorf("a view does not show the question %s", path)
	}
	if path := w.trouble(); path != "" && !bad[path] {
		return fmt.Errorf("a view does not show that %s waits for a person", path)
	}
	return nil
}

// notStuck: a run that has not ended waits for something that can come.
func (w *world) notStuck() error {
	timers := 0
	for id := range w.timers {
		if !strings.HasPrefix(id, "limit:") { // the last resort, and nothing to wait for
			timers++
		}
	}
	if w.ended || len(w.tasks)+len(w.calls)+len(w.lines)+timers > 0 || w.s.Status() == engine.RunQueued {
		return nil
	}
	if w.question() != "" || w.trouble() != "" {
		return nil
	}
	return fmt.Errorf("the run is stuck as %s", w.s.Status())
}
