package fold_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
	"github.com/bretelle/bretelle/engine/gate"
)

// gated writes steps that count and collect runs. Digests stand where a run may wait or end.
func (g *writer) gated(indent string, depth int) {
	per := []string{"", ", per: \"k{{ event.n }}\""}[g.rnd.IntN(2)]
	then := []string{"", ", then: stop", ", then: skip"}[g.rnd.IntN(3)]
	kind := g.rnd.IntN(3)
	if kind == 2 && depth > 0 {
		kind = g.rnd.IntN(2)
	}
	switch kind {
	case 0:
		g.line(indent, "- id: %s", g.id("u"))
		g.line(indent, "  throttle: {rate: %d/m%s}", 1+g.rnd.IntN(9), per)
		g.late(indent)
		g.rescue(indent, depth)
	case 1:
		id := g.id("d")
		g.line(indent, "- id: %s", id)
		g.line(indent, "  dedupe: {key: \"{{ event.n }}\", for: 1h%s}", then)
		g.line(indent, "- {id: %s, set: {new: \"{{ steps.%s.first }}\"}, on_error: continue}", g.id("l"), id)
	default:
		id := g.id("b")
		what := []string{"item: \"{{ event.n }}\"", "items: \"{{ 1..(event.n % 4) }}\"", "items: \"{{ event.missing }}\""}[g.rnd.IntN(3)]
		when := []string{"for: 1h", "at: \"every weekday at 9:00\"", "most: 3", "every: 2h, most: 9"}[g.rnd.IntN(4)]
		g.line(indent, "- id: %s", id)
		g.line(indent, "  digest: {%s, %s%s%s}", what, when, per, then)
		g.late(indent)
		g.rescue(indent, depth)
		g.line(indent, "- {id: %s, set: {got: \"{{ steps.%s.items }}\", n: \"{{ steps.%s.count }}\"}, on_error: continue}", g.id("l"), id, id)
	}
}

// inLine is what a gate keeps of a step that stands in its line.
type inLine struct {
	name string
	kind gate.Kind
	data json.RawMessage
}

// gateSays lets a step on that stands in line, tells it that it may not, or what became of its digest.
func (w *world) gateSays() error {
	paths := slices.Sorted(maps.Keys(w.lines))
	path := paths[w.rnd.IntN(len(paths))]
	at := w.lines[path]
	h := engine.GateHead{Gate: at.name, Answer: engine.GateGranted}
	e := engine.Entry{Kind: engine.GateAnswered, Path: path, Data: at.data}
	switch {
	case at.kind == gate.Digest && w.rnd.IntN(2) == 0:
		h.Answer, h.Reason, e.Data = engine.GateJoined, "added to the digest of #7", nil
		w.seen["digest joined"]++
	case at.kind == gate.Digest:
		var own engine.DigestPart
		if err := json.Unmarshal(at.data, &own); err != nil || own.Number != 1 || len(own.Items) == 0 {
			return fmt.Errorf("%s adds %s (%v)", path, at.data, err)
		}
		other := engine.DigestPart{Number: 8, Items: []json.RawMessage{[]byte(`{"n":1}`), []byte("2")}}
		e.Data = mustJSON(engine.DigestData{Parts: []engine.DigestPart{own, other}})
		w.digests[path] = len(own.Items) + 2
		w.seen["digest out"]++
	case strings.HasPrefix(at.name, fold.DedupeGate) && w.rnd.IntN(2) == 0:
		h.Answer, h.Reason = engine.GateRefused, "seen before in #7"
		w.seen["seen before"]++
	case w.rnd.IntN(12) == 0:
		h.Answer, h.Reason = engine.GateRefused, "nobody wants it"
	}
	if strings.HasPrefix(at.name, fold.ThrottleGate) {
		w.seen["throttled"]++
	}
	delete(w.lines, path)
	w.past[path] = true
	w.seen["gate "+h.Answer]++
	e.Head = mustJSON(h)
	a, err := w.feed(e)
	if err == nil && a.Verdict == engine.NotNow {
		err = fmt.Errorf("what the gate says to %s means nothing", path)
	}
	return err
}

// gaveAll: what a digest gave is all that went out, in its order.
func (w *world) gaveAll(e engine.Entry) error {
	want, ok := w.digests[e.Path]
	if !ok {
		return nil
	}
	delete(w.digests, e.Path)
	var v struct {
		Released bool    `json:"released"`
		Items    []any   `json:"items"`
		Count    int     `json:"count"`
		Runs     []int64 `json:"runs"`
	}
	if err := json.Unmarshal(e.Data, &v); err != nil || !v.Released || len(v.Items) != want || v.Count != want || !slices.Equal(v.Runs, []int64{1, 8}) {
		return fmt.Errorf("%s gave %s of %d items (%v)", e.Path, e.Data, want, err)
	}
	return nil
}

// undo takes back, by a run of its own, what the run did: the last thing first, each once, nothing that was not done.
func (w *world) undo() error {
	before := w.s.Encode()
	plan, err := w.p.Undo(w.s, w.journal, "", nil)
	if err != nil {
		return err
	}
	if string(before) != string(w.s.Encode()) {
		return fmt.Errorf("a plan to undo changed the run")
	}
	did, times := map[string]int64{}, map[string]int{} // when it was done last, and how often it may have been
	for _, e := range w.journal {
		switch {
		case e.Kind == engine.StepStarted:
			times[e.Path]++
		case (e.Kind == engine.StepDone || e.Kind == engine.ProbeDone && strings.Contains(string(e.Head), string(engine.ProbeHappened))) && did[e.Path] == 0:
			did[e.Path] = e.Seq
		}
	}
	last := int64(len(w.journal)) + 1
	event := engine.Event{ID: "e2", Key: "undo", At: w.now, Trigger: "test.fired"}
	for _, u := range plan.Steps {
		if times[u.Path]--; did[u.Path] == 0 || times[u.Path] < 0 {
			return fmt.Errorf("%s is taken back twice, or was never done", u.Path)
		}
		if times[u.Path] == 0 {
			if did[u.Path] > last {
				return fmt.Errorf("%s is taken back in the wrong place", u.Path)
			}
			last = did[u.Path]
		}
		event.Undo = append(event.Undo, u.With)
	}
	w.seen["cannot be undone"] += len(plan.Cannot)
	if len(plan.Steps) == 0 {
		return nil
	}
	back := newWorld(w.p, rand.New(rand.NewPCG(w.rnd.Uint64(), 3)), w.seen)
	back.now = w.now
	start := engine.StartHead{Run: "r2", Number: 2, Flow: "sim", Version: 3, Trigger: "sim:test.fired", By: "p2", Manual: true,
		Undo: &engine.UndoHead{Run: "r1", Number: 1, Steps: plan.Steps}}
	if err := back.run(start, event); err != nil {
		return fmt.Errorf("undoing: %w\n%s", err, back.story())
	}
	for path, sure := range back.s.Undone() {
		if did[path] == 0 {
			return fmt.Errorf("%s was taken back and never done", path)
		}
		if sure {
			w.seen["undone"]++
		}
	}
	return nil
}
