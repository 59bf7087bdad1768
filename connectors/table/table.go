package table

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// New is the connector.
func New() connectors.Connector {
	return connectors.Connector{
		Name:    "table",
		Title:   "Tables",
		Doc:     "Keeps rows in tables of this installation. People see and edit them with /flow table.",
		Actions: []connectors.Action{find().Action("table"), list().Action("table"), upsert().Action("table"), remove().Action("table"), restore().Action("table")},
	}
}

// Column describes a column that the flow counts on.
type Column struct {
	Name     string `json:"name" title:"Name" required:"true" doc:"Small letters, digits, dashes and underscores."`
	Type     string `json:"type,omitempty" title:"Type" default:"text" enum:"text,number,integer,boolean,date,json" doc:"What it holds."`
	Required bool   `json:"required,omitempty" title:"Required" doc:"Whether each row has a value in it."`
	Unique   bool   `json:"unique,omitempty" title:"Unique" doc:"Whether no two rows have the same value, so that rows can be written by it."`
}

// FindInput is what table.row.find takes.
type FindInput struct {
	Table   string         `json:"table" title:"Table" required:"true" format:"table" doc:"The table's name."`
	Where   map[string]any `json:"where" title:"Where" required:"true" doc:"Values by column; the row has every one of them."`
	Columns []Column       `json:"columns,omitempty" title:"Columns" doc:"The columns the flow counts on. With them, a table that is not there yet counts as empty."`
}

// FindOutput is what table.row.find gives.
type FindOutput struct {
	Found bool           `json:"found" doc:"Whether there is such a row."`
	N     int64          `json:"n" doc:"The row's number, 0 when there is none."`
	Row   map[string]any `json:"row" doc:"Its values by column; empty columns are left out."`
}

// ListInput is what table.row.list takes.
type ListInput struct {
	Table   string         `json:"table" title:"Table" required:"true" format:"table" doc:"The table's name."`
	Where   map[string]any `json:"where,omitempty" title:"Where" doc:"Values by column; each row has every one of them. Left out, all rows."`
	Order   string         `json:"order,omitempty" title:"Order" doc:"The column to sort by, with a minus before it for the greatest first. Left out, the oldest row is first."`
	Limit   int            `json:"limit,omitempty" title:"At most" default:"100" doc:"How many rows at most, up to 1000."`
	Columns []Column       `json:"columns,omitempty" title:"Columns" doc:"The columns the flow counts on. With them, a table that is not there yet counts as empty."`
}

// ListOutput is what table.row.list gives.
type ListOutput struct {
	Count int              `json:"count" doc:"How many rows these are."`
	Rows  []map[string]any `json:"rows" doc:"Each row's values by column."`
}

// UpsertInput is what table.row.upsert takes.
type UpsertInput struct {
	Table   string         `json:"table" title:"Table" required:"true" format:"table" doc:"The table's name."`
	Key     string         `json:"key,omitempty" title:"Key" doc:"The unique column that the row is known by. Left out, it is the table's first one."`
	Row     map[string]any `json:"row" title:"Row" required:"true" doc:"Values by column. Columns that are not named keep what they have; nothing empties one."`
	Columns []Column       `json:"columns,omitempty" title:"Columns" doc:"The columns the flow counts on: the table is made with them, or gets those it lacks."`
}

// UpsertOutput is what table.row.upsert gives.
type UpsertOutput struct {
	N       int64          `json:"n" doc:"The row's number."`
	Created bool           `json:"created" doc:"Whether the row was made now."`
	Row     map[string]any `json:"row" doc:"The whole row as it is now."`
	Before  map[string]any `json:"before,omitempty" doc:"The whole row as it was before, when it was there."`
}

