package bot_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t testing.TB, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwanted:\n%s", name, got, want)
	}
}

// says holds a card to what it has to say.
func (w *workshop) says(c prompts.Card, want ...string) {
	w.t.Helper()
	got := prompts.PlainCard(c)
	for _, x := range want {
		if !strings.Contains(got, x) {
			w.t.Errorf("no %q in\n%s", x, got)
		}
	}
}

// begin makes the draft by the first two dialogs.
func (w *workshop) begin() {
	w.t.Helper()
	f := w.form(w.types("ann", "/flow new bug-triage"))
	f = w.form(w.fill("ann", f, "title", "Bugs become tickets", "channel", "#triage", "trigger", "webhook.received"))
	r, err := w.fill("ann", f, "path", "github-bugs", "sender", "GitHub")
	if n, ok := r.(bot.Nothing); !ok || err != nil || n.About != "builder:bug-triage" {
		w.t.Fatalf("got %#v %v: %s", r, err, w.text(r, err))
	}
}

func (w *workshop) addStep(what string, typed ...string) {
	w.t.Helper()
	f := w.form(w.button("ann", "add"))
	f = w.form(w.fill("ann", f, "what", what))
	r, err := w.fill("ann", f, typed...)
	if e, wrong := r.(bot.FieldErrors); wrong || err != nil {
		w.t.Fatalf("%s: %v %v", what, e.Errors, err)
	}
}

// triage is bug triage, all by dialogs.
func (w *workshop) triage() {
	w.t.Helper()
	w.begin()
	w.came(issue("e1", "opened", "Spelling error"), ping())
	f := w.form(w.button("ann", "condition"))
	f = w.form(w.send("ann", f, "act field1", "field1", "event.body.action"))
	f = w.form(w.send("ann", f, "act another", "test1", "is", "value1", "opened"))
	f = w.form(w.send("ann", f, "act field2", "field2", "event.body.issue.labels"))
	w.must(w.fill("ann", f, "test2", "has:name", "value2", "bug"))
	w.addStep("approval", "title", `Ticket for "{{ event.body.issue.title }}"?`, "who", "@triage", "after", "3d", "then", "stop", "id", "review") // covers the next step by itself
	w.addStep("http.request", "with.method", "POST", "with.url", "https://tracker.example.org/tickets", "with.json", `{"title": "{{ event.body.issue.title }}"}`, "id", "ticket")
	w.addStep("chat.message.post", "with.to", "#triage", "with.text", "Ticket {{ steps.ticket.body.id }}", "id", "tell")
}

func TestBugTriageByDialogs(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	card := prompts.PlainCard(w.builder("ann"))
	for _, want := range []string{"bug-triage", "a webhook arrives at /hooks/github-bugs", "events sent now are kept as samples, nothing runs", "add a step"} {
		if !strings.Contains(card, want) {
			t.Errorf("no %q in\n%s", want, card)
		}
	}
	if strings.Contains(w.source("bug-triage"), "top-secret") || w.secrets.made["bug_triage_hook"] != 1 {
		t.Errorf("secrets %v", w.secrets.made)
	}
	w = newWorkshop(t)
	w.triage()
	golden(t, "bug-triage.yaml", w.source("bug-triage"))
	w.deliver()
	w.says(w.builder("ann"), "✎ bug-triage · draft, not live", "matches 1 of 2 samples", "would be skipped", "1 of @triage, covers step 2", "http.request POST tracker.example.org",
		"write", "TO DO  nothing", "[Test]", "[Publish]", "[Add step]", "[Settings]", "[Edit… ▾]")
	if n := w.cons.count("builder:"); n != 1 {
		t.Errorf("%d cards of one draft", n)
	}

	dry := w.answer(w.button("ann", "test"))
	w.says(dry, `1 would ask @triage (2 people): Ticket for "Spelling error"?`, "not sent; answer assumed", `"Ticket 7"`, "Nothing left this machine.")

	ask := w.answer(w.button("ann", "publish"))
	w.says(ask, "Publish version 1 of bug-triage?", "write to tracker.example.org (after 1 of @triage)", "#triage", "[Not yet]")
	w.must(w.pressed("ann", ask, "not_yet"))
	if h, _ := w.lib.Head(w.ctx, "bug-triage"); h.Live != 0 {
		t.Error("Not yet is not yes")
	}
	if got := w.text(w.pressed("ann", ask, "confirm")); !strings.Contains(got, "version 1 is live now") {
		t.Errorf("got %q", got)
	}
	w.deliver()
	w.says(w.card(w.cons, "flow:bug-triage@1"), "ann published bug-triage", "Starts when  a webhook arrives at /hooks/github-bugs", "Only if      action is \"opened\"",
		"It may       ▲ write to tracker.example.org (after 1 of @triage)", "and          post in #triage")
}

