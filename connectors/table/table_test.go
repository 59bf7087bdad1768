package table_test

import (
	"context"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/table"
	"github.com/bretelle/bretelle/engine"
)

func TestContract(t *testing.T) { connectortest.Run(t, table.New(), connectortest.Options{}) }

// What wrote and deleted rows is taken back by the call that the action gives, and not when somebody changed the row since.
func TestInverse(t *testing.T) {
	cat, err := connectors.NewCatalog(table.New())
	if err != nil {
		t.Fatal(err)
	}
	store := &connectortest.Tables{}
	p := connectors.NewPerformer(cat, connectors.Exits{Tables: store})
	do := func(action string, in map[string]any) (out any, failure *engine.Failure) {
		t.Helper()
		b, err := engine.EncodeJSON(in)
		if err != nil {
			t.Fatal(err)
		}
		r := p.Perform(context.Background(), engine.Task{Action: action, Key: "r/s", Input: b})
		if r.Failure == nil {
			if out, err = engine.DecodeJSON(r.Output); err != nil {
				t.Fatal(err)
			}
		}
		return out, r.Failure
	}
	content := func() string {
		rows, err := store.Rows(context.Background(), "a", engine.RowQuery{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := engine.EncodeJSON(engine.Args("rows", len(rows)))
		for _, r := range rows {
			x, err := engine.EncodeJSON(r.Data)
			if err != nil {
				t.Fatal(err)
			}
			b = append(b, x...)
		}
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	columns := []any{map[string]any{"name": "k", "unique": true}, map[string]any{"name": "v", "type": "integer"}}
	write := func(k string, v int) map[string]any {
		return map[string]any{"table": "a", "columns": columns, "row": map[string]any{"k": k, "v": v}}
	}
	if _, f := do("table.row.upsert", write("old", 1)); f != nil {
		t.Fatal(f)
	}
	for _, c := range []struct {
		action string
		in     map[string]any
		risk   engine.Risk
	}{
		{"table.row.upsert", write("new", 1), engine.Destroy},
		{"table.row.upsert", write("old", 2), engine.Write},
		{"table.row.delete", map[string]any{"table": "a", "where": map[string]any{"k": "old"}}, engine.Write},
	} {
		act, _ := cat.Action(c.action)
		for _, meddled := range []bool{false, true} {
			before := content()
			out, f := do(c.action, c.in)
			if f != nil {
				t.Fatal(f)
			}
			inv, ok := act.Undo(c.in, out)
			back, _ := cat.Action(inv.Action)
			if !ok || back.TraitsOf(inv.With) != (engine.Traits{Risk: c.risk, Repeat: true}) {
				t.Fatalf("%s: %+v %v", c.action, inv, ok)
			}
			after := content()
			if meddled {
				k, _ := engine.EncodeJSON(out)
				if _, f := do("table.row.upsert", write(map[bool]string{true: "new", false: "old"}[strings.Contains(string(k), `"new"`)], 77)); f != nil {
					t.Fatal(f)
				}
				after = content()
			}
			for range 2 { // a second time is the same
				_, f = do(inv.Action, inv.With)
				switch {
				case meddled && c.action != "table.row.delete" && (f == nil || f.Class != engine.Rejected || content() != after):
					t.Errorf("%s: put back over a change: %+v, %s", c.action, f, content())
				case !meddled && (f != nil || content() != before):
					t.Errorf("%s: %+v, %s instead of %s", c.action, f, content(), before)
				}
			}
			if _, f := do("table.row.delete", map[string]any{"table": "a", "where": map[string]any{"k": "new"}}); f != nil {
				t.Fatal(f)
			}
			if _, f := do("table.row.upsert", write("old", 1)); f != nil {
				t.Fatal(f)
			}
		}
	}
	if act, _ := cat.Action("table.row.upsert"); act != nil {
		if _, ok := act.Undo(write("old", 1), map[string]any{"n": 1, "created": false, "row": map[string]any{"k": "old"}}); ok {
			t.Error("the answer of an older version does not hold what was there, and yet it can be undone")
		}
	}
}

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
