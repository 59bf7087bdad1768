package fold_test

import (
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/fold"
)

const benchFlow = `flow: bench
channel: "#ops"
trigger: {on: test.fired}
steps:
  - id: keep
    set:
      n: "{{ event.n }}"
      title: "{{ upper(event.title) }}"
      urgent: "{{ event.priority > 2 }}"
      who: "{{ event.user.name ?? 'nobody' }}"
  - id: choose
    if: "{{ steps.keep.n >= 0 and len(steps.keep.title) > 0 }}"
    then:
      - {id: call, do: t.write, with: {x: "{{ steps.keep.title }}"}}
`

// BenchmarkApply folds a whole run of set (four fields by expression) → if → do: its start, the intent of its call and
// the outcome. "encoded" also writes the state after each entry, as a runtime does for each commit.
func BenchmarkApply(b *testing.B) {
	f, problems := flow.Parse([]byte(benchFlow))
	if problems.Bad() {
		b.Fatal(problems)
	}
	p, problems := fold.Compile(f, newCatalog())
	if problems.Bad() {
		b.Fatal(problems)
	}
	entries := []engine.Entry{
		{Kind: engine.RunStarted, Head: mustJSON(engine.StartHead{Run: "r"}), Data: mustJSON(engine.Event{ID: "e", Data: map[string]any{
			"n": 7, "title": "Something to do", "priority": 3, "user": map[string]any{"id": 1, "name": "Ada"}}})},
		{Kind: engine.AttemptStarted, Path: "call", Attempt: 1},
		{Kind: engine.StepDone, Path: "call", Attempt: 1, Data: mustJSON(map[string]any{"status": 201, "body": map[string]any{"ok": true}})},
	}
	for _, encoded := range []bool{false, true} {
		name := "state in memory"
		if encoded {
			name = "encoded"
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := fold.NewState()
				var journal fold.Journal
				for _, e := range entries {
					e.Seq, e.At, e.Format = s.Seq()+1, 1_800_000_000_000, engine.EntryFormat
					journal = append(journal, e)
					cmds, err := p.Apply(s, journal, e)
					if err != nil {
						b.Fatal(err)
					}
					for _, c := range cmds {
						if r, ok := c.(fold.Record); ok {
							journal = append(journal, r.Entry)
						}
					}
					if encoded {
						s.Encode()
					}
				}
				if s.Status() != engine.RunDone {
					b.Fatalf("the run is %s", s.Status())
				}
			}
		})
	}
}
