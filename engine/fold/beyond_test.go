package fold_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// beyond is what a run is told by other runs and by gates.
type beyond struct {
	calls   map[string]fold.Call // runs that steps called, by path
	lines   map[string]inLine    // gates that steps stand in line at, by path
	digests map[string]int       // items of those that have gone out to a path
	past    map[string]bool      // paths whose present attempt a gate let through
	born    map[string]bool      // ids of runs that were called
}

func newBeyond() beyond {
	return beyond{calls: map[string]fold.Call{}, lines: map[string]inLine{}, digests: map[string]int{}, past: map[string]bool{}, born: map[string]bool{}}
}

// order carries out a command that is about other runs or gates.
func (w *world) order(c fold.Command) error {
	switch c := c.(type) {
	case fold.Call:
		if old, ok := w.calls[c.Path]; ok && old.Wait {
			return fmt.Errorf("%s calls a run while %s is under way", c.Path, old.Run)
		}
		if w.born[c.Run] && c.Wait { // one that nobody waits for is there already, and the store begins it once
			return fmt.Errorf("%s calls %s, which was called before", c.Path, c.Run)
		}
		w.calls[c.Path], w.born[c.Run] = c, true
	case fold.CancelRun:
		for path, call := range w.calls {
			if call.Run == c.Run {
				w.seen["call cancelled"]++
				w.tellLate(call)
				delete(w.calls, path)
				return nil
			}
		}
		return fmt.Errorf("a run is cancelled that is not under way: %s", c.Run)
	case fold.Acquire:
		if w.lines[c.Path].name != "" {
			return fmt.Errorf("%s stands in line twice", c.Path)
		}
		w.lines[c.Path] = inLine{c.Gate, c.Rule.Kind, c.Data}
	case fold.Release:
		delete(w.lines, c.Path)
	}
	return nil
}

// tellLate remembers how a call ended of which nobody wants to hear any more.
func (w *world) tellLate(c fold.Call) {
	w.old = append(w.old, engine.Entry{Kind: engine.CallEnded, Path: c.Path, Head: mustJSON(engine.CallHead{Run: c.Run, Number: 9, State: engine.RunCancelled})})
}

// hang is left of calls and lines when the run is over: nothing that it waited for.
func (w *world) hang() error {
	for path, c := range w.calls {
		if c.Wait {
			return fmt.Errorf("%s calls on after the end", path)
		}
	}
	return nil
}

// callEnds has a called run begin or end.
func (w *world) callEnds(kind bool) error {
	paths := slices.Sorted(maps.Keys(w.calls))
	c := w.calls[paths[w.rnd.IntN(len(paths))]]
	h := engine.CallHead{Run: c.Run, Number: 7, State: engine.RunDone}
	switch n := w.rnd.IntN(6); {
	case !c.Wait:
		h.State = engine.RunQueued
	case kind || n < 3:
	case n == 3:
		h.Number, h.State, h.Failure = 0, "", &engine.Failure{Class: engine.Rejected, Code: engine.NotFound, Msg: "no such flow"}
	case n == 4:
		h.State, h.Reason = engine.RunStopped, "enough"
	default:
		h.State = engine.RunCancelled
	}
	delete(w.calls, c.Path)
	e := engine.Entry{Kind: engine.CallEnded, Path: c.Path, Head: mustJSON(h), Data: mustJSON(map[string]any{"n": 3})}
	w.old = append(w.old, e)
	w.seen["call "+string(h.State)]++
	a, err := w.feed(e)
	if err == nil && a.Verdict == engine.NotNow && c.Wait {
		err = fmt.Errorf("the end of the call at %s means nothing", c.Path)
	}
	return err
}

// awaited says that an entry that came before is about a call that is under way again: of one that nobody waits for the run
// stays the same, however often its step is gone through.
func (w *world) awaited(e engine.Entry) bool {
	var h engine.CallHead
	return e.Kind == engine.CallEnded && json.Unmarshal(e.Head, &h) == nil && w.calls[e.Path].Run == h.Run
}

// others writes steps that have to do with other runs, with gates, and with time.
func (g *writer) others(indent string, depth int) {
	if g.rnd.IntN(2) == 0 {
		g.gated(indent, depth)
		return
	}
	switch g.rnd.IntN(4) {
	case 0:
		id := g.id("o")
		g.line(indent, "- id: %s", id)
		g.line(indent, "  call: {flow: other, with: {n: \"{{ event.n }}\"}, wait: %v}", g.rnd.IntN(4) > 0)
		g.late(indent)
		g.rescue(indent, depth)
		g.line(indent, "- {id: %s, set: {given: \"{{ steps.%s }}\"}, on_error: continue}", g.id("l"), id)
	case 1:
		g.line(indent, "- id: %s", g.id("m"))
		g.line(indent, "  emit: {event: told, key: \"k{{ event.n }}\", data: {n: \"{{ event.n }}\"}}")
		g.rescue(indent, depth)
	case 2:
		g.line(indent, "- id: %s", g.id("r"))
		g.line(indent, "  wait: {event: {name: told, key: \"k{{ event.n }}\"}, for: 1h}")
		g.late(indent)
	default:
		g.line(indent, "- id: %s", g.id("w"))
		g.line(indent, "  wait: {until: working_hours, hours: \"Mon-Fri 08:00-17:00\"}")
	}
}

// late gives a step a timeout now and then, rescue steps that run when it fails.
func (g *writer) late(indent string) {
	if g.rnd.IntN(4) == 0 {
		g.line(indent, "  timeout: %dm", 5+g.rnd.IntN(90))
	}
}

func (g *writer) rescue(indent string, depth int) {
	switch {
	case g.rnd.IntN(4) != 0:
	case depth < 2:
		g.line(indent, "  on_error:")
		g.line(indent, "    steps:")
		g.line(indent, "      - {id: %s, set: {rescued: \"{{ error.code }}\"}}", g.id("g"))
		g.steps(indent+"      ", 1, depth+2)
	default:
		g.line(indent, "  on_error: continue")
	}
}

// limits writes what holds for the whole flow.
func (g *writer) limits() string {
	var out []string
	if g.rnd.IntN(6) == 0 {
		out = append(out, "time: 2d")
	}
	if g.rnd.IntN(3) == 0 {
		out = append(out, "budget: {write: 5/h, send: 1/h}")
	}
	if len(out) == 0 {
		return ""
	}
	return "limits: {" + strings.Join(out, ", ") + "}\n"
}
