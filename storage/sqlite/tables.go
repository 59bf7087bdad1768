package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

const tableColumns = `SELECT name, columns, by, at, (SELECT count(*) FROM table_rows WHERE tab = name) FROM tables `

func scanTable(scan func(...any) error) (t engine.Table, err error) {
	var columns string
	if err = scan(&t.Name, &columns, &t.By, &t.At, &t.Rows); err == nil {
		err = json.Unmarshal([]byte(columns), &t.Columns)
	}
	return t, err
}

// Tables lists the tables by name.
func (s *Store) Tables(ctx context.Context) ([]engine.Table, error) {
	out, err := all(s.reading(ctx), tableColumns+`ORDER BY name`, nil, func(row *sql.Rows) (engine.Table, error) { return scanTable(row.Scan) })
	return out, explain(s.dir, "tables", err)
}

// Table finds a table.
func (s *Store) Table(ctx context.Context, name string) (engine.Table, error) {
	t, err := table(s.reading(ctx), name)
	return t, explain(s.dir, "table", err)
}

func table(from source, name string) (engine.Table, error) {
	list, err := all(from, tableColumns+`WHERE name = $1`, []any{name}, func(row *sql.Rows) (engine.Table, error) { return scanTable(row.Scan) })
	switch {
	case err != nil:
		return engine.Table{}, err
	case len(list) == 0:
		return engine.Table{}, storage.NoTable(name)
	}
	return list[0], nil
}

// CreateTable stores a new table.
func (s *Store) CreateTable(ctx context.Context, t engine.Table) error {
	if err := t.Check(); err != nil {
		return err
	}
	return s.write(ctx, "table", func(x *tx) error { return x.createTable(t) })
}

