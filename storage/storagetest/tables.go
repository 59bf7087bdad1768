package storagetest

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// Tables is what connectors and the bot ask of storage for the bot's own tables.
type Tables interface {
	Tables(ctx context.Context) ([]engine.Table, error)
	Table(ctx context.Context, name string) (engine.Table, error)
	CreateTable(ctx context.Context, t engine.Table) error
	EnsureTable(ctx context.Context, want engine.Table) (engine.Table, error)
	DropTable(ctx context.Context, name string) error
	Rows(ctx context.Context, name string, q engine.RowQuery) ([]engine.TableRow, error)
	PutRow(ctx context.Context, name string, w engine.RowWrite) (engine.TableRow, bool, error)
	DropRows(ctx context.Context, name string, q engine.RowQuery, most int) ([]engine.TableRow, error)
	RestoreRows(ctx context.Context, name, by string, changes []engine.RowChange) error
}

func contacts() engine.Table {
	return engine.Table{Name: "contacts", By: "ann", At: 5, Columns: []engine.Column{
		{Name: "email", Type: engine.ColText, Required: true, Unique: true}, {Name: "age", Type: engine.ColInteger},
		{Name: "since", Type: engine.ColDate}, {Name: "more", Type: engine.ColJSON}}}
}

func upsert(t *testing.T, s Tables, values map[string]any) (engine.TableRow, bool) {
	t.Helper()
	r, made, err := s.PutRow(t.Context(), "contacts", engine.RowWrite{Key: "email", Values: values, By: "run/step"})
	ok(t, err)
	return r, made
}

func emails(rows []engine.TableRow) string {
	var out []string
	for _, r := range rows {
		e, _ := r.Data["email"].(string)
		out = append(out, e)
	}
	return strings.Join(out, " ")
}

