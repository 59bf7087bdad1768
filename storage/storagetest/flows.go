package storagetest

import (
	"encoding/json"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
)

func draft(name, source string) flows.Draft {
	return flows.Draft{Head: engine.FlowHead{Name: name, Title: "Title of " + source, Trigger: "webhook.received", Owner: "ann",
		Place: engine.Place{Surface: "slack", Workspace: "T1", Channel: "#" + source}}, Source: []byte(source), By: "ben", At: 10}
}

func published(t *testing.T, s Store, name string) flows.Stored {
	t.Helper()
	f := must(s.SaveDraft(t.Context(), draft(name, "one"), 0))(t)
	return must(s.Publish(t.Context(), flows.Publishing{Name: name, Rev: f.DraftRev, By: "ann", At: 20, Head: f.Head,
		Contracts: map[string]string{"http.request": "abc"}}))(t)
}

var flowTests = map[string]func(*testing.T, Store){
	"a draft makes a flow": func(t *testing.T, s Store) {
		ctx := t.Context()
		f := must(s.SaveDraft(ctx, draft("a", "one"), 0))(t)
		want := draft("a", "one").Head
		want.State, want.Draft, want.Changed = engine.FlowDraft, true, 10
		same(t, "stored", f, flows.Stored{Head: want, Draft: []byte("one"), DraftRev: 1, DraftBy: "ben", DraftAt: 10})
		same(t, "list", must(s.Flows(ctx))(t), []flows.Stored{f})
	},
	"saving needs the revision that was read": func(t *testing.T, s Store) {
		ctx := t.Context()
		one := must(s.SaveDraft(ctx, draft("a", "one"), 0))(t)
		_, err := s.SaveDraft(ctx, draft("a", "two"), 0)
		code(t, err, engine.Conflict)
		two := must(s.SaveDraft(ctx, draft("a", "two"), one.DraftRev))(t)
		_, err = s.SaveDraft(ctx, draft("a", "three"), one.DraftRev)
		code(t, err, engine.Conflict)
		three := must(s.SaveDraft(ctx, draft("a", "three"), -1))(t)
		if three.DraftRev <= two.DraftRev || string(three.Draft) != "three" || three.Head.Title != "Title of three" {
			t.Fatalf("replaced regardless: %s", show(three))
		}
		_, err = s.SaveDraft(ctx, draft("new", "x"), 4)
		code(t, err, engine.Conflict)
		same(t, "flows", len(must(s.Flows(ctx))(t)), 1)
	},
	"publishing makes a version and forgets the draft": func(t *testing.T, s Store) {
		ctx := t.Context()
		one := must(s.SaveDraft(ctx, draft("a", "one"), 0))(t)
		p := flows.Publishing{Name: "a", Rev: one.DraftRev, By: "ann", At: 20, Head: one.Head,
			Contracts: map[string]string{"http.request": "abc"}, Notices: []engine.Notice{{ID: "n1", Kind: engine.NoticePublished}}}
		f := must(s.Publish(ctx, p))(t)
		v := flows.Version{Flow: "a", Number: 1, Source: []byte("one"), By: "ann", At: 20, Contracts: p.Contracts}
		head := one.Head
		head.State, head.Live, head.Draft, head.Changed = engine.FlowLive, 1, false, 20
		same(t, "stored", f, flows.Stored{Head: head, Live: &v})
		same(t, "version", must(s.Version(ctx, "a", 1))(t), v)
		same(t, "notices", len(must(s.Undelivered(ctx, 0))(t)), 1)
		same(t, "audit", must(s.AuditEntries(ctx, 1, 0))(t), []engine.AuditEntry{
			{At: 20, Actor: "ann", What: "flow.published", Object: "flow/a@1"}})
		_, err := s.Publish(ctx, p)
		code(t, err, engine.Conflict)
		p.Name = "b"
		_, err = s.Publish(ctx, p)
		code(t, err, engine.NotFound)
		for _, n := range []int64{0, 2} {
			_, err = s.Version(ctx, "a", n)
			code(t, err, engine.NotFound)
		}
	},
	"editing a live flow changes only its draft": func(t *testing.T, s Store) {
		ctx := t.Context()
		live := published(t, s, "a")
		_, err := s.SaveDraft(ctx, draft("a", "two"), 1)
		code(t, err, engine.Conflict)
		two := must(s.SaveDraft(ctx, draft("a", "two"), 0))(t)
		same(t, "live", two.Live, live.Live)
		same(t, "title", two.Head.Title, live.Head.Title)
		same(t, "marked", two.Head.Draft, true)
		if two.DraftRev == 1 {
			t.Fatal("a revision came twice: somebody who read the old draft could publish the new one")
		}
		_, err = s.Publish(ctx, flows.Publishing{Name: "a", Rev: two.DraftRev - 1, Head: two.Head})
		code(t, err, engine.Conflict)
		f := must(s.Publish(ctx, flows.Publishing{Name: "a", Rev: two.DraftRev, By: "ben", At: 30, Head: draft("a", "two").Head}))(t)
		same(t, "live version", f.Head.Live, int64(2))
		same(t, "title after", f.Head.Title, "Title of two")
		same(t, "version 1 stays", string(must(s.Version(ctx, "a", 1))(t).Source), "one")
	},
	"a draft knows what was live when it was begun": func(t *testing.T, s Store) {
		ctx := t.Context()
		published(t, s, "a")
		two := must(s.SaveDraft(ctx, draft("a", "two"), 0))(t)
		same(t, "base", two.DraftBase, int64(1))
		p := flows.Publishing{Name: "a", Rev: 1, By: "kim", At: 30, Head: two.Head, Source: []byte("one again")}
		back := must(s.Publish(ctx, p))(t)
		same(t, "live", back.Head.Live, int64(2))
		same(t, "text of version 2", string(must(s.Version(ctx, "a", 2))(t).Source), "one again")
		same(t, "the draft stays", string(back.Draft), "two")
		same(t, "marked", back.Head.Draft, true)
		_, err := s.Publish(ctx, p)
		code(t, err, engine.Conflict)
		three := must(s.SaveDraft(ctx, draft("a", "three"), back.DraftRev))(t)
		same(t, "base of the edited draft", three.DraftBase, int64(1))
		same(t, "versions", must(s.Versions(ctx, "a"))(t), []flows.Version{{Flow: "a", Number: 2, By: "kim", At: 30}, {Flow: "a", Number: 1, By: "ann", At: 20}})
		same(t, "versions of nothing", len(must(s.Versions(ctx, "b"))(t)), 0)
	},
	"a discarded draft is gone, the live version is not": func(t *testing.T, s Store) {
		ctx := t.Context()
		live := published(t, s, "a")
		two := must(s.SaveDraft(ctx, draft("a", "two"), 0))(t)
		code(t, s.DropDraft(ctx, "a", two.DraftRev+1, "ben", 50), engine.Conflict)
		ok(t, s.DropDraft(ctx, "a", two.DraftRev, "ben", 50))
		left := must(s.Flows(ctx))(t)[0]
		left.Head.Changed = live.Head.Changed
		same(t, "left", left, live)
		code(t, s.DropDraft(ctx, "a", two.DraftRev, "ben", 50), engine.Conflict)
		three := must(s.SaveDraft(ctx, draft("a", "three"), 0))(t)
		if three.DraftRev <= two.DraftRev {
			t.Fatal("a revision came twice")
		}
		fresh := must(s.SaveDraft(ctx, draft("new", "x"), 0))(t)
		ok(t, s.SetAnswer(ctx, "new", "ticket", []byte(`{"id":7}`), "ann", 9))
		ok(t, s.DropDraft(ctx, "new", fresh.DraftRev, "ann", 60))
		same(t, "flows", len(must(s.Flows(ctx))(t)), 1)
		same(t, "its answers", len(must(s.Answers(ctx, "new"))(t)), 0)
		code(t, s.DropDraft(ctx, "new", fresh.DraftRev, "ann", 60), engine.NotFound)
		rows := must(s.AuditEntries(ctx, 1, 0))(t)
		same(t, "audit", rows[len(rows)-1], engine.AuditEntry{At: 60, Actor: "ann", What: "flow.discarded", Object: "flow/new"})
	},
	"sample answers are kept by step": func(t *testing.T, s Store) {
		ctx := t.Context()
		ok(t, s.SetAnswer(ctx, "a", "ticket", []byte(`{"id":7}`), "ann", 9))
		ok(t, s.SetAnswer(ctx, "a", "tell", []byte(`{"ref":"x"}`), "ann", 9))
		ok(t, s.SetAnswer(ctx, "b", "ticket", []byte(`1`), "ann", 9))
		ok(t, s.SetAnswer(ctx, "a", "ticket", []byte(`{"id":8}`), "ben", 10))
		same(t, "answers", must(s.Answers(ctx, "a"))(t), map[string]json.RawMessage{"ticket": []byte(`{"id":8}`), "tell": []byte(`{"ref":"x"}`)})
		ok(t, s.SetAnswer(ctx, "a", "tell", nil, "ann", 11))
		same(t, "after forgetting one", len(must(s.Answers(ctx, "a"))(t)), 1)
	},
	"state changes are stored, told and audited": func(t *testing.T, s Store) {
		ctx := t.Context()
		published(t, s, "a")
		c := flows.StateChange{Name: "a", State: engine.FlowPaused, By: "ben", At: 40, Notices: []engine.Notice{{ID: "n", Kind: engine.NoticePaused}}}
		f := must(s.SetState(ctx, c))(t)
		same(t, "state", f.Head.State, engine.FlowPaused)
		same(t, "changed", f.Head.Changed, int64(40))
		same(t, "notices", len(must(s.Undelivered(ctx, 0))(t)), 1)
		same(t, "audit", must(s.AuditEntries(ctx, 2, 0))(t), []engine.AuditEntry{{At: 40, Actor: "ben", What: "flow.paused", Object: "flow/a"}})
		two := must(s.SaveDraft(ctx, draft("a", "two"), 0))(t)
		f = must(s.Publish(ctx, flows.Publishing{Name: "a", Rev: two.DraftRev, Head: two.Head, At: 50}))(t)
		same(t, "published while paused", f.Head.State, engine.FlowPaused)
		c.State, c.Notices = engine.FlowLive, nil
		same(t, "resumed", must(s.SetState(ctx, c))(t).Head.State, engine.FlowLive)
		c.Name = "b"
		_, err := s.SetState(ctx, c)
		code(t, err, engine.NotFound)
		same(t, "rows of audit", must(s.VerifyAudit(ctx))(t), int64(4))
	},
}
