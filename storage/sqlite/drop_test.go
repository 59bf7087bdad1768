package sqlite

import (
	"slices"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// TestRowsFoundBeforeTheyAreDeletedAreLookedAtAgain has somebody change the rows between the search and the deleting.
func TestRowsFoundBeforeTheyAreDeletedAreLookedAtAgain(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.CreateTable(ctx, engine.Table{Name: "jobs", Columns: []engine.Column{{Name: "id", Type: "text", Unique: true}, {Name: "state", Type: "text"}}}))
	for _, id := range []string{"stays-old", "taken-back", "gone"} {
		_, _, err := s.PutRow(ctx, "jobs", engine.RowWrite{Values: map[string]any{"id": id, "state": "old"}})
		must(err)
	}
	where := map[string]any{"state": "old"}
	found, err := s.Rows(ctx, "jobs", engine.RowQuery{Where: where})
	must(err)
	_, _, err = s.PutRow(ctx, "jobs", engine.RowWrite{Key: "id", Values: map[string]any{"id": "taken-back", "state": "new"}})
	must(err)
	_, err = s.DropRows(ctx, "jobs", engine.RowQuery{Where: map[string]any{"id": "gone"}}, 0)
	must(err)
	var gone []engine.TableRow
	must(s.write(ctx, "rows", func(x *tx) (err error) {
		gone, err = dropRows(x, "jobs", where, found)
		return err
	}))
	left, err := s.Rows(ctx, "jobs", engine.RowQuery{})
	must(err)
	if len(gone) != 1 || len(left) != 1 || left[0].Data["id"] != "taken-back" {
		t.Errorf("deleted %v, left %v", gone, left)
	}
	// What was deleted is free again, what stayed is not.
	if _, made, err := s.PutRow(ctx, "jobs", engine.RowWrite{Key: "id", Values: map[string]any{"id": "stays-old"}}); err != nil || !made {
		t.Errorf("its value is kept: %v %v", made, err)
	}
	if !slices.ContainsFunc(left, func(r engine.TableRow) bool { return r.Data["state"] == "new" }) {
		t.Errorf("left %v", left)
	}
}
