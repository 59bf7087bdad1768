package bot_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

func TestParseColumns(t *testing.T) {
	cols, err := bot.ParseColumns("email: text, unique required\n\n age :integer\nnote")
	if err != nil || len(cols) != 3 || !cols[0].Unique || !cols[0].Required || cols[1].Type != engine.ColInteger || cols[2].Type != engine.ColText {
		t.Errorf("got %+v %v", cols, err)
	}
	if _, err := bot.ParseColumns("email: txt"); engine.CodeOf(err) != engine.Invalid || !strings.Contains(err.Error(), "txt") {
		t.Errorf("a type that is none gives %v", err)
	}
}

func TestTableCSV(t *testing.T) {
	tab := engine.Table{Name: "a", Columns: []engine.Column{{Name: "x", Type: engine.ColText}, {Name: "n", Type: engine.ColInteger}}}
	got, err := bot.TableCSV(tab, []engine.TableRow{{Data: map[string]any{"x": "a,\"b\"\nc", "n": -3}}, {Data: map[string]any{"x": "=1+1"}}})
	if want := "x,n\n\"a,\"\"b\"\"\nc\",-3\n'=1+1,\n"; got != want || err != nil {
		t.Errorf("got %q %v", got, err)
	}
}

// formOf is the dialog of a reply.
func formOf(t *testing.T, r bot.Reply, err error) prompts.Form {
	t.Helper()
	switch r := r.(type) {
	case bot.Dialog:
		return r.Form
	case bot.FieldErrors:
		return r.Form
	}
	t.Fatalf("no dialog: %#v %v", r, err)
	return prompts.Form{}
}

// A table is made, filled, corrected and deleted by commands and dialogs; viewers only look.
func TestTableCommands(t *testing.T) {
	w := newWorld(t)
	b, err := bot.New(bot.Options{People: w.store, Outbox: w.store, Inbox: w.store, Audit: w.audit, Runs: w.runs, Flows: w.flows,
		Surfaces: []bot.Surface{w.chat, w.cons}, Tables: w.store, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w.bot = b
	if _, err := w.say("bob", "/flow table new people"); engine.CodeOf(err) != engine.Denied {
		t.Errorf("a viewer makes a table: %v", err)
	}
	r, err := w.say("ann", "/flow table new people")
	f := formOf(t, r, err)
	r, err = w.submit("ann", f.Token, map[string]string{"name": "people", "columns": "email: txt"})
	if wrong, ok := r.(bot.FieldErrors); !ok || !strings.Contains(wrong.Errors["columns"], "txt") {
		t.Fatalf("a wrong type gives %#v %v", r, err)
	}
	w.must(w.submit("ann", f.Token, map[string]string{"name": "people", "columns": "email: text, unique, required\nage: integer\nnews: boolean"}))
	r, err = w.say("ann", "/flow table add people")
	f = formOf(t, r, err)
	r, err = w.submit("ann", f.Token, map[string]string{"c.email": "", "c.age": "old"})
	if wrong, ok := r.(bot.FieldErrors); !ok || wrong.Errors["c.email"] == "" || wrong.Errors["c.age"] == "" {
		t.Fatalf("a wrong row gives %#v %v", r, err)
	}
	w.must(w.submit("ann", f.Token, map[string]string{"c.email": "a@x.org", "c.age": "41", "c.news": "true"}))
	if got := w.text(w.say("bob", "/flow table show people")); !strings.Contains(got, "a@x.org") || !strings.Contains(got, "41") {
		t.Errorf("it is shown as %s", got)
	}
	if p, ok := w.reply("bob", "/flow table show people").(bot.Private); !ok || len(p.Card.Buttons) != 0 {
		t.Errorf("a viewer is offered %+v", p.Card.Buttons)
	}
	for _, line := range []string{"/flow table add people", "/flow table edit people 1", "/flow table delete people 1", "/flow table delete people"} {
		r, err := w.say("ann", line)
		theirs := formOf(t, r, err)
		if _, err := w.submit("bob", theirs.Token, map[string]string{"c.email": "bob@x.org", "name": "people"}); engine.CodeOf(err) != engine.Denied {
			t.Errorf("a viewer sends the dialog of %s: %v", line, err)
		}
	}
	r, err = w.say("ann", "/flow table edit people 1")
	f = formOf(t, r, err)
	if f.Fields[1].Value != "41" {
		t.Errorf("the dialog is filled with %+v", f.Fields)
	}
	w.must(w.submit("ann", f.Token, map[string]string{"c.email": "a@x.org", "c.age": "", "c.news": "false"}))
	if got := w.text(w.say("bob", "/flow table export people")); !strings.Contains(got, "a@x.org,,false") {
		t.Errorf("it is exported as %s", got)
	}
	r, err = w.say("ann", "/flow table delete people")
	f = formOf(t, r, err)
	if r, err := w.submit("ann", f.Token, map[string]string{"name": "peple"}); err != nil {
		t.Error(err)
	} else if _, ok := r.(bot.FieldErrors); !ok {
		t.Errorf("another name gives %#v", r)
	}
	w.must(w.submit("ann", f.Token, map[string]string{"name": "people"}))
	if _, err := w.say("ann", "/flow table show people"); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("after it was deleted: %v", err)
	}
}

func (w *world) reply(who, line string) bot.Reply {
	w.t.Helper()
	r, err := w.say(who, line)
	w.must(r, err)
	return r
}
