package bot_test

import (
	"log/slog"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/memory"
)

// Whoever is known in a guild is known in direct messages, which belong to none, and the other way round; an account of
// another surface, or another guild, with the same number is not.
func TestKnownInDirectMessages(t *testing.T) {
	store := memory.New()
	b, err := bot.New(bot.Options{People: store, Outbox: store, Audit: store, Runs: struct{ bot.Runs }{}, Flows: struct{ bot.Flows }{}, Log: slog.New(slog.DiscardHandler)})
	for _, err := range []error{err,
		store.AddPerson(t.Context(), engine.Person{ID: "p-ann", Name: "ann", Role: engine.Viewer}),
		store.AddPerson(t.Context(), engine.Person{ID: "p-bob", Name: "bob", Role: engine.Viewer}),
		store.Link(t.Context(), engine.Identity{Surface: "discord", Workspace: "290926798626357999", User: "7", Person: "p-bob"}),
		store.Link(t.Context(), engine.Identity{Surface: "discord", Workspace: bot.NoWorkspace, User: "8", Person: "p-ann"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		surface, workspace, user string
		known                    bool
	}{
		{"discord", bot.NoWorkspace, "7", true}, {"discord", "290926798626357999", "8", true}, {"discord", bot.NoWorkspace, "9", false},
		{"slack", bot.NoWorkspace, "7", false}, {"discord", "290926798626357000", "7", false},
	} {
		_, err := b.Handle(t.Context(), bot.In{ID: "1", Kind: bot.InCommand, Text: "/flow help",
			Place: engine.Place{Surface: x.surface, Workspace: x.workspace, Channel: "1"}, Actor: bot.Actor{Surface: x.surface, Workspace: x.workspace, User: x.user}})
		if x.known != (err == nil) {
			t.Errorf("%+v: %v", x, err)
		}
	}
}