func TestANameThatIsTakenIsSaidUnderIt(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	f := w.form(w.types("mia", "/flow new"))
	r, err := w.fill("mia", f, "name", "bug-triage", "channel", "#triage", "trigger", "webhook.received", "title", "Another")
	e, ok := r.(bot.FieldErrors)
	if !ok || err != nil {
		t.Fatalf("got %#v %v", r, err)
	}
	if want := "bug-triage exists already (by ann, draft). Choose another, or close and type /flow edit bug-triage."; e.Errors["name"] != want {
		t.Errorf("got %q", e.Errors["name"])
	}
	for _, x := range e.Form.Fields {
		if x.Name == "title" && x.Value != "Another" {
			t.Errorf("what was typed is lost: %q", x.Value)
		}
	}
	for name, want := range map[string]string{"Bug Triage!": `"bug-triage" would do`, "": "small letters"} {
		r, _ := w.fill("mia", e.Form, "name", name)
		if e, ok := r.(bot.FieldErrors); !ok || !strings.Contains(e.Errors["name"], want) {
			t.Errorf("%q: %#v", name, r)
		}
	}
}

func TestTheAddressOfAnotherFlowIsSaidUnderIt(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	f := w.form(w.types("mia", "/flow new other webhook.received"))
	r, err := w.fill("mia", f, "path", "github-bugs", "sender", "github")
	e, ok := r.(bot.FieldErrors)
	if !ok || err != nil || !strings.Contains(e.Errors["path"], "belongs to the flow bug-triage") {
		t.Fatalf("got %#v %v", r, err)
	}
	w.must(w.fill("mia", e.Form, "path", "others"))
	if !strings.Contains(w.source("other"), "secret: other_hook") {
		t.Errorf("got %s", w.source("other"))
	}
}

