package fold_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/fold"
)

const fuzzed = `
flow: fuzzed
channel: "#x"
trigger: {on: test.fired}
steps:
  - {id: form, ask: form, with: {title: T, by: {any: ["@one"]}, fields: [{name: n, type: number}, {name: tags, type: many, options: [a, b]}]}, expire: {after: 1d, then: skip}}
  - id: all
    each: {list: "{{ event.list ?? [1, [2], nil] }}"}
    steps:
      - id: safe
        try:
          - {id: act, do: t.write, with: {x: "{{ item }}"}}
          - {id: which, ask: choice, with: {title: T, options: "{{ steps.form.fields.tags ?? ['a'] }}", by: {any: ["@one"]}}}
        catch: [{id: note, do: t.put, with: {x: "{{ error.code }}"}}]
        finally: [{id: clean, set: {i: "{{ index }}"}}]
      - {id: kind, switch: "{{ steps.form.fields.n }}", cases: [{is: [1, 2], steps: [{id: gone, do: t.destroy, with: {x: 1}}]}], else: []}
  - {id: reply, wait: {reply: {to: "m1", from: "@one"}, for: 1h}}
  - {id: end, set: {all: "{{ steps.all.results }}", said: "{{ steps.reply }}"}}
`

// FuzzApply feeds a run whatever may come from outside, in any order: an error or a refusal changes nothing, nothing
// panics, and what was taken replays.
func FuzzApply(f *testing.F) {
	f.Add([]byte("A0{\"fields\":{\"n\":1,\"tags\":[\"a\"]}}\x00s1\x00d1{}\x00A2{\"choice\":\"a\"}\x00V3\x00d3{}\x00T5\x00C"))
	f.Add([]byte("A0{\"fields\":{\"n\":\"x\"}}\x00A0{\"fields\":{}}\x00f1\x00d6{}\x00A9{\"choice\":1}\x00W7{\"text\":\"yes\"}"))
	f.Add([]byte("E0{}\x00O1{}\x00R1\x00F1{\"x\":2}\x00l1\x00p1\x00Bx\x00Txx\x00"))
	parsed, problems := flow.Parse([]byte(fuzzed))
	if problems.Bad() {
		f.Fatal(problems)
	}
	p, problems := fold.Compile(parsed, newCatalog())
	if problems.Bad() {
		f.Fatal(problems)
	}
	paths := []string{"form", "all[0]/act", "all[0]/which", "all[0]/gone", "all[1]/act", "wait:reply", "all[0]/note", "reply", "all[9999]/act", "all[1]/which", "all[01]/act", "all", "", "/", "all[0]/", "safe"}
	kinds := map[byte]engine.EntryKind{
		'A': engine.AskAnswered, 'V': engine.AskVoted, 'E': engine.AskEdited, 's': engine.AttemptStarted, 'd': engine.StepDone, 'f': engine.StepFailed,
		'l': engine.AttemptLost, 'p': engine.ProbeDone, 'O': engine.OutcomeGiven, 'R': engine.StepRetry, 'F': engine.StepFixed, 'T': engine.TimerFired,
		'W': engine.WaitAnswered, 'C': engine.RunCancel, 'B': engine.RunBegun,
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		s, now := fold.NewState(), int64(1_800_000_000_000)
		var journal fold.Journal
		feed := func(e engine.Entry) {
			e.Seq, e.At, e.Format = s.Seq()+1, now, engine.EntryFormat
			work := s.Clone()
			cmds, err := p.Apply(work, append(journal[:len(journal):len(journal)], e), e)
			if err != nil {
				return
			}
			for _, c := range cmds {
				if r, ok := c.(fold.Reply); ok && r.Answer.Verdict != engine.Counted {
					if !bytes.Equal(work.Encode(), s.Encode()) {
						t.Fatalf("%s was refused and changed the state", e.Kind)
					}
					return
				}
			}
			s, journal = work, append(journal, e)
			for _, c := range cmds {
				if r, ok := c.(fold.Record); ok {
					journal = append(journal, r.Entry)
				}
			}
		}
		feed(engine.Entry{Kind: engine.RunStarted, Head: mustJSON(engine.StartHead{Run: "r"}), Data: mustJSON(engine.Event{ID: "e", Data: map[string]any{}})})
		for i, op := range bytes.Split(script, []byte{0}) {
			if len(op) == 0 || i > 60 {
				continue
			}
			now += 100_000
			e := engine.Entry{Kind: kinds[op[0]], By: "p1", Attempt: 1}
			rest := op[1:]
			if len(rest) > 0 {
				e.Path, rest = paths[int(rest[0]-'0')%len(paths)], rest[1:]
			}
			if json.Valid(rest) { // whatever feeds the fold has seen to that
				e.Data = bytes.Clone(rest)
			}
			switch e.Kind {
			case "":
				continue
			case engine.TimerFired:
				e.Head, e.Path = mustJSON(engine.TimerHead{Timer: strings.TrimPrefix("wait:"+e.Path, "wait:wait:")}), ""
				now += 90_000_000
			case engine.StepFailed:
				e.Head = mustJSON(engine.Failure{Class: []engine.FailureClass{engine.Rejected, engine.Unsure, engine.Garbled}[i%3], Code: engine.Refused})
			case engine.OutcomeGiven:
				e.Head = mustJSON(engine.OutcomeHead{Choice: []string{"happened", "again", "stop"}[i%3]})
			case engine.ProbeDone:
				e.Head = []byte(`{"found":"not"}`)
			case engine.WaitAnswered:
				e.Head = mustJSON(engine.ArrivalHead{Key: engine.ReplyKey("m1"), ID: fmt.Sprint(i), Groups: []string{"@one"}})
			case engine.AskVoted, engine.AskEdited:
				h := engine.VoteHead{Choice: "approve", Groups: []string{"@one", engine.DefaultApprovers}}
				if k := s.Asks[e.Path]; k != nil {
					h.Plan = k.Hash
				}
				e.Head = mustJSON(h)
			case engine.AskAnswered:
				e.Head = mustJSON(engine.AnswerHead{Groups: []string{"@one"}})
			case engine.RunCancel, engine.RunBegun, engine.StepRetry, engine.StepFixed, engine.StepDone, engine.AttemptLost, engine.AttemptStarted:
			}
			feed(e)
			if _, err := p.View(s, journal); err != nil {
				t.Fatal(err)
			}
		}
		again, err := p.Replay(journal)
		if err != nil || !bytes.Equal(again.Encode(), s.Encode()) {
			t.Fatalf("replay gives another state (%v)", err)
		}
	})
}
