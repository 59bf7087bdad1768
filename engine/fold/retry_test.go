package fold_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// A question that could not be asked, and is asked when a person has it tried again, is no failure any more: people
// hear so when it is asked.
func TestBeginningAgain(t *testing.T) {
	// What the expressions of one Apply give has a bound together: the last one fails, and alone does not.
	all := ""
	for _, x := range "abcdefgh" {
		all += string(x) + `: "{{ event.text }}", `
	}
	for kind, step := range map[string]string{
		"approval": `{id: late, ask: approval, with: {title: "{{ event.text }}", by: {any: ["@ops"]}}}`,
		"choice":   `{id: late, ask: choice, with: {title: "{{ event.text }}", by: {any: ["@ops"]}, options: [a, b]}}`,
	} {
		r := begin(t, `
  - {id: one, set: {`+all+`}}
  - `+step+"\n", map[string]any{"text": strings.Repeat("x", 1<<20-10)})
		if r.s.Status() != engine.RunParked {
			t.Fatalf("%s: it is %s, and was to be parked", kind, r.s.Status())
		}
		r.told = nil
		r.feed(engine.Entry{Kind: engine.StepRetry, Path: "late", By: "ann"})
		var kinds []string
		for _, n := range r.told {
			kinds = append(kinds, string(n.Kind))
		}
		if got, want := strings.Join(kinds, " "), string(engine.NoticeMended)+" "+string(engine.NoticeAsk); got != want {
			t.Errorf("%s: told %q, wanted %q", kind, got, want)
		}
		if again, err := r.p.Replay(r.journal); err != nil || string(again.Encode()) != string(r.s.Encode()) {
			t.Errorf("%s: replay gives another state (%v)", kind, err)
		}
	}
}

// A vote for a question that was left out is refused, instead of being kept for something that never comes.
func TestLateVotes(t *testing.T) {
	r := begin(t, `
  - {id: never, when: "{{ false }}", ask: approval, with: {title: "Go?", by: {any: ["@ops"]}}}
  - {id: pause, wait: {for: 1h}}
  - {id: soon, ask: approval, with: {title: "Go?", by: {any: ["@ops"]}}}
`, nil)
	for path, want := range map[string]engine.Verdict{"never": engine.NotNow, "soon": engine.Counted, "nowhere": engine.NotNow, "soon[0]/never": engine.NotNow} {
		e := engine.Entry{Seq: r.s.Seq() + 1, At: 1_800_000_000_000, Kind: engine.AskVoted, Path: path, By: "ann", Format: engine.EntryFormat,
			Head: mustJSON(engine.VoteHead{Choice: "approve", Groups: []string{"@ops"}})}
		cmds, err := r.p.Apply(r.s.Clone(), r.journal, e)
		if err != nil || len(cmds) != 1 || cmds[0].(fold.Reply).Answer.Verdict != want {
			t.Errorf("%s: %+v (%v), wanted %s", path, cmds, err, want)
		}
	}
}

// Who answers again and again before anything is asked does not make a run large.
func TestEarlyAnswersAreBounded(t *testing.T) {
	r := begin(t, `
  - {id: pause, wait: {for: 1h}}
  - {id: go, ask: approval, with: {title: "Go?", by: {any: ["@ops"]}}}
  - {id: pick, ask: choice, with: {title: "Which?", by: {any: ["@ops"]}, options: [a, b]}}
`, nil)
	kept := 0
	for i := range 1000 {
		e := engine.Entry{Seq: r.s.Seq() + 1, At: 1_800_000_000_000, Kind: engine.AskVoted, Path: "go", By: fmt.Sprint("p", i), Format: engine.EntryFormat,
			Head: mustJSON(engine.VoteHead{Choice: "approve", Groups: []string{"@ops"}})}
		if i%2 == 1 {
			e.Kind, e.Path, e.Head, e.Data = engine.AskAnswered, "pick", mustJSON(engine.AnswerHead{Groups: []string{"@ops"}}), mustJSON(map[string]any{"choice": "a"})
		}
		r.journal = append(r.journal, e)
		cmds, err := r.p.Apply(r.s, r.journal, e)
		if err != nil {
			t.Fatal(err)
		}
		if cmds[0].(fold.Reply).Answer.Verdict == engine.Counted {
			kept++
		} else {
			r.journal = r.journal[:len(r.journal)-1]
		}
	}
	if kept == 0 || kept > 500 {
		t.Errorf("%d were kept", kept)
	}
}
