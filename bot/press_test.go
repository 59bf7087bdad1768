package bot_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

func TestApproveCarriesEvidence(t *testing.T) {
	w := newWorld(t)
	v := w.ask("@triage", "@sales")
	tok := token(t, w.card(w.chat, "ask:run-12/review"), "approve")
	r, err := w.press("bob", tok)
	if _, ok := r.(bot.Nothing); !ok || err != nil {
		t.Fatalf("got %#v, %v", r, err)
	}
	if len(w.runs.signals) != 1 {
		t.Fatalf("%d signals", len(w.runs.signals))
	}
	s := w.runs.signals[0]
	var h engine.VoteHead
	if err := json.Unmarshal(s.Head, &h); err != nil {
		t.Fatal(err)
	}
	if s.Kind != engine.AskVoted || s.Run != v.ID || s.Path != "review" || s.By != w.ids["bob"] || !strings.HasPrefix(s.Source, "slack/d") {
		t.Errorf("signal %+v", s)
	}
	if h.Choice != "approve" || h.Plan != v.Asks[0].Plan.Hash || len(h.Groups) != 1 || h.Groups[0] != "@triage" || h.Via != "slack" || h.GroupsAt != engine.Millis(w.now) {
		t.Errorf("head %+v", h)
	}
}

func TestWhoIsAsked(t *testing.T) {
	for _, c := range []struct {
		group, who string
		surface    []string
		want       bool
	}{
		{"@triage", "bob", nil, true},
		{"@triage", "mia", nil, false}, // an admin is not asked either, unless they are
		{"@ann", "ann", nil, true},
		{"@ann", "bob", nil, false},
		{engine.DefaultApprovers, "mia", nil, true},
		{engine.DefaultApprovers, "ann", nil, false},
		{"slack:T1/@ops", "vic", []string{"slack:T1/@ops"}, true},
		{"slack:T2/@ops", "vic", []string{"slack:T1/@ops"}, false},
	} {
		t.Run(c.group+" "+c.who, func(t *testing.T) {
			w := newWorld(t)
			w.chat.groups = c.surface
			w.ask(c.group)
			r, err := w.press(c.who, token(t, w.card(w.chat, "ask:run-12/review"), "approve"))
			if err != nil {
				t.Fatal(err)
			}
			if got := len(w.runs.signals) == 1; got != c.want {
				t.Fatalf("counted %v: %s", got, w.text(r, err))
			}
			if !c.want {
				if a := w.audit.last(); a.What != "press.approve" || a.Actor != w.ids[c.who] || !strings.Contains(a.Detail, "verdict=not_you") {
					t.Errorf("audit %+v", a)
				}
				if got := w.text(r, err); !strings.Contains(got, "can decide this") {
					t.Errorf("got %q", got)
				}
			}
		})
	}
}

func TestAGroupOfASurfaceCountsFromAnywhere(t *testing.T) {
	w := newWorld(t)
	w.chat.groups = []string{"slack:T1/@ops"}
	w.ask("slack:T1/@ops")
	in := w.in(bot.InPress, "vic")
	in.Actor = bot.Actor{Surface: "console", User: w.ids["vic"]} // linked to U-vic in T1
	in.Token = token(t, w.card(w.chat, "ask:run-12/review"), "approve")
	if r, err := w.bot.Handle(w.ctx, in); err != nil || len(w.runs.signals) != 1 {
		t.Errorf("got %q", w.text(r, err))
	}
}

