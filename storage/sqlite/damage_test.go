package sqlite

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
)

// One run whose journal is damaged says so, and takes no other along: lists, words, erasing and forgetting go on.
func TestOneDamagedRun(t *testing.T) {
	for what, harm := range map[string]string{
		"heads": `UPDATE journal SET heads = x'01ff00ff' WHERE id = 2 << 24 | 1`,
		"data":  `UPDATE journal SET data = x'01ffffffff0f00' WHERE id = 2 << 24 | 1`,
		"cut":   `UPDATE journal SET heads = substr(heads, 1, 5), data = substr(data, 1, 3) WHERE id = 2 << 24 | 1`,
		"state": `UPDATE runs SET state = x'01ff00' WHERE number = 2`,
	} {
		t.Run(what, func(t *testing.T) {
			ctx := t.Context()
			s, err := Open(ctx, Options{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			for i := range 3 {
				id := fmt.Sprint("r", i+1)
				if _, err := s.Accept(ctx, local.Accepting{Trigger: "t1", Flow: "f", Version: 1, From: "webhook", Items: []local.AcceptItem{{
					Event:   engine.Event{ID: "e" + id, At: 1000, Trigger: "webhook.received", Data: map[string]any{"who": "word" + id}},
					Outcome: engine.Accepted, Run: id, Head: engine.StartHead{Run: id, Flow: "f", Version: 1, Trigger: "t1"}}}}); err != nil {
					t.Fatal(err)
				}
				if err := s.Commit(ctx, local.Change{Run: id, Expect: 1, Entries: []engine.Entry{{Seq: 2, At: 2, Kind: engine.RunEnded, Format: engine.EntryFormat}},
					State: []byte("\x00x"), Status: engine.RunDone, At: 2}); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.write(ctx, "harm", func(t *tx) error { _, err := t.exec(harm); return err }); err != nil {
				t.Fatal(err)
			}
			if _, err = s.Entries(ctx, "r2", 1, 0); what == "state" {
				_, err = s.Load(ctx, "r2")
			}
			if engine.CodeOf(err) != engine.Unreadable || !strings.Contains(err.Error(), "run #2") {
				t.Errorf("got %v (%v)", err, engine.CodeOf(err))
			}
			if list, err := s.Events(ctx, "f", 10); err != nil || len(list) != 3 {
				t.Errorf("%d events, %v", len(list), err)
			}
			if n, err := s.Index(ctx, 0); err != nil || n != 3 {
				t.Errorf("%d made findable, %v", n, err)
			}
			if list, err := s.Runs(ctx, local.RunQuery{Text: "wordr3", Limit: 10}); err != nil || len(list) != 1 {
				t.Errorf("the run after it is found %d times, %v", len(list), err)
			}
			if err := s.Erase(ctx, "r2"); err != nil {
				t.Error("erasing:", err)
			}
			if _, err := s.Sweep(ctx, storage.KeepDefault(), 1<<50); err != nil {
				t.Error("forgetting:", err)
			}
		})
	}
}
