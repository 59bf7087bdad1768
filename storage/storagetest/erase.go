package storagetest

import (
	"encoding/json"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// eraseTests are about what goes beside the journal when a run is erased.
var eraseTests = map[string]func(t *testing.T, s Store){
	"erasing a run erases its cards, answers and what it told": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		c := change("r1", 1)
		c.Status = engine.RunDone
		ok(t, s.Commit(ctx, c))
		must(s.Arrive(ctx, local.Arrival{Key: "k", ID: "r1/tell", At: 1, Data: []byte(`{"who":"ann"}`)}))(t)
		closed, open, other := card("c1", "ask:r1/ok", triage), card("c2", "run:r1", triage), card("c3", "ask:r2/ok", triage)
		closed.State, other.State = engine.CardResolved, engine.CardResolved
		ok(t, s.PutCard(ctx, closed, []bot.Intent{{Token: "typed", Card: "c1", Key: "again:r1", Verb: "rerun", Run: "r1", Data: json.RawMessage(`{"who":"ann"}`)}}))
		ok(t, s.PutCard(ctx, open, []bot.Intent{{Token: "alert", Card: "c2", Key: "alert:f#1", Verb: "retry", Run: "r1", Data: json.RawMessage(`{"fingerprint":"f"}`)}}))
		ok(t, s.PutCard(ctx, other, nil))
		ok(t, s.Erase(ctx, "r1"))
		for key, want := range map[string]bool{"ask:r1/ok": false, "run:r1": true, "ask:r2/ok": true} {
			same(t, key, len(must(s.Card(ctx, key, triage))(t).Card) > 0, want)
		}
		same(t, "what was typed", len(must(s.Intent(ctx, "typed"))(t).Data), 0)
		same(t, "what an alert's button is about", string(must(s.Intent(ctx, "alert"))(t).Data), `{"fingerprint":"f"}`)
		started(t, s, "r3")
		ok(t, s.Commit(ctx, waiting("r3", 1, local.Wait{Path: "w", Key: "k"})))
		for _, a := range must(s.Matches(ctx, local.MatchQuery{}))(t) {
			same(t, "what it told", string(a.Data), "")
		}
	},
}
