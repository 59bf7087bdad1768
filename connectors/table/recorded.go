package table

import (
	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

func people() ([]engine.Table, []engine.TableRow) {
	return []engine.Table{{Name: "people", Columns: []engine.Column{{Name: "email", Type: engine.ColText, Unique: true, Required: true}, {Name: "age", Type: engine.ColInteger}}}},
		[]engine.TableRow{{Data: map[string]any{"email": "a", "age": 3}}, {Data: map[string]any{"email": "b", "age": 10}}}
}

// rowOf is a row as values.
func rowOf(pairs ...any) engine.TableRow { return engine.TableRow{Data: engine.Args(pairs...)} }

func findTests() []connectors.Test[FindInput] {
	t, r := people()
	return []connectors.Test[FindInput]{
		{Name: "one", Tables: t, Rows: r, In: FindInput{Table: "people", Where: map[string]any{"email": "b"}},
			Out: map[string]any{"found": true, "n": 2, "row": map[string]any{"email": "b", "age": 10}}},
		{Name: "none", Tables: t, Rows: r, In: FindInput{Table: "people", Where: map[string]any{"email": "c"}}, Out: map[string]any{"found": false, "n": 0, "row": map[string]any{}}},
		{Name: "a table that is not there", In: FindInput{Table: "people", Where: map[string]any{"email": "c"}}, Class: engine.BadInput},
		{Name: "a table that is not there yet", In: FindInput{Table: "people", Where: map[string]any{"email": "c"}, Columns: []Column{{Name: "email"}}}, Out: map[string]any{"found": false}},
		{Name: "a column that is not there", Tables: t, In: FindInput{Table: "people", Where: map[string]any{"mail": "c"}}, Class: engine.BadInput},
		{Name: "nothing asked", Tables: t, In: FindInput{Table: "people", Where: map[string]any{}}, Class: engine.BadInput},
	}
}

func listTests() []connectors.Test[ListInput] {
	t, r := people()
	return []connectors.Test[ListInput]{
		{Name: "greatest first", Tables: t, Rows: r, In: ListInput{Table: "people", Order: "-age", Limit: 5},
			Out: map[string]any{"count": 2, "rows": []any{map[string]any{"email": "b", "age": 10}, map[string]any{"email": "a", "age": 3}}}},
		{Name: "at most one", Tables: t, Rows: r, In: ListInput{Table: "people", Limit: 1}, Out: map[string]any{"count": 1}},
		{Name: "too many", Tables: t, Rows: r, In: ListInput{Table: "people", Limit: 5000}, Class: engine.BadInput},
	}
}

func upsertTests() []connectors.Test[UpsertInput] {
	t, r := people()
	return []connectors.Test[UpsertInput]{
		{Name: "a new row", Tables: t, Rows: r, In: UpsertInput{Table: "people", Row: map[string]any{"email": "c"}},
			Out: map[string]any{"created": true, "row": map[string]any{"email": "c"}}, After: []engine.TableRow{r[0], r[1], rowOf("email", "c")}},
		{Name: "one that is there", Tables: t, Rows: r, In: UpsertInput{Table: "people", Key: "email", Row: map[string]any{"email": "a", "age": nil}},
			Out: map[string]any{"created": false, "n": 1}, After: []engine.TableRow{rowOf("email", "a"), r[1]}},
		{Name: "a new table", In: UpsertInput{Table: "ledger", Row: map[string]any{"who": "x", "at": "2026-11-23"}, Columns: []Column{{Name: "who", Unique: true}, {Name: "at", Type: "date"}}},
			Out: map[string]any{"created": true}, After: []engine.TableRow{rowOf("who", "x", "at", "2026-11-23")}},
		{Name: "a new column", Tables: t, Rows: r, In: UpsertInput{Table: "people", Row: map[string]any{"email": "a", "note": "n"}, Columns: []Column{{Name: "note"}}},
			Out: map[string]any{"row": map[string]any{"email": "a", "age": 3, "note": "n"}}},
		{Name: "a column of another type", Tables: t, Rows: r, In: UpsertInput{Table: "people", Row: map[string]any{"email": "a"}, Columns: []Column{{Name: "age", Type: "text"}}}, Class: engine.Rejected},
		{Name: "a value of another type", Tables: t, Rows: r, In: UpsertInput{Table: "people", Row: map[string]any{"email": "a", "age": "old"}}, Class: engine.BadInput},
		{Name: "no key", Tables: t, In: UpsertInput{Table: "people", Row: map[string]any{"age": 1}}, Class: engine.BadInput},
		{Name: "a table that is not there", In: UpsertInput{Table: "people", Row: map[string]any{"email": "c"}}, Class: engine.BadInput},
	}
}

func restoreTests() []connectors.Test[RestoreInput] {
	t, r := people()
	row := func(v ...any) map[string]any { return engine.Args(v...) }
	return []connectors.Test[RestoreInput]{
		{Name: "a changed row", Tables: t, Rows: r, In: RestoreInput{Table: "people", Rows: []RowChange{{N: 1, Now: row("email", "a", "age", 3), Then: row("email", "a", "age", 2)}}},
			Out: map[string]any{"restored": 1}, After: []engine.TableRow{rowOf("email", "a", "age", 2), r[1]}},
		{Name: "a made row", Tables: t, Rows: r, In: RestoreInput{Table: "people", Rows: []RowChange{{N: 2, Now: row("email", "b", "age", 10)}}},
			Out: map[string]any{"restored": 1}, After: r[:1]},
		{Name: "put back already", Tables: t, Rows: r, In: RestoreInput{Table: "people", Rows: []RowChange{{N: 1, Now: row("email", "a", "age", 4), Then: row("email", "a", "age", 3)}}},
			Out: map[string]any{"restored": 1}, After: r},
		{Name: "changed since", Tables: t, Rows: r, In: RestoreInput{Table: "people", Rows: []RowChange{{N: 1, Now: row("email", "a", "age", 4), Then: row("email", "a")}}},
			Class: engine.Rejected, After: r},
		{Name: "no rows", Tables: t, Rows: r, In: RestoreInput{Table: "people"}, Class: engine.BadInput},
		{Name: "a table that is not there", In: RestoreInput{Table: "people", Rows: []RowChange{{N: 1}}}, Class: engine.Rejected},
	}
}

func deleteTests() []connectors.Test[DeleteInput] {
	t, r := people()
	return []connectors.Test[DeleteInput]{
		{Name: "one", Tables: t, Rows: r, In: DeleteInput{Table: "people", Where: map[string]any{"email": "a"}, Most: 1}, Out: map[string]any{"deleted": 1}, After: r[1:]},
		{Name: "none", Tables: t, Rows: r, In: DeleteInput{Table: "people", Where: map[string]any{"email": "c"}, Most: 1}, Out: map[string]any{"deleted": 0}, After: r},
		{Name: "too many", Tables: t, Rows: append(r[:1:1], rowOf("email", "z", "age", 3)), In: DeleteInput{Table: "people", Where: map[string]any{"age": 3}, Most: 1}, Class: engine.Rejected},
		{Name: "everything", Tables: t, Rows: r, In: DeleteInput{Table: "people", Where: map[string]any{}, Most: 1}, Class: engine.BadInput},
	}
}
