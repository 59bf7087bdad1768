package fold_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// turn lets one thing happen. kind makes the world friendly, so that every run ends.
func (w *world) turn(kind bool) error {
	w.now += int64(w.rnd.IntN(60_000))
	if !kind && w.rnd.IntN(6) == 0 {
		_, err := w.disturb()
		return err
	}
	switch n := w.rnd.IntN(10); {
	case len(w.tasks) > 0 && n < 6:
		return w.perform(w.rnd.IntN(len(w.tasks)), kind)
	case kind && w.question()+w.trouble() != "" && n < 9:
		return w.people(kind)
	case len(w.calls) > 0 && n < 7:
		return w.callEnds(kind)
	case len(w.lines) > 0 && n < 7:
		return w.gateSays()
	case len(w.waits) > 0 && n < 7:
		return w.arrive()
	case len(w.timers) > 0 && n < 8:
		return w.fire()
	case !kind && n == 9 && w.rnd.IntN(30) == 0:
		_, err := w.feed(engine.Entry{Kind: engine.RunCancel, By: "p1", Head: mustJSON(engine.EndHead{Reason: "enough"})})
		return err
	}
	return w.people(kind)
}

// disturb is what must change nothing or come to the same: crashes, duplicates, clicks at the wrong time.
func (w *world) disturb() (engine.Answer, error) {
	switch w.rnd.IntN(6) {
	case 5:
		path := fmt.Sprintf("q%d", 1+w.rnd.IntN(8))
		a, err := w.feed(engine.Entry{Kind: engine.AskAnswered, Path: path, By: "p5", Head: mustJSON(engine.AnswerHead{Groups: people["p5"]}),
			Data: mustJSON(map[string]any{"choice": "b", "fields": map[string]any{"n": 1}})})
		if err == nil && a.Verdict == engine.Counted && !a.Decided {
			w.seen["early answer"]++
		}
		return a, err
	case 0:
		return engine.Answer{}, w.crash()
	case 1:
		if len(w.old) == 0 {
			break
		}
		w.seen["duplicate"]++
		e := w.old[w.rnd.IntN(len(w.old))]
		if w.awaited(e) {
			break
		}
		a, err := w.feed(e)
		if err == nil && a.Verdict != engine.NotNow && a.Verdict != engine.Ended {
			err = fmt.Errorf("an outcome counted twice: %s %s", e.Kind, e.Path)
		}
		return a, err
	case 2:
		return w.feed(engine.Entry{Kind: engine.TimerFired, Head: mustJSON(engine.TimerHead{Timer: "retry:c1"}), At: 1})
	case 3:
		path := fmt.Sprintf("a%d", 1+w.rnd.IntN(8))
		by := names[w.rnd.IntN(len(names))]
		a, err := w.feed(engine.Entry{Kind: engine.AskVoted, Path: path, By: by, Head: mustJSON(engine.VoteHead{
			Choice: "approve", Plan: "0000", Groups: people[by],
		})})
		switch a.Verdict {
		case engine.Counted:
			w.seen["early vote"]++
		case engine.Already, engine.Ended:
			w.seen["late click"]++
		case engine.OldPlan:
			w.seen["old plan"]++
		}
		return a, err
	case 4:
		path := fmt.Sprintf("c%d", 1+w.rnd.IntN(8))
		return w.feed(engine.Entry{Kind: engine.OutcomeGiven, Path: path, By: "p1", Head: mustJSON(engine.OutcomeHead{Choice: "perhaps"})})
	}
	return engine.Answer{}, nil
}

// crash loses everything that was not committed.
func (w *world) crash() error {
	w.seen["crash"]++
	s, err := fold.Decode(w.s.Encode())
	if err != nil {
		return err
	}
	w.s = s
	for _, t := range append([]task(nil), w.tasks...) {
		if !t.started {
			continue
		}
		w.seen["lost"]++
		if w.rnd.IntN(2) == 0 {
			w.effects[t.Key] = true
		}
		if _, err := w.feed(engine.Entry{Kind: engine.AttemptLost, Path: t.Path, Attempt: t.Attempt}); err != nil {
			return err
		}
	}
	return nil
}

var classes = []engine.FailureClass{
	engine.NotSent, engine.Busy, engine.Unsure, engine.Unsure, engine.Unauthorized, engine.Rejected, engine.Garbled, engine.Forbidden,
}

