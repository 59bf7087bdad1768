package bot

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// cellPrefix keeps columns apart from whatever else a dialog has.
const cellPrefix = "c."

// newTableForm asks for a table: its columns one a line, so that any number fits every surface.
func (b *Bot) newTableForm(c *caller, typed, wrong map[string]string) prompts.Form {
	t := func(msg string) string { return prompts.T(b.private(c, engine.Place{}, nil).Lang, msg, nil) }
	return prompts.Form{Name: "table", Title: t("New table"), Submit: t("Make it"), Lang: b.private(c, engine.Place{}, nil).Lang, Fields: []prompts.Field{
		{Name: "name", Label: t("Name"), Kind: prompts.FieldLine, Value: typed["name"], Error: wrong["name"], Required: true, Example: "contacts",
			Help: t("small letters, digits, dashes")},
		{Name: "columns", Label: t("Columns"), Kind: prompts.FieldText, Value: typed["columns"], Error: wrong["columns"], Required: true,
			Example: "email: text, unique, required", Help: t("One a line: name: type, and perhaps unique, required. Types are text, number, integer, boolean, date, json.")},
	}}
}

// rowForm asks for the values of a row.
func (b *Bot) rowForm(c *caller, t engine.Table, n int64, typed, wrong map[string]string) prompts.Form {
	lang := b.private(c, engine.Place{}, nil).Lang
	f := prompts.Form{Name: "row (" + t.Name + ")", Submit: prompts.T(lang, "Save", nil), Lang: lang,
		Title: prompts.T(lang, "Add a row to {table}", engine.Args("table", t.Name))}
	if n != 0 {
		f.Title = prompts.T(lang, "Row {row} of {table}", engine.Args("row", n, "table", t.Name))
	}
	for _, col := range t.Columns {
		x := prompts.Field{Name: cellPrefix + col.Name, Label: col.Name, Kind: prompts.FieldLine, Value: typed[cellPrefix+col.Name],
			Error: wrong[cellPrefix+col.Name], Required: col.Required}
		switch col.Type {
		case engine.ColNumber, engine.ColInteger:
			x.Kind = prompts.FieldNumber
		case engine.ColBoolean:
			x.Kind = prompts.FieldOne
			x.Options = []prompts.Option{{Value: "true", Label: prompts.T(lang, "yes", nil)}, {Value: "false", Label: prompts.T(lang, "no", nil)}}
		case engine.ColDate:
			x.Example = "2026-01-31"
		case engine.ColJSON:
			x.Kind, x.Help = prompts.FieldText, prompts.T(lang, "a value as JSON", nil)
		case engine.ColText:
			if strings.Contains(x.Value, "\n") || len(x.Value) > 100 {
				x.Kind = prompts.FieldText
			}
		}
		f.Fields = append(f.Fields, x)
	}
	return f
}

// deleteForm asks once more: for a whole table by its name.
func (b *Bot) deleteForm(c *caller, d tabled, wrong map[string]string) prompts.Form {
	lang := b.private(c, engine.Place{}, nil).Lang
	t := func(msg string, pairs ...any) string { return prompts.T(lang, msg, engine.Args(pairs...)) }
	f := prompts.Form{Name: "delete", Title: t("Delete row {row} of {table}?", "row", d.N, "table", d.Table), Submit: t("Delete"), Lang: lang}
	f.Intro = []prompts.Block{prompts.Para{Line: prompts.Line{{Text: t("This cannot be undone.")}}}}
	if d.N == 0 {
		f.Title = t("Delete the table {table}?", "table", d.Table)
		f.Fields = []prompts.Field{{Name: "name", Label: t("Its name, to be sure"), Kind: prompts.FieldLine, Required: true, Error: wrong["name"],
			Help: t("With it go {n} rows.", "n", d.Rows)}}
	}
	return f
}

// cells are a row's values as they are typed.
func cells(t engine.Table, row map[string]any) map[string]string {
	out := make(map[string]string, len(row))
	for _, col := range t.Columns {
		out[cellPrefix+col.Name] = prompts.Cell(row[col.Name])
	}
	return out
}