func (t *tx) createTable(tab engine.Table) error {
	columns, err := encode(tab.Columns)
	if err != nil {
		return err
	}
	var n int
	if _, err := one(t, `SELECT count(*) FROM tables`, nil, &n); err != nil {
		return err
	}
	if n >= engine.MaxTables {
		return storage.TooManyTables()
	}
	done, err := t.exec(`INSERT INTO tables (name, columns, by, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, tab.Name, columns, tab.By, tab.At)
	if err == nil && done == 0 {
		err = storage.TableTaken(tab.Name)
	}
	return err
}

// EnsureTable makes a table, or adds the columns it lacks.
func (s *Store) EnsureTable(ctx context.Context, want engine.Table) (out engine.Table, err error) {
	if err := want.Check(); err != nil {
		return out, err
	}
	err = s.write(ctx, "table", func(x *tx) error {
		old, err := table(x, want.Name)
		if engine.CodeOf(err) == engine.NotFound {
			out = want
			return x.createTable(want)
		}
		if err != nil {
			return err
		}
		more := false
		if out, more, err = old.Grow(want.Columns); err != nil || !more {
			return err
		}
		columns, err := encode(out.Columns)
		if err == nil {
			_, err = x.exec(`UPDATE tables SET columns = $2 WHERE name = $1`, want.Name, columns)
		}
		return err
	})
	return out, err
}

// DropTable deletes a table with all its rows.
func (s *Store) DropTable(ctx context.Context, name string) error {
	return s.write(ctx, "table", func(t *tx) error {
		for _, q := range []string{`DELETE FROM table_keys WHERE tab = $1`, `DELETE FROM table_rows WHERE tab = $1`} {
			if _, err := t.exec(q, name); err != nil {
				return err
			}
		}
		n, err := t.exec(`DELETE FROM tables WHERE name = $1`, name)
		if err == nil && n == 0 {
			err = storage.NoTable(name)
		}
		return err
	})
}

// Rows finds rows of a table.
func (s *Store) Rows(ctx context.Context, name string, q engine.RowQuery) ([]engine.TableRow, error) {
	from := s.reading(ctx)
	t, err := table(from, name)
	if err == nil {
		q, err = t.Query(q)
	}
	var out []engine.TableRow
	if err == nil {
		out, err = rows(from, t, q)
	}
	return out, explain(s.dir, "rows", err)
}

// rows runs a query whose values are fitted.
func rows(from source, t engine.Table, q engine.RowQuery) (out []engine.TableRow, err error) {
	text, args := `SELECT n, data, by, changed FROM table_rows WHERE tab = $1 ORDER BY n`, []any{t.Name}
	if q.N != 0 {
		text, args = `SELECT n, data, by, changed FROM table_rows WHERE tab = $1 AND n = $2`, []any{t.Name, q.N}
	} else if col, value := t.Indexed(q.Where); col != "" {
		text = `SELECT r.n, r.data, r.by, r.changed FROM table_keys k JOIN table_rows r ON r.n = k.n WHERE k.tab = $1 AND k.col = $2 AND k.value = $3`
		args = []any{t.Name, col, value}
	}
	ctx, st, err := from.stmt(text)
	if err != nil {
		return nil, err
	}
	found, err := st.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }()
	take := engine.Taking(q)
	for found.Next() {
		var r engine.TableRow
		var data string
		if err := found.Scan(&r.N, &data, &r.By, &r.Changed); err != nil {
			return nil, err
		}
		if r.Data, err = rowData(data); err != nil {
			return nil, err
		}
		if enough, err := take.Add(r, len(data)); err != nil || enough {
			return take.Rows(), err
		}
	}
	return take.Rows(), found.Err()
}

func rowData(text string) (map[string]any, error) {
	v, err := engine.DecodeJSON([]byte(text))
	if err != nil {
		return nil, err
	}
	m, _ := v.(map[string]any)
	return m, nil
}

// PutRow makes or changes a row.
func (s *Store) PutRow(ctx context.Context, name string, w engine.RowWrite) (out engine.TableRow, made bool, err error) {
	err = s.write(ctx, "row", func(x *tx) error {
		out, made = engine.TableRow{}, false
		t, err := table(x, name)
		if err != nil {
			return err
		}
		values, err := t.Fit(w.Values)
		if err != nil {
			return err
		}
		q, err := t.Target(engine.RowWrite{N: w.N, Key: w.Key, Values: values})
		if err != nil {
			return err
		}
		var old []engine.TableRow
		if w.N != 0 || w.Key != "" {
			if old, err = rows(x, t, q); err != nil {
				return err
			}
		}
		out = engine.TableRow{By: w.By, Changed: engine.Millis(s.now())}
		var before map[string]any
		switch {
		case len(old) > 0:
			out.N, before = old[0].N, old[0].Data
			out.Was = before
		case w.N != 0:
			return storage.NoRow(name, w.N)
		case t.Rows >= engine.MaxTableRows:
			return storage.TableFull(name)
		default:
			made = true
		}
		if out.Data, err = t.Merge(before, values); err != nil {
			return err
		}
		return x.putRow(t, &out, made)
	})
	return out, made, err
}

// putRow stores a row; one that is made gets the number it has, or the next one.
func (t *tx) putRow(tab engine.Table, r *engine.TableRow, made bool) error {
	data, err := encode(r.Data)
	if err != nil {
		return err
	}
	switch {
	case made && r.N != 0:
		var n int64
		if n, err = t.exec(`INSERT INTO table_rows (n, tab, data, by, changed) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, r.N, tab.Name, data, r.By, r.Changed); err == nil && n == 0 {
			err = storage.RowChanged(tab.Name, r.N)
		}
	case made:
		r.N, err = t.insert(`INSERT INTO table_rows (tab, data, by, changed) VALUES ($1, $2, $3, $4)`, tab.Name, data, r.By, r.Changed)
	default:
		if _, err = t.exec(`UPDATE table_rows SET data = $2, by = $3, changed = $4 WHERE n = $1`, r.N, data, r.By, r.Changed); err == nil {
			_, err = t.exec(`DELETE FROM table_keys WHERE n = $1`, r.N)
		}
	}
	for _, c := range tab.Columns {
		v, there := r.Data[c.Name]
		if err != nil || !c.Unique || !there {
			continue
		}
		var value string
		if value, err = encode(v); err != nil {
			return err
		}
		var n int64
		n, err = t.exec(`INSERT INTO table_keys (tab, col, value, n) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, tab.Name, c.Name, value, r.N)
		if err == nil && n == 0 {
			err = storage.RowTaken(tab.Name, c.Name)
		}
	}
	return err
}

// DropRows deletes the rows that a query finds. They are looked for before the transaction, which everybody's writes wait
// for, and in it each is looked at once more: one that was changed meanwhile and does not fit any more stays.
func (s *Store) DropRows(ctx context.Context, name string, q engine.RowQuery, most int) (gone []engine.TableRow, err error) {
	found, err := s.Rows(ctx, name, q)
	if err != nil {
		return nil, err
	}
	if most > 0 && len(found) > most {
		return nil, storage.TooManyRows(name, len(found), most)
	}
	if len(found) == 0 {
		return nil, nil
	}
	err = s.write(ctx, "rows", func(x *tx) error {
		var err error
		gone, err = dropRows(x, name, q.Where, found)
		return err
	})
	if err != nil {
		return nil, err
	}
	return gone, nil
}

// dropRows deletes of found what still fits.
func dropRows(x *tx, name string, where map[string]any, found []engine.TableRow) (gone []engine.TableRow, err error) {
	t, err := table(x, name)
	if err != nil {
		return nil, err
	}
	for _, r := range found {
		fitted, err := t.Query(engine.RowQuery{N: r.N, Where: where})
		if err != nil {
			return nil, err
		}
		still, err := rows(x, t, fitted)
		if err != nil {
			return nil, err
		}
		if len(still) == 0 {
			continue
		}
		if err := x.dropRow(r.N); err != nil {
			return nil, err
		}
		gone = append(gone, still[0])
	}
	return gone, nil
}

func (t *tx) dropRow(n int64) error {
	_, err := t.exec(`DELETE FROM table_keys WHERE n = $1`, n)
	if err == nil {
		_, err = t.exec(`DELETE FROM table_rows WHERE n = $1`, n)
	}
	return err
}
