package bot_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/prompts"
)

// A builder who names somebody else's secret in their own draft can neither replace nor see it.
func TestASecretThatIsNotTheFlowsIsNeverMadeAnew(t *testing.T) {
	for name, secret := range map[string]string{"of another flow": "payroll_hook", "the operator's": "smtp_password", "the operator's, by the flow's name": "bug_triage_hook"} {
		t.Run(name, func(t *testing.T) {
			w := newWorkshop(t)
			w.secrets.made[secret] = 1
			w.begin()
			text := strings.ReplaceAll(w.source("bug-triage"), "bug_triage_hook", secret)
			if _, err := w.lib.Save(w.ctx, []byte(text), -1, w.ids["ann"]); err != nil {
				t.Fatal(err)
			}
			f := w.form(w.button("ann", "secret"))
			shown := prompts.PlainForm(f)
			f = w.form(w.send("ann", f, "act make"))
			if shown += prompts.PlainForm(f); strings.Contains(shown, "top-secret") || w.secrets.made[secret] != 1 {
				t.Errorf("made %d times, shown\n%s", w.secrets.made[secret], shown)
			}
			if strings.Contains(shown, "make a new one") {
				t.Errorf("it is offered all the same:\n%s", shown)
			}
		})
	}
}

// Who may not build any more sees nothing more of a draft whose card stands before them.
func TestACardOfSomebodyWhoMayNotBuildAnyMore(t *testing.T) {
	w := newWorkshop(t)
	w.triage()
	w.must(w.types("mia", "/flow edit bug-triage"))
	w.must(w.types("mia", "/flow admin role ann viewer"))
	w.must(w.fill("mia", w.form(w.menu("mia", w.builder("mia"), "edit", "step:tell")), "with.text", "Not for everybody"))
	w.deliver()
	if got := prompts.PlainCard(w.builder("ann")); strings.Contains(got, "Not for everybody") || strings.Contains(got, "webhook") {
		t.Errorf("ann still sees\n%s", got)
	}
	if got := prompts.PlainCard(w.builder("mia")); !strings.Contains(got, "Not for everybody") {
		t.Errorf("mia sees\n%s", got)
	}
}

// What was typed outlives a conflict whose card nobody answered.
func TestAConflictThatNobodyDecidedCostsNothing(t *testing.T) {
	for what, open := range map[string]func(w *workshop, who string) prompts.Form{
		"a step": func(w *workshop, who string) prompts.Form {
			return w.form(w.menu(who, w.builder(who), "edit", "step:tell"))
		},
		"the settings": func(w *workshop, who string) prompts.Form { return w.form(w.button(who, "settings")) },
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorkshop(t)
			w.triage()
			mine := open(w, "ann")
			field := "title"
			if what == "a step" {
				field = "with.text"
			}
			w.must(w.types("mia", "/flow edit bug-triage"))
			w.must(w.fill("mia", w.form(w.button("mia", "settings")), "timezone", "Europe/Zurich"))
			card := w.answer(w.fill("ann", mine, field, "What ann wrote"))
			w.start()
			again := open(w, "ann")
			if got := value(again, field); got != "What ann wrote" {
				t.Errorf("lost: %q", got)
			}
			w.must(w.pressed("ann", card, "theirs"))
			if got := value(open(w, "ann"), field); got == "What ann wrote" {
				t.Error("it comes back although ann took what mia wrote")
			}
		})
	}
}

// What goes live is what the question showed: neither a draft that changed since nor over a version that came since.
func TestWhatIsPublishedIsWhatWasShown(t *testing.T) {
	w := newWorkshop(t)
	w.triage()
	w.must(w.pressed("ann", w.answer(w.button("ann", "publish")), "confirm"))
	w.must(w.types("ann", "/flow edit bug-triage"))
	w.must(w.fill("ann", w.form(w.button("ann", "settings")), "title", "Two"))
	w.must(w.pressed("ann", w.answer(w.types("ann", "/flow publish bug-triage")), "confirm"))
	w.must(w.types("ann", "/flow edit bug-triage"))
	w.must(w.fill("ann", w.form(w.button("ann", "settings")), "title", "Three"))
	ask := w.answer(w.types("ann", "/flow publish bug-triage"))
	w.must(w.pressed("mia", w.answer(w.types("mia", "/flow version rollback bug-triage 1")), "confirm"))
	card := w.answer(w.pressed("ann", ask, "confirm"))
	if h, _ := w.lib.Head(w.ctx, "bug-triage"); h.Live != 3 {
		t.Fatalf("version %d went live over what nobody was told of", h.Live)
	}
	w.must(w.pressed("ann", w.answer(w.pressed("ann", card, "anyway")), "confirm"))
	if h, _ := w.lib.Head(w.ctx, "bug-triage"); h.Live != 4 {
		t.Errorf("live is %d", h.Live)
	}
}

