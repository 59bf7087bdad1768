package discord

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
	"github.com/bretelle/bretelle/storage/memory"
)

const (
	fixToken = "0123456789abcdef0123456789abcdef"
	runToken = "0123456789abcdef0123456789abcdee"
)

// parked is a runtime with one run, whose step failed; it counts what it is told.
type parked struct {
	bot.Runs
	view    engine.RunView
	signals []engine.Signal
	batches []engine.Batch
	broken  error
}

func (r *parked) Run(context.Context, string) (engine.RunView, error) { return r.view, nil }

func (r *parked) Signal(_ context.Context, s engine.Signal) (engine.Answer, error) {
	if r.broken != nil {
		return engine.Answer{}, r.broken
	}
	r.signals = append(r.signals, s)
	return engine.Answer{Verdict: engine.Counted, Decided: true}, nil
}

func (r *parked) Accept(_ context.Context, b engine.Batch) ([]engine.Receipt, error) {
	r.batches = append(r.batches, b)
	return []engine.Receipt{{Outcome: engine.Accepted, Number: 13}}, nil
}

type flows struct{ bot.Flows }

func (flows) Head(_ context.Context, name string) (engine.FlowHead, error) {
	return engine.FlowHead{Name: name, State: engine.FlowLive, Live: 1}, nil
}
func (flows) ManualTrigger(context.Context, string) (string, error) { return "manual", nil }

// desk is a bot on a real store in memory, spoken to in interactions as Discord sends them.
type desk struct {
	t     *testing.T
	store *memory.Store
	runs  *parked
	bot   *bot.Bot
	out   []corpus.Drawn
}