func TestEveryVerdictIsAnswered(t *testing.T) {
	w := newWorld(t)
	w.ask()
	tok := token(t, w.card(w.chat, "ask:run-12/review"), "approve")
	bob, at := w.ids["bob"], engine.Millis(w.now)
	for _, c := range []struct {
		answer engine.Answer
		want   string
	}{
		{engine.Answer{Verdict: engine.Already, By: bob, At: at - 2000, Choice: "approve"}, "bob approved this at 14:20, two seconds before you."},
		{engine.Answer{Verdict: engine.Voted, Via: "slack"}, "You approved this already, from Slack."},
		{engine.Answer{Verdict: engine.OldPlan}, "This changed after you opened it. The new text is in the card now."},
		{engine.Answer{Verdict: engine.Expired, At: at}, "This expired on Mon 14:21 and the run stopped."},
		{engine.Answer{Verdict: engine.NotYou}, "Only @triage can decide this (bob, kim)."},
		{engine.Answer{Verdict: engine.FourEyes, Why: "requester"}, "You started this run, so somebody else of @triage has to decide."},
		{engine.Answer{Verdict: engine.Ended}, "#12 has ended"},
		{engine.Answer{Verdict: engine.NotNow}, "Nothing is asked here any more"},
		{engine.Answer{Verdict: engine.BadAnswer, Err: engine.E(engine.Invalid, "the title is empty")}, "The title is empty."},
	} {
		w.runs.answer = func(engine.Signal) (engine.Answer, error) { return c.answer, nil }
		r, err := w.press("kim", tok)
		if got := w.text(r, err); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.answer.Verdict, got, c.want)
		}
		if _, private := r.(bot.Private); !private {
			t.Errorf("%s: got %T", c.answer.Verdict, r)
		}
	}
	w.runs.broken = engine.E(engine.Unavailable, "disk full")
	if got := w.text(w.press("kim", tok)); got != "I could not save your answer, so it does not count. Please press again in a minute." {
		t.Errorf("got %q", got)
	}
	if a := w.audit.last(); !strings.Contains(a.Detail, "error_unavailable") {
		t.Errorf("audit %+v", a)
	}
}

func TestTwoPeopleAtOnce(t *testing.T) {
	w := newWorld(t)
	w.ask()
	tok := token(t, w.card(w.chat, "ask:run-12/review"), "approve")
	first := ""
	w.runs.answer = func(s engine.Signal) (engine.Answer, error) { // called under the runtime's lock
		if first == "" {
			first = s.By
			return engine.Answer{Verdict: engine.Counted, Decided: true}, nil
		}
		return engine.Answer{Verdict: engine.Already, By: first, At: engine.Millis(w.now), Choice: "approve"}, nil
	}
	var wg sync.WaitGroup
	replies := make([]bot.Reply, 2)
	ins := []bot.In{w.in(bot.InPress, "bob"), w.in(bot.InPress, "kim")}
	for i := range ins {
		ins[i].Token = tok
		wg.Go(func() { replies[i], _ = w.bot.Handle(w.ctx, ins[i]) })
	}
	wg.Wait()
	counted := 0
	for _, r := range replies {
		if _, ok := r.(bot.Nothing); ok {
			counted++
		} else if got := w.text(r, nil); !strings.Contains(got, "approved this at 14:21") {
			t.Errorf("the slower one is told %q", got)
		}
	}
	if counted != 1 {
		t.Errorf("%d counted", counted)
	}
}

