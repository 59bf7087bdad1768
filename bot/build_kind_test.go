package bot_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// Every kind of step can be added, put into the blocks of others, opened again and left alone, and what comes of it is
// a flow without errors.
func TestEveryKindOfStepCanBeAdded(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	w.came(issue("e1", "opened", "Spelling error"))
	add := func(what, where string, typed ...string) {
		t.Helper()
		f := w.form(w.button("ann", "add"))
		next := []string{"what", what}
		if where != "" {
			next = append(next, "where", where)
		}
		f = w.form(w.fill("ann", f, next...))
		r, err := w.fill("ann", f, typed...)
		if e, wrong := r.(bot.FieldErrors); wrong || err != nil {
			t.Fatalf("%s %s: %v %v", what, where, e.Errors, err)
		}
	}
	add("if", "", "field1", "event.body.action", "value1", "opened", "id", "check")
	add("chat.message.post", "in:check/then", "with.to", "#triage", "with.text", "yes", "id", "yes_said")
	add("chat.message.post", "in:check/else", "with.to", "#triage", "with.text", "no", "id", "no_said")
	add("switch", "", "on", "event.body.action", "cases", "opened\nclosed, reopened", "id", "which")
	add("stop", "in:which/case:0", "reason", "Nothing to do", "id", "halt")
	add("set", "in:which/case:1", "values", "title: {{ event.body.issue.title }}", "id", "keep")
	add("each", "", "list", "event.body.issue.labels", "id", "labels")
	add("chat.message.post", "in:labels/steps", "with.to", "#triage", "with.text", "{{ item.name }}", "id", "label_said")
	add("try", "", "id", "attempt")
	add("http.request", "in:attempt/try", "with.method", "GET", "with.url", "https://x.example", "id", "call")
	add("chat.message.post", "in:attempt/catch", "with.to", "#triage", "with.text", "failed", "id", "failed_said")
	add("wait", "after:check", "for", "10m", "id", "pause")
	add("choice", "end", "title", "Which?", "who", "@triage", "options", "small\nl: Large", "id", "size")
	add("form", "end", "title", "Details", "who", "@triage", "fields", "reason: Why? (lines)", "id", "details")
	golden(t, "every-kind.yaml", w.source("bug-triage"))
	if f, problems := w.lib.Check([]byte(w.source("bug-triage"))); f == nil || problems.Bad() {
		t.Errorf("it has errors: %v", problems)
	}
	card := w.builder("ann")
	w.says(card, "TO DO  nothing", "[Publish]")
	was := w.source("bug-triage")
	for _, m := range card.Menus {
		for _, o := range m.Options {
			if m.ID != "edit" || !strings.HasPrefix(o.Value, prompts.EditStep) {
				continue
			}
			w.must(w.fill("ann", w.form(w.menu("ann", w.builder("ann"), "edit", o.Value))))
			if now := w.source("bug-triage"); now != was {
				t.Errorf("%s opened and saved changes\n%s\nto\n%s", o.Label, was, now)
				was = now
			}
		}
	}
	f := w.form(w.menu("ann", w.builder("ann"), "edit", prompts.EditStep+"check"))
	f = w.form(w.send("ann", f, "act another"))
	w.must(w.fill("ann", f, "field2", "event.body.issue.title", "test2", "contains", "value2", "error"))
	if now := w.source("bug-triage"); !strings.Contains(now, `event.body.issue.title contains "error"`) {
		t.Errorf("got\n%s", now)
	}
}
