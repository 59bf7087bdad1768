package bot_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// How a step is undone is asked in its dialog, as one line; what is wrong stands under the field, and emptied it is gone.
func TestUndoInTheDialog(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	w.came(issue("e1", "opened", "Spelling error"))
	f := w.form(w.fill("ann", w.form(w.button("ann", "add")), "what", "http.request"))
	w.must(w.fill("ann", f, "with.method", "POST", "with.url", "https://x.example/tickets", "id", "ticket"))
	open := func() prompts.Form {
		return w.form(w.menu("ann", w.builder("ann"), "edit", prompts.EditStep+"ticket"))
	}
	const line = `http.request method=POST url="https://x.example/tickets/{{ result.body.id }}"`
	r, err := w.fill("ann", open(), prompts.UndoName, "http.reqest url=x")
	if e, wrong := r.(bot.FieldErrors); !wrong || err != nil || !strings.Contains(e.Errors[prompts.UndoName], `Did you mean "http.request"?`) {
		t.Fatalf("%v %v", r, err)
	}
	r, err = w.fill("ann", open(), prompts.UndoName, line)
	if e, wrong := r.(bot.FieldErrors); wrong || err != nil {
		t.Fatalf("%v %v", e.Errors, err)
	}
	source := w.source("bug-triage")
	if !strings.Contains(source, "undo:") || !strings.Contains(source, "undo:\n") {
		t.Fatalf("got\n%s", source)
	}
	if f, problems := w.lib.Check([]byte(source)); f == nil || problems.Bad() {
		t.Errorf("it has errors: %v", problems)
	}
	f = open()
	for _, x := range f.Fields {
		if x.Name == prompts.UndoName && x.Value != line {
			t.Errorf("the dialog shows %q", x.Value)
		}
	}
	w.must(w.fill("ann", f))
	if now := w.source("bug-triage"); now != source {
		t.Errorf("opened and saved changes\n%s\nto\n%s", source, now)
	}
	w.says(w.builder("ann"), "undone by http.request POST x.example")
	w.must(w.fill("ann", open(), prompts.UndoName, ""))
	if now := w.source("bug-triage"); strings.Contains(now, "undo") {
		t.Errorf("it is still undone:\n%s", now)
	}
}
