package bot_test

import (
	"context"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

func TestTheCardChangesWhenASampleArrives(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	w.must(w.types("mia", "/flow edit bug-triage"))
	if got := prompts.PlainCard(w.builder("mia")); !strings.Contains(got, "no sample yet") || strings.Contains(got, "Add condition") {
		t.Errorf("got %s", got)
	}
	w.runs.events = []bot.Occurrence{{Event: issue("e1", "opened", "Spelling error"), Outcome: engine.Sampled}}
	w.must(nil, w.store.Raise(w.ctx, engine.Notice{ID: "s1", At: 1, Kind: engine.NoticeSample, Topic: "sample:bug-triage", Flow: "bug-triage"}))
	for _, who := range []string{"ann", "mia"} {
		if got := prompts.PlainCard(w.builder(who)); !strings.Contains(got, `sample: issues, opened, "Spelling error"`) || !strings.Contains(got, "Add condition") {
			t.Errorf("%s sees %s", who, got)
		}
	}
	if n := w.cons.count("builder:"); n != 2 {
		t.Errorf("%d cards", n)
	}
}

func TestSamplesAreChosen(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	w.came(issue("e2", "closed", "Second"), issue("e1", "opened", "First"))
	w.must(w.types("ann", "/flow edit bug-triage"))
	w.must(w.menu("ann", w.builder("ann"), "sample", "e1"))
	w.start()
	if got := prompts.PlainCard(w.builder("ann")); !strings.Contains(got, `"First"`) {
		t.Errorf("got %s", got)
	}
	if _, err := w.menu("ann", w.builder("ann"), "sample", "e9"); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("a sample that there is not: %v", err)
	}
	card := w.answer(w.types("ann", "/flow sample bug-triage"))
	if got := prompts.PlainCard(card); !strings.Contains(got, `✔ issues, opened, "First"`) {
		t.Errorf("got %s", got)
	}
}

func TestAStepWithoutASampleIsSavedAndSaysSo(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	w.came(issue("e1", "opened", "Spelling error"))
	w.addStep("http.request", "with.method", "POST", "with.url", "https://x.example/t", "id", "ticket")
	f := w.form(w.fill("ann", w.form(w.button("ann", "add")), "what", "chat.message.post"))
	card := w.answer(w.fill("ann", f, "with.to", "#triage", "with.text", "Ticket {{ steps.ticket.body.id }}", "id", "tell"))
	if got := prompts.PlainCard(card); !strings.Contains(got, `Saved. I could not check "steps.ticket.body.id": step 1 has no sample yet.`) {
		t.Errorf("got %s", got)
	}
	f = w.form(w.pressed("ann", card, "answer"))
	r, err := w.fill("ann", f, "answer", "{nonsense")
	if e, ok := r.(bot.FieldErrors); !ok || err != nil || !strings.Contains(e.Errors["answer"], "This is not JSON") {
		t.Errorf("got %#v %v", r, err)
	}
	w.must(w.fill("ann", f, "answer", `{"body": {"id": 7}}`))
	f = w.form(w.menu("ann", w.builder("ann"), "edit", "step:tell"))
	for _, x := range f.Fields {
		if x.Name == "with.text" && x.Preview != "Ticket 7" {
			t.Errorf("preview %q, warning %q", x.Preview, x.Warn)
		}
	}
}

type sampler struct{ w *workshop }

func (s sampler) Sample(_ context.Context, _ string) error {
	s.w.runs.events = []bot.Occurrence{{Event: engine.Event{ID: "tick", Key: "k", At: 1, Trigger: "schedule.tick", Data: map[string]any{"scheduled": "2026-11-23T14:30:00Z"}}, Outcome: engine.Sampled}}
	return nil
}

func TestAScheduleIsAskedForASample(t *testing.T) {
	w := newWorkshop(t)
	w.sampler = sampler{w}
	w.start()
	f := w.form(w.types("ann", "/flow new nightly schedule.tick"))
	w.must(w.fill("ann", f, "every", "5m"))
	if got := prompts.PlainCard(w.builder("ann")); !strings.Contains(got, "press Test, and I get one") || strings.Contains(got, "Address") {
		t.Errorf("got %s", got)
	}
	w.addStep("chat.message.post", "with.to", "#triage", "with.text", "At {{ event.scheduled }}", "id", "tell")
	w.says(w.answer(w.button("ann", "test")), "At 2026-11-23T14:30:00Z")
	w.says(w.builder("ann"), "sample: ")
}
