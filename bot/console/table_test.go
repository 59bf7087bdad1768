package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/bretelle/bretelle/bot/console"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/memory"
)

// tables are those of a store; whoever is in readers may only look.
type tables struct {
	store   *memory.Store
	readers map[string]bool
}

func (t tables) Tables(ctx context.Context, _ string) ([]engine.Table, error) {
	return t.store.Tables(ctx)
}

func (t tables) Table(ctx context.Context, person, name string, n int64) (f console.TableFacts, err error) {
	if f.Table, err = t.store.Table(ctx, name); err == nil {
		f.Rows, err = t.store.Rows(ctx, name, engine.RowQuery{N: n})
	}
	f.Edits = !t.readers[person]
	return f, err
}

func (t tables) PutRow(ctx context.Context, person, name string, n int64, values map[string]any) error {
	_, _, err := t.store.PutRow(ctx, name, engine.RowWrite{N: n, Values: values, By: person})
	return err
}

func (t tables) DropRow(ctx context.Context, _, name string, n int64) error {
	_, err := t.store.DropRows(ctx, name, engine.RowQuery{N: n}, 1)
	return err
}

func contacts(t *testing.T, readers map[string]bool) *world {
	w := newWorld(t, func(o *console.Options) {
		o.Tables = tables{o.Messages.(*memory.Store), readers}
	})
	_, err := w.store.EnsureTable(t.Context(), engine.Table{Name: "contacts", Columns: []engine.Column{
		{Name: "email", Type: engine.ColText, Required: true, Unique: true}, {Name: "age", Type: engine.ColInteger}, {Name: "news", Type: engine.ColBoolean},
		{Name: "since", Type: engine.ColDate}, {Name: "tags", Type: engine.ColJSON}}})
	w.must(err)
	_, _, err = w.store.PutRow(t.Context(), "contacts", engine.RowWrite{Values: map[string]any{"email": "<script>alert(1)</script>@x.example", "age": 41, "tags": []any{"a", "b"}}})
	w.must(err)
	return w
}

// A table is shown and edited in dialogs; what is wrong is said under its field.
func TestTablePage(t *testing.T) {
	w := contacts(t, nil)
	p := openBrowser(t)
	p.enter(w, "Ann", engine.Admin)
	open := func() {
		t.Helper()
		p.visit(w, "/table/contacts")
		p.ready()
	}
	open()
	p.shot("table")
	p.check(t, "a table")
	p.do(chromedp.Click(chromedp.CSS("main .primary")))
	p.until(`document.querySelector("#dialog").open && document.activeElement.name === "f.email"`)
	p.keys("bob@x.example")
	p.do(chromedp.SendKeys(chromedp.CSS(`[name="f.age"]`), "many"), chromedp.Click(chromedp.CSS("#dialog [data-submit]")))
	p.until(`document.activeElement.name === "f.age" && document.activeElement.getAttribute("aria-invalid") === "true"`)
	p.shot("table-dialog")
	p.check(t, "a row's dialog")
	p.keys("\b\b\b\b")
	eval[bool](p, `(() => { document.querySelector('[name="f.age"]').value = "7"; return true })()`)
	p.do(chromedp.Click(chromedp.CSS("#dialog [data-submit]")))
	p.until(`document.querySelectorAll("tbody tr").length === 2`)
	rows, err := w.store.Rows(t.Context(), "contacts", engine.RowQuery{Where: map[string]any{"email": "bob@x.example"}})
	w.must(err)
	if len(rows) != 1 || rows[0].Data["age"] != 7 {
		t.Errorf("the row is %+v", rows)
	}
	p.ready()
	p.do(chromedp.Click(chromedp.CSS("tbody tr:nth-child(1) .danger")))
	p.until(`document.querySelector("#dialog").open`)
	p.do(chromedp.Click(chromedp.CSS("#dialog [data-submit]")))
	p.until(`document.querySelectorAll("tbody tr").length === 1 && !document.body.textContent.includes("script")`)
	p.do(chromedp.EmulateViewport(360, 740))
	open()
	p.check(t, "a table on a phone")
	p.shot("table-phone")
}

// Whoever may only look gets no buttons, and a form that is sent all the same changes nothing.
func TestTableRights(t *testing.T) {
	readers := map[string]bool{}
	w := contacts(t, readers)
	b, p := w.login("Vic", engine.Viewer)
	readers[p.ID] = true
	if status, body := b.get("/table/contacts"); status != http.StatusOK || strings.Contains(body, "data-dialog") || !strings.Contains(body, "&lt;script&gt;") {
		t.Errorf("%d %s", status, body)
	}
	for _, path := range []string{"/table/contacts/row", "/table/contacts/drop"} {
		if status, _ := b.post(path, "n", "1", "f.email", "x"); status != http.StatusForbidden {
			t.Errorf("%s answered %d", path, status)
		}
	}
	if status, body := b.get("/table"); status != http.StatusOK || !strings.Contains(body, `href="/table/contacts"`) {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := b.get("/table/nothing"); status != http.StatusNotFound {
		t.Errorf("an unknown table: %d", status)
	}
	b.get("/c/general")
	delete(readers, p.ID)
	for _, x := range []struct{ column, value, want string }{{"email", "", "missing"}, {"age", "1.5", "whole numbers"}, {"since", "soon", "dates"}, {"tags", "{", "JSON"}, {"news", "maybe", "true or false"}} {
		pairs := []string{"n", "1", "f." + x.column, x.value}
		if status, body := b.post("/table/contacts/row", pairs...); status != http.StatusOK || !strings.Contains(body, x.want) {
			t.Errorf("%s %q: %d %s", x.column, x.value, status, body)
		}
	}
}