func TestTokensThatMeanNothing(t *testing.T) {
	w := newWorld(t)
	w.ask()
	tok := token(t, w.card(w.chat, "ask:run-12/review"), "approve")
	for _, bad := range []string{"", "nonsense", tok[:len(tok)-1] + "x"} {
		if got := w.text(w.press("bob", bad)); got != "This changed after you opened it. The new text is in the card now." {
			t.Errorf("%q: %q", bad, got)
		}
		if a := w.audit.last(); a.What != "press.refused" || !strings.Contains(a.Detail, "unknown_token") || strings.Contains(a.Detail, tok) {
			t.Errorf("audit %+v", a)
		}
	}
	if err := w.store.PutCard(w.ctx, bot.StoredCard{ID: "c", Key: "k"}, []bot.Intent{{Token: "old", Verb: "approve", Run: "run-12", Path: "review", Expires: engine.Millis(w.now) - 1}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.press("bob", "old"); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("expired: %v", err)
	}
	for name, actor := range map[string]bot.Actor{
		"stranger":          {Surface: "slack", Workspace: "T1", User: "U-nobody"},
		"foreign workspace": {Surface: "slack", Workspace: "T9", User: "U-bob"},
		"guest":             {Surface: "slack", Workspace: "T1", User: "U-bob", Guest: true},
		"app":               {Surface: "slack", Workspace: "T1", User: "U-bob", Bot: true},
		"said person":       {Surface: "slack", Workspace: "T1", User: "U-nobody", Person: w.ids["bob"]},
	} {
		in := w.in(bot.InPress, "bob")
		in.Actor, in.Token = actor, tok
		if r, err := w.bot.Handle(w.ctx, in); err == nil {
			t.Errorf("%s: got %#v", name, r)
		}
	}
	if len(w.runs.signals) != 0 {
		t.Errorf("%d signals went through", len(w.runs.signals))
	}
}

func TestEmptyGroup(t *testing.T) {
	w := newWorld(t)
	w.must(w.bot.SetGroup(w.ctx, bot.Operator, "triage", []string{"bob"}, false))
	w.ask()
	card := w.card(w.chat, "ask:run-12/review")
	tok := token(t, card, "approve")
	w.must(w.bot.SetGroup(w.ctx, bot.Operator, "triage", nil, false))
	if got := w.text(w.press("bob", tok)); !strings.HasPrefix(got, "@triage is empty, so nobody can approve") {
		t.Errorf("got %q", got)
	}
	w.deliver()
	card = w.card(w.chat, "ask:run-12/review")
	if card.Tone != prompts.ToneWarn || len(card.Buttons) != 1 {
		t.Errorf("the card still asks: %s", prompts.PlainCard(card))
	}
	w.raise(engine.NoticeAsk, "ask", "run-12", "review", nil)
	w.deliver()
	if got := prompts.PlainCard(w.card(w.cons, "empty:run-12/review")); !strings.Contains(got, "/flow admin group-set triage NAME") {
		t.Errorf("admins are told %q", got)
	}
	w.must(w.say("mia", "/flow admin group-add @triage kim"))
	w.deliver()
	w.must(w.press("kim", token(t, w.card(w.chat, "ask:run-12/review"), "approve")))
	if len(w.runs.signals) != 1 {
		t.Error("filled again, it can be decided")
	}
}

func TestOneEmptyGroupOfSeveral(t *testing.T) {
	w := newWorld(t)
	w.must(w.bot.SetGroup(w.ctx, bot.Operator, "legal", nil, false))
	v := w.ask("@triage", "@legal")
	v.Asks = []engine.AskView{v.Asks[0]}
	v.Asks[0].Mode = "all"
	w.runs.set(v)
	w.raise(engine.NoticeAskMoved, "ask", v.ID, "review", nil)
	w.deliver()
	if got := prompts.PlainCard(w.card(w.cons, "empty:run-12/review")); !strings.Contains(got, "@legal is empty") {
		t.Errorf("admins are told %q", got)
	}
	w.must(w.press("bob", token(t, w.card(w.chat, "ask:run-12/review"), "approve")))
	if len(w.runs.signals) != 1 {
		t.Error("those who are there may decide their part")
	}
}

func TestDenyAndEdit(t *testing.T) {
	w := newWorld(t)
	v := w.ask()
	card := w.card(w.chat, "ask:run-12/review")
	deny, edit := token(t, card, "deny"), token(t, card, "edit")
	if r, err := w.press("vic", deny); err != nil || !strings.Contains(w.text(r, err), "Only @triage") {
		t.Errorf("somebody else gets no dialog: %#v %v", r, err)
	}
	d, err := w.press("bob", deny)
	if f, ok := d.(bot.Dialog); !ok || err != nil || f.Form.Token != deny {
		t.Fatalf("got %#v, %v", d, err)
	}
	w.must(w.submit("bob", deny, map[string]string{"reason": " duplicate\nof #398 "}))
	if got := string(w.runs.signals[0].Head); !strings.Contains(got, `"deny"`) || !strings.Contains(got, `"duplicate of #398"`) {
		t.Errorf("head %s", got)
	}
	if f, ok := mustReply(w.press("bob", edit)).(bot.Dialog); !ok || len(f.Form.Fields) != 1 || f.Form.Fields[0].Value != "Crash" {
		t.Fatalf("got %#v", f)
	}
	w.must(w.submit("bob", edit, map[string]string{"ticket.body": "Crash on start"}))
	if s := w.runs.signals[1]; s.Kind != engine.AskEdited || string(s.Data) != `{"ticket.body":"Crash on start"}` {
		t.Errorf("signal %s %s", s.Kind, s.Data)
	}
	// Somebody else edits meanwhile: the dialog of the old text does not open any more.
	next := *v.Asks[0].Plan
	next.Hash = strings.Repeat("c55e0b1d", 8)
	v.Asks = []engine.AskView{v.Asks[0]}
	v.Asks[0].Plan, v.Asks[0].Revision = &next, 2
	w.runs.set(v)
	if got := w.text(w.press("bob", edit)); !strings.Contains(got, "This changed after you opened it") {
		t.Errorf("got %q", got)
	}
}

func mustReply(r bot.Reply, err error) bot.Reply {
	if err != nil {
		panic(err)
	}
	return r
}

func TestOldCardLosesItsButtons(t *testing.T) {
	w := newWorld(t)
	v := w.ask()
	old := w.card(w.chat, "ask:run-12/review")
	v.Asks = []engine.AskView{v.Asks[0]}
	v.Asks[0].State, v.Asks[0].Decision, v.Asks[0].DecidedBy, v.Asks[0].DecidedAt = engine.CardDecided, "approve", w.ids["bob"], engine.Millis(w.now)
	w.runs.set(v)
	w.raise(engine.NoticeAskMoved, "ask", v.ID, "review", nil)
	w.deliver()
	for _, b := range w.card(w.chat, "ask:run-12/review").Buttons {
		if b.ID == "approve" || b.ID == "deny" {
			t.Errorf("%s is still there", b.ID)
		}
	}
	if n := w.chat.count("ask:"); n != 1 {
		t.Errorf("%d cards", n)
	}
	at := engine.Millis(w.now)
	w.runs.answer = func(engine.Signal) (engine.Answer, error) {
		return engine.Answer{Verdict: engine.Already, By: w.ids["bob"], At: at, Choice: "approve"}, nil
	}
	w.now = w.now.Add(time.Hour)
	if got := w.text(w.press("kim", token(t, old, "approve"))); !strings.Contains(got, "bob approved this at 14:21") {
		t.Errorf("got %q", got)
	}
	if got := w.text(w.press("kim", token(t, old, "deny"))); !strings.Contains(got, "bob approved this at 14:21") {
		t.Errorf("got %q", got)
	}
}

// The buttons of a card that is another now are answered for a month, then forgotten; those that stand stay.
func TestFormerButtonsAreNotKeptForEver(t *testing.T) {
	w := newWorld(t)
	v := w.ask()
	old := w.card(w.chat, "ask:run-12/review")
	v.Asks = []engine.AskView{v.Asks[0]}
	v.Asks[0].Decision, v.Asks[0].DecidedBy, v.Asks[0].DecidedAt = "approve", w.ids["bob"], engine.Millis(w.now)
	v.Asks[0].State = engine.CardDecided
	w.runs.set(v)
	w.raise(engine.NoticeAskMoved, "ask", v.ID, "review", nil)
	w.deliver()
	trim := func(at time.Time) {
		if _, err := w.store.TrimIntents(w.ctx, engine.Millis(at), 0); err != nil {
			t.Fatal(err)
		}
	}
	trim(w.now.Add(29 * 24 * time.Hour))
	for _, button := range old.Buttons {
		if _, err := w.store.Intent(w.ctx, button.Token); err != nil {
			t.Errorf("%s within the month: %v", button.ID, err)
		}
	}
	trim(w.now.Add(31 * 24 * time.Hour))
	for _, button := range old.Buttons {
		if _, err := w.store.Intent(w.ctx, button.Token); engine.CodeOf(err) != engine.NotFound {
			t.Errorf("%s after it: %v", button.ID, err)
		}
	}
	for _, button := range w.card(w.chat, "ask:run-12/review").Buttons {
		if _, err := w.store.Intent(w.ctx, button.Token); err != nil && button.Token != "" {
			t.Errorf("%s, which stands: %v", button.ID, err)
		}
	}
	if len(old.Buttons) == 0 {
		t.Error("the card had no buttons")
	}
	if _, err := w.press("kim", token(t, old, "approve")); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("pressing a forgotten one: %v", err)
	}
}

func TestInternalErrorsKeepTheirSecret(t *testing.T) {
	w := newWorld(t)
	w.ask()
	w.runs.broken = errors.New("sql: /secret/path")
	_, err := w.press("bob", token(t, w.card(w.chat, "ask:run-12/review"), "approve"))
	if engine.CodeOf(err) != engine.Internal || strings.Contains(engine.AsError(err).Error(), "secret") {
		t.Errorf("got %v", err)
	}
}
