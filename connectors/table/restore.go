package table

import (
	"context"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// mostKept bounds what a step that deletes rows keeps of them, in bytes of JSON.
const mostKept = 256 << 10

// GoneRow is a row that was deleted.
type GoneRow struct {
	N   int64          `json:"n" doc:"The row's number."`
	Row map[string]any `json:"row" doc:"Its values by column."`
}

// RowChange is a row to put back.
type RowChange struct {
	N    int64          `json:"n" title:"Number" required:"true" doc:"The row's number."`
	Now  map[string]any `json:"now,omitempty" title:"Now" doc:"The whole row as it must still be. Left out, it must be gone."`
	Then map[string]any `json:"then,omitempty" title:"Then" doc:"The whole row as it becomes. Left out, it is deleted."`
}

// RestoreInput is what table.row.restore takes.
type RestoreInput struct {
	Table string      `json:"table" title:"Table" required:"true" format:"table" doc:"The table's name."`
	Rows  []RowChange `json:"rows" title:"Rows" required:"true" doc:"The rows by number, as they are and as they become: all of them, or none when one was changed since."`
}

// RestoreOutput is what table.row.restore gives.
type RestoreOutput struct {
	Restored int `json:"restored" doc:"How many rows are as they were."`
}

func restore() connectors.Act[RestoreInput, RestoreOutput] {
	return connectors.Act[RestoreInput, RestoreOutput]{
		Name: "row.restore", Title: "Put rows back", Doc: "Puts rows back as they were, where nobody has changed them since. It is what undoing a step that wrote or deleted rows does.",
		Risk: engine.Destroy, Idempotency: connectors.NaturalKey, Traits: restoring,
		Sample: RestoreOutput{Restored: 1}, Tests: restoreTests(), Describe: describe("Put back rows of"),
		Run: func(ctx context.Context, c *connectors.Call, in RestoreInput) (RestoreOutput, error) {
			if len(in.Rows) == 0 {
				return RestoreOutput{}, nothing("rows")
			}
			changes := make([]engine.RowChange, len(in.Rows))
			for i, r := range in.Rows {
				changes[i] = engine.RowChange(r)
			}
			return RestoreOutput{Restored: len(changes)}, c.RestoreRows(ctx, in.Table, changes)
		},
	}
}

// restoring is write where every row is known and none is deleted.
func restoring(in map[string]any) engine.Traits {
	list, _ := in["rows"].([]any)
	risk := engine.Write
	for _, x := range list {
		row, known := x.(map[string]any)
		if then, _ := row["then"].(map[string]any); !known || len(then) == 0 {
			risk = engine.Destroy
		}
	}
	if len(list) == 0 {
		risk = engine.Destroy
	}
	return engine.Traits{Risk: risk, Repeat: true}
}

// unwrite puts the row back that was written over, or deletes the one that was made.
func unwrite(in UpsertInput, out UpsertOutput) (engine.Inverse, bool) {
	change := map[string]any{"n": out.N, "now": out.Row}
	if !out.Created {
		change["then"] = out.Before
	}
	return putBack(in.Table, change), out.N > 0 && (out.Created || len(out.Before) > 0)
}

// undelete makes the rows again that were deleted, under their numbers.
func undelete(in DeleteInput, out DeleteOutput) (engine.Inverse, bool) {
	var changes []any
	for _, r := range out.Rows {
		changes = append(changes, map[string]any{"n": r.N, "then": r.Row})
	}
	return putBack(in.Table, changes...), len(changes) > 0
}

func putBack(table string, changes ...any) engine.Inverse {
	return engine.Inverse{Action: "table.row.restore", With: map[string]any{"table": table, "rows": changes}}
}

// kept is what a step keeps of the rows it deleted: nil when it is too much.
func kept(gone []engine.TableRow) []GoneRow {
	out := make([]GoneRow, len(gone))
	for i, r := range gone {
		out[i] = GoneRow{N: r.N, Row: r.Data}
	}
	if b, err := engine.EncodeJSON(plainRows(gone)); err != nil || len(b) > mostKept {
		return nil
	}
	return out
}

func plainRows(rows []engine.TableRow) []any {
	out := make([]any, len(rows))
	for i, r := range rows {
		out[i] = r.Data
	}
	return out
}
