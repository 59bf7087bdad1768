package bot_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// question puts a choice or a form before @triage.
func (w *world) question(a engine.AskView) {
	w.t.Helper()
	a.Path, a.State, a.Mode, a.Groups, a.Need, a.Revision = "which", engine.CardOpen, "any", []string{"@triage"}, 1, 1
	w.runs.set(engine.RunView{RunHead: engine.RunHead{ID: "run-12", Number: 12, Flow: "bug-triage", State: engine.RunWaiting}, Place: triage,
		Steps: []engine.StepView{{Path: "which", Kind: "ask", Index: 1, State: engine.StepWaiting}}, Asks: []engine.AskView{a}})
	w.raise(engine.NoticeAsk, "ask", "run-12", "which", nil)
	w.deliver()
}

func TestAChoiceIsAnswered(t *testing.T) {
	for _, many := range []bool{false, true} {
		w := newWorld(t)
		options := []engine.AskOption{{Value: "s", Label: "Small"}, {Value: "l", Label: "Large"}}
		for n := 0; many && n < 6; n++ {
			options = append(options, engine.AskOption{Value: string(rune('a' + n))})
		}
		w.question(engine.AskView{Kind: engine.AskChoice, Title: "Which size?", Options: options})
		card := w.card(w.chat, "ask:run-12/which")
		var r bot.Reply
		var err error
		if many {
			r, err = w.choose("bob", token(t, card, "choose"), "l")
		} else {
			r, err = w.press("bob", token(t, card, "choose1"))
		}
		if _, ok := r.(bot.Nothing); !ok || err != nil || len(w.runs.signals) != 1 {
			t.Fatalf("got %#v %v", r, err)
		}
		s := w.runs.signals[0]
		var h engine.AnswerHead
		if err := json.Unmarshal(s.Head, &h); err != nil {
			t.Fatal(err)
		}
		if s.Kind != engine.AskAnswered || string(s.Data) != `{"choice":"l"}` || len(h.Groups) != 1 || h.Via != "slack" {
			t.Errorf("signal %+v %s", s, s.Data)
		}
	}
}

func TestAFormIsFilledIn(t *testing.T) {
	w := newWorld(t)
	w.question(engine.AskView{Kind: engine.AskForm, Title: "Details?", Form: json.RawMessage(`[{"name":"reason","title":"Why?","required":true},{"name":"amount","type":"number"}]`)})
	tok := token(t, w.card(w.chat, "ask:run-12/which"), "fill")
	d, ok := mustReply(w.press("bob", tok)).(bot.Dialog)
	if !ok || len(d.Form.Fields) != 2 {
		t.Fatalf("got %#v", d)
	}
	r, err := w.submit("bob", tok, map[string]string{"reason": "", "amount": "many"})
	if e, ok := r.(bot.FieldErrors); !ok || err != nil || e.Errors["reason"] == "" || !strings.Contains(e.Errors["amount"], "not a number") {
		t.Errorf("got %#v %v", r, err)
	}
	w.runs.answer = func(engine.Signal) (engine.Answer, error) {
		return engine.Answer{Verdict: engine.BadAnswer, Fields: map[string]*engine.Error{"reason": engine.E(engine.Invalid, "too short")}}, nil
	}
	r, _ = w.submit("bob", tok, map[string]string{"reason": "x", "amount": "7"})
	if e, ok := r.(bot.FieldErrors); !ok || e.Errors["reason"] != "too short" {
		t.Errorf("what the run finds wrong: %#v", r)
	}
	w.runs.answer = nil
	w.must(w.submit("bob", tok, map[string]string{"reason": "late", "amount": "7"}))
	if s := w.runs.signals[len(w.runs.signals)-1]; s.Kind != engine.AskAnswered || string(s.Data) != `{"fields":{"amount":7,"reason":"late"}}` {
		t.Errorf("signal %s %s", s.Kind, s.Data)
	}
	if r, err := w.press("vic", tok); err != nil || !strings.Contains(w.text(r, err), "Only @triage") {
		t.Errorf("somebody else: %s", w.text(r, err))
	}
}

func TestWhoIsNotAskedMayAskThem(t *testing.T) {
	w := newWorld(t)
	w.ask()
	refused, ok := mustReply(w.press("vic", token(t, w.card(w.chat, "ask:run-12/review"), "approve"))).(bot.Private)
	if !ok {
		t.Fatal("no answer")
	}
	for i, want := range []string{"@triage is asked", "@triage was asked less than an hour ago", "@triage is asked"} {
		if i == 2 {
			w.now = w.now.Add(time.Hour + time.Minute)
		}
		if got := w.text(w.press("vic", token(t, refused.Card, "nudge"))); !strings.Contains(got, want) {
			t.Errorf("press %d: got %q", i+1, got)
		}
		w.deliver()
		if n := w.chat.count("nudge:"); n != 1+i/2 {
			t.Errorf("%d lines below the question after press %d", n, i+1)
		}
	}
}

func TestAnEmptyGroupIsFilledFromItsCard(t *testing.T) {
	w := newWorld(t)
	w.must(w.bot.SetGroup(w.ctx, bot.Operator, "triage", nil, false))
	w.ask()
	tok := token(t, w.card(w.cons, "empty:run-12/review"), "choose_who")
	if _, err := w.press("vic", tok); engine.CodeOf(err) != engine.Denied {
		t.Errorf("got %v", err)
	}
	d, ok := mustReply(w.press("mia", tok)).(bot.Dialog)
	if !ok || len(d.Form.Fields[0].Options) != 5 {
		t.Fatalf("got %#v", d)
	}
	if e, ok := mustReply(w.submit("mia", tok, map[string]string{"who": "nobody"})).(bot.FieldErrors); !ok || e.Errors["who"] == "" {
		t.Errorf("got %#v", e)
	}
	w.must(w.submit("mia", tok, map[string]string{"who": "bob\nkim"}))
	w.deliver()
	w.must(w.press("bob", token(t, w.card(w.chat, "ask:run-12/review"), "approve")))
	if len(w.runs.signals) != 1 {
		t.Error("filled, it can be decided")
	}
}

// Many at once save one draft: each save is kept or its author is told, none is lost silently.
func TestManySaveOneDraftAtOnce(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	const n = 8
	ins := make([]bot.In, n)
	for i := range ins {
		f := w.form(w.button("ann", "settings"))
		ins[i] = w.at(bot.InSubmit, "ann")
		ins[i].Token, ins[i].Fields = f.Token, map[string]string{"title": "Title " + string(rune('A'+i)), "channel": "#triage"}
	}
	saved, told := make([]bool, n), make([]bool, n)
	var all sync.WaitGroup
	for i := range ins {
		all.Go(func() {
			r, err := w.bot.Handle(w.ctx, ins[i])
			if err != nil {
				t.Error(err)
			}
			switch r := r.(type) {
			case bot.Nothing:
				saved[i] = true
			case bot.Private:
				told[i] = strings.Contains(prompts.PlainCard(r.Card), "saved this draft")
			}
		})
	}
	all.Wait()
	count := 0
	for i := range ins {
		if saved[i] == told[i] {
			t.Errorf("%d: saved %v, told %v", i, saved[i], told[i])
		}
		if saved[i] {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d of %d saves of one revision went through", count, n)
	}
}
