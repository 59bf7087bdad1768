package bot

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Tables is what people do with the bot's own tables. Errors not named are Unavailable.
type Tables interface {
	// Tables lists them by name.
	Tables(ctx context.Context) ([]engine.Table, error)
	// Table finds one. NotFound.
	Table(ctx context.Context, name string) (engine.Table, error)
	// CreateTable makes one. Errors: Invalid, Conflict (there is one of that name), TooLarge.
	CreateTable(ctx context.Context, t engine.Table) error
	// DropTable deletes one with all its rows. NotFound.
	DropTable(ctx context.Context, name string) error
	// Rows, PutRow and DropRows are as in connectors.Tables.
	Rows(ctx context.Context, table string, q engine.RowQuery) ([]engine.TableRow, error)
	PutRow(ctx context.Context, table string, w engine.RowWrite) (row engine.TableRow, made bool, err error)
	DropRows(ctx context.Context, table string, q engine.RowQuery, most int) ([]engine.TableRow, error)
}

// exportMost bounds an export in chat, in bytes.
const exportMost = 256 << 10

// tableCommands are the commands of the group "table".
func tableCommands() []Command {
	table, row := Arg{Name: "TABLE", Kind: ArgTable}, Arg{Name: "ROW", Kind: ArgText}
	return []Command{
		{Group: "table", Verb: "list", Text: "the tables there are", Deed: DeedSee, run: (*Bot).cmdTables},
		{Group: "table", Verb: "show", Args: []Arg{table}, Text: "a table: its columns and newest rows", Deed: DeedSee, run: (*Bot).cmdTable},
		{Group: "table", Verb: "export", Args: []Arg{table}, Text: "a table as CSV", Deed: DeedSee, run: (*Bot).cmdTableExport},
		{Group: "table", Verb: "new", Args: []Arg{{Name: "NAME", Kind: ArgText, Optional: true}}, Text: "make a table", Deed: DeedBuild, run: (*Bot).cmdTableNew},
		{Group: "table", Verb: "add", Args: []Arg{table}, Text: "add a row", Deed: DeedBuild, run: (*Bot).cmdTableAdd},
		{Group: "table", Verb: "edit", Args: []Arg{table, row}, Text: "change a row", Deed: DeedBuild, run: (*Bot).cmdTableEdit},
		{Group: "table", Verb: "delete", Args: []Arg{table, {Name: "ROW", Kind: ArgText, Optional: true}}, Text: "delete a row; without one, the whole table", Deed: DeedBuild, run: (*Bot).cmdTableDelete},
	}
}

// tabled is what a dialog about a table is about, as its intent holds it.
type tabled struct {
	Table string `json:"table,omitempty"`
	N     int64  `json:"n,omitempty"` // the row; 0 a new one, or the whole table
	Rows  int    `json:"rows,omitempty"`
}

func tableVerb(verb string) (presser, bool) {
	switch verb {
	case "table_new":
		return (*Bot).submitTable, true
	case "table_add", "table_edit":
		return (*Bot).submitRow, true
	case "table_delete":
		return (*Bot).submitDelete, true
	}
	return nil, false
}

// table finds a table for somebody who may do d with it.
func (b *Bot) table(ctx context.Context, c *caller, in In, name string, d Deed) (engine.Table, error) {
	if err := b.mayTables(ctx, c, in, d); err != nil {
		return engine.Table{}, err
	}
	t, err := b.o.Tables.Table(ctx, name)
	if engine.CodeOf(err) != engine.NotFound {
		return t, err
	}
	e := engine.E(engine.NotFound, "there is no table {table}", "table", name).WithHint("/flow table list shows those there are.")
	if list, lerr := b.o.Tables.Tables(ctx); lerr == nil {
		var names []string
		for _, t := range list {
			names = append(names, t.Name)
		}
		if near := engine.Suggest(name, names); near != "" {
			e.Args["near"] = near
			return t, e.WithHint(`Did you mean "{near}"?`)
		}
	}
	return t, e
}

func (b *Bot) mayTables(ctx context.Context, c *caller, in In, d Deed) error {
	if b.o.Tables == nil {
		return engine.E(engine.Invalid, "There are no tables here")
	}
	return b.may(ctx, c, d, "", in.Place, false)
}

func (b *Bot) cmdTables(ctx context.Context, c *call) (Reply, error) {
	if err := b.mayTables(ctx, c.caller, c.in, DeedSee); err != nil {
		return nil, err
	}
	list, err := b.o.Tables.Tables(ctx)
	return Private{prompts.Tables(b.private(c.caller, c.in.Place, nil), list)}, err
}

func (b *Bot) cmdTable(ctx context.Context, c *call) (Reply, error) {
	t, err := b.table(ctx, c.caller, c.in, c.args["TABLE"], DeedSee)
	if err != nil {
		return nil, err
	}
	rows, err := b.o.Tables.Rows(ctx, t.Name, engine.RowQuery{})
	if engine.CodeOf(err) == engine.TooLarge {
		rows, err = b.o.Tables.Rows(ctx, t.Name, engine.RowQuery{Limit: listed10})
	}
	if err != nil {
		return nil, err
	}
	newest := make([]engine.TableRow, 0, listed10)
	for i := len(rows) - 1; i >= 0 && len(newest) < listed10; i-- {
		newest = append(newest, rows[i])
	}
	tok := func(verb string) string {
		if b.may(ctx, c.caller, DeedBuild, "", c.in.Place, false) != nil {
			return ""
		}
		return verb
	}
	means, err := about(tabled{Table: t.Name})
	if err != nil {
		return nil, err
	}
	return b.reply(ctx, c.caller, c.in, "table:"+t.Name, &draft{card: prompts.Table(b.private(c.caller, c.in.Place, nil), t, newest, tok), means: means})
}