// While it cannot be told whether there is a secret, none is made: it would replace the one that senders sign with.
func TestNoSecretIsMadeWhileTheVaultCannotBeRead(t *testing.T) {
	w := newWorkshop(t)
	shut := engine.E(engine.Unavailable, "the vault cannot be read")
	w.secrets.shut = shut
	line := func() error {
		_, err := w.types("ann", "/flow new other when webhook.received path=x sender=github then chat.message.post to=#triage text=hi")
		return err
	}
	if err := line(); engine.CodeOf(err) != engine.Unavailable || len(w.secrets.made) != 0 {
		t.Errorf("one line: %v, made %v", err, w.secrets.made)
	}
	if _, err := w.lib.Head(w.ctx, "other"); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("a flow without its secret: %v", err)
	}
	w.secrets.shut = nil
	w.begin()
	if w.secrets.made["bug_triage_hook"] == 0 {
		t.Fatalf("no secret: %v", w.secrets.made)
	}
	before := w.secrets.made["bug_triage_hook"]
	w.secrets.shut = shut
	if r, err := w.button("ann", "secret"); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("the dialog: %v %v", r, err)
	}
	if now := w.secrets.made["bug_triage_hook"]; now != before {
		t.Errorf("made %d times, then %d", before, now)
	}
}

// faster is a library that somebody else saves into at the last moment.
type faster struct {
	*flows.Library
	source func() []byte
}

func (f faster) PublishRev(ctx context.Context, name string, rev, live int64, by string) (engine.FlowHead, engine.Problems, error) {
	if _, err := f.Save(ctx, f.source(), -1, "ben"); err != nil {
		return engine.FlowHead{}, nil, err
	}
	return f.Library.PublishRev(ctx, name, rev, live, by)
}

func TestADraftSavedWhileAPublishIsConfirmedStays(t *testing.T) {
	w := newWorkshop(t)
	w.triage()
	w.library = faster{w.lib, func() []byte {
		e, err := w.lib.Draft(w.ctx, "bug-triage")
		if err != nil {
			t.Fatal(err)
		}
		return append(e.Source, "# of ben\n"...)
	}}
	w.start()
	_, err := w.pressed("ann", w.answer(w.button("ann", "publish")), "confirm")
	if engine.CodeOf(err) != engine.Conflict {
		t.Errorf("confirming: %v", err)
	}
	if h, _ := w.lib.Head(w.ctx, "bug-triage"); h.Live != 0 || !h.Draft {
		t.Errorf("what was never shown is live: %+v", h)
	}
}

// A builder of one channel makes nothing for another: by no draft that somebody left, by no version of before, by no
// undo.
func TestABuilderOfOneChannelStaysThere(t *testing.T) {
	w := newWorkshop(t)
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, "#money", ""))
	w.must(w.types("mia", "/flow admin role vic builder #triage"))
	w.triage()
	w.must(w.pressed("ann", w.answer(w.button("ann", "publish")), "confirm"))
	w.must(w.types("ann", "/flow edit bug-triage"))
	w.must(w.fill("ann", w.form(w.button("ann", "settings")), "channel", "#money"))
	if _, err := w.types("vic", "/flow publish bug-triage"); engine.CodeOf(err) != engine.Denied {
		t.Errorf("vic publishes into #money: %v", err)
	}
	w.must(w.pressed("ann", w.answer(w.types("ann", "/flow publish bug-triage")), "confirm"))
	w.must(w.types("ann", "/flow edit bug-triage"))
	w.must(w.fill("ann", w.form(w.button("ann", "settings")), "channel", "#triage"))
	w.must(w.pressed("ann", w.answer(w.types("ann", "/flow publish bug-triage")), "confirm"))
	if _, err := w.types("vic", "/flow version rollback bug-triage 2"); engine.CodeOf(err) != engine.Denied {
		t.Errorf("vic rolls back into #money: %v", err)
	}
	line := w.at(bot.InCommand, "vic")
	line.Place.Channel, line.Text = "#money", "/flow new other when webhook.received path=x sender=github then chat.message.post to=#triage text=hi"
	if _, err := w.bot.Handle(w.ctx, line); engine.CodeOf(err) != engine.Denied {
		t.Errorf("vic makes a flow for #money in a line: %v", err)
	}
	page := w.form(w.types("vic", "/flow new other"))
	if r, err := w.fill("vic", page, "title", "Other", "channel", "#money", "trigger", "webhook.received"); err == nil {
		if _, refused := r.(bot.FieldErrors); !refused {
			t.Errorf("vic makes a flow for #money in a dialog: %#v", r)
		}
	}
}

