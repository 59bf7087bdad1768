package prompts

import (
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// tableRowsShown is how many rows of a table a card shows.
const tableRowsShown = 20

// tableWidth bounds one value in a card, in characters.
const tableWidth = 40

// Tables lists the bot's tables.
func Tables(c Ctx, list []engine.Table) Card {
	if len(list) == 0 {
		b := c.card("tables", ToneNone, nil, c.line("No tables yet"))
		return b.para(c.line("Make one with: {command}", "command", code("/flow table new"))).done(engine.CardResolved)
	}
	b := c.card("tables", ToneNone, nil, c.line("{n} tables", "n", len(list)))
	var f Facts
	for i, t := range list {
		if i == listMost {
			break
		}
		var names []string
		for _, col := range t.Columns {
			names = append(names, col.Name)
		}
		f.Facts = append(f.Facts, Fact{Label: t.Name, Value: join(" · ", c.line("{n} rows", "n", t.Rows), text(strings.Join(names, ", ")))})
	}
	b.block(f).more(len(list))
	return b.done(engine.CardResolved)
}

// Table shows a table with its newest rows. tok gives buttons to those who may use them.
func Table(c Ctx, t engine.Table, rows []engine.TableRow, tok Tokens) Card {
	b := c.card("table:"+t.Name, ToneNone, tok, c.line("Table {table}: {n} rows", "table", t.Name, "n", t.Rows))
	var f Facts
	for _, col := range t.Columns {
		what := []string{c.columnType(col.Type)}
		if col.Required {
			what = append(what, c.t("required"))
		}
		if col.Unique {
			what = append(what, c.t("unique"))
		}
		f.Facts = append(f.Facts, Fact{Label: col.Name, Value: text(strings.Join(what, ", "))})
	}
	b.block(f)
	if len(rows) > 0 {
		b.block(Pre{Text: grid(t, rows)})
	}
	if t.Rows > len(rows) {
		b.note(c.line("These are the newest {n} rows. {command} gives all of them.", "n", len(rows), "command", code("/flow table export "+t.Name)))
	}
	b.button("table_add", "Add a row", Primary)
	return b.done(engine.CardResolved)
}

// TableRowDone says that a row was written or deleted.
func TableRowDone(c Ctx, table string, n int64, what string) Card {
	line := c.line("Row {row} of {table} is changed", "row", n, "table", table)
	switch what {
	case "made":
		line = c.line("Row {row} of {table} is made", "row", n, "table", table)
	case "deleted":
		line = c.line("Row {row} of {table} is deleted", "row", n, "table", table)
	case "table":
		line = c.line("The table {table} is made", "table", table)
	case "dropped":
		line = c.line("The table {table} is deleted, with all its rows", "table", table)
	}
	return c.card("table:"+table, ToneNone, nil, line).done(engine.CardResolved)
}

// TableExport is a table as a file.
func TableExport(c Ctx, table, csv string) Card {
	b := c.card("table:"+table, ToneNone, nil, c.line("Table {table} as CSV", "table", table))
	return b.block(Pre{Lang: "csv", Text: csv}).done(engine.CardResolved)
}

func (c Ctx) columnType(t engine.ColumnType) string {
	switch t {
	case engine.ColNumber:
		return c.t("number")
	case engine.ColInteger:
		return c.t("whole number")
	case engine.ColBoolean:
		return c.t("yes or no")
	case engine.ColDate:
		return c.t("date")
	case engine.ColJSON:
		return "JSON"
	}
	return c.t("text")
}

// grid is rows as text in columns, the row's number first.
func grid(t engine.Table, rows []engine.TableRow) string {
	lines := [][]string{{"#"}}
	for _, col := range t.Columns {
		lines[0] = append(lines[0], col.Name)
	}
	for i, r := range rows {
		if i == tableRowsShown {
			break
		}
		line := []string{strconv.FormatInt(r.N, 10)}
		for _, col := range t.Columns {
			line = append(line, Cell(r.Data[col.Name]))
		}
		lines = append(lines, line)
	}
	width := make([]int, len(lines[0]))
	for _, l := range lines {
		for i := range l {
			l[i] = narrow(l[i])
			width[i] = max(width[i], len([]rune(l[i])))
		}
	}
	var b strings.Builder
	for _, l := range lines {
		var out strings.Builder
		for i, s := range l {
			out.WriteString(s + strings.Repeat(" ", width[i]-len([]rune(s))+2))
		}
		b.WriteString(strings.TrimRight(out.String(), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// Cell is a value of a table as text: texts as they are, everything else as JSON, nothing for nothing.
func Cell(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	}
	b, err := engine.EncodeJSON(v)
	if err != nil {
		return ""
	}
	return string(b)
}

func narrow(s string) string {
	s = strings.Join(strings.Fields(CleanLine(s)), " ")
	if r := []rune(s); len(r) > tableWidth {
		return string(r[:tableWidth-1]) + "…"
	}
	return s
}