// DeleteInput is what table.row.delete takes.
type DeleteInput struct {
	Table   string         `json:"table" title:"Table" required:"true" format:"table" doc:"The table's name."`
	Where   map[string]any `json:"where" title:"Where" required:"true" doc:"Values by column; rows that have every one of them are deleted."`
	Most    int            `json:"most,omitempty" title:"At most" default:"1" doc:"How many rows may be deleted. When more fit, none is."`
	Columns []Column       `json:"columns,omitempty" title:"Columns" doc:"The columns the flow counts on. With them, a table that is not there yet counts as empty."`
}

// DeleteOutput is what table.row.delete gives.
type DeleteOutput struct {
	Deleted int       `json:"deleted" doc:"How many rows were deleted."`
	Rows    []GoneRow `json:"rows,omitempty" doc:"Each of them as it was. Left out when that is too much to keep, and then it cannot be undone."`
}

const maxList = 1000

func find() connectors.Act[FindInput, FindOutput] {
	return connectors.Act[FindInput, FindOutput]{
		Name: "row.find", Title: "Find a row", Doc: "Finds the first row with the given values.",
		Risk: engine.Read, Idempotency: connectors.NaturalKey,
		Sample: FindOutput{Found: true, N: 12, Row: map[string]any{"email": "ada@example.org"}},
		Tests:  findTests(), Describe: describe("Find a row in"),
		Run: func(ctx context.Context, c *connectors.Call, in FindInput) (FindOutput, error) {
			if len(in.Where) == 0 {
				return FindOutput{}, nothing("where")
			}
			rows, err := rows(ctx, c, in.Table, in.Columns, engine.RowQuery{Where: in.Where, Limit: 1})
			if err != nil || len(rows) == 0 {
				return FindOutput{Row: map[string]any{}}, err
			}
			return FindOutput{Found: true, N: rows[0].N, Row: rows[0].Data}, nil
		},
	}
}

func list() connectors.Act[ListInput, ListOutput] {
	return connectors.Act[ListInput, ListOutput]{
		Name: "row.list", Title: "List rows", Doc: "Lists the rows with the given values, in order.",
		Risk: engine.Read, Idempotency: connectors.NaturalKey,
		Sample: ListOutput{Count: 1, Rows: []map[string]any{{"email": "ada@example.org"}}},
		Tests:  listTests(), Describe: describe("List rows of"),
		Run: func(ctx context.Context, c *connectors.Call, in ListInput) (ListOutput, error) {
			if in.Limit < 1 || in.Limit > maxList {
				return ListOutput{}, engine.E(engine.Invalid, `"{field}" is from 1 to {max}`, "field", "limit", "max", maxList)
			}
			rows, err := rows(ctx, c, in.Table, in.Columns, engine.RowQuery{Where: in.Where, Order: in.Order, Limit: in.Limit})
			out := ListOutput{Count: len(rows), Rows: make([]map[string]any, len(rows))}
			for i, r := range rows {
				out.Rows[i] = r.Data
			}
			return out, err
		},
	}
}

func upsert() connectors.Act[UpsertInput, UpsertOutput] {
	return connectors.Act[UpsertInput, UpsertOutput]{
		Name: "row.upsert", Title: "Write a row", Doc: "Changes the row that has the key's value, or makes it. Doing it twice is doing it once.",
		Risk: engine.Write, Idempotency: connectors.NaturalKey,
		Sample: UpsertOutput{N: 12, Created: true, Row: map[string]any{"email": "ada@example.org"}},
		Tests:  upsertTests(), Describe: describe("Write a row into"), Undo: unwrite,
		Run: func(ctx context.Context, c *connectors.Call, in UpsertInput) (UpsertOutput, error) {
			t, found, err := c.Table(ctx, in.Table)
			if err != nil {
				return UpsertOutput{}, err
			}
			if len(in.Columns) > 0 && lacks(t, in.Columns) {
				t, err = c.EnsureTable(ctx, engine.Table{Name: in.Table, Columns: columns(in.Columns)})
				if err != nil {
					return UpsertOutput{}, err
				}
			} else if !found {
				return UpsertOutput{}, missing(in.Table)
			}
			if in.Key == "" {
				in.Key = t.Key()
			}
			if in.Key == "" {
				return UpsertOutput{}, engine.E(engine.Invalid, "the table {table} has no unique column, so no row can be told from another", "table", in.Table).
					WithHint("Make one column unique.")
			}
			r, made, err := c.PutRow(ctx, in.Table, engine.RowWrite{Key: in.Key, Values: in.Row})
			return UpsertOutput{N: r.N, Created: made, Row: r.Data, Before: r.Was}, err
		},
	}
}

