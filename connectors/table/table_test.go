package table_test

import (
	"context"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/table"
	"github.com/bretelle/bretelle/engine"
)

func TestContract(t *testing.T) { connectortest.Run(t, table.New(), connectortest.Options{}) }

// A dry run reads and never writes; what storage says becomes a class; without tables nothing works, and says so.
func TestExits(t *testing.T) {
	cat, err := connectors.NewCatalog(table.New())
	if err != nil {
		t.Fatal(err)
	}
	store := &connectortest.Tables{}
	p := connectors.NewPerformer(cat, connectors.Exits{Tables: store})
	write := engine.Task{Action: "table.row.upsert", Key: "r/s", Input: []byte(`{"table":"a","row":{"k":"1"},"columns":[{"name":"k","unique":true}]}`)}
	if r, assumed := p.Rehearse(context.Background(), write); r.Failure != nil || !assumed {
		t.Errorf("a dry run gives %+v", r)
	}
	if _, err := store.Table(context.Background(), "a"); engine.CodeOf(err) != engine.NotFound {
		t.Error("a dry run made a table")
	}
	for range 2 {
		if r := p.Perform(context.Background(), write); r.Failure != nil {
			t.Fatalf("%+v", r.Failure)
		}
	}
	rows, err := store.Rows(context.Background(), "a", engine.RowQuery{})
	if err != nil || len(rows) != 1 || rows[0].By != "r/s" {
		t.Errorf("twice gives %+v %v", rows, err)
	}
	read := engine.Task{Action: "table.row.list", Input: []byte(`{"table":"a"}`)}
	if r, assumed := p.Rehearse(context.Background(), read); assumed || string(r.Output) != `{"count":1,"rows":[{"k":"1"}]}` {
		t.Errorf("a dry read gives %s, assumed %v", r.Output, assumed)
	}
	store.Err = engine.E(engine.Unavailable, "full")
	if r := p.Perform(context.Background(), write); r.Failure == nil || r.Failure.Code != engine.Unavailable {
		t.Errorf("a full disk gives %+v", r.Failure)
	}
	if r := connectors.NewPerformer(cat, connectors.Exits{}).Perform(context.Background(), read); r.Failure == nil || r.Failure.Class != engine.BadInput {
		t.Errorf("without tables: %+v", r.Failure)
	}
}
