package console

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Tables are the bot's own tables for a person, whose rights it asks for. Errors: NotFound, Denied, and those of the
// store: Invalid names the column in Args "column".
type Tables interface {
	Tables(ctx context.Context, person string) ([]engine.Table, error)
	// Table reads a table with its first rows; n is only that row, 0 all of them.
	Table(ctx context.Context, person, name string, n int64) (TableFacts, error)
	// PutRow changes row n, or makes one when n is 0.
	PutRow(ctx context.Context, person, name string, n int64, values map[string]any) error
	DropRow(ctx context.Context, person, name string, n int64) error
}

// TableFacts is a table as its page shows it.
type TableFacts struct {
	Table engine.Table
	Rows  []engine.TableRow
	Edits bool // the person may change rows
}

type tableRow struct {
	Cells      []string
	Edit, Drop string // where the dialogs are
}

type tablePage struct {
	Table  engine.Table
	Path   string
	Edits  bool
	Rows   []tableRow
	Shown  int
	Words  tableWords
	Tables []channelLink // on the page of all tables
}

type tableWords struct{ Add, All, Delete, Edit, Empty, None, Part, Tables string }

func tableWordsIn(lang string, shown, all int) tableWords {
	t := func(english string) string { return prompts.T(lang, english, nil) }
	return tableWords{Add: t("Add a row"), All: t("All tables"), Delete: t("Delete"), Edit: t("Edit"), Empty: t("There are no rows yet."),
		None: t("There are no tables yet: a flow makes one when it first writes to it."), Tables: t("Tables"),
		Part: prompts.T(lang, "The first {shown} of {all} rows", map[string]any{"shown": shown, "all": all})}
}

func tablePath(name string) string { return "/table/" + url.PathEscape(name) }

func (c *Console) noTable(name string) error {
	return engine.E(engine.NotFound, "no table is called {table}", "table", name)
}

func (c *Console) getTables(w http.ResponseWriter, r *http.Request, s seat) {
	if c.o.Tables == nil {
		c.fail(w, r, s, engine.E(engine.NotFound, "there is no such page"))
		return
	}
	all, err := c.o.Tables.Tables(r.Context(), s.person.ID)
	if err != nil {
		c.fail(w, r, s, err)
		return
	}
	p := tablePage{Words: tableWordsIn(s.person.Lang, 0, 0)}
	for _, t := range all {
		p.Tables = append(p.Tables, channelLink{Name: t.Name, Path: tablePath(t.Name)})
	}
	c.seated(w, r, s, http.StatusOK, "tables", frame{Title: p.Words.Tables, Page: p})
}

// table reads what a request of a table's page is about; ok is false when it was answered with an error.
func (c *Console) table(w http.ResponseWriter, r *http.Request, s seat, row bool) (f TableFacts, n int64, ok bool) {
	name := r.PathValue("name")
	if c.o.Tables == nil {
		c.fail(w, r, s, c.noTable(name))
		return f, 0, false
	}
	if row {
		n, _ = strconv.ParseInt(r.FormValue("n"), 10, 64) // what is no number is no row: a new one
	}
	f, err := c.o.Tables.Table(r.Context(), s.person.ID, name, n)
	if err == nil && row && n > 0 && len(f.Rows) == 0 {
		err = engine.E(engine.NotFound, "this row is not there any more")
	}
	if err == nil && row && !f.Edits {
		err = engine.E(engine.Denied, "you may look at tables, but not change them").WithHint("An admin can allow it.")
	}
	if err != nil {
		c.fail(w, r, s, err)
		return f, 0, false
	}
	return f, n, true
}

func (c *Console) getTable(w http.ResponseWriter, r *http.Request, s seat) {
	f, _, ok := c.table(w, r, s, false)
	if !ok {
		return
	}
	p := tablePage{Table: f.Table, Path: tablePath(f.Table.Name), Edits: f.Edits, Shown: len(f.Rows), Words: tableWordsIn(s.person.Lang, len(f.Rows), f.Table.Rows)}
	for _, row := range f.Rows {
		n := strconv.FormatInt(row.N, 10)
		out := tableRow{Edit: p.Path + "/row?n=" + n, Drop: p.Path + "/drop?n=" + n}
		for _, col := range f.Table.Columns {
			out.Cells = append(out.Cells, cell(row.Data[col.Name]))
		}
		p.Rows = append(p.Rows, out)
	}
	c.seated(w, r, s, http.StatusOK, "table", frame{Title: f.Table.Name, Page: p})
}