func TestBackKeepsBothPages(t *testing.T) {
	w := newWorkshop(t)
	one := w.form(w.types("ann", "/flow new bug-triage"))
	two := w.form(w.fill("ann", one, "title", "Bugs", "channel", "#triage", "trigger", "webhook.received"))
	one = w.form(w.send("ann", two, "act back", "path", "half-typed"))
	for name, want := range map[string]string{"name": "bug-triage", "title": "Bugs", "trigger": "webhook.received"} {
		if got := value(one, name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	w.start() // a restart in the middle
	two = w.form(w.fill("ann", one))
	if got := value(two, "path"); got != "half-typed" {
		t.Errorf("page two lost %q", got)
	}
	w.must(w.fill("ann", two, "sender", "github"))
	if !strings.Contains(w.source("bug-triage"), "half-typed") {
		t.Error(w.source("bug-triage"))
	}
}

func value(f prompts.Form, name string) string {
	for _, x := range f.Fields {
		if x.Name == name {
			return x.Value
		}
	}
	return "no field " + name
}

func TestTwoPeopleOnOneDraft(t *testing.T) {
	for _, choice := range []string{"mine", "theirs"} {
		t.Run(choice, func(t *testing.T) {
			w := newWorkshop(t)
			w.triage()
			mine := w.form(w.menu("ann", w.builder("ann"), "edit", "step:tell"))
			w.must(w.types("mia", "/flow edit bug-triage"))
			theirs := w.form(w.button("mia", "settings"))
			w.must(w.fill("mia", theirs, "title", "Something else"))
			w.start()
			card := w.answer(w.fill("ann", mine, "with.text", "Mine"))
			if got := prompts.PlainCard(card); !strings.Contains(got, "mia saved this draft at 14:21.") {
				t.Errorf("got %q", got)
			}
			if strings.Contains(w.source("bug-triage"), "Mine") {
				t.Error("saved in spite of the conflict")
			}
			card = w.answer(w.pressed("ann", card, "theirs_show"))
			w.must(w.pressed("ann", card, choice))
			got := w.source("bug-triage")
			if !strings.Contains(got, "Something else") || strings.Contains(got, "Mine") != (choice == "mine") {
				t.Errorf("%s gives\n%s", choice, got)
			}
		})
	}
}

func TestKeepMineOfAStepThatIsGone(t *testing.T) {
	w := newWorkshop(t)
	w.triage()
	mine := w.form(w.menu("ann", w.builder("ann"), "edit", "step:tell"))
	w.must(w.types("mia", "/flow edit bug-triage"))
	theirs := w.form(w.menu("mia", w.builder("mia"), "edit", "step:tell"))
	w.must(w.send("mia", theirs, "act remove"))
	card := w.answer(w.fill("ann", mine, "with.text", "Mine"))
	if _, err := w.pressed("ann", card, "mine"); engine.CodeOf(err) != engine.Conflict || !strings.Contains(err.Error(), `Step "tell" is gone`) {
		t.Errorf("got %v", err)
	}
	w.must(w.types("mia", "/flow undo bug-triage"))
	w.must(w.pressed("ann", card, "mine"))
	if !strings.Contains(w.source("bug-triage"), "text: Mine") {
		t.Error(w.source("bug-triage"))
	}
}

func TestTheLiveVersionMoved(t *testing.T) {
	w := newWorkshop(t)
	w.triage()
	w.must(w.pressed("ann", w.answer(w.button("ann", "publish")), "confirm"))
	w.must(w.types("ann", "/flow edit bug-triage"))
	w.must(w.fill("ann", w.form(w.button("ann", "settings")), "title", "Two"))
	w.must(w.pressed("ann", w.answer(w.types("ann", "/flow publish bug-triage")), "confirm"))
	w.must(w.types("ann", "/flow edit bug-triage"))
	w.must(w.fill("ann", w.form(w.button("ann", "settings")), "title", "Three"))
	w.must(w.pressed("mia", w.answer(w.types("mia", "/flow version rollback bug-triage 1")), "confirm"))
	moved := w.answer(w.types("ann", "/flow publish bug-triage"))
	if got := prompts.PlainCard(moved); !strings.Contains(got, "Version 3 went live while you edited version 2.") {
		t.Fatalf("got %q", got)
	}
	w.must(w.pressed("ann", moved, "difference"))
	ask := w.answer(w.pressed("ann", moved, "anyway"))
	w.must(w.pressed("ann", ask, "confirm"))
	if h, _ := w.lib.Head(w.ctx, "bug-triage"); h.Live != 4 || h.Title != "Three" {
		t.Errorf("head %+v", h)
	}
	list := w.answer(w.types("ann", "/flow version list bug-triage"))
	if got := prompts.PlainCard(list); !strings.Contains(got, "live") {
		t.Errorf("got %q", got)
	}
	if got := w.text(w.types("ann", "/flow version export bug-triage 1")); !strings.Contains(got, "Bugs become tickets") {
		t.Errorf("got %q", got)
	}
	w.must(w.types("ann", "/flow version compare bug-triage 1 2"))
}
