package storagetest

import (
	"encoding/json"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

var inboxTests = map[string]func(*testing.T, Store){
	"a delivery is fresh once": func(t *testing.T, s Store) {
		ctx := t.Context()
		keep := func(surface, id string, want bool) {
			t.Helper()
			same(t, "fresh", must(s.Keep(ctx, surface, id, json.RawMessage(`"`+id+`"`), 5))(t), want)
		}
		keep("slack", "d2", true)
		keep("slack", "d1", true)
		keep("slack", "d2", false)
		keep("discord", "d2", true)
		same(t, "unworked", must(s.Unworked(ctx, "slack", 0))(t), []bot.Kept{{ID: "d2", Payload: json.RawMessage(`"d2"`)}, {ID: "d1", Payload: json.RawMessage(`"d1"`)}})
		same(t, "limit", len(must(s.Unworked(ctx, "slack", 1))(t)), 1)
		ok(t, s.Done(ctx, "slack", "d2"))
		ok(t, s.Done(ctx, "slack", "never"))
		same(t, "one done", must(s.Unworked(ctx, "slack", 5))(t), []bot.Kept{{ID: "d1", Payload: json.RawMessage(`"d1"`)}})
		same(t, "other surface", len(must(s.Unworked(ctx, "discord", 5))(t)), 1)
		keep("slack", "d2", false)
	},
	"messages change with every insert and edit": func(t *testing.T, s Store) {
		ctx := t.Context()
		room := engine.Place{Surface: "console", Channel: "#triage"}
		put := func(id, thread, text string) bot.Message {
			t.Helper()
			return must(s.PutMessage(ctx, bot.Message{ID: id, Place: room, Thread: thread, By: "ann", For: "ben", Text: text,
				Card: json.RawMessage(`{"a":1}`), At: 4, Edited: 6}))(t)
		}
		a, b := put("a", "", "one"), put("b", "", "two")
		c := put("c", "a", "in a thread")
		must(s.PutMessage(ctx, bot.Message{ID: "d", Place: engine.Place{Channel: "#other"}, Text: "elsewhere"}))(t)
		if !(0 < a.Change && a.Change < b.Change && b.Change < c.Change) {
			t.Fatalf("changes do not grow: %d %d %d", a.Change, b.Change, c.Change)
		}
		same(t, "since", must(s.ChangedSince(ctx, room, a.Change, 0))(t), []bot.Message{b, c})
		a2 := put("a", "", "one, edited")
		same(t, "edited", must(s.ChangedSince(ctx, engine.Place{}, c.Change+1, 0))(t), []bot.Message{a2})
		same(t, "limit", len(must(s.ChangedSince(ctx, engine.Place{}, 0, 2))(t)), 2)
		same(t, "last, in order of arrival", must(s.LastMessages(ctx, room, 10))(t), []bot.Message{a2, b, c})
		same(t, "newest", must(s.LastMessages(ctx, room, 2))(t), []bot.Message{b, c})
		in := room
		in.Thread = "a"
		same(t, "of a thread", must(s.LastMessages(ctx, in, 10))(t), []bot.Message{c})
		same(t, "everywhere", len(must(s.LastMessages(ctx, engine.Place{}, 10))(t)), 4)
		got, found, err := s.Message(ctx, "c")
		if ok(t, err); !found {
			t.Error("a message is not found by its id")
		}
		same(t, "by its id", got, c)
		if _, found, err := s.Message(ctx, "nobody"); found || err != nil {
			t.Errorf("a message that never was: %v %v", found, err)
		}
		a2.Reactions = map[string]int{"eyes": 1}
		a3 := must(s.PutMessage(ctx, a2))(t)
		same(t, "reactions", a3.Reactions, a2.Reactions)
		a4 := put("a", "", "edited again")
		same(t, "reactions stay", a4.Reactions, a2.Reactions)
		same(t, "stored", must(s.ChangedSince(ctx, room, a3.Change, 0))(t), []bot.Message{a4})
		if m := must(s.PutMessage(ctx, bot.Message{Place: room, Text: "x"}))(t); m.ID == "" {
			t.Fatal("a message without an id was not given one")
		}
	},
}
