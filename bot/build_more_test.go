package bot_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

func TestARestartInTheMiddleOfADialog(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	w.came(issue("e1", "opened", "Spelling error"))
	f := w.form(w.button("ann", "add"))
	f = w.form(w.fill("ann", f, "what", "http.request"))
	f = w.form(w.send("ann", f, "act insert", "with.url", "https://x.example", "into", "with.json", "insert", "event.body.issue.title"))
	if got := value(f, "with.json"); got != "{{ event.body.issue.title }}" {
		t.Fatalf("inserted %q", got)
	}
	if got := value(f, "with.url"); got != "https://x.example" {
		t.Errorf("an act lost %q", got)
	}
	w.start()
	again := w.form(w.pressToken("ann", f.Token)) // opened again after the restart
	if got := value(again, "with.json"); got != "{{ event.body.issue.title }}" {
		t.Errorf("the restart lost %q", got)
	}
	w.must(w.fill("ann", f, "with.method", "POST", "with.url", "https://x.example", "with.json", "{{ event.body.issue.title }}", "id", "call"))
	if !strings.Contains(w.source("bug-triage"), "https://x.example") {
		t.Error(w.source("bug-triage"))
	}
	fresh := w.form(w.fill("ann", w.form(w.button("ann", "add")), "what", "http.request"))
	if got := value(fresh, "with.url"); got != "" {
		t.Errorf("what was saved stands in the next dialog: %q", got)
	}
}

func (w *workshop) pressToken(who, token string) (bot.Reply, error) {
	in := w.at(bot.InPress, who)
	in.Token, in.Value = token, bot.FormAgain
	return w.bot.Handle(w.ctx, in)
}

func TestWhatAnErrorLeavesIsThereWhenTheDialogIsOpenedAgain(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	f := w.form(w.fill("ann", w.form(w.button("ann", "add")), "what", "http.request"))
	r, err := w.fill("ann", f, "with.method", "POST", "with.url", "tracker.example", "with.json", `{"a": 1}`)
	e, ok := r.(bot.FieldErrors)
	if !ok || err != nil || !strings.Contains(e.Errors["with.url"], "has no scheme. Write https://") {
		t.Fatalf("got %#v %v", r, err)
	}
	w.start()
	f = w.form(w.fill("ann", w.form(w.button("ann", "add")), "what", "http.request"))
	if got := value(f, "with.json"); got != `{"a": 1}` {
		t.Errorf("lost: %q", got)
	}
}

func TestADialogThatIsTooOld(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	f := w.form(w.button("ann", "settings"))
	w.now = w.now.Add(8 * 24 * time.Hour)
	_, err := w.fill("ann", f, "title", "Late")
	if err == nil || err.Error() != "This dialog is asleep. Your draft is safe: /flow edit bug-triage" {
		t.Errorf("got %v", err)
	}
	if strings.Contains(w.source("bug-triage"), "Late") {
		t.Error("saved all the same")
	}
}

// Whoever may not build can do nothing of it, from no place, with nobody's tokens.
func TestWhoMayBuild(t *testing.T) {
	w := newWorkshop(t)
	w.triage()
	card := w.builder("ann")
	form := w.form(w.button("ann", "settings"))
	ask := w.answer(w.button("ann", "publish"))
	for who, may := range map[string]bool{"vic": false, "bob": false, "mia": true} {
		for _, line := range []string{"/flow new other", "/flow edit bug-triage", "/flow test bug-triage", "/flow sample bug-triage", "/flow template",
			"/flow new line when webhook.received path=x sender=unsigned then chat.message.post to=#triage text=hi", "/flow publish bug-triage"} {
			_, err := w.types(who, line)
			if denied := engine.CodeOf(err) == engine.Denied; denied == may {
				t.Errorf("%s %s: %v", who, line, err)
			}
		}
		if may {
			continue
		}
		before := w.source("bug-triage")
		for _, verb := range []string{"add", "settings", "secret", "test", "publish", "discard"} {
			if _, err := w.pressed(who, card, verb); engine.CodeOf(err) != engine.Denied {
				t.Errorf("%s presses %s: %v", who, verb, err)
			}
		}
		if _, err := w.fill(who, form, "title", "Mine"); engine.CodeOf(err) != engine.Denied {
			t.Errorf("%s sends somebody's dialog: %v", who, err)
		}
		if _, err := w.pressed(who, ask, "confirm"); engine.CodeOf(err) != engine.Denied {
			t.Errorf("%s publishes: %v", who, err)
		}
		if _, err := w.types(who, "/flow undo bug-triage"); err == nil {
			t.Errorf("%s undoes", who)
		}
		if w.source("bug-triage") != before {
			t.Fatalf("%s changed the draft", who)
		}
		help := w.text(w.types(who, "/flow help")) + w.text(w.types(who, "/flow help version"))
		if strings.Contains(help, "/flow new") || strings.Contains(help, "rollback") || !strings.Contains(help, "/flow version list") {
			t.Errorf("help of %s:\n%s", who, help)
		}
	}
}