// perform lets a task make one step: its intent, then its outcome.
func (w *world) perform(i int, kind bool) error {
	t := &w.tasks[i]
	if t.Intent && !t.started {
		t.started = true
		_, err := w.feed(engine.Entry{Kind: engine.AttemptStarted, Path: t.Path, Attempt: t.Attempt})
		return err
	}
	e := engine.Entry{Kind: engine.StepDone, Path: t.Path, Attempt: t.Attempt}
	switch {
	case t.Probe:
		e.Kind = engine.ProbeDone
		found := engine.ProbeNot
		if w.effects[t.Key] {
			found = engine.ProbeHappened
			e.Data = mustJSON(map[string]any{"answer": "probed"})
		}
		if w.rnd.IntN(4) == 0 {
			found, e.Data = engine.ProbeUnsure, nil
		}
		e.Head = mustJSON(engine.ProbeHead{Found: found})
	case kind || w.rnd.IntN(5) < 3:
		w.effects[t.Key] = true
		e.Data = mustJSON(map[string]any{"answer": w.rnd.IntN(100)})
	default:
		c := classes[w.rnd.IntN(len(classes))]
		if c == engine.Garbled || c == engine.Unsure && w.rnd.IntN(2) == 0 {
			w.effects[t.Key] = true
		}
		e.Kind = engine.StepFailed
		e.Head = mustJSON(engine.Failure{Class: c, Code: engine.Refused, Msg: "no", Status: 500, After: int64(w.rnd.IntN(5000))})
	}
	w.old = append(w.old, e)
	_, err := w.feed(e)
	return err
}

// fire lets the next timer come, some time after it is due.
func (w *world) fire() error {
	id, at := "", int64(0)
	for k, v := range w.timers {
		if id == "" || v < at || v == at && k < id {
			id, at = k, v
		}
	}
	w.now = max(w.now, at+int64(w.rnd.IntN(1000)))
	delete(w.timers, id)
	if strings.HasPrefix(id, "expire:") {
		w.seen["expired"]++
	}
	if strings.HasPrefix(id, "limit:") {
		w.seen["took too long"]++
	}
	if path, ok := strings.CutPrefix(id, "wait:"); ok && w.waits[path] != "" {
		w.seen["no reply"]++
	}
	a, err := w.feed(engine.Entry{Kind: engine.TimerFired, Head: mustJSON(engine.TimerHead{Timer: id})})
	if err == nil && a.Verdict == engine.NotNow {
		err = fmt.Errorf("timer %s came and meant nothing", id)
	}
	return err
}

// people lets a person answer whatever waits for one.
func (w *world) people(kind bool) error {
	if w.rnd.IntN(lookEvery) == 0 {
		if err := w.shown(); err != nil {
			return err
		}
	}
	if path := w.question(); path != "" {
		a, _, err := w.p.AskAt(w.s, w.values(), path)
		if err != nil {
			return err
		}
		return w.answer(a, kind)
	}
	path := w.trouble()
	switch a := w.s.Active[path]; {
	case path == "":
		return nil
	case a.Phase == "outcome":
		return w.judge(path)
	case w.s.Garbled(path), a.Failure.Class == engine.Garbled && a.Attempt > 0:
		return w.garbled(path)
	}
	return w.mend(path, kind)
}

func active(s *fold.State, path string) bool { _, ok := s.Active[path]; return ok }

// arrive brings what a wait waits for, from anybody.
func (w *world) arrive() error {
	paths := slices.Sorted(maps.Keys(w.waits))
	path := paths[w.rnd.IntN(len(paths))]
	by := names[w.rnd.IntN(len(names))]
	w.came++
	h := engine.ArrivalHead{Key: w.waits[path], ID: fmt.Sprint("m", w.came), Groups: people[by]}
	if w.rnd.IntN(6) == 0 {
		h.Key = "reply:elsewhere"
	}
	e := engine.Entry{Kind: engine.WaitAnswered, Path: path, By: by, Head: mustJSON(h), Data: mustJSON(map[string]any{"text": "yes"})}
	a, err := w.feed(e)
	if err != nil || a.Verdict != engine.Counted {
		return err
	}
	if h.Key == "reply:elsewhere" {
		return fmt.Errorf("%s took a reply to something else", path)
	}
	if w.wants[path] && !slices.Contains(h.Groups, "@one") {
		return fmt.Errorf("%s took a reply of a stranger", path)
	}
	w.seen["reply"]++
	if a, err := w.feed(e); err == nil && a.Verdict == engine.Counted && w.waits[path] == "" {
		return fmt.Errorf("a wait was answered twice (%v)", err)
	}
	return nil
}

// fill answers a choice or a form, sometimes wrongly.
func (w *world) fill(a engine.AskView) error {
	by := names[w.rnd.IntN(len(names))]
	e := engine.Entry{Kind: engine.AskAnswered, Path: a.Path, By: by, Head: mustJSON(engine.AnswerHead{Groups: people[by]})}
	if a.Kind == engine.AskChoice {
		value := a.Options[w.rnd.IntN(len(a.Options))].Value
		e.Data = mustJSON(map[string]any{"choice": []string{value, value, value, "nonsense"}[w.rnd.IntN(4)]})
	} else {
		e.Data = mustJSON(map[string]any{"fields": map[string]any{"n": []any{5, "6", "x", nil}[w.rnd.IntN(4)], "why": "because"}})
	}
	got, err := w.feed(e)
	if err != nil || got.Verdict != engine.Counted {
		if got.Verdict == engine.BadAnswer {
			w.seen["bad answer"]++
		}
		return err
	}
	w.seen[a.Kind]++
	return w.acknowledged(a, by, "answer")
}

