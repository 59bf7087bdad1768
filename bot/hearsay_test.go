package bot_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// listens adds the trigger of flows that listen to others.
func (w *workshop) listens() {
	w.shop.triggers[flow.Emitted] = &engine.TriggerKind{Name: flow.Emitted, Title: "A flow tells something", Identity: []string{"event"},
		Event: &engine.Schema{Type: "object", Open: true}, With: &engine.Schema{Type: "object", Fields: []engine.Field{{Name: "event", Schema: text("Event", true)}}}}
}

// Nobody overhears by a flow of their own what others tell elsewhere, nor starts what listens there (RELIABILITY, A-18).
func TestWhoHearsAndTellsEventsMaySeeAndStartTheOthers(t *testing.T) {
	w := newWorkshop(t)
	w.listens()
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, "#money", ""))
	hook := "trigger: {on: webhook.received, with: {path: PATH, sender: github}}\n"
	for name, text := range map[string]string{
		"payroll": hook + "steps:\n  - if: '1 == 1'\n    then: [{id: tell, emit: {event: paid, data: 1}}]\n",
		"ledger":  "trigger: {on: event.emitted, with: {event: booked}}\nsteps: [{id: a, set: {x: 1}}]\n",
		"waits":   hook + "steps: [{id: w, wait: {event: {name: cleared, key: k}, for: 1d}}]\n",
	} {
		text = "flow: " + name + "\nchannel: '#money'\n" + strings.ReplaceAll(text, "PATH", name)
		if out, err := w.lib.Apply(w.ctx, []byte(text), w.ids["mia"], true); err != nil {
			t.Fatal(err, out.Problems)
		}
	}
	w.must(w.types("mia", "/flow admin role vic none"))
	w.must(w.types("mia", "/flow admin role vic builder #triage"))
	for what, x := range map[string]struct {
		text, says string
	}{
		"listens":         {"trigger: {on: event.emitted, with: {event: paid}}\nsteps: [{id: a, set: {x: 1}}]\n", "hears paid"},
		"waits":           {hook + "steps: [{id: a, wait: {event: {name: paid, key: k}, for: 1d}}]\n", "hears paid"},
		"starts":          {hook + "steps: [{id: a, emit: {event: booked}}]\n", "tells booked"},
		"wakes":           {hook + "steps:\n  - try: [{id: a, emit: {event: cleared, key: k}}]\n    catch: [{id: b, set: {x: 1}}]\n", "tells cleared"},
		"hears failures":  {"trigger: {on: flow.failed, with: {flow: payroll}}\nsteps: [{id: a, set: {x: 1}}]\n", "failures"},
		"of all":          {"trigger: {on: flow.failed}\nsteps: [{id: a, set: {x: 1}}]\n", "failures"},
		"of nobody known": {"trigger: {on: flow.failed, with: {flow: later}}\nsteps: [{id: a, set: {x: 1}}]\n", "failures"},
		"its own affairs": {hook + "steps: [{id: a, emit: {event: unheard}}, {id: b, wait: {event: {name: unheard-too, key: k}, for: 1d}}]\n", ""},
	} {
		f, problems := flow.Parse([]byte("flow: mine\nchannel: '#triage'\n" + strings.ReplaceAll(x.text, "PATH", "mine")))
		if f == nil || problems.Bad() {
			t.Fatal(what, problems)
		}
		err := w.bot.MayReach(w.ctx, w.ids["vic"], f)
		if x.says == "" && err != nil || x.says != "" && (engine.CodeOf(err) != engine.Denied || !strings.Contains(err.Error(), x.says)) {
			t.Errorf("%s: %v", what, err)
		}
		if err != nil && (strings.Contains(err.Error(), "ledger") || strings.Contains(err.Error(), "waits")) {
			t.Errorf("%s tells of a flow that vic may not see: %v", what, err)
		}
		if err := w.bot.MayReach(w.ctx, w.ids["mia"], f); err != nil {
			t.Errorf("%s, by an admin: %v", what, err)
		}
	}
	w.must(w.types("mia", "/flow admin role vic runner #money"))
	f, _ := flow.Parse([]byte("flow: mine\nchannel: '#triage'\n" + strings.ReplaceAll(hook, "PATH", "mine") + "steps: [{id: a, emit: {event: booked}}, {id: b, wait: {event: {name: paid, key: k}, for: 1d}}]\n"))
	if err := w.bot.MayReach(w.ctx, w.ids["vic"], f); err != nil {
		t.Errorf("with the rights there: %v", err)
	}
}

// What is told is kept as samples of a draft that listens: that needs the right, too.
func TestADraftOverhearsNothing(t *testing.T) {
	w := newWorkshop(t)
	w.listens()
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, "#money", ""))
	payroll := "flow: payroll\nchannel: '#money'\ntrigger: {on: webhook.received, with: {path: p, sender: github}}\nsteps: [{id: tell, emit: {event: paid}}]\n"
	if out, err := w.lib.Apply(w.ctx, []byte(payroll), w.ids["mia"], true); err != nil {
		t.Fatal(err, out.Problems)
	}
	w.must(w.types("mia", "/flow admin role vic none"))
	w.must(w.types("mia", "/flow admin role vic builder #triage"))
	spy := func(who, name, event string) error {
		line := w.at(bot.InCommand, who)
		line.Place.Channel, line.Text = "#triage", "/flow new "+name+" when event.emitted event="+event+" then chat.message.post to=#triage text=hi"
		_, err := w.bot.Handle(w.ctx, line)
		return err
	}
	if err := spy("vic", "spy", "paid"); engine.CodeOf(err) != engine.Denied {
		t.Errorf("vic listens: %v", err)
	}
	if _, err := w.lib.Head(w.ctx, "spy"); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("there is a draft that does: %v", err)
	}
	if err := spy("vic", "fine", "other"); err != nil {
		t.Error(err)
	}
	if err := spy("mia", "hers", "paid"); err != nil {
		t.Error(err)
	}
}
