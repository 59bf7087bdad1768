package fold_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// A flow that makes gigabytes of a small event parks instead: in one step, over many, or while a plan is made.
func TestPoisonIsParkedSmall(t *testing.T) {
	many := strings.Builder{}
	for i := range 200 {
		fmt.Fprintf(&many, "  - set: {a%d: \"{{ repeat('x', 3000000) }}\"}\n", i)
	}
	wide := strings.Builder{}
	for i := range 200 {
		fmt.Fprintf(&wide, "a%d: \"{{ event }}\", ", i)
	}
	for name, steps := range map[string]string{
		"one step":       "  - set: {" + strings.ReplaceAll(wide.String(), "event", "repeat('x', 3000000)") + "}\n",
		"the event":      "  - do: t.write\n    with: {x: {" + wide.String() + "}}\n",
		"many steps":     many.String(),
		"in a text":      "  - set: {t: {" + strings.ReplaceAll(wide.String(), "event", "repeat('x', 900000) }}{{ 1") + "}}\n",
		"a plan":         "  - ask: approval\n    covers: [w]\n    with: {title: t, by: {any: ['@one']}}\n  - id: w\n    do: t.write\n    with: {x: {" + wide.String() + "}}\n",
		"goes on anyway": strings.ReplaceAll(many.String(), "  - set", "  - on_error: continue\n    set"),
	} {
		t.Run(name, func(t *testing.T) {
			p := compile(t, []byte("flow: poison\nchannel: '#ops'\ntrigger:\n  on: test.fired\nsteps:\n"+steps))
			s := fold.NewState()
			e := engine.Entry{
				Seq: 1, At: 1, Kind: engine.RunStarted, Format: engine.EntryFormat, Head: mustJSON(engine.StartHead{Run: "r"}),
				Data: mustJSON(engine.Event{ID: "e", Data: map[string]any{"body": strings.Repeat("y", 1<<20)}}),
			}
			cmds, err := p.Apply(s, fold.Journal{e}, e)
			if err != nil {
				t.Fatal(err)
			}
			size, large := 0, 0
			for _, c := range cmds {
				if r, ok := c.(fold.Record); ok {
					size += len(r.Entry.Data)
					if strings.Contains(string(r.Entry.Head), "too_large") {
						large++
					}
				}
			}
			if size > 16<<20 || large == 0 {
				t.Errorf("%d MiB were recorded, %d steps said that it is too large; the run is %s", size>>20, large, s.Status())
			}
			if v, err := p.View(s, fold.Journal(append([]engine.Entry{e}, recorded(cmds)...))); err != nil || len(v.Steps) == 0 {
				t.Errorf("it cannot be shown: %v", err)
			}
		})
	}
}

func recorded(cmds []fold.Command) (out []engine.Entry) {
	for _, c := range cmds {
		if r, ok := c.(fold.Record); ok {
			out = append(out, r.Entry)
		}
	}
	return out
}

// A run's reason stands in every list of runs: what an event brought cannot make it long.
func TestReasonsAreShort(t *testing.T) {
	p := compile(t, []byte("flow: ends\nchannel: '#ops'\ntrigger:\n  on: test.fired\nsteps:\n  - stop: \"because {{ event.body }}\"\n"))
	s := fold.NewState()
	e := engine.Entry{
		Seq: 1, At: 1, Kind: engine.RunStarted, Format: engine.EntryFormat, Head: mustJSON(engine.StartHead{Run: "r"}),
		Data: mustJSON(engine.Event{ID: "e", Data: map[string]any{"body": strings.Repeat("é", 300_000)}}),
	}
	cmds, err := p.Apply(s, fold.Journal{e}, e)
	if err != nil {
		t.Fatal(err)
	}
	if s.Status() != engine.RunStopped || !strings.HasPrefix(s.Reason, "because éé") || len(s.Reason) > 2000 {
		t.Errorf("the run is %s with a reason of %d bytes", s.Status(), len(s.Reason))
	}
	for _, r := range recorded(cmds) {
		if len(r.Head) > 2500 {
			t.Errorf("the head of %s has %d bytes", r.Kind, len(r.Head))
		}
	}
}