func TestMoveRemoveAndUndo(t *testing.T) {
	w := newWorkshop(t)
	w.triage()
	was := w.source("bug-triage")
	f := w.form(w.menu("ann", w.builder("ann"), "edit", "step:tell"))
	w.must(w.send("ann", f, "act up"))
	if now := w.source("bug-triage"); strings.Index(now, "id: tell") > strings.Index(now, "id: ticket") {
		t.Errorf("not moved:\n%s", now)
	}
	w.must(w.types("ann", "/flow undo bug-triage"))
	if w.source("bug-triage") != was {
		t.Errorf("not undone:\n%s", w.source("bug-triage"))
	}
	f = w.form(w.menu("ann", w.builder("ann"), "edit", "step:tell"))
	w.must(w.send("ann", f, "act remove"))
	if strings.Contains(w.source("bug-triage"), "tell") {
		t.Error("not removed")
	}
	if _, err := w.menu("ann", w.builder("ann"), "edit", "step:tell"); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("a step that is gone: %v", err)
	}
	w.start()
	w.must(w.types("ann", "/flow undo bug-triage"))
	if w.source("bug-triage") != was {
		t.Error("not undone after a restart")
	}
}

func TestDiscardCanBeUndone(t *testing.T) {
	w := newWorkshop(t)
	w.triage()
	was := w.source("bug-triage")
	ask := w.answer(w.button("ann", "discard"))
	gone := w.answer(w.pressed("ann", ask, "confirm"))
	if _, err := w.lib.Draft(w.ctx, "bug-triage"); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("still there: %v", err)
	}
	if got := prompts.PlainCard(w.builder("ann")); strings.Contains(got, "Publish") {
		t.Errorf("the card says %s", got)
	}
	w.must(w.pressed("ann", gone, "undo"))
	if w.source("bug-triage") != was {
		t.Errorf("got %s", w.source("bug-triage"))
	}
	if got := prompts.PlainCard(w.builder("ann")); !strings.Contains(got, "Publish") {
		t.Errorf("the card says %s", got)
	}
}

func TestTheSecretIsShownOnceInADialog(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	f := w.form(w.button("ann", "secret"))
	first := prompts.PlainForm(f)
	if !strings.Contains(first, "http://127.0.0.1:7701/hooks/github-bugs") || !strings.Contains(first, "top-secret-xx") || !strings.Contains(first, "Only programs on this machine") {
		t.Errorf("got\n%s", first)
	}
	w.start()
	f = w.form(w.button("ann", "secret"))
	if got := prompts.PlainForm(f); strings.Contains(got, "top-secret") {
		t.Errorf("shown twice:\n%s", got)
	}
	f = w.form(w.send("ann", f, "act make"))
	if got := prompts.PlainForm(f); !strings.Contains(got, "top-secret-xxx") {
		t.Errorf("the new one is not shown:\n%s", got)
	}
	w.cons.mu.Lock()
	defer w.cons.mu.Unlock()
	for _, m := range w.cons.messages {
		if strings.Contains(prompts.PlainCard(m.card), "top-secret") {
			t.Error("a secret stands in a message")
		}
	}
	for _, a := range w.audit.rows {
		if strings.Contains(a.Detail, "top-secret") {
			t.Error("a secret stands in the audit")
		}
	}
}

