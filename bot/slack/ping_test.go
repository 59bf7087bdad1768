package slack

import (
	"context"
	"encoding/json"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/storage/memory"
)

// wall is a Slack that keeps what it is given to show.
type wall struct {
	bot.Surface
	cards map[string][]prompts.Card // by workspace
}

func (w *wall) Name() string           { return "slack" }
func (w *wall) Limits() prompts.Limits { return Limits() }
func (w *wall) Post(_ context.Context, p engine.Place, _ bot.Ref, c prompts.Card) (bot.Ref, error) {
	w.cards[p.Workspace] = append(w.cards[p.Workspace], c)
	return "C1/1.1", nil
}

type owned struct{ bot.Flows }

func (owned) Head(_ context.Context, name string) (engine.FlowHead, error) {
	return engine.FlowHead{Name: name, State: engine.FlowLive, Live: 1, Owner: "p-ann"}, nil
}

var pinged = regexp.MustCompile(`"type":\s*"(user|usergroup|broadcast)"[^}]*`)

// An alert notifies the flow's owner, by the identity linked in its own workspace, and nobody else: neither persons who
// are only named, nor an owner without an identity there, nor anybody whom a text from outside seems to mention.
func TestAlertPingsItsOwner(t *testing.T) {
	const evil = "<@U0BBB> <!here> @bob <!subteam^S0123ABC>"
	store, w := memory.New(), &wall{cards: map[string][]prompts.Card{}}
	data := engine.FailedData{Step: "ticket", Index: 2, Action: "http.request",
		Failure: &engine.Failure{Class: engine.Rejected, Code: engine.Refused, Status: 422, Peer: "tracker.example.org", Said: evil}}
	runs := &parked{}
	for _, err := range []error{
		store.AddPerson(t.Context(), engine.Person{ID: "p-ann", Name: "ann", Role: engine.Builder}),
		store.AddPerson(t.Context(), engine.Person{ID: "p-bob", Name: "bob", Role: engine.Builder}),
		store.Link(t.Context(), engine.Identity{Surface: "slack", Workspace: "T0999", User: "U0OTHER", Person: "p-ann"}),
		store.Link(t.Context(), engine.Identity{Surface: "slack", Workspace: "T0123", User: "U0ANN", Person: "p-ann"}),
		store.Link(t.Context(), engine.Identity{Surface: "slack", Workspace: "T0123", User: "U0BBB", Person: "p-bob"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := bot.New(bot.Options{People: store, Outbox: store, Audit: store, Runs: runs, Flows: owned{}, Surfaces: []bot.Surface{w}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	deliver := func(id, workspace string, d engine.FailedData) string {
		t.Helper()
		raw, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		n := engine.Notice{ID: id, At: 1, Kind: engine.NoticeFailed, Topic: id, Flow: "bug-triage", Run: "run-12", Number: 12, Path: "ticket",
			Place: engine.Place{Surface: "slack", Workspace: workspace, Channel: "C1"}, Data: raw}
		if err := store.Raise(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, c := range w.cards[workspace] {
			blocks, text := Message(c)
			out, err := json.Marshal(map[string]any{"blocks": blocks, "text": text})
			if err != nil {
				t.Fatal(err)
			}
			all.Write(out)
		}
		if !strings.Contains(all.String(), "http.request fails") {
			t.Fatalf("no alert: %s", &all)
		}
		return all.String()
	}
	got := deliver("n1", "T0123", data)
	if all := pinged.FindAllString(got, -1); len(all) != 1 || !strings.Contains(all[0], `"U0ANN"`) {
		t.Errorf("it notifies %q in %s", all, got)
	}
	data.Step = "other" // another group, in a workspace where the owner is not known
	if all := pinged.FindAllString(deliver("n2", "T0777", data), -1); len(all) != 0 {
		t.Errorf("it notifies %q", all)
	}
}
