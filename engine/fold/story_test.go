package fold_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/fold"
)

var update = flag.Bool("update", false, "write what the stories give now")

// TestStories plays testdata/format1/*.txtar: a flow, what happens to a run of it, and what the fold answered. The
// journal in each file is a recorded run of format 1: it must replay for ever (R4).
func TestStories(t *testing.T) {
	names, err := filepath.Glob("testdata/format1/*.txtar")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d stories found (%v)", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			p := compile(t, file(ar, "flow.yaml"))
			if old := file(ar, "journal"); len(old) > 0 {
				replay(t, p, old)
			}
			s := &story{t: t, p: p, state: fold.NewState(), now: 1_800_000_000_000}
			for line := range strings.Lines(string(file(ar, "script"))) {
				s.play(strings.TrimSpace(line))
			}
			var journal bytes.Buffer
			for _, e := range s.journal {
				journal.Write(mustJSON(e))
				journal.WriteByte('\n')
			}
			if *update {
				set(ar, "said", s.said.Bytes())
				set(ar, "journal", journal.Bytes())
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got, want := s.said.String(), string(file(ar, "said")); got != want {
				t.Errorf("said\n%s\nwant\n%s", got, want)
			}
			if got, want := journal.String(), string(file(ar, "journal")); got != want {
				t.Errorf("journal\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func file(ar *txtar.Archive, name string) []byte {
	for _, f := range ar.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func set(ar *txtar.Archive, name string, data []byte) {
	for i := range ar.Files {
		if ar.Files[i].Name == name {
			ar.Files[i].Data = data
			return
		}
	}
	ar.Files = append(ar.Files, txtar.File{Name: name, Data: data})
}

func compile(t *testing.T, source []byte) *fold.Program {
	t.Helper()
	f, problems := flow.Parse(source)
	if problems.Bad() {
		t.Fatal(problems)
	}
	p, problems := fold.Compile(f, newCatalog())
	if problems.Bad() {
		t.Fatal(problems)
	}
	return p
}

func replay(t *testing.T, p *fold.Program, lines []byte) {
	t.Helper()
	var entries []engine.Entry
	sc := bufio.NewScanner(bytes.NewReader(lines))
	for sc.Scan() {
		var e engine.Entry
		if err := json.Unmarshal(sc.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	if _, err := p.Replay(entries); err != nil && !*update {
		t.Errorf("the recorded run does not replay: %v", err)
	}
}

// story plays the lines of a script. Words are: start n=5 by=p1 cleared=c1 kept={…} undo=[…] send=[…] | begin PATH | done PATH JSON |
// fail PATH CLASS [after=ms] | lost PATH | probe PATH found [JSON] | vote PATH PERSON approve|deny [reason] [plan=…] |
// edit PATH PERSON JSON | answer PATH PERSON JSON | reply PATH PERSON JSON [in a wait] |
// called PATH STATE [JSON] | gate PATH granted|refused [reason] | retry PATH | fix PATH JSON | outcome PATH choice [JSON] | cancel | wait 10m | timer ID | see.
type story struct {
	t       *testing.T
	p       *fold.Program
	state   *fold.State
	journal fold.Journal
	now     int64
	said    bytes.Buffer
	asked   map[string]*fold.Acquire // of gates, by path
}

func (s *story) play(line string) {
	if line == "" || line[0] == '#' {
		return
	}
	fmt.Fprintf(&s.said, "> %s\n", line)
	words := strings.SplitN(line, " ", 4)
	for len(words) < 4 {
		words = append(words, "")
	}
	if words[0] == "wait" {
		d, err := flow.Duration(words[1])
		if err != nil {
			s.t.Fatal(err)
		}
		s.now += d.Milliseconds()
		return
	}
	if words[0] == "see" {
		s.see()
		return
	}
	s.feed(s.entry(words))
}

func (s *story) entry(w []string) engine.Entry {
	attempt := 0
	if a := s.state.Active[w[1]]; a != nil {
		attempt = a.Attempt
	}
	e := engine.Entry{Path: w[1]}
	switch w[0] {
	case "start":
		h := engine.StartHead{Run: "r", Number: 12, Flow: "story", Version: 1, Trigger: "story:test.fired"}
		data := map[string]any{}
		ev := engine.Event{ID: "e", Key: "k", At: s.now, Trigger: "test.fired", Data: data}
		for _, kv := range strings.Fields(strings.Join(w[1:], " ")) {
			k, v, _ := strings.Cut(kv, "=")
			switch n, err := strconv.Atoi(v); {
			case k == "by":
				h.By = v
			case k == "parent":
				h.Parent = &engine.Parent{Run: v, Number: 3, Path: "sub", Wait: true}
			case k == "kept": // of run r0, by step id
				if err := json.Unmarshal([]byte(v), &ev.Kept); err != nil {
					s.t.Fatal(err)
				}
				h.Again = &engine.AgainHead{Run: "r0", Number: 11, Version: 1, Kept: slices.Sorted(maps.Keys(ev.Kept))}
			case k == "undo": // of run r0
				h.Undo = &engine.UndoHead{Run: "r0", Number: 11}
				if err := json.Unmarshal([]byte(v), &h.Undo.Steps); err != nil {
					s.t.Fatal(err)
				}
			case k == "send": // what the steps of an undoing run send
				if err := json.Unmarshal([]byte(v), &ev.Undo); err != nil {
					s.t.Fatal(err)
				}
			case k == "cleared":
				h.Cleared = strings.Split(v, ",")
			case err == nil:
				data[k] = n
			default:
				data[k] = v
			}
		}
		return engine.Entry{Kind: engine.RunStarted, Head: mustJSON(h), Data: mustJSON(ev)}
	case "begin":
		e.Kind, e.Attempt = engine.AttemptStarted, attempt
	case "done":
		e.Kind, e.Attempt, e.Data = engine.StepDone, attempt, s.json(w[2]+w[3])
	case "fail":
		f := engine.Failure{Class: engine.FailureClass(w[2]), Code: engine.Refused, Msg: "{peer} said no", Args: engine.Args("peer", "tracker")}
		if after, ok := strings.CutPrefix(w[3], "after="); ok {
			f.After, _ = strconv.ParseInt(after, 10, 64)
		}
		e.Kind, e.Attempt, e.Head = engine.StepFailed, attempt, mustJSON(f)
	case "lost":
		e.Kind, e.Attempt = engine.AttemptLost, attempt
	case "probe":
		e.Kind, e.Attempt, e.Head, e.Data = engine.ProbeDone, attempt, mustJSON(engine.ProbeHead{Found: engine.ProbeFound(w[2])}), s.json(w[3])
	case "vote", "edit":
		h := engine.VoteHead{Choice: "approve", Groups: people[w[2]], Via: "console"}
		if k := s.state.Asks[w[1]]; k != nil {
			h.Plan = k.Hash
		}
		e.Kind, e.By = engine.AskVoted, w[2]
		if w[0] == "edit" {
			e.Kind, e.Data = engine.AskEdited, s.json(w[3])
		} else {
			choice, more, _ := strings.Cut(w[3], " ")
			h.Choice = choice
			if plan, ok := strings.CutPrefix(more, "plan="); ok {
				h.Plan = plan
			} else {
				h.Reason = more
			}
		}
		e.Head = mustJSON(h)
	case "answer":
		e.Kind, e.By, e.Data = engine.AskAnswered, w[2], s.json(w[3])
		e.Head = mustJSON(engine.AnswerHead{Groups: people[w[2]], Via: "console"})
	case "reply":
		h := engine.ArrivalHead{ID: "m1", Groups: people[w[2]]}
		if a := s.state.Active[w[1]]; a != nil {
			h.Key = a.Key
		}
		e.Kind, e.By, e.Head, e.Data = engine.WaitAnswered, w[2], mustJSON(h), s.json(w[3])
	case "called":
		h := engine.CallHead{Number: 13, State: engine.RunState(w[2])}
		if a := s.state.Active[w[1]]; a != nil {
			h.Run = a.Child
		}
		e.Kind, e.Head, e.Data = engine.CallEnded, mustJSON(h), s.json(w[3])
	case "gate":
		h := engine.GateHead{Answer: w[2], Reason: w[3]}
		if a := s.asked[w[1]]; a != nil {
			h.Gate, e.Data = a.Gate, a.Data
		}
		e.Kind, e.Head = engine.GateAnswered, mustJSON(h)
	case "retry":
		e.Kind, e.By = engine.StepRetry, "p1"
	case "fix":
		e.Kind, e.By, e.Data = engine.StepFixed, "p1", s.json(w[2]+w[3])
	case "outcome":
		e.Kind, e.By, e.Head, e.Data = engine.OutcomeGiven, "p1", mustJSON(engine.OutcomeHead{Choice: w[2]}), s.json(w[3])
	case "cancel":
		e.Kind, e.Path, e.By, e.Head = engine.RunCancel, "", "p1", mustJSON(engine.EndHead{Reason: "enough"})
	case "timer":
		e.Kind, e.Path, e.Head = engine.TimerFired, "", mustJSON(engine.TimerHead{Timer: w[1]})
	default:
		s.t.Fatalf("no word %q", w[0])
	}
	return e
}

func (s *story) json(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	v, err := engine.DecodeJSON([]byte(text))
	if err != nil {
		s.t.Fatalf("%q: %v", text, err)
	}
	return mustJSON(v)
}

func (s *story) feed(e engine.Entry) {
	e.Seq, e.At, e.Format = s.state.Seq()+1, s.now, engine.EntryFormat
	cmds, err := s.p.Apply(s.state, append(s.journal[:len(s.journal):len(s.journal)], e), e)
	if err != nil {
		s.t.Fatal(err)
	}
	if len(cmds) > 0 {
		if r, ok := cmds[0].(fold.Reply); ok && r.Answer.Verdict != engine.Counted {
			s.line(cmds[0])
			return
		}
	}
	s.journal = append(s.journal, e)
	for _, c := range cmds {
		if r, ok := c.(fold.Record); ok {
			s.journal = append(s.journal, r.Entry)
		}
		s.line(c)
	}
	fmt.Fprintf(&s.said, "  = %s\n", s.state.Status())
}

func (s *story) line(c fold.Command) {
	switch c := c.(type) {
	case fold.Record:
		fmt.Fprintf(&s.said, "  record %s %s %s %s\n", c.Entry.Kind, c.Entry.Path, c.Entry.Head, c.Entry.Data)
	case fold.Do:
		fmt.Fprintf(&s.said, "  do %s %s #%d %s key=%s intent=%v probe=%v\n", c.Task.Path, c.Task.Action, c.Task.Attempt, c.Task.Input, c.Task.Key, c.Task.Intent, c.Task.Probe)
	case fold.SetTimer:
		fmt.Fprintf(&s.said, "  timer %s in %s\n", c.ID, time.Duration(c.At-s.now)*time.Millisecond)
	case fold.CancelTimer:
		fmt.Fprintf(&s.said, "  no timer %s\n", c.ID)
	case fold.Await:
		fmt.Fprintf(&s.said, "  await %s at %s from %q\n", c.Key, c.Path, c.From)
	case fold.Unawait:
		fmt.Fprintf(&s.said, "  await nothing at %s\n", c.Path)
	case fold.Acquire:
		if s.asked == nil {
			s.asked = map[string]*fold.Acquire{}
		}
		s.asked[c.Path] = &c
		fmt.Fprintf(&s.said, "  ask gate %s at %s: %s\n", c.Gate, c.Path, mustJSON(c.Rule))
	case fold.Release:
		fmt.Fprintf(&s.said, "  give back the gate at %s\n", c.Path)
	case fold.Call:
		fmt.Fprintf(&s.said, "  call %s %s@%d as %s with %s wait=%v\n", c.Path, c.Flow, c.Version, c.Run, mustJSON(c.Input), c.Wait)
	case fold.CancelRun:
		fmt.Fprintf(&s.said, "  cancel %s: %s\n", c.Run, c.Reason)
	case fold.Return:
		fmt.Fprintf(&s.said, "  return to %s at %s %s %s\n", c.To, c.Path, mustJSON(c.Head), c.Data)
	case fold.Tell:
		fmt.Fprintf(&s.said, "  tell %s %s %s\n", c.Notice.Kind, c.Notice.Topic, c.Notice.Data)
	case fold.Reply:
		fmt.Fprintf(&s.said, "  answer %s\n", mustJSON(c.Answer))
	case fold.Finish:
		fmt.Fprintf(&s.said, "  finish %s %s\n", c.State, c.Reason)
	}
}

func (s *story) see() {
	v, err := s.p.View(s.state, s.journal)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, st := range v.Steps {
		fmt.Fprintf(&s.said, "  step %d %s %s %d/%d in=%s out=%s %s\n", st.Index, st.Path, st.State, st.Attempts, st.Max, st.Input, st.Output, st.Reason)
		if st.Rounds+st.Hidden > 0 {
			fmt.Fprintf(&s.said, "    of %d rounds, %d hidden\n", st.Rounds, st.Hidden)
		}
	}
	for _, a := range v.Asks {
		if a.Kind != engine.AskApproval {
			fields := 0
			if a.Fields != nil {
				fields = len(a.Fields.Fields)
			}
			fmt.Fprintf(&s.said, "  ask %s %s %s %q options=%s fields=%d by=%s answer=%s\n", a.Path, a.Kind, a.State, a.Title, mustJSON(a.Options), fields, a.DecidedBy, a.Answer)
			continue
		}
		fmt.Fprintf(&s.said, "  ask %s %s %q plan=%s %s by=%s votes=%d lapsed=%d\n", a.Path, a.State, a.Title, a.Plan.Short(), mustJSON(a.Plan), a.DecidedBy, len(a.Votes), len(a.Lapsed))
	}
}