func TestTemplates(t *testing.T) {
	w := newWorkshop(t)
	card := w.answer(w.types("ann", "/flow template"))
	f := w.form(w.menu("ann", card, "template", "watch"))
	r, err := w.fill("ann", f, "channel", "#nowhere")
	if e, ok := r.(bot.FieldErrors); !ok || err != nil || !strings.Contains(e.Errors["channel"], "I do not know the channel") {
		t.Errorf("got %#v %v", r, err)
	}
	w.must(w.fill("ann", f, "channel", "#triage"))
	if !strings.Contains(w.source("watch"), "#triage") || w.secrets.made["watch_hook"] != 1 {
		t.Errorf("got %s, %v", w.source("watch"), w.secrets.made)
	}
	if got := value(w.form(w.types("ann", "/flow template watch")), "name"); got != "watch-2" {
		t.Errorf("proposed %q", got)
	}
	if _, err := w.types("ann", "/flow template wotch"); err == nil || !strings.Contains(err.Error(), "Did you mean watch?") {
		t.Errorf("got %v", err)
	}
}

func TestOneLine(t *testing.T) {
	w := newWorkshop(t)
	w.triage()
	text := w.text(w.button("ann", "text"))
	line := ""
	for _, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); strings.HasPrefix(l, "/flow new ") {
			line = l
		}
	}
	if line == "" {
		t.Fatalf("no one-line form of the draft in:\n%s", text)
	}
	r, err := w.types("ann", strings.Replace(strings.Replace(line, "new bug-triage", "new other", 1), "path=github-bugs", "path=others", 1))
	if n, ok := r.(bot.Nothing); !ok || err != nil || n.About != "builder:other" {
		t.Fatalf("%s: %s", line, w.text(r, err))
	}
	a := strings.Replace(strings.Replace(strings.Replace(w.source("other"), "flow: other", "flow: bug-triage", 1), "others", "github-bugs", 1), "other_hook", "bug_triage_hook", 1)
	if a != w.source("bug-triage") {
		t.Errorf("got\n%s\nwanted\n%s", a, w.source("bug-triage"))
	}
}

// On a chat platform the card lives in the direct messages; where begun, only the way there is said.
func TestAwayFromTheConsole(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	chat := &direct{surface: w.chat}
	w.bot = w.with(chat)
	if got := w.text(w.say("ann", "/flow edit bug-triage")); !strings.Contains(got, "Go on in our direct messages") {
		t.Errorf("got %q", got)
	}
	w.deliver()
	if n := w.chat.count("builder:"); n != 1 {
		t.Fatalf("%d cards in direct messages", n)
	}
	card := w.card(w.chat, "builder:bug-triage")
	w.must(w.press("ann", token(t, card, "settings")))
	chat.refuse = true
	other := w.answer(w.say("mia", "/flow edit bug-triage"))
	if other.Key != "builder:bug-triage" {
		t.Errorf("refused, it is no private answer: %+v", other)
	}
	if r, err := w.press("mia", token(t, other, "settings")); err != nil {
		t.Errorf("got %#v %v", r, err)
	}
}

func TestOptionsOfDialogsAndLines(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	w.came(issue("e1", "opened", "Spelling error"))
	f := w.form(w.button("ann", "add"))
	in := w.at(bot.InLookUp, "ann")
	in.Token, in.Value, in.Text = f.Token, "what", "message"
	if got, err := w.bot.Options(w.ctx, in); err != nil || len(got) == 0 || got[0].Value != "chat.message.post" {
		t.Errorf("got %v %v", got, err)
	}
	in.Actor.User = w.ids["vic"]
	if got, _ := w.bot.Options(w.ctx, in); len(got) != 0 {
		t.Errorf("somebody else's dialog offers %v", got)
	}
	for line, want := range map[string]string{"/flow ne": "/flow new", "/flow version rol": "/flow version rollback", "/flow edit b": "/flow edit bug-triage",
		"/flow new x webh": "/flow new x webhook.received", "/flow template wa": "/flow template watch", "/flow new x wh": "/flow new x when"} {
		in := w.at(bot.InCommand, "ann")
		in.Text = line
		got, err := w.bot.Options(w.ctx, in)
		if err != nil || len(got) == 0 || got[0].Value != want {
			t.Errorf("%q gives %v %v", line, got, err)
		}
	}
}

