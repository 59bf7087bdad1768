package bot_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// failWith lets the ticket step of a run fail after it sent a body of its own.
func (w *world) failWith(number int64, body string) string {
	w.t.Helper()
	id := w.fail(number, 422)
	v, _ := w.runs.Run(w.ctx, id)
	v.Steps[0].Attempts = 1
	v.Steps[0].Input = json.RawMessage(`{"method":"POST","url":"https://tracker.example.org/tickets","json":` + body + `}`)
	w.runs.set(v)
	return id
}

func (w *world) fixAllOf(who string, card prompts.Card, json string) (bot.Reply, error) {
	w.t.Helper()
	fix := token(w.t, card, "fix")
	r, err := w.press(who, fix)
	if err != nil {
		w.t.Fatal(err)
	}
	if f := r.(bot.Dialog).Form; len(f.Fields) == 0 || f.Fields[len(f.Fields)-1].Name != prompts.FixForField {
		w.t.Fatalf("for whom is not asked: %+v", f.Fields)
	}
	return w.submit(who, fix, map[string]string{"json": json, "method": "POST", "url": "https://tracker.example.org/tickets", prompts.FixForField: prompts.FixAlike})
}

func TestFixOneFixAll(t *testing.T) {
	w := newWorld(t)
	w.failWith(12, `{"title":"Crash"}`)
	w.failWith(13, `{"title":"Slow"}`)
	w.failWith(15, `{"title":"Typo","n":1}`)
	card := w.card(w.chat, alertKey(422, 1))
	r, err := w.fixAllOf("ann", card, `{"title":"Crash","project":"WEB"}`)
	if err != nil {
		t.Fatal(err)
	}
	plan := r.(bot.Private).Card
	if got := prompts.PlainCard(plan); !strings.Contains(got, "Change for 3 runs") || !strings.Contains(got, `Body + "project": "WEB"`) || !strings.Contains(got, "Run all 3") || !strings.Contains(got, "Run #12 first") {
		t.Fatalf("got %q", got)
	}
	if len(w.runs.signals) != 0 {
		t.Fatal("something was sent before it was shown")
	}

	back, err := w.press("ann", token(t, plan, "fix"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range back.(bot.Dialog).Form.Fields {
		if f.Name == "json" && !strings.Contains(f.Value, "WEB") {
			t.Errorf("what was typed is lost: %q", f.Value)
		}
	}

	w.must(w.press("ann", token(t, plan, "fix_first")))
	if len(w.runs.signals) != 1 || w.runs.signals[0].Run != "run-12" {
		t.Fatalf("got %+v", w.runs.signals)
	}
	w.mend(12, 422)
	if _, err := w.press("vic", token(t, plan, "fix_all")); engine.CodeOf(err) != engine.Denied {
		t.Errorf("somebody else's plan: %v", err)
	}
	w.must(w.press("ann", token(t, plan, "fix_all")))
	var sent []string
	for _, s := range w.runs.signals[1:] {
		sent = append(sent, fmt.Sprint(s.Run, " ", s.Kind, " ", string(s.Head), " ", string(s.Data)))
	}
	want := []string{
		`run-13 step.fixed {"attempt":1} {"json":{"project":"WEB","title":"Slow"},"method":"POST","url":"https://tracker.example.org/tickets"}`,
		`run-15 step.fixed {"attempt":1} {"json":{"n":1,"project":"WEB","title":"Typo"},"method":"POST","url":"https://tracker.example.org/tickets"}`,
	}
	if strings.Join(sent, "\n") != strings.Join(want, "\n") {
		t.Errorf("sent\n%s\nwant\n%s", strings.Join(sent, "\n"), strings.Join(want, "\n"))
	}
	w.mend(13, 422)
	w.mend(15, 422)
	text := prompts.PlainCard(w.card(w.chat, alertKey(422, 1)))
	if !strings.Contains(text, "works again · 3 of 3 runs done") {
		t.Errorf("got %q", text)
	}
}

func TestFixAllSaysWhereItDoesNotFit(t *testing.T) {
	w := newWorld(t)
	w.failWith(12, `[{"title":"Crash"}]`)
	w.failWith(13, `{"title":"Slow"}`)
	r, err := w.fixAllOf("ann", w.card(w.chat, alertKey(422, 1)), `[{"title":"Crash","project":"WEB"}]`)
	if err != nil {
		t.Fatal(err)
	}
	plan := r.(bot.Private).Card
	if got := prompts.PlainCard(plan); !strings.Contains(got, "#13 stays as it is") || !strings.Contains(got, "Run all 1") {
		t.Fatalf("got %q", got)
	}
	w.must(w.press("ann", token(t, plan, "fix_all")))
	if len(w.runs.signals) != 1 || w.runs.signals[0].Run != "run-12" {
		t.Errorf("got %+v", w.runs.signals)
	}
}