func newDesk(t *testing.T, input string) *desk {
	t.Helper()
	d := &desk{t: t, store: memory.New(), runs: &parked{}}
	d.runs.view = engine.RunView{RunHead: engine.RunHead{ID: "run-12", Number: 12, Flow: "bug-triage", Version: 1, State: engine.RunParked},
		Steps: []engine.StepView{{Path: "ticket", Kind: "do", Index: 2, Action: "http.request", State: engine.StepStateFailed, Input: []byte(input)}}}
	for _, err := range []error{
		d.store.AddPerson(t.Context(), engine.Person{ID: "p-bob", Name: "bob", Role: engine.Builder}),
		d.store.Link(t.Context(), engine.Identity{Surface: "discord", Workspace: "290926798626357999", User: "53908232506183680", Person: "p-bob"}),
		d.store.PutCard(t.Context(), bot.StoredCard{ID: "c1", Key: "alert", State: engine.CardOpen}, []bot.Intent{
			{Token: fixToken, Card: "c1", Key: "alert", Verb: "fix", Run: "run-12", Path: "ticket", Flow: "bug-triage"},
			{Token: runToken, Card: "c1", Key: "alert", Verb: "run", Flow: "bug-triage"}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d.restart()
	return d
}

// restart is a new bot on what is stored: it knows nothing else.
func (d *desk) restart() {
	d.t.Helper()
	b, err := bot.New(bot.Options{People: d.store, Outbox: d.store, Audit: d.store, Runs: d.runs, Flows: flows{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		d.t.Fatal(err)
	}
	d.bot = b
}

// take is one interaction and its answer.
func (d *desk) take(frame string, change ...string) *discord.InteractionResponse {
	d.t.Helper()
	data, err := os.ReadFile("testdata/pages/" + frame + ".json")
	if err != nil {
		d.t.Fatal(err)
	}
	in, err := Decode([]byte(strings.NewReplacer(change...).Replace(string(data))))
	if err != nil {
		d.t.Fatal(err)
	}
	reply, err := d.bot.Handle(d.t.Context(), in)
	if err != nil {
		reply = bot.Private{Card: prompts.Say(prompts.Ctx{}, "error: {error}", "error", err.Error())}
	}
	a := Respond(in, reply)
	checkResponse(d.t, a)
	d.out = append(d.out, corpus.Drawn{Name: frame, Text: pretty(d.t, a)})
	return a
}

const seven = `{"method":"POST","url":"https://tracker.example.org/tickets","title":"Crash","text":"","body":"Crash","priority":1,"timeout":30}`

// A form of seven fields is two dialogs of Discord's. What is typed into the first outlives a restart, a wrong field
// of the second, and comes back where the dialog is opened again; the step is tried once, with all of it.
func TestFormInPages(t *testing.T) {
	d := newDesk(t, seven)
	for _, frame := range []string{"01-fix", "02-page-1", "03-submit-1"} {
		d.take(frame)
	}
	d.restart()
	for _, frame := range []string{"04-page-2", "05-submit-2-wrong"} {
		d.take(frame)
	}
	if len(d.runs.signals) != 0 {
		t.Fatalf("tried too early: %+v", d.runs.signals)
	}
	d.restart()
	for _, frame := range []string{"06-fix-it", "07-submit-2"} {
		d.take(frame)
	}
	want := `{"body":"Crash on start, project WEB","method":"POST","priority":2,"text":"","timeout":45,"title":"Crash","url":"https://tracker.example.org/tickets"}`
	if s := d.runs.signals; len(s) != 1 || s[0].Kind != engine.StepFixed || s[0].By != "p-bob" || string(s[0].Data) != want {
		t.Fatalf("%+v", s)
	}
	d.take("08-late-submit-1") // what was acted upon is forgotten: a page alone is a beginning again
	if len(d.runs.signals) != 1 {
		t.Error("one page was taken for all")
	}
	corpus.Goldens(t, "testdata/pages.golden", d.out, *update)
}

// Who needs only the first page saves it; what cannot be saved is kept and can be saved again.
func TestFormSavedEarly(t *testing.T) {
	d := newDesk(t, seven)
	d.take("03-submit-1")
	d.runs.broken = engine.E(engine.Unavailable, "the disk is full")
	if a := d.take("09-save"); !strings.Contains(pretty(t, a), "I could not save your answer") {
		t.Errorf("%s", pretty(t, a))
	}
	d.runs.broken = nil
	d.restart()
	if a := d.take("09-save"); a.Type != discord.InteractionResponseUpdateMessage || len(a.Data.Components) != 0 {
		t.Errorf("the buttons are to go: %s", pretty(t, a))
	}
	if s := d.runs.signals; len(s) != 1 || !strings.Contains(string(s[0].Data), "project WEB") || !strings.Contains(string(s[0].Data), `"priority":1`) {
		t.Fatalf("%+v", s)
	}
}

// A dialog that Discord closed over a wrong field is opened again with everything that was typed.
func TestFixIt(t *testing.T) {
	d := newDesk(t, `{"body":"Crash","priority":1}`)
	one := []string{"f:1/2:", "f::", "p:1/2:", "p:again:"}
	a := d.take("05-submit-2-wrong", "f:2/2:", "f::", `"timeout"`, `"body"`)
	if s := pretty(t, a); a.Type != discord.InteractionResponseChannelMessageWithSource || !strings.Contains(s, "Fix it") || !strings.Contains(s, "p:again:"+fixToken) {
		t.Fatalf("%s", s)
	}
	d.restart()
	a = d.take("02-page-1", one...)
	if s := pretty(t, a); a.Type != discord.InteractionResponseModal || !strings.Contains(s, `"high"`) || !strings.Contains(s, `"45"`) {
		t.Fatalf("what was typed is not there: %s", s)
	}
	d.take("07-submit-2", "f:2/2:", "f:1/1:", `"timeout"`, `"body"`)
	if s := d.runs.signals; len(s) != 1 || string(s[0].Data) != `{"body":"45","priority":2}` {
		t.Fatalf("%+v", s)
	}

	toRun := []string{fixToken, runToken, "f:1/2:", "f::", "p:1/2:", "p:again:", `"body"`, `"event"`}
	d.take("03-submit-1", toRun...) // no JSON
	a = d.take("02-page-1", toRun...)
	if s := pretty(t, a); a.Type != discord.InteractionResponseModal || !strings.Contains(s, "project WEB") || len(d.runs.batches) != 0 {
		t.Fatalf("%d runs were started, %s", len(d.runs.batches), s)
	}
}

// Pages that come at the same time are put together once.
func TestPagesAtOnce(t *testing.T) {
	for range 20 {
		d := newDesk(t, seven)
		var wg sync.WaitGroup
		for _, frame := range []string{"03-submit-1", "07-submit-2"} {
			data, err := os.ReadFile("testdata/pages/" + frame + ".json")
			if err != nil {
				t.Fatal(err)
			}
			in, err := Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				if _, err := d.bot.Handle(t.Context(), in); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if s := d.runs.signals; len(s) != 1 || !strings.Contains(string(s[0].Data), "project WEB") || !strings.Contains(string(s[0].Data), `"timeout":45`) {
			t.Fatalf("%+v", s)
		}
	}
}
