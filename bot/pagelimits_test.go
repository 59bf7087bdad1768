package bot_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// Limits are the second page of the settings: what was typed on the first is saved on the way there, what is wrong stands
// under its field in the words of the parser, what is emptied is gone from the text, and the card says what there is.
func TestSettingsOfLimits(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	form := w.form(w.send("ann", w.form(w.button("ann", "settings")), bot.ActPrefix+"limits", "title", "Bugs"))
	if got := w.source("bug-triage"); !strings.Contains(got, "title: Bugs") {
		t.Fatalf("what was typed on the first page is lost:\n%s", got)
	}
	e, ok := mustReply(w.fill("ann", form, "time", "soon", "budget.send", "many", "concurrency", "2")).(bot.FieldErrors)
	if !ok || !strings.Contains(e.Errors["time"], `"soon" is not a duration`) || !strings.Contains(e.Errors["budget.send"], "not a budget") || e.Errors["concurrency"] != "" {
		t.Fatalf("got %#v", e)
	}
	w.must(w.fill("ann", e.Form, "time", "2 hours", "budget.send", "50/h"))
	if got := w.source("bug-triage"); !strings.Contains(got, "concurrency: 2") || !strings.Contains(got, "time: 2h") || !strings.Contains(got, "send: 50/h") {
		t.Fatalf("the text is\n%s", got)
	}
	if got := prompts.PlainCard(w.builder("ann")); !strings.Contains(got, "at most 2 at once; 50 calls of risk send in 1h; a run lasts 2h at most") {
		t.Errorf("the card says\n%s", got)
	}
	form = w.form(w.send("ann", w.form(w.button("ann", "settings")), bot.ActPrefix+"limits"))
	if value(form, "concurrency") != "2" || value(form, "budget.send") != "50/h" {
		t.Errorf("the dialog shows\n%s", prompts.PlainForm(form))
	}
	first := w.form(w.send("ann", form, bot.ActPrefix+"back", "concurrency", "", "time", "", "budget.send", ""))
	if value(first, "title") != "Bugs" {
		t.Errorf("back leads to\n%s", prompts.PlainForm(first))
	}
	if got := w.source("bug-triage"); strings.Contains(got, "limits") {
		t.Errorf("the text is\n%s", got)
	}
}

// What a trigger collects and expects is a page behind its own.
func TestCollectPage(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	w.addStep("stop")
	when := w.form(w.menu("ann", w.builder("ann"), "edit", prompts.EditWhen))
	form := w.form(w.send("ann", when, bot.ActPrefix+"collect", "key", "{{ event.body.id }}"))
	form = w.form(w.send("ann", form, bot.ActPrefix+"mode", "mode", "debounce"))
	e, ok := mustReply(w.fill("ann", form, "for", "a bit", "at_least", "1")).(bot.FieldErrors)
	if !ok || !strings.Contains(e.Errors["for"], "not a duration") || !strings.Contains(e.Errors["every"], "in which time") {
		t.Fatalf("got %#v", e)
	}
	w.must(w.fill("ann", e.Form, "for", "30s", "every", "1d"))
	got := w.source("bug-triage")
	for _, part := range []string{"debounce:", "for: 30s", "expect:", "at_least: 1", "every: 1d", "event.body.id"} {
		if !strings.Contains(got, part) {
			t.Errorf("%q is not in\n%s", part, got)
		}
	}
	when = w.form(w.menu("ann", w.builder("ann"), "edit", prompts.EditWhen))
	form = w.form(w.send("ann", when, bot.ActPrefix+"collect"))
	w.must(w.fill("ann", form, "mode", "each", "at_least", "", "every", ""))
	if got := w.source("bug-triage"); strings.Contains(got, "debounce") || strings.Contains(got, "expect") {
		t.Errorf("the text is\n%s", got)
	}
}

// A step is given how long it may take and steps of its own for its failure, which then are a place to add to.
func TestTimeoutAndRescue(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	f := w.form(w.fill("ann", w.form(w.button("ann", "add")), "what", "chat.message.post"))
	e, ok := mustReply(w.fill("ann", f, "with.to", "#triage", "with.text", "hi", "id", "tell", "timeout", "soon")).(bot.FieldErrors)
	if !ok || !strings.Contains(e.Errors["timeout"], `"soon" is not a duration`) {
		t.Fatalf("got %#v", e)
	}
	w.must(w.fill("ann", e.Form, "timeout", "30 seconds", "on_error", "steps"))
	if got := w.source("bug-triage"); !strings.Contains(got, "timeout: 30s") || !strings.Contains(got, "on_error") {
		t.Fatalf("the text is\n%s", got)
	}
	f = w.form(w.button("ann", "add"))
	f = w.form(w.fill("ann", f, "what", "stop", "where", "in:tell/on_error"))
	w.must(w.fill("ann", f, "id", "over", "reason", "not told"))
	got := w.source("bug-triage")
	flows, problems := w.lib.Check([]byte(got))
	if problems.Bad() || len(flows.Steps) != 1 || len(flows.Steps[0].Rescue) != 1 || flows.Steps[0].Rescue[0].ID != "over" {
		t.Fatalf("%v in\n%s", problems, got)
	}
	if !strings.Contains(got, "    on_error:\n      steps:\n        - id: over\n") {
		t.Errorf("the text is\n%s", got)
	}
	if card := prompts.PlainCard(w.builder("ann")); !strings.Contains(card, "if it fails: ") {
		t.Errorf("the card says\n%s", card)
	}
	f = w.form(w.menu("ann", w.builder("ann"), "edit", prompts.EditStep+"tell"))
	if value(f, "timeout") != "30s" || value(f, "on_error") != "steps" {
		t.Errorf("the dialog shows\n%s", prompts.PlainForm(f))
	}
	w.must(w.fill("ann", f, "timeout", ""))
	if got := w.source("bug-triage"); strings.Contains(got, "timeout") || !strings.Contains(got, "over") {
		t.Errorf("the text is\n%s", got)
	}
}
