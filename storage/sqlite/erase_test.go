package sqlite

import (
	"bytes"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/gate"
	"github.com/bretelle/bretelle/engine/local"
)

// Nothing that was collected for an erased run is in any table any more.
func TestErasingARunThatWasCollected(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	item := func(id string) local.AcceptItem {
		return local.AcceptItem{Event: engine.Event{ID: id, At: 1000, Trigger: "webhook.received", Data: map[string]any{"who": "CANARY " + id}},
			Outcome: engine.Collected, Gather: &local.GateAsk{Gate: "g", Flow: "f", Rule: gate.Rule{Kind: gate.Gather, For: 100, Most: 3}}}
	}
	accept := func(a local.Accepting) {
		t.Helper()
		a.Trigger, a.Flow, a.Version, a.From = "t1", "f", 1, "webhook"
		if _, err := s.Accept(ctx, a); err != nil {
			t.Fatal(err)
		}
	}
	accept(local.Accepting{Items: []local.AcceptItem{item("a"), item("b")}})
	list, err := s.Collected(ctx, "g", 0, false)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d collected, %v", len(list), err)
	}
	run := local.AcceptItem{Event: engine.Event{ID: "c", At: 1000, Trigger: "webhook.received", Data: map[string]any{"items": []any{"CANARY"}}},
		Outcome: engine.Accepted, Run: "r1", Head: engine.StartHead{Run: "r1", Flow: "f", Version: 1, Trigger: "t1"}}
	accept(local.Accepting{Items: []local.AcceptItem{run}, Take: &local.GateTake{Gate: "g", Rows: []int64{list[0].Row, list[1].Row}}})
	if err := s.Commit(ctx, local.Change{Run: "r1", Expect: 1, Entries: []engine.Entry{{Seq: 2, At: 2, Kind: engine.RunEnded, Format: engine.EntryFormat}},
		State: []byte("x"), Status: engine.RunDone, At: 2}); err != nil {
		t.Fatal(err)
	}
	if held := tablesWith(t, s, "CANARY"); len(held) == 0 {
		t.Fatal("the test looks for nothing")
	}
	if err := s.Erase(ctx, "r1"); err != nil {
		t.Fatal(err)
	}
	if held := tablesWith(t, s, "CANARY"); len(held) > 0 {
		t.Errorf("still in %v", held)
	}
}

// tablesWith are the tables in which a word stands as it is.
func tablesWith(t *testing.T, s *Store, word string) (held []string) {
	t.Helper()
	tables, err := strings1(t.Context(), s.readers, `SELECT name FROM sqlite_master WHERE type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		rows, err := s.readers.QueryContext(t.Context(), `SELECT * FROM "`+table+`"`)
		if err != nil {
			continue // of the index, which cannot be read like this
		}
		columns, _ := rows.Columns()
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			for i, v := range values {
				text, _ := v.(string)
				raw, _ := v.([]byte)
				if bytes.Contains(append(raw, text...), []byte(word)) {
					held = append(held, table+"."+columns[i])
				}
			}
		}
		_ = rows.Close()
	}
	return held
}