func remove() connectors.Act[DeleteInput, DeleteOutput] {
	return connectors.Act[DeleteInput, DeleteOutput]{
		Name: "row.delete", Title: "Delete rows", Doc: "Deletes the rows with the given values, when they are not more than you allow.",
		Risk: engine.Destroy, Idempotency: connectors.NaturalKey,
		Sample: DeleteOutput{Deleted: 1},
		Tests:  deleteTests(), Describe: describe("Delete rows of"), Undo: undelete,
		Run: func(ctx context.Context, c *connectors.Call, in DeleteInput) (DeleteOutput, error) {
			if len(in.Where) == 0 {
				return DeleteOutput{}, nothing("where")
			}
			if in.Most < 1 {
				return DeleteOutput{}, engine.E(engine.Invalid, `"{field}" is at least 1`, "field", "most")
			}
			_, found, err := c.Table(ctx, in.Table)
			if err != nil || !found && len(in.Columns) > 0 {
				return DeleteOutput{}, err
			}
			if !found {
				return DeleteOutput{}, missing(in.Table)
			}
			gone, err := c.DropRows(ctx, in.Table, engine.RowQuery{Where: in.Where}, in.Most)
			return DeleteOutput{Deleted: len(gone), Rows: kept(gone)}, err
		},
	}
}

// rows reads; a table that is declared and not there yet is empty.
func rows(ctx context.Context, c *connectors.Call, table string, declared []Column, q engine.RowQuery) ([]engine.TableRow, error) {
	_, found, err := c.Table(ctx, table)
	if err != nil || !found && len(declared) > 0 {
		return nil, err
	}
	if !found {
		return nil, missing(table)
	}
	return c.Rows(ctx, table, q)
}

func columns(list []Column) []engine.Column {
	out := make([]engine.Column, len(list))
	for i, c := range list {
		if c.Type == "" {
			c.Type = string(engine.ColText)
		}
		out[i] = engine.Column{Name: c.Name, Type: engine.ColumnType(c.Type), Required: c.Required, Unique: c.Unique}
	}
	return out
}

// lacks reports whether the table is not as the flow counts on.
func lacks(t engine.Table, want []Column) bool {
	for _, c := range columns(want) {
		if has, ok := t.Column(c.Name); !ok || has.Type != c.Type || has.Unique != c.Unique {
			return true
		}
	}
	return false
}

func missing(table string) error {
	if len(table) > 80 {
		table = strings.ToValidUTF8(table[:80], "") + "…"
	}
	return engine.E(engine.Invalid, "there is no table {table}", "table", table).WithHint("Make it with: /flow table new {table}")
}

func nothing(field string) error {
	return engine.E(engine.Invalid, `"{field}" is missing`, "field", field).WithHint("Give it a value; an expression that finds nothing counts as missing.")
}

// describe says which table it is about, and shows the rest.
func describe(what string) func(in map[string]any) (string, any) {
	return func(in map[string]any) (string, any) {
		line, rest := what+" a table", map[string]any{}
		for k, v := range in {
			switch name, known := v.(string); {
			case k == "table" && known && name != "":
				line = what + " " + strings.Join(strings.Fields(name), " ")
			case k == "columns" || v == nil:
			default:
				rest[k] = v
			}
		}
		if row, ok := rest["row"]; ok && len(rest) == 1 {
			return line, row
		}
		return line, rest
	}
}
