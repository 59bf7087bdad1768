package sqlite_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bretelle/bretelle/connectors/all"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// done performs everything and keeps what it was given.
type done struct{ tasks chan engine.Task }

func (d done) Perform(_ context.Context, t engine.Task) engine.Result {
	d.tasks <- t
	return engine.Result{Output: json.RawMessage(`{"ref":"m1"}`)}
}

// What every released schema left behind is there after the upgrade, and goes on: drafts, secrets, samples, keys that
// keep events from coming twice, and runs that waited.
func TestUpgrade(t *testing.T) {
	dump, err := os.ReadFile(filepath.Join("testdata", "schema1.sql"))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqlite.File))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(string(dump)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to upgrade
		s, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		integrity(t, dir)
	}
	s := open(t, sqlite.Options{Dir: dir})
	cat, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	library, err := flows.New(bg, flows.Options{Store: s, Catalog: cat})
	if err != nil {
		t.Fatal(err)
	}
	if e, err := library.Draft(bg, "tour-asks"); err != nil || e.Rev == 0 || e.Live != 1 || len(e.Source) == 0 {
		t.Errorf("the draft is %+v (%v)", e, err)
	}
	if r, err := s.Secret(bg, "hook_key"); err != nil || r.Version != 1 || r.User != "" || len(r.Sealed) == 0 {
		t.Errorf("the secret is version %d for %q (%v)", r.Version, r.User, err)
	}
	if list, err := s.Events(bg, "only-draft", 10); err != nil || len(list) != 1 || list[0].Outcome != engine.Sampled || list[0].Event.Data["body"] == nil {
		t.Errorf("the samples are %+v (%v)", list, err)
	}
	if list, err := s.LastMessages(bg, engine.Place{Surface: "console", Channel: "#general"}, 10); err != nil || len(list) != 5 {
		t.Errorf("%d messages (%v)", len(list), err)
	}
	if list, err := s.Failures(bg, 0, 10); err != nil || len(list) != 1 || list[0].Notice.Flow != "fails" {
		t.Errorf("the failures are %+v (%v)", list, err)
	}
	goOn(t, s, library)
}

// goOn has runs that an earlier version began go on.
func goOn(t *testing.T, s *sqlite.Store, library *flows.Library) {
	d := done{make(chan engine.Task, 10)}
	r, err := local.New(local.Options{Store: s, Flows: library, Performer: d})
	if err == nil {
		err = r.Start(bg)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := r.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	id, err := library.ManualTrigger(bg, "fails")
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Accept(bg, engine.Batch{Trigger: id, Items: []engine.Item{{Data: map[string]any{"body": map[string]any{"id": "k1"}}}}, From: "webhook"})
	if err != nil || len(got) != 1 || got[0].Outcome != engine.Duplicate || got[0].Number != 2 {
		t.Errorf("an event that came before the upgrade and comes again: %+v (%v)", got, err)
	}
	runs, err := s.Runs(bg, local.RunQuery{Limit: 10})
	if err != nil || len(runs) != 2 {
		t.Fatalf("%d runs (%v)", len(runs), err)
	}
	for _, run := range runs {
		journal, err := s.Entries(bg, run.ID, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		p, err := library.Program(bg, run.Flow, run.Version)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Replay(journal); err != nil {
			t.Errorf("the journal of %s: %v", run.Flow, err)
		}
		view, err := r.Run(bg, run.ID)
		if err != nil {
			t.Fatal(err)
		}
		var answer engine.Answer
		if run.Flow == "fails" {
			answer, err = r.Signal(bg, engine.Signal{Run: run.ID, Path: "put", Kind: engine.StepRetry, By: "ann", Source: "d2"})
		} else {
			head, _ := engine.EncodeJSON(engine.VoteHead{Choice: "approve", Groups: []string{"@team"}, Plan: view.Asks[0].Plan.Hash})
			answer, err = r.Signal(bg, engine.Signal{Run: run.ID, Path: "review", Kind: engine.AskVoted, By: "ann", Head: head, Source: "d1"})
		}
		if err != nil || answer.Verdict != engine.Counted {
			t.Fatalf("%s: %+v (%v)", run.Flow, answer, err)
		}
		if task := <-d.tasks; task.Run != run.ID || task.Key == "" {
			t.Errorf("%s: task %+v", run.Flow, task)
		}
	}
}