var tableTests = map[string]func(*testing.T, Store){
	"a table is made once and grows": func(t *testing.T, s Store) {
		ctx := t.Context()
		_, err := s.Table(ctx, "contacts")
		code(t, err, engine.NotFound)
		ok(t, s.CreateTable(ctx, contacts()))
		code(t, s.CreateTable(ctx, contacts()), engine.Conflict)
		code(t, s.CreateTable(ctx, engine.Table{Name: "Bad"}), engine.Invalid)
		same(t, "table", must(s.Table(ctx, "contacts"))(t), contacts())
		more := contacts()
		more.Columns = []engine.Column{{Name: "age", Type: engine.ColInteger}, {Name: "note", Type: engine.ColText}}
		same(t, "grown", len(must(s.EnsureTable(ctx, more))(t).Columns), 5)
		same(t, "stored", len(must(s.Table(ctx, "contacts"))(t).Columns), 5)
		more.Columns[0].Type = engine.ColText
		_, err = s.EnsureTable(ctx, more)
		code(t, err, engine.Conflict)
		same(t, "list", len(must(s.Tables(ctx))(t)), 1)
		ok(t, s.DropTable(ctx, "contacts"))
		code(t, s.DropTable(ctx, "contacts"), engine.NotFound)
		made := must(s.EnsureTable(ctx, contacts()))(t)
		same(t, "made", made.Name, "contacts")
	},
	"rows are written by a unique column": func(t *testing.T, s Store) {
		ctx := t.Context()
		ok(t, s.CreateTable(ctx, contacts()))
		a, made := upsert(t, s, map[string]any{"email": "a@x", "age": 3.0, "more": map[string]any{"n": 9007199254740993}})
		same(t, "made", made, true)
		b, made := upsert(t, s, map[string]any{"email": "a@x", "age": nil, "since": "2026-01-31"})
		same(t, "made again", made, false)
		same(t, "number", b.N, a.N)
		want := map[string]any{"email": "a@x", "since": "2026-01-31", "more": map[string]any{"n": 9007199254740993}}
		same(t, "row", must(s.Rows(ctx, "contacts", engine.RowQuery{}))(t)[0].Data, want)
		_, _, err := s.PutRow(ctx, "contacts", engine.RowWrite{Values: map[string]any{"email": "a@x"}})
		code(t, err, engine.Conflict)
		_, _, err = s.PutRow(ctx, "contacts", engine.RowWrite{Key: "age", Values: map[string]any{"email": "b@x", "age": 1}})
		code(t, err, engine.Invalid)
		_, _, err = s.PutRow(ctx, "contacts", engine.RowWrite{Key: "email", Values: map[string]any{"age": 1}})
		code(t, err, engine.Invalid)
		_, _, err = s.PutRow(ctx, "contacts", engine.RowWrite{Values: map[string]any{"age": 1}})
		code(t, err, engine.Invalid)
		_, _, err = s.PutRow(ctx, "contacts", engine.RowWrite{Values: map[string]any{"email": "c@x", "age": "old"}})
		code(t, err, engine.Invalid)
		_, _, err = s.PutRow(ctx, "contacts", engine.RowWrite{N: 99, Values: map[string]any{"age": 1}})
		code(t, err, engine.NotFound)
		_, _, err = s.PutRow(ctx, "contacts", engine.RowWrite{Values: map[string]any{"email": strings.Repeat("x", engine.MaxRowBytes)}})
		code(t, err, engine.TooLarge)
		_, _, err = s.PutRow(ctx, "nothing", engine.RowWrite{})
		code(t, err, engine.NotFound)
		c, _ := upsert(t, s, map[string]any{"email": "c@x"})
		_, _, err = s.PutRow(ctx, "contacts", engine.RowWrite{N: c.N, Values: map[string]any{"email": "a@x"}})
		code(t, err, engine.Conflict)
		_, _, err = s.PutRow(ctx, "contacts", engine.RowWrite{N: c.N, Values: map[string]any{"email": "d@x"}})
		ok(t, err)
		_, made = upsert(t, s, map[string]any{"email": "c@x"})
		same(t, "a value that was given free", made, true)
		same(t, "rows", must(s.Table(ctx, "contacts"))(t).Rows, 3)
	},
	"rows are found, ordered and deleted": func(t *testing.T, s Store) {
		ctx := t.Context()
		ok(t, s.CreateTable(ctx, contacts()))
		for _, v := range []map[string]any{{"email": "a", "age": 3}, {"email": "b", "age": 10}, {"email": "c"}, {"email": "d", "age": 3}} {
			upsert(t, s, v)
		}
		find := func(q engine.RowQuery) string {
			t.Helper()
			return emails(must(s.Rows(ctx, "contacts", q))(t))
		}
		same(t, "all", find(engine.RowQuery{}), "a b c d")
		same(t, "by a unique column", find(engine.RowQuery{Where: map[string]any{"email": "b"}}), "b")
		same(t, "by both", find(engine.RowQuery{Where: map[string]any{"email": "b", "age": 3}}), "")
		same(t, "by another", find(engine.RowQuery{Where: map[string]any{"age": 3.0}}), "a d")
		same(t, "empty", find(engine.RowQuery{Where: map[string]any{"age": nil}}), "c")
		same(t, "up", find(engine.RowQuery{Order: "age"}), "a d b c")
		same(t, "down", find(engine.RowQuery{Order: "-age", Limit: 2}), "b a")
		same(t, "some", find(engine.RowQuery{Limit: 2}), "a b")
		_, err := s.Rows(ctx, "contacts", engine.RowQuery{Where: map[string]any{"agee": 3}})
		code(t, err, engine.Invalid)
		_, err = s.Rows(ctx, "contacts", engine.RowQuery{Order: "x"})
		code(t, err, engine.Invalid)
		_, err = s.DropRows(ctx, "contacts", engine.RowQuery{Where: map[string]any{"age": 3}}, 1)
		code(t, err, engine.Conflict)
		same(t, "deleted", emails(must(s.DropRows(ctx, "contacts", engine.RowQuery{Where: map[string]any{"age": 3}}, 2))(t)), "a d")
		same(t, "deleted again", len(must(s.DropRows(ctx, "contacts", engine.RowQuery{Where: map[string]any{"age": 3}}, 2))(t)), 0)
		same(t, "left", find(engine.RowQuery{}), "b c")
		_, made := upsert(t, s, map[string]any{"email": "a"})
		same(t, "made anew", made, true)
	},
	"rows are put back as they were, unless they were changed since": func(t *testing.T, s Store) {
		ctx := t.Context()
		ok(t, s.CreateTable(ctx, contacts()))
		a, _ := upsert(t, s, map[string]any{"email": "a", "age": 3})
		same(t, "a new row was nothing", len(a.Was), 0)
		b, _ := upsert(t, s, map[string]any{"email": "b", "more": map[string]any{"n": 9007199254740993}})
		now, _ := upsert(t, s, map[string]any{"email": "a", "age": 4})
		same(t, "was", now.Was, map[string]any{"email": "a", "age": 3})
		back := []engine.RowChange{{N: a.N, Now: now.Data, Then: now.Was}}
		ok(t, s.RestoreRows(ctx, "contacts", "undo/1", back))
		ok(t, s.RestoreRows(ctx, "contacts", "undo/1", back)) // twice is once
		rows := must(s.Rows(ctx, "contacts", engine.RowQuery{N: a.N}))(t)
		same(t, "put back", rows[0].Data, map[string]any{"email": "a", "age": 3})
		same(t, "by", rows[0].By, "undo/1")

		gone := must(s.DropRows(ctx, "contacts", engine.RowQuery{Where: map[string]any{"email": "b"}}, 1))(t)
		same(t, "gone", gone[0].Data, b.Data)
		// One of two does not fit, so neither is put back.
		both := []engine.RowChange{{N: b.N, Then: gone[0].Data}, {N: a.N, Now: now.Data, Then: map[string]any{"email": "x"}}}
		code(t, s.RestoreRows(ctx, "contacts", "undo/2", both), engine.Conflict)
		same(t, "nothing changed", emails(must(s.Rows(ctx, "contacts", engine.RowQuery{}))(t)), "a")
		ok(t, s.RestoreRows(ctx, "contacts", "undo/2", both[:1]))
		rows = must(s.Rows(ctx, "contacts", engine.RowQuery{Where: map[string]any{"email": "b"}}))(t)
		same(t, "again under its number", rows[0].N, b.N)
		same(t, "as it was", rows[0].Data, b.Data)

		ok(t, s.RestoreRows(ctx, "contacts", "undo/3", []engine.RowChange{{N: b.N, Now: b.Data}}))
		ok(t, s.RestoreRows(ctx, "contacts", "undo/3", []engine.RowChange{{N: b.N, Now: b.Data}}))
		same(t, "what was made is deleted", emails(must(s.Rows(ctx, "contacts", engine.RowQuery{}))(t)), "a")
		c, _ := upsert(t, s, map[string]any{"email": "b"}) // somebody has its value now
		code(t, s.RestoreRows(ctx, "contacts", "undo/4", []engine.RowChange{{N: b.N, Then: b.Data}}), engine.Conflict)
		code(t, s.RestoreRows(ctx, "contacts", "undo/5", []engine.RowChange{{N: a.N}}), engine.Conflict)
		code(t, s.RestoreRows(ctx, "contacts", "undo/6", []engine.RowChange{{N: c.N + 1, Then: b.Data}}), engine.NotFound)
		code(t, s.RestoreRows(ctx, "contacts", "undo/6", []engine.RowChange{{N: -1, Then: b.Data}}), engine.NotFound)
		code(t, s.RestoreRows(ctx, "nothing", "undo/6", nil), engine.NotFound)
		code(t, s.RestoreRows(ctx, "contacts", "undo/7", []engine.RowChange{{N: b.N, Then: map[string]any{"emial": "b"}}}), engine.Invalid)
		same(t, "left", emails(must(s.Rows(ctx, "contacts", engine.RowQuery{}))(t)), "a b")
		d, _ := upsert(t, s, map[string]any{"email": "d"})
		same(t, "numbers go on", d.N > c.N, true)
	},
	"one row for one key, whoever is first": func(t *testing.T, s Store) {
		ctx := t.Context()
		ok(t, s.CreateTable(ctx, contacts()))
		var wait sync.WaitGroup
		made := make(chan bool, 16)
		for i := range 16 {
			wait.Go(func() {
				_, m, err := s.PutRow(ctx, "contacts", engine.RowWrite{Key: "email", Values: map[string]any{"email": "a", "age": i}})
				if err != nil {
					t.Error(err)
				}
				made <- m
			})
		}
		wait.Wait()
		close(made)
		n := 0
		for m := range made {
			if m {
				n++
			}
		}
		same(t, "made", n, 1)
		same(t, "rows", len(must(s.Rows(ctx, "contacts", engine.RowQuery{}))(t)), 1)
	},
}