// cell is a value as text: JSON for what is no text.
func cell(v any) string {
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

// rowForm is the dialog of one row.
func rowForm(lang string, f TableFacts, n int64) prompts.Form {
	t := func(english string) string { return prompts.T(lang, english, nil) }
	form := prompts.Form{Key: "row", Token: "row", Title: f.Table.Name + ": " + t("Add a row"), Submit: t("Save"), Lang: prompts.Lang(lang)}
	var data map[string]any
	if n > 0 && len(f.Rows) > 0 {
		form.Title, data = f.Table.Name+": "+t("Edit"), f.Rows[0].Data
	}
	for _, col := range f.Table.Columns {
		field := prompts.Field{Name: col.Name, Label: col.Name, Kind: prompts.FieldLine, Value: cell(data[col.Name]), Required: col.Required}
		switch col.Type {
		case engine.ColNumber, engine.ColInteger:
			field.Kind = prompts.FieldNumber
		case engine.ColBoolean:
			field.Kind, field.Required = prompts.FieldOne, col.Required
			field.Options = []prompts.Option{{Value: "true", Label: t("yes")}, {Value: "false", Label: t("no")}}
		case engine.ColDate:
			field.Example = "2026-01-31"
		case engine.ColJSON:
			field.Kind, field.Help = prompts.FieldText, "JSON"
		case engine.ColText:
			if strings.ContainsRune(field.Value, '\n') {
				field.Kind = prompts.FieldText
			}
		}
		form.Fields = append(form.Fields, field)
	}
	return form
}

// values are typed fields as the columns hold them; wrong names what is none, by column.
func values(t engine.Table, typed map[string]string) (out map[string]any, wrong map[string]error) {
	out, wrong = map[string]any{}, map[string]error{}
	for _, col := range t.Columns {
		text, sent := typed[col.Name]
		if !sent {
			continue
		}
		if strings.TrimSpace(text) == "" {
			out[col.Name] = nil
			continue
		}
		if col.Type == engine.ColText {
			out[col.Name] = text
			continue
		}
		out[col.Name] = strings.TrimSpace(text)
		if col.Type == engine.ColDate {
			continue
		}
		v, err := engine.DecodeJSON([]byte(text))
		if err != nil && col.Type == engine.ColJSON {
			wrong[col.Name] = engine.E(engine.Invalid, "this is no JSON")
		}
		if err == nil {
			out[col.Name] = v
		}
	}
	return out, wrong
}

// answerRow shows a dialog of a table: into the page, or as a page of its own.
func (c *Console) answerRow(w http.ResponseWriter, r *http.Request, s seat, path string, n int64, form prompts.Form) {
	html := RenderForm(form, Where{Submit: path, Hidden: []Hidden{{"csrf", s.csrf}, {"n", strconv.FormatInt(n, 10)}}})
	if wantsJSON(r) {
		answer(w, http.StatusOK, reply{Kind: "form", HTML: string(html)})
		return
	}
	c.seated(w, r, s, http.StatusOK, "form", frame{Title: form.Title, Page: formPage{HTML: template.HTML(html)}})
}

func (c *Console) getRow(w http.ResponseWriter, r *http.Request, s seat) {
	if f, n, ok := c.table(w, r, s, true); ok {
		c.answerRow(w, r, s, tablePath(f.Table.Name)+"/row", n, rowForm(s.person.Lang, f, n))
	}
}

func (c *Console) postRow(w http.ResponseWriter, r *http.Request, s seat) {
	f, n, ok := c.table(w, r, s, true)
	if !ok {
		return
	}
	typed := typedIn(r)
	row, wrong := values(f.Table, typed)
	if len(wrong) == 0 {
		fitted, err := f.Table.Fit(row)
		if err == nil {
			err = c.o.Tables.PutRow(r.Context(), s.person.ID, f.Table.Name, n, fitted)
		}
		if err == nil {
			c.done(w, r, tablePath(f.Table.Name))
			return
		}
		column, _ := engine.AsError(err).Args["column"].(string)
		if _, known := f.Table.Column(column); !known {
			c.fail(w, r, s, err)
			return
		}
		wrong[column] = err
	}
	form, texts := rowForm(s.person.Lang, f, n), map[string]string{}
	for name, err := range wrong {
		e := engine.AsError(err)
		texts[name] = prompts.T(s.person.Lang, e.Msg, e.Args)
	}
	c.answerRow(w, r, s, tablePath(f.Table.Name)+"/row", n, marked(bot.FieldErrors{Errors: texts, Form: form}, typed))
}

func (c *Console) getDrop(w http.ResponseWriter, r *http.Request, s seat) {
	f, n, ok := c.table(w, r, s, true)
	if !ok {
		return
	}
	t := func(english string) string { return prompts.T(s.person.Lang, english, nil) }
	form := prompts.Form{Key: "drop", Token: "drop", Title: t("Delete this row?"), Submit: t("Delete"), Lang: prompts.Lang(s.person.Lang)}
	var facts prompts.Facts
	for _, col := range f.Table.Columns {
		if len(f.Rows) > 0 && n > 0 {
			facts.Facts = append(facts.Facts, prompts.Fact{Label: col.Name, Value: prompts.Line{{Text: cell(f.Rows[0].Data[col.Name])}}})
		}
	}
	form.Intro = []prompts.Block{facts}
	c.answerRow(w, r, s, tablePath(f.Table.Name)+"/drop", n, form)
}

func (c *Console) postDrop(w http.ResponseWriter, r *http.Request, s seat) {
	f, n, ok := c.table(w, r, s, true)
	if !ok {
		return
	}
	if n < 1 {
		c.fail(w, r, s, engine.E(engine.NotFound, "this row is not there any more"))
		return
	}
	if err := c.o.Tables.DropRow(r.Context(), s.person.ID, f.Table.Name, n); err != nil {
		c.fail(w, r, s, err)
		return
	}
	c.done(w, r, tablePath(f.Table.Name))
}

// done ends a dialog of a page that is not live: the page is loaded anew.
func (c *Console) done(w http.ResponseWriter, r *http.Request, path string) {
	if wantsJSON(r) {
		answer(w, http.StatusOK, reply{Kind: "reload"})
		return
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
}
