package storagetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

var triage = engine.Place{Surface: "slack", Workspace: "T1", Channel: "#triage"}

func card(id, key string, p engine.Place) bot.StoredCard {
	return bot.StoredCard{ID: id, Key: key, Place: p, Ref: "ref-" + bot.Ref(id), State: engine.CardOpen, Hash: "h",
		Card: json.RawMessage(`{"title":"t"}`), Updated: 7}
}

func ids(cards []bot.StoredCard) (out []string) {
	for _, c := range cards {
		out = append(out, c.ID)
	}
	return out
}

var outboxTests = map[string]func(*testing.T, Store){
	"notices are handed out until they are settled": func(t *testing.T, s Store) {
		ctx := t.Context()
		ok(t, s.Raise(ctx, engine.Notice{ID: "n3", Kind: engine.NoticeAway}, engine.Notice{ID: "n1"}, engine.Notice{ID: "n2"}))
		ok(t, s.Raise(ctx, engine.Notice{ID: "n1", Kind: "again"}))
		see := func(limit int, want ...string) {
			t.Helper()
			var got []string
			for _, n := range must(s.Undelivered(ctx, limit))(t) {
				got = append(got, n.ID)
			}
			same(t, "undelivered", got, want)
		}
		see(0, "n3", "n1", "n2")
		see(2, "n3", "n1")
		ok(t, s.Settle(ctx, bot.Settled{Notice: "n3", Reason: "posted", At: 1}))
		ok(t, s.Settle(ctx, bot.Settled{Notice: "n1", Later: engine.Millis(time.Now().Add(time.Hour))}))
		see(0, "n2")
		ok(t, s.Settle(ctx, bot.Settled{Notice: "n1", Later: engine.Millis(time.Now().Add(-time.Hour))}))
		see(0, "n1", "n2")
		ok(t, s.Settle(ctx, bot.Settled{Notice: "n1", Reason: "edited"}))
		see(0, "n2")
		code(t, s.Settle(ctx, bot.Settled{Notice: "n9"}), engine.NotFound)
		ok(t, s.Raise(ctx, engine.Notice{Kind: engine.NoticeAway}))
		if got := must(s.Undelivered(ctx, 0))(t); len(got) != 2 || got[1].ID == "" {
			t.Fatalf("a notice without an id was not given one: %s", show(got))
		}
	},
	"settling stores cards, intents and the alert": func(t *testing.T, s Store) {
		ctx := t.Context()
		ok(t, s.Raise(ctx, engine.Notice{ID: "n1"}))
		i := bot.Intent{Token: "tok", Card: "c1", Key: "k", Verb: "approve", Run: "r1", Path: "p", Plan: "hash", Flow: "triage",
			Data: json.RawMessage(`{"a":1}`), Expires: 9, For: "id-ann", On: "slack"}
		a := bot.Alert{Fingerprint: "f", Flow: "triage", Place: triage, Since: 1, Count: 2, Runs: []bot.AlertRun{{Run: "r1", Number: 1,
			Path: "p", At: 3, State: "moved", To: "g"}}, State: "open", MutedUntil: 5, MutedBy: "ann", Last: json.RawMessage(`{"step":"x"}`),
			ResolvedBy: "ben", ResolvedAt: 6, Edition: 2}
		c := card("c1", "k", triage)
		code(t, s.Settle(ctx, bot.Settled{Notice: "n9", Cards: []bot.StoredCard{c}, Intents: []bot.Intent{i}, Alert: &a}), engine.NotFound)
		_, err := s.Intent(ctx, "tok")
		code(t, err, engine.NotFound)
		ok(t, s.Settle(ctx, bot.Settled{Notice: "n1", Cards: []bot.StoredCard{c}, Intents: []bot.Intent{i}, Alert: &a}))
		same(t, "card", must(s.Card(ctx, "k", triage))(t), c)
		same(t, "intent", must(s.Intent(ctx, "tok"))(t), i)
		same(t, "alert", must(s.Alert(ctx, "f"))(t), a)
		a.Place.Thread, a.Runs, a.Last, a.Count = "5.5", nil, nil, 3
		ok(t, s.PutAlert(ctx, a))
		same(t, "alert changed", must(s.Alert(ctx, "f"))(t), a)
		_, err = s.Alert(ctx, "g")
		code(t, err, engine.NotFound)
		_, err = s.Card(ctx, "k", engine.Place{Channel: "#triage"})
		code(t, err, engine.NotFound)
	},
	"at most one card of a key stands in a place": func(t *testing.T, s Store) {
		ctx := t.Context()
		thread := triage
		thread.Thread = "1.2"
		for _, c := range []bot.StoredCard{card("c1", "k", triage), card("c2", "k", thread), card("c3", "other", triage),
			card("c4", "k", engine.Place{Surface: "console", Channel: "#triage"})} {
			ok(t, s.PutCard(ctx, c, nil))
		}
		same(t, "cards", ids(must(s.Cards(ctx, "k"))(t)), []string{"c1", "c2", "c4"})
		same(t, "in a thread", must(s.Card(ctx, "k", thread))(t).ID, "c2")
		same(t, "bare is the console's", must(s.Card(ctx, "k", engine.Place{Channel: "#triage"}))(t).ID, "c4")
		again := card("c1", "k", triage)
		again.State, again.Hash, again.Card = engine.CardDecided, "h2", nil
		ok(t, s.PutCard(ctx, again, []bot.Intent{{Token: "x"}}))
		same(t, "edited", must(s.Cards(ctx, "k"))(t)[0], again)
		ok(t, s.PutCard(ctx, card("c5", "k", triage), nil))
		same(t, "replaced", ids(must(s.Cards(ctx, "k"))(t)), []string{"c2", "c4", "c5"})
		same(t, "none", len(must(s.Cards(ctx, "none"))(t)), 0)
	},
	"what people typed is not kept for ever": func(t *testing.T, s Store) {
		ctx := t.Context()
		put := func(c bot.StoredCard, tokens ...bot.Intent) {
			for i := range tokens {
				tokens[i].Card = c.ID
			}
			ok(t, s.PutCard(ctx, c, tokens))
		}
		answer := func(id string, updated int64) bot.StoredCard {
			c := card(id, "key-"+id, triage)
			c.Ref, c.State, c.Updated = "", engine.CardResolved, updated
			return c
		}
		put(answer("old", 10), bot.Intent{Token: "typed", Expires: 50, Data: json.RawMessage(`"secret thoughts"`)})
		put(answer("half", 10), bot.Intent{Token: "expired", Expires: 50}, bot.Intent{Token: "fresh", Expires: 200})
		put(answer("kept", 10), bot.Intent{Token: "forever"})
		put(answer("new", 90), bot.Intent{Token: "done", Expires: 50})
		posted, decided := card("posted", "posted", triage), answer("decided", 10)
		posted.State, posted.Updated, decided.State = engine.CardResolved, 10, engine.CardDecided
		put(posted, bot.Intent{Token: "p", Expires: 99})
		put(decided)
		same(t, "gone", must(s.TrimIntents(ctx, 100, 80))(t), 5)
		for token, want := range map[string]engine.Code{"typed": engine.NotFound, "expired": engine.NotFound, "done": engine.NotFound,
			"p": engine.NotFound, "fresh": "", "forever": ""} {
			_, err := s.Intent(ctx, token)
			same(t, token, engine.CodeOf(err), want)
		}
		for id, want := range map[string]engine.Code{"old": engine.NotFound, "half": "", "kept": "", "new": "", "decided": ""} {
			_, err := s.Card(ctx, "key-"+id, triage)
			same(t, id, engine.CodeOf(err), want)
		}
		must(s.Card(ctx, "posted", triage))(t)
		same(t, "again", must(s.TrimIntents(ctx, 100, 80))(t), 0)
	},
	"open cards, newest first": func(t *testing.T, s Store) {
		ctx := t.Context()
		thread := triage
		thread.Thread = "1.2"
		done := card("c2", "b", triage)
		done.State = engine.CardDecided
		for _, c := range []bot.StoredCard{card("c1", "a", triage), done, card("c3", "c", thread),
			card("c4", "d", engine.Place{Surface: "console", Channel: "#x"})} {
			ok(t, s.PutCard(ctx, c, nil))
		}
		same(t, "everywhere", ids(must(s.OpenCards(ctx, engine.Place{}, 0))(t)), []string{"c4", "c3", "c1"})
		same(t, "in a channel", ids(must(s.OpenCards(ctx, triage, 0))(t)), []string{"c3", "c1"})
		same(t, "in a thread", ids(must(s.OpenCards(ctx, thread, 0))(t)), []string{"c3"})
		same(t, "limit", ids(must(s.OpenCards(ctx, engine.Place{}, 1))(t)), []string{"c4"})
		ok(t, s.PutCard(ctx, card("c1", "a", triage), nil))
		same(t, "an edit moves nothing", ids(must(s.OpenCards(ctx, triage, 0))(t)), []string{"c3", "c1"})
	},
}
