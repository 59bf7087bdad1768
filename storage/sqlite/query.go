package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// source is where a query reads: the writer's transaction or the readers.
type source interface {
	stmt(query string) (context.Context, *sql.Stmt, error)
}

func (t *tx) stmt(query string) (context.Context, *sql.Stmt, error) {
	if st := t.w.stmts[query]; st != nil {
		return t.ctx, st, nil
	}
	if err := t.w.connect(t.ctx); err != nil {
		return t.ctx, nil, err
	}
	st, err := t.w.conn.PrepareContext(t.ctx, query)
	if err == nil {
		t.w.stmts[query] = st
	}
	return t.ctx, st, err
}

// reading is the readers' pool under a caller's context.
type reading struct {
	ctx context.Context
	s   *Store
}

func (s *Store) reading(ctx context.Context) reading { return reading{ctx, s} }

func (r reading) stmt(query string) (context.Context, *sql.Stmt, error) {
	if st, ok := r.s.stmts.Load(query); ok {
		return r.ctx, st.(*sql.Stmt), nil
	}
	st, err := r.s.readers.PrepareContext(r.ctx, query)
	if err != nil {
		return r.ctx, nil, err
	}
	if first, had := r.s.stmts.LoadOrStore(query, st); had {
		_ = st.Close()
		st = first.(*sql.Stmt)
	}
	return r.ctx, st, nil
}

// one reads a single row; found is false when there is none.
func one(from source, query string, args []any, dest ...any) (found bool, err error) {
	ctx, st, err := from.stmt(query)
	if err != nil {
		return false, err
	}
	err = st.QueryRowContext(ctx, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// all reads every row of a query.
func all[T any](from source, query string, args []any, scan func(row *sql.Rows) (T, error)) (out []T, err error) {
	err = each(from, query, args, func(row *sql.Rows) (bool, error) {
		v, err := scan(row)
		out = append(out, v)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// each reads the rows of a query one by one, for as long as take wants more.
func each(from source, query string, args []any, take func(row *sql.Rows) (more bool, err error)) error {
	ctx, st, err := from.stmt(query)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if more, err := take(rows); err != nil || !more {
			return err
		}
	}
	return rows.Err()
}

// text makes JSON a TEXT column's value, NULL for none.
func text(b []byte) any {
	if b == nil {
		return nil
	}
	return string(b)
}

// encode is text of a value that always has JSON.
func encode(v any) (string, error) {
	b, err := engine.EncodeJSON(v)
	return string(b), err
}

// place makes a place two columns: all but the thread as a JSON array, because the parts may hold any character, and
// the thread.
func place(p engine.Place) (string, string) {
	p = storage.Canonical(p)
	if p == (engine.Place{Thread: p.Thread}) {
		return "", p.Thread
	}
	b, _ := json.Marshal([3]string{p.Surface, p.Workspace, p.Channel}) // strings always have JSON
	return string(b), p.Thread
}

// placed reads what place made.
func placed(column, thread string) engine.Place {
	var parts [3]string
	if column != "" {
		_ = json.Unmarshal([]byte(column), &parts) // written by place; a hand-made one is nowhere
	}
	return engine.Place{Surface: parts[0], Workspace: parts[1], Channel: parts[2], Thread: thread}
}

// limit makes a count an SQL LIMIT: all for n ≤ 0.
func limit(n int) int {
	if n <= 0 {
		return -1
	}
	return n
}