func TestWhatCannotBe(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	for line, want := range map[string]string{
		"/flow publish bug-triage":            "Nothing to publish yet: add a step",
		"/flow test bug-triage":               "There is no sample to try bug-triage with yet",
		"/flow discard nothing":               `No flow is called "nothing"`,
		"/flow undo bug-triage":               "There is nothing to undo in bug-triage",
		"/flow new a webhok.received":         "Did you mean webhook.received?",
		"/flow version rollback bug-triage 1": "was never published",
		"/flow version compare bug-triage x":  `"x" is not a version`,
		"/flow new other when nonsense":       "",
		"/flow new bug-triage when webhook.received path=a sender=unsigned then chat.message.post to=#triage text=hi": "exists already",
	} {
		if got := w.text(w.types("ann", line)); !strings.Contains(got, want) || got == "" {
			t.Errorf("%s: %q, wanted %q", line, got, want)
		}
	}
	f := w.form(w.button("ann", "add"))
	r, _ := w.fill("ann", f, "what", "htp.request")
	if e, ok := r.(bot.FieldErrors); !ok || e.Errors["what"] != `No action "htp.request". Did you mean http.request?` {
		t.Errorf("got %#v", r)
	}
}

func TestShowDrawsTheFlow(t *testing.T) {
	w := newWorkshop(t)
	w.triage()
	card := w.answer(w.types("bob", "/flow show bug-triage"))
	drawn := false
	for _, x := range card.Blocks {
		if p, ok := x.(prompts.Picture); ok && strings.Contains(p.Alt, "http.request") && len(p.Drawing.Nodes) == 4 {
			drawn = true
		}
	}
	if !drawn {
		t.Errorf("no picture in %s", prompts.PlainCard(card))
	}
	for _, x := range card.Buttons {
		if x.ID == "build" {
			t.Error("who may not edit is offered it")
		}
	}
	w.must(w.pressed("bob", card, "text"))
}

// sampler gives a sample of what can be asked for one.
func TestACardThatASaveDidNotReachIsMendedAtTheStart(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, "#ops", ""))
	f := w.form(w.button("ann", "settings"))
	w.cons.fail = func(engine.Place) error { return engine.E(engine.Unavailable, "stopped") }
	if got := w.text(w.fill("ann", f, "channel", "#ops")); got != "Draft saved." {
		t.Errorf("got %q", got)
	}
	w.cons.fail = nil
	w.start()
	ctx, stop := context.WithCancel(w.ctx)
	done := make(chan error)
	go func() { done <- w.bot.Run(ctx) }()
	w.deliver()
	for i := 0; i < 100_000 && !strings.Contains(prompts.PlainCard(w.builder("ann")), "#ops"); i++ {
		runtime.Gosched()
		w.deliver()
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	w.says(w.builder("ann"), "#ops")
}

// However much came for a flow, opening its draft reads a bounded part of it, once.
func TestOpeningADraftReadsALittle(t *testing.T) {
	w := newWorkshop(t)
	w.triage()
	w.runs.looked = nil
	w.must(w.types("ann", "/flow edit bug-triage"))
	if len(w.runs.looked) == 0 || len(w.runs.looked) > 2 {
		t.Errorf("looked %d times", len(w.runs.looked))
	}
	for _, l := range w.runs.looked {
		if l[0] < 1 || l[0] > 25 || l[1] < 1 || l[1] > 8<<20 {
			t.Errorf("up to %d events of together %d bytes", l[0], l[1])
		}
	}
}