// By a dialog, a template or an undo neither.
func TestABuilderOfOneChannelMovesNothingElsewhere(t *testing.T) {
	w := newWorkshop(t)
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, "#money", ""))
	w.must(w.types("mia", "/flow admin role vic builder #triage"))
	w.triage()
	w.must(w.types("vic", "/flow edit bug-triage"))
	if got := w.text(w.fill("vic", w.form(w.button("vic", "settings")), "channel", "#money")); strings.Contains(w.source("bug-triage"), "#money") {
		t.Errorf("vic moves it to #money: %s", got)
	}
	w.must(w.fill("ann", w.form(w.button("ann", "settings")), "channel", "#money"))
	w.must(w.pressed("ann", w.answer(w.types("ann", "/flow discard bug-triage")), "confirm"))
	if _, err := w.types("vic", "/flow undo bug-triage"); engine.CodeOf(err) != engine.Denied {
		t.Errorf("vic brings back a draft of #money: %v", err)
	}
	_, err := w.fill("vic", w.form(w.types("vic", "/flow template watch")), "channel", "#money")
	if h, none := w.lib.Head(w.ctx, "watch"); none == nil {
		t.Errorf("vic makes %+v of a template: %v", h, err)
	}
}

// What is said in a channel is kept as samples of whoever listens there: that needs the right in it, for a draft too.
func TestABuilderOfOneChannelHearsNoOther(t *testing.T) {
	w := newWorkshop(t)
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, "#money", ""))
	w.must(w.types("mia", "/flow admin role vic builder #triage"))
	w.shop.triggers["chat.message"] = &engine.TriggerKind{Name: "chat.message", Title: "Somebody writes a message", Event: &engine.Schema{Type: "object", Open: true},
		With: &engine.Schema{Type: "object", Fields: []engine.Field{{Name: "place", Schema: &engine.Schema{Type: "string", Format: "place"}}}}}
	spy := func(who, name, at string) error {
		line := w.at(bot.InCommand, who)
		line.Place.Channel, line.Text = "#triage", "/flow new "+name+" when chat.message place="+at+" then chat.message.post to=#triage text=hi"
		_, err := w.bot.Handle(w.ctx, line)
		return err
	}
	if err := spy("vic", "spy", "#money"); engine.CodeOf(err) != engine.Denied || !strings.Contains(err.Error(), "#money") {
		t.Errorf("vic listens in #money: %v", err)
	}
	if _, err := w.lib.Head(w.ctx, "spy"); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("there is a draft that does: %v", err)
	}
	for who, at := range map[string]string{"vic": "#triage", "ann": "#money"} {
		if err := spy(who, "of-"+who, at); err != nil {
			t.Errorf("%s in %s: %v", who, at, err)
		}
	}
}

// Nor does it ask, tell or listen elsewhere: whoever publishes needs the right in every place that the flow names.
func TestABuilderOfOneChannelReachesNoOther(t *testing.T) {
	w := newWorkshop(t)
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, "#money", ""))
	w.must(w.types("mia", "/flow admin role vic builder #triage"))
	w.triage()
	w.must(w.pressed("ann", w.answer(w.button("ann", "publish")), "confirm"))
	was := string(w.source("bug-triage"))
	for what, text := range map[string]string{
		"asks":              strings.Replace(was, "channel: \"#triage\"", "channel: \"#triage\"\nnotify: {approvals: [\"#triage\", \"#money\"]}", 1),
		"tells what fails":  strings.Replace(was, "channel: \"#triage\"", "channel: \"#triage\"\nnotify: {alerts: [\"#money\"]}", 1),
		"tells how it ends": strings.Replace(was, "channel: \"#triage\"", "channel: \"#triage\"\nnotify: {results: [\"#money\"]}", 1),
		"asks at last":      strings.Replace(was, "channel: \"#triage\"", "channel: \"#triage\"\nnotify: {fallback: {to: \"#money\"}}", 1),
		"asks in a step":    was + "  - ask: approval\n    with: {title: \"Go?\", by: {any: [\"@ann\"]}, in: [\"#money\"]}\n",
		"posts":             was + "  - do: chat.message.post\n    with: {to: \"#money\", text: hi}\n",
	} {
		if text == was {
			t.Fatalf("%s: the text has changed its form:\n%s", what, was)
		}
		e, err := w.lib.Draft(w.ctx, "bug-triage")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.lib.Save(w.ctx, []byte(text), e.Rev, w.ids["ann"]); err != nil {
			t.Fatal(err)
		}
		card := w.answer(w.types("ann", "/flow publish bug-triage"))
		if _, err := w.types("vic", "/flow publish bug-triage"); engine.CodeOf(err) != engine.Denied || !strings.Contains(err.Error(), "#money") {
			t.Errorf("vic publishes what %s in #money: %v", what, err)
		}
		w.must(w.pressed("ann", card, "confirm"))
		h, err := w.lib.Head(w.ctx, "bug-triage")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.lib.Rollback(w.ctx, "bug-triage", 1, w.ids["ann"]); err != nil {
			t.Fatal(err)
		}
		if _, err := w.types("vic", "/flow version rollback bug-triage "+strconv.FormatInt(h.Live, 10)); engine.CodeOf(err) != engine.Denied {
			t.Errorf("vic rolls back to what %s in #money: %v", what, err)
		}
	}
}
