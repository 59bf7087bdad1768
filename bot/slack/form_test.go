package slack

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts/corpus"
	"github.com/bretelle/bretelle/storage/memory"
)

// parked is a runtime with one run, whose step failed; it counts what it is told.
type parked struct {
	bot.Runs
	signals []engine.Signal
}

func (r *parked) Run(context.Context, string) (engine.RunView, error) {
	return engine.RunView{RunHead: engine.RunHead{ID: "run-12", Number: 12, Flow: "bug-triage", Version: 1, State: engine.RunParked},
		Steps: []engine.StepView{{Path: "ticket", Kind: "do", Index: 2, Action: "http.request", State: engine.StepStateFailed,
			Input: []byte(`{"method":"POST","json":{"title":"Crash"},"notify":false}`)}}}, nil
}

func (r *parked) Signal(_ context.Context, s engine.Signal) (engine.Answer, error) {
	r.signals = append(r.signals, s)
	return engine.Answer{Verdict: engine.Counted, Decided: true}, nil
}

type library struct{ bot.Flows }

// A wrong field keeps the view open with its error under the field, and everything typed in it; the right one is acted
// upon, also by a bot that was started in between.
func TestFormWithWrongField(t *testing.T) {
	store, runs := memory.New(), &parked{}
	for _, err := range []error{
		store.AddPerson(t.Context(), engine.Person{ID: "p-bob", Name: "bob", Role: engine.Builder}),
		store.Link(t.Context(), engine.Identity{Surface: "slack", Workspace: "T0123", User: "U0BBB", Person: "p-bob"}),
		store.PutCard(t.Context(), bot.StoredCard{ID: "c1", Key: "alert", State: engine.CardOpen}, []bot.Intent{
			{Token: "f00d", Card: "c1", Key: "alert", Verb: "fix", Run: "run-12", Path: "ticket", Flow: "bug-triage"}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var out []corpus.Drawn
	take := func(name, frame string, change ...string) Answer {
		t.Helper()
		b, err := bot.New(bot.Options{People: store, Outbox: store, Audit: store, Runs: runs, Flows: library{}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile("testdata/frames/" + frame)
		if err != nil {
			t.Fatal(err)
		}
		in, err := Decode([]byte(strings.NewReplacer(change...).Replace(string(data))))
		if err != nil {
			t.Fatal(err)
		}
		reply, err := b.Handle(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		a, err := Respond(in, reply)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, corpus.Drawn{Name: name, Text: pretty(t, a)})
		return a
	}
	if a := take("press", "press.json", `"3f2a"`, `"f00d"`); a.Call == nil || a.Call.Method != "views.open" || a.Call.Trigger == "" {
		t.Errorf("%+v", a)
	}
	a := take("submit-wrong", "submit.json", `{\"title\": \"Spelling\"}`, `title: Spelling`)
	var ack struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
	}
	if err := json.Unmarshal(a.Ack, &ack); err != nil || ack.Action != "errors" || len(ack.Errors) != 1 || ack.Errors["json"] == "" || len(runs.signals) != 0 {
		t.Errorf("%s, %v, %d signals", a.Ack, err, len(runs.signals))
	}
	if a := take("press-again", "press.json", `"3f2a"`, `"f00d"`); !strings.Contains(pretty(t, a), "title: Spelling") {
		t.Errorf("a view that was closed over an error has lost what was typed: %s", pretty(t, a))
	}
	take("submit", "submit.json")
	if s := runs.signals; len(s) != 1 || string(s[0].Data) != `{"json":{"title":"Spelling"},"method":"POST","notify":false}` {
		t.Errorf("%+v", s)
	}
	corpus.Goldens(t, "testdata/form.golden", out, *update)
}