func (w *world) answer(a engine.AskView, kind bool) error {
	if a.Kind != engine.AskApproval {
		return w.fill(a)
	}
	by := names[w.rnd.IntN(len(names))]
	if a.Auto {
		w.seen["gate"]++
	}
	if a.Again {
		w.seen["asked again"]++
	}
	head := engine.VoteHead{Choice: "approve", Plan: a.Plan.Hash, Groups: people[by], Via: "test"}
	e := engine.Entry{Kind: engine.AskVoted, Path: a.Path, By: by}
	switch n := w.rnd.IntN(12); {
	case n == 0 && !kind:
		head.Choice = "deny"
	case n < 3 && len(a.Edit) > 0:
		e.Kind = engine.AskEdited
		e.Data = mustJSON(map[string]any{a.Edit[0]: fmt.Sprint("edited ", w.rnd.IntN(3))})
	}
	e.Head = mustJSON(head)
	got, err := w.feed(e)
	if err != nil || got.Verdict != engine.Counted {
		return err
	}
	if head.Choice == "deny" {
		w.seen["denied"]++
	}
	if e.Kind == engine.AskEdited {
		w.seen["edit"]++
	}
	return w.acknowledged(a, by, head.Choice)
}

// acknowledged: a click that was answered as counted is in the run.
func (w *world) acknowledged(was engine.AskView, by, choice string) error {
	a, ok, err := w.p.AskAt(w.s, w.values(), was.Path)
	if err != nil {
		return err
	}
	if !ok { // in a round that is over
		v, err := w.view()
		if err != nil {
			return err
		}
		i := slices.IndexFunc(v.Asks, func(a engine.AskView) bool { return a.Path == was.Path && a.Opened >= was.Opened })
		if i < 0 {
			return fmt.Errorf("the approval %s is gone", was.Path)
		}
		a = v.Asks[i]
	}
	if len(a.Lapsed) > len(was.Lapsed) {
		w.seen["lapsed"]++
	}
	if a.DecidedBy == by || choice == "deny" || a.EditedBy == by || a.Opened > was.Opened {
		return nil
	}
	for _, vote := range append(a.Votes, a.Lapsed...) {
		if vote.By == by {
			return nil
		}
	}
	return fmt.Errorf("%s's %s on %s was acknowledged and is nowhere", by, choice, was.Path)
}

func (w *world) mend(path string, kind bool) error {
	if path[strings.LastIndexByte(path, '/')+1] == 'c' && (kind || w.rnd.IntN(2) == 0) {
		w.seen["fixed"]++
		_, err := w.feed(engine.Entry{Kind: engine.StepFixed, Path: path, By: "p2", Data: mustJSON(map[string]any{"x": "mended"})})
		return err
	}
	if kind {
		_, err := w.feed(engine.Entry{Kind: engine.RunCancel, By: "p2"})
		return err
	}
	w.seen["retried"]++
	// A person who retries a step that had answered 2xx unreadably knows what they do.
	w.again[w.s.Head.Run+"/"+path] = true
	_, err := w.feed(engine.Entry{Kind: engine.StepRetry, Path: path, By: "p2"})
	return err
}

// garbled: a call that took effect is not sent again, even if a person asks for it without thinking.
func (w *world) garbled(path string) error {
	w.seen["garbled"]++
	if a, err := w.feed(engine.Entry{Kind: engine.StepRetry, Path: path, By: "p2"}); err != nil || a.Verdict == engine.Counted {
		return err // counted only where repeating does no harm: mayDo holds that
	}
	_, err := w.feed(engine.Entry{
		Kind: engine.OutcomeGiven, Path: path, By: "p3", Head: mustJSON(engine.OutcomeHead{Choice: "happened"}), Data: mustJSON(map[string]any{"answer": 9}),
	})
	return err
}

func (w *world) judge(path string) error {
	w.seen["unknown"]++
	choice := []string{"happened", "again", "stop"}[w.rnd.IntN(3)]
	e := engine.Entry{Kind: engine.OutcomeGiven, Path: path, By: "p3", Head: mustJSON(engine.OutcomeHead{Choice: choice})}
	switch choice {
	case "happened":
		w.seen["happened"]++
		e.Data = mustJSON(map[string]any{"answer": 7})
	case "again":
		w.seen["again"]++
		for _, k := range []string{"", "~1", "~2", "~3", "~4"} {
			w.again[w.s.Head.Run+"/"+path+k] = true
		}
	}
	_, err := w.feed(e)
	return err
}