// ParseColumns reads columns as people write them, one a line: "email: text, unique, required". Invalid names the line.
func ParseColumns(text string) ([]engine.Column, error) {
	var out []engine.Column
	for i, l := range strings.Split(text, "\n") {
		name, rest, _ := strings.Cut(strings.TrimSpace(l), ":")
		if name = strings.TrimSpace(name); name == "" && strings.TrimSpace(rest) == "" {
			continue
		}
		col := engine.Column{Name: name, Type: engine.ColText}
		for _, word := range strings.FieldsFunc(strings.ToLower(rest), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\r' }) {
			switch {
			case word == "unique":
				col.Unique = true
			case word == "required":
				col.Required = true
			case slices.Contains(engine.ColumnTypes(), word):
				col.Type = engine.ColumnType(word)
			default:
				e := engine.E(engine.Invalid, `line {line}: I do not know "{word}"`, "line", i+1, "word", word, "types", strings.Join(engine.ColumnTypes(), ", "))
				if near := engine.Suggest(word, append(engine.ColumnTypes(), "unique", "required")); near != "" {
					e.Args["near"] = near
					return nil, e.WithHint(`Did you mean "{near}"?`)
				}
				return nil, e.WithHint("There are {types}; and unique, required.")
			}
		}
		out = append(out, col)
	}
	return out, nil
}

// typedCell reads a value as it was typed; nil for nothing. Invalid.
func typedCell(col engine.Column, text string) (any, error) {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return nil, nil
	}
	switch col.Type {
	case engine.ColText:
		return text, nil
	case engine.ColDate:
		return trimmed, nil
	case engine.ColNumber, engine.ColInteger:
		trimmed = strings.Replace(trimmed, ",", ".", 1)
		if _, err := strconv.ParseFloat(trimmed, 64); err != nil {
			return text, nil // Fit says what is wanted
		}
	case engine.ColBoolean:
		return map[string]any{"true": true, "yes": true, "false": false, "no": false}[strings.ToLower(trimmed)], nil
	}
	v, err := engine.DecodeJSON([]byte(trimmed))
	if err != nil {
		return nil, engine.E(engine.Invalid, "this is not JSON").WithHint(`Texts stand in quotes: "like this".`)
	}
	return v, nil
}

// submitTable makes the table.
func (b *Bot) submitTable(ctx context.Context, p *press) (Reply, error) {
	if err := b.mayTables(ctx, p.caller, p.in, DeedBuild); err != nil {
		return nil, err
	}
	again := func(wrong map[string]string) prompts.Form {
		return p.keyed(b.newTableForm(p.caller, p.in.Fields, wrong))
	}
	if !p.submitted() {
		return Dialog{again(nil)}, nil
	}
	t := engine.Table{Name: strings.TrimSpace(p.in.Fields["name"]), By: p.person.ID, At: b.now()}
	var err error
	where := "columns"
	if t.Columns, err = ParseColumns(p.in.Fields["columns"]); err == nil {
		if err = b.o.Tables.CreateTable(ctx, t); engine.CodeOf(err) == engine.Conflict || t.Check() != nil && (engine.Table{Name: t.Name, Columns: []engine.Column{{Name: "a", Type: engine.ColText}}}).Check() != nil {
			where = "name"
		}
	}
	if wrong := b.wrongTable(p.caller, where, err); wrong != nil {
		return FieldErrors{Errors: wrong, Form: again(wrong)}, nil
	}
	if err != nil {
		return nil, err
	}
	b.audit(ctx, p.person.ID, "table.new", "table/"+t.Name, "source="+source(p.in))
	return Private{prompts.TableRowDone(b.private(p.caller, p.in.Place, nil), t.Name, 0, "table")}, nil
}

// wrongTable puts an error of the input under a field: the column it names, or else the one given. Nil for any other.
func (b *Bot) wrongTable(c *caller, field string, err error) map[string]string {
	switch engine.CodeOf(err) {
	case engine.Invalid, engine.Conflict, engine.TooLarge:
	default:
		return nil
	}
	if col, ok := engine.AsError(err).Args["column"].(string); ok {
		field = cellPrefix + col
	}
	return map[string]string{field: b.words(c, err)}
}

func (p *press) keyed(f prompts.Form) prompts.Form {
	f.Key, f.Token = p.it.Key, p.in.Token
	return f
}

