package storagetest

import (
	"encoding/json"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

func copyOf(key string, p engine.Place) bot.Copy {
	return bot.Copy{Key: key, Place: p, Run: "r1", Draft: json.RawMessage(`{"a":1}`), At: 5}
}

func keysOf(copies []bot.Copy) (out []string) {
	for _, c := range copies {
		out = append(out, c.Key)
	}
	return out
}

var (
	guild   = engine.Place{Surface: "discord", Workspace: "42", Channel: "#triage"}
	opsHere = engine.Place{Surface: "console", Channel: "#ops"}
)

var copyTests = map[string]func(*testing.T, Store){
	"copies wait in the order of their channel": func(t *testing.T, s Store) {
		ctx := t.Context()
		thread := triage
		thread.Thread = "1.2"
		ok(t, s.Want(ctx, copyOf("a", triage), copyOf("b", guild), copyOf("c", thread)))
		ok(t, s.Want(ctx, copyOf("d", triage), copyOf("a", guild)))
		same(t, "in a channel", keysOf(must(s.Waiting(ctx, triage, 0))(t)), []string{"a", "c", "d"})
		same(t, "limit", keysOf(must(s.Waiting(ctx, thread, 2))(t)), []string{"a", "c"})
		same(t, "of a key", len(must(s.CopiesOf(ctx, "a"))(t)), 2)
		same(t, "queues", must(s.Queues(ctx))(t), []bot.Queue{{Place: triage, Count: 3}, {Place: guild, Count: 2}})
		full := bot.Copy{Key: "full", Place: opsHere, Run: "r2", Draft: json.RawMessage(`{"b":2}`), At: 6, Due: 7, Spare: guild, Over: 9}
		ok(t, s.Want(ctx, full))
		got := must(s.CopiesOf(ctx, "full"))(t)[0]
		full.N, full.Rev = got.N, 1
		same(t, "whole", got, full)
	},
	"a newer draft replaces one that waits": func(t *testing.T, s Store) {
		ctx := t.Context()
		c := copyOf("a", triage)
		c.Spare, c.Over = opsHere, 50
		ok(t, s.Want(ctx, c, copyOf("b", triage)))
		first := must(s.CopiesOf(ctx, "a"))(t)[0]
		first.Due, first.Tries, first.Since, first.Alone, first.Reason = 20, 3, 10, true, "denied"
		ok(t, s.PutOff(ctx, first))
		newer := copyOf("a", triage)
		newer.Draft, newer.At, newer.Spare, newer.Over = json.RawMessage(`{"a":2}`), 30, guild, 99
		ok(t, s.Want(ctx, newer))
		got := must(s.Waiting(ctx, triage, 0))(t)[0]
		want := first
		want.Rev, want.Draft = 2, newer.Draft
		same(t, "replaced", got, want)
		ok(t, s.Shown(ctx, first, []bot.StoredCard{card("c1", "a", triage)})) // what was shown is the older one
		same(t, "still waits", keysOf(must(s.Waiting(ctx, triage, 0))(t)), []string{"a", "b"})
		same(t, "it stands somewhere", must(s.CopiesOf(ctx, "a"))(t)[0].Over, int64(0))
		ok(t, s.Shown(ctx, got, nil, copyOf("next", guild)))
		same(t, "shown", keysOf(must(s.Waiting(ctx, triage, 0))(t)), []string{"b"})
		same(t, "and what follows", keysOf(must(s.Waiting(ctx, guild, 0))(t)), []string{"next"})
		same(t, "card", must(s.Card(ctx, "a", triage))(t).ID, "c1")
	},
	"a channel is due when its first copy is, or one that waits alone": func(t *testing.T, s Store) {
		ctx := t.Context()
		ok(t, s.Want(ctx, copyOf("a", triage), copyOf("b", triage), copyOf("c", triage)))
		list := must(s.Waiting(ctx, triage, 0))(t)
		put := func(i int, due, since int64, alone bool) {
			list[i].Due, list[i].Since, list[i].Alone = due, since, alone
			ok(t, s.PutOff(ctx, list[i]))
		}
		due := func(what string, at, since int64) {
			t.Helper()
			same(t, what, must(s.Queues(ctx))(t), []bot.Queue{{Place: triage, Count: 3, Due: at, Since: since}})
		}
		put(0, 100, 40, false)
		due("the first holds up the others", 100, 40)
		put(0, 100, 40, true)
		due("one that is alone does not", 0, 40)
		put(1, 200, 30, false)
		due("whichever is first", 100, 30)
		put(0, 300, 0, true)
		due("the second is the first now", 200, 30)
		ok(t, s.Revive(ctx, "discord"))
		due("another surface", 200, 30)
		ok(t, s.Revive(ctx, "slack"))
		due("it answers again", 0, 30)
	},
	"questions go elsewhere": func(t *testing.T, s Store) {
		ctx := t.Context()
		for i, key := range []string{"a", "b", "c"} {
			c := copyOf(key, triage)
			c.Spare, c.Over = opsHere, int64(100-i)
			c2 := copyOf(key, guild)
			c2.Spare, c2.Over = opsHere, int64(200)
			ok(t, s.Want(ctx, c, c2))
		}
		same(t, "by time", keysOf(must(s.Spares(ctx, 4))(t)), []string{"c", "b", "a", "a"})
		ok(t, s.GoElsewhere(ctx, "c", copyOf("c", opsHere)))
		same(t, "once", keysOf(must(s.Spares(ctx, 0))(t)), []string{"b", "a", "a", "b"})
		same(t, "there", keysOf(must(s.Waiting(ctx, opsHere, 0))(t)), []string{"c"})
		over := copyOf("b", triage) // decided: nobody needs to be asked any more
		ok(t, s.Want(ctx, over))
		same(t, "decided", keysOf(must(s.Spares(ctx, 0))(t)), []string{"a", "a", "b"})
	},
	"settling wants copies, in one transaction": func(t *testing.T, s Store) {
		ctx := t.Context()
		ok(t, s.Raise(ctx, engine.Notice{ID: "n1"}))
		code(t, s.Settle(ctx, bot.Settled{Notice: "n9", Copies: []bot.Copy{copyOf("a", triage)}}), engine.NotFound)
		same(t, "nothing", len(must(s.Queues(ctx))(t)), 0)
		ok(t, s.Settle(ctx, bot.Settled{Notice: "n1", At: 3, Copies: []bot.Copy{copyOf("a", triage)}}))
		same(t, "wanted", keysOf(must(s.Waiting(ctx, triage, 0))(t)), []string{"a"})
	},
}