func (b *Bot) cmdTableExport(ctx context.Context, c *call) (Reply, error) {
	t, err := b.table(ctx, c.caller, c.in, c.args["TABLE"], DeedSee)
	if err != nil {
		return nil, err
	}
	rows, err := b.o.Tables.Rows(ctx, t.Name, engine.RowQuery{})
	if err != nil {
		return nil, err
	}
	text, err := TableCSV(t, rows)
	if err != nil {
		return nil, err
	}
	if len(text) > exportMost {
		return nil, engine.E(engine.TooLarge, "the table {table} is too large for chat", "table", t.Name).WithHint("A flow can take it in parts, with table.row.list.")
	}
	return Private{prompts.TableExport(b.private(c.caller, c.in.Place, nil), t.Name, text)}, nil
}

// TableCSV is a table as CSV (RFC 4180), with a line of names. What a spreadsheet would take for a formula gets an
// apostrophe before it.
func TableCSV(t engine.Table, rows []engine.TableRow) (string, error) {
	var out strings.Builder
	w := csv.NewWriter(&out)
	names := make([]string, len(t.Columns))
	for i, col := range t.Columns {
		names[i] = col.Name
	}
	err := w.Write(names)
	for _, r := range rows {
		cells := make([]string, len(t.Columns))
		for i, col := range t.Columns {
			cells[i] = prompts.Cell(r.Data[col.Name])
			if _, isText := r.Data[col.Name].(string); isText && cells[i] != "" && strings.ContainsRune("=+-@\t\r", rune(cells[i][0])) {
				cells[i] = "'" + cells[i]
			}
		}
		if err == nil {
			err = w.Write(cells)
		}
	}
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	if err != nil {
		return "", engine.AsError(err).WithOp("bot.csv")
	}
	return out.String(), nil
}

// about is an intent that holds what a dialog is about.
func about(d tabled) (Intent, error) {
	data, err := json.Marshal(d)
	if err != nil {
		return Intent{}, engine.AsError(err).WithOp("bot.table")
	}
	return Intent{Data: data}, nil
}

func (b *Bot) openTable(ctx context.Context, c *caller, in In, verb string, d tabled, f prompts.Form) (Reply, error) {
	means, err := about(d)
	if err != nil {
		return nil, err
	}
	means.Verb, means.Expires = verb, b.now()+pageLife.Milliseconds()
	return b.form(ctx, c, in, means, f)
}

func (b *Bot) cmdTableNew(ctx context.Context, c *call) (Reply, error) {
	if err := b.mayTables(ctx, c.caller, c.in, DeedBuild); err != nil {
		return nil, err
	}
	return b.openTable(ctx, c.caller, c.in, "table_new", tabled{}, b.newTableForm(c.caller, map[string]string{"name": c.args["NAME"]}, nil))
}

func (b *Bot) cmdTableAdd(ctx context.Context, c *call) (Reply, error) {
	t, err := b.table(ctx, c.caller, c.in, c.args["TABLE"], DeedBuild)
	if err != nil {
		return nil, err
	}
	return b.openTable(ctx, c.caller, c.in, "table_add", tabled{Table: t.Name}, b.rowForm(c.caller, t, 0, nil, nil))
}

func (b *Bot) cmdTableEdit(ctx context.Context, c *call) (Reply, error) {
	t, r, err := b.row(ctx, c)
	if err != nil {
		return nil, err
	}
	return b.openTable(ctx, c.caller, c.in, "table_edit", tabled{Table: t.Name, N: r.N}, b.rowForm(c.caller, t, r.N, cells(t, r.Data), nil))
}

func (b *Bot) cmdTableDelete(ctx context.Context, c *call) (Reply, error) {
	d := tabled{}
	if c.args["ROW"] == "" {
		t, err := b.table(ctx, c.caller, c.in, c.args["TABLE"], DeedBuild)
		if err != nil {
			return nil, err
		}
		d = tabled{Table: t.Name, Rows: t.Rows}
	} else {
		t, r, err := b.row(ctx, c)
		if err != nil {
			return nil, err
		}
		d = tabled{Table: t.Name, N: r.N}
	}
	return b.openTable(ctx, c.caller, c.in, "table_delete", d, b.deleteForm(c.caller, d, nil))
}

// row is the row that a command names.
func (b *Bot) row(ctx context.Context, c *call) (engine.Table, engine.TableRow, error) {
	t, err := b.table(ctx, c.caller, c.in, c.args["TABLE"], DeedBuild)
	if err != nil {
		return t, engine.TableRow{}, err
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(c.args["ROW"], "#"), 10, 64)
	if err != nil || n <= 0 {
		return t, engine.TableRow{}, engine.E(engine.Invalid, `"{row}" is not the number of a row`, "row", c.args["ROW"], "table", t.Name).
			WithHint("/flow table show {table} shows the numbers.")
	}
	rows, err := b.o.Tables.Rows(ctx, t.Name, engine.RowQuery{N: n})
	if err == nil && len(rows) == 0 {
		err = engine.E(engine.NotFound, "the table {table} has no row {n}", "table", t.Name, "n", n)
	}
	if err != nil {
		return t, engine.TableRow{}, err
	}
	return t, rows[0], nil
}