// submitRow writes a row, or opens its dialog.
func (b *Bot) submitRow(ctx context.Context, p *press) (Reply, error) {
	var d tabled
	if err := json.Unmarshal(p.it.Data, &d); err != nil {
		return nil, engine.AsError(err).WithOp("bot.row")
	}
	t, err := b.table(ctx, p.caller, p.in, d.Table, DeedBuild)
	if err != nil {
		return nil, err
	}
	if !p.submitted() {
		if d.N == 0 && !strings.HasPrefix(p.it.Key, "form:") { // the button on the table's card
			return b.openTable(ctx, p.caller, p.in, "table_add", d, b.rowForm(p.caller, t, 0, nil, nil))
		}
		typed := map[string]string(nil)
		if rows, err := b.o.Tables.Rows(ctx, t.Name, engine.RowQuery{N: d.N}); d.N != 0 && err == nil && len(rows) == 1 {
			typed = cells(t, rows[0].Data)
		}
		return Dialog{p.keyed(b.rowForm(p.caller, t, d.N, typed, nil))}, nil
	}
	values, wrong := map[string]any{}, map[string]string{}
	for _, col := range t.Columns {
		typed, sent := p.in.Fields[cellPrefix+col.Name]
		if !sent && d.N != 0 {
			continue
		}
		v, err := typedCell(col, typed)
		if err == nil && strings.TrimSpace(typed) != "" && v == nil && col.Type == engine.ColBoolean {
			v = typed
		}
		if err == nil {
			_, err = t.Fit(map[string]any{col.Name: v})
		}
		if err == nil && v == nil && col.Required {
			err = engine.E(engine.Invalid, `"{column}" is missing`, "column", col.Name)
		}
		if err != nil {
			wrong[cellPrefix+col.Name] = b.words(p.caller, err)
			continue
		}
		values[col.Name] = v
	}
	var r engine.TableRow
	made := false
	if len(wrong) == 0 {
		r, made, err = b.o.Tables.PutRow(ctx, t.Name, engine.RowWrite{N: d.N, Values: values, By: p.person.ID})
		first := cellPrefix + t.Columns[0].Name
		if found := b.wrongTable(p.caller, first, err); found != nil {
			wrong = found
		} else if err != nil {
			return nil, err
		}
	}
	if len(wrong) > 0 {
		return FieldErrors{Errors: wrong, Form: p.keyed(b.rowForm(p.caller, t, d.N, p.in.Fields, wrong))}, nil
	}
	what := "changed"
	if made {
		what = "made"
	}
	b.audit(ctx, p.person.ID, "table.row."+what, "table/"+t.Name+"/"+strconv.FormatInt(r.N, 10), "source="+source(p.in))
	return Private{prompts.TableRowDone(b.private(p.caller, p.in.Place, nil), t.Name, r.N, what)}, nil
}

// submitDelete deletes a row or a table.
func (b *Bot) submitDelete(ctx context.Context, p *press) (Reply, error) {
	var d tabled
	if err := json.Unmarshal(p.it.Data, &d); err != nil {
		return nil, engine.AsError(err).WithOp("bot.table")
	}
	t, err := b.table(ctx, p.caller, p.in, d.Table, DeedBuild)
	if err != nil {
		return nil, err
	}
	again := func(wrong map[string]string) prompts.Form { return p.keyed(b.deleteForm(p.caller, d, wrong)) }
	object, what := "table/"+t.Name, "dropped"
	switch {
	case !p.submitted():
		return Dialog{again(nil)}, nil
	case d.N != 0:
		object, what = object+"/"+strconv.FormatInt(d.N, 10), "deleted"
		_, err = b.o.Tables.DropRows(ctx, t.Name, engine.RowQuery{N: d.N}, 1)
	case strings.TrimSpace(p.in.Fields["name"]) != t.Name:
		wrong := map[string]string{"name": b.words(p.caller, engine.E(engine.Invalid, "this is not its name"))}
		return FieldErrors{Errors: wrong, Form: again(wrong)}, nil
	default:
		err = b.o.Tables.DropTable(ctx, t.Name)
	}
	if err != nil {
		return nil, err
	}
	b.audit(ctx, p.person.ID, "table."+what, object, "source="+source(p.in))
	return Private{prompts.TableRowDone(b.private(p.caller, p.in.Place, nil), t.Name, d.N, what)}, nil
}
