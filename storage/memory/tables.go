package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// table is one table with its rows by number.
type table struct {
	def  engine.Table
	rows []engine.TableRow
}

func (t *table) shown() engine.Table {
	d := t.def
	d.Columns, d.Rows = slices.Clone(d.Columns), len(t.rows)
	return d
}

func (s *Store) table(name string) (*table, error) {
	if t, ok := s.tables[name]; ok {
		return t, nil
	}
	return nil, storage.NoTable(name)
}

// Tables lists the tables by name.
func (s *Store) Tables(ctx context.Context) (out []engine.Table, err error) {
	err = s.read(ctx, func() error {
		for _, name := range slices.Sorted(maps.Keys(s.tables)) {
			out = append(out, s.tables[name].shown())
		}
		return nil
	})
	return out, err
}

// Table finds a table.
func (s *Store) Table(ctx context.Context, name string) (out engine.Table, err error) {
	err = s.read(ctx, func() error {
		t, err := s.table(name)
		if err == nil {
			out = t.shown()
		}
		return err
	})
	return out, err
}

// CreateTable stores a new table.
func (s *Store) CreateTable(ctx context.Context, t engine.Table) error {
	if err := t.Check(); err != nil {
		return err
	}
	return s.write(ctx, func() error { return s.createTable(t) })
}

func (s *Store) createTable(t engine.Table) error {
	switch {
	case s.tables[t.Name] != nil:
		return storage.TableTaken(t.Name)
	case len(s.tables) >= engine.MaxTables:
		return storage.TooManyTables()
	}
	t.Columns, t.Rows = slices.Clone(t.Columns), 0
	s.tables[t.Name] = &table{def: t}
	return nil
}

// EnsureTable makes a table, or adds the columns it lacks.
func (s *Store) EnsureTable(ctx context.Context, want engine.Table) (out engine.Table, err error) {
	if err := want.Check(); err != nil {
		return out, err
	}
	err = s.write(ctx, func() error {
		t, ok := s.tables[want.Name]
		if !ok {
			out = want
			return s.createTable(want)
		}
		grown, more, err := t.shown().Grow(want.Columns)
		if err == nil && more {
			t.def.Columns = slices.Clone(grown.Columns)
		}
		out = grown
		return err
	})
	return out, err
}

// DropTable deletes a table with all its rows.
func (s *Store) DropTable(ctx context.Context, name string) error {
	return s.write(ctx, func() error {
		_, err := s.table(name)
		delete(s.tables, name)
		return err
	})
}

// Rows finds rows of a table.
func (s *Store) Rows(ctx context.Context, name string, q engine.RowQuery) (out []engine.TableRow, err error) {
	err = s.read(ctx, func() error {
		t, err := s.table(name)
		if err == nil {
			out, err = t.find(q)
		}
		return err
	})
	return out, err
}

func (t *table) find(q engine.RowQuery) ([]engine.TableRow, error) {
	q, err := t.def.Query(q)
	if err != nil {
		return nil, err
	}
	take := engine.Taking(q)
	for _, r := range t.rows {
		if q.N != 0 && r.N != q.N {
			continue
		}
		b, err := engine.EncodeJSON(r.Data)
		if err != nil {
			return nil, err
		}
		v, err := engine.DecodeJSON(b) // a copy, as a database gives one
		if err != nil {
			return nil, err
		}
		r.Data, _ = v.(map[string]any)
		if enough, err := take.Add(r, len(b)); err != nil || enough {
			return take.Rows(), err
		}
	}
	return take.Rows(), nil
}

// PutRow makes or changes a row.
func (s *Store) PutRow(ctx context.Context, name string, w engine.RowWrite) (out engine.TableRow, made bool, err error) {
	err = s.write(ctx, func() error {
		t, err := s.table(name)
		if err != nil {
			return err
		}
		if w.Values, err = t.def.Fit(w.Values); err != nil {
			return err
		}
		q, err := t.def.Target(w)
		if err != nil {
			return err
		}
		var old []engine.TableRow
		if w.N != 0 || w.Key != "" {
			if old, err = t.find(q); err != nil {
				return err
			}
		}
		r := engine.TableRow{By: w.By, Changed: s.now()}
		var before map[string]any
		switch {
		case len(old) > 0:
			r.N, before = old[0].N, old[0].Data
			r.Was = before
		case w.N != 0:
			return storage.NoRow(name, w.N)
		case len(t.rows) >= engine.MaxTableRows:
			return storage.TableFull(name)
		default:
			made = true
		}
		if r.Data, err = t.def.Merge(before, w.Values); err != nil {
			return err
		}
		if err := t.unique(r); err != nil {
			return err
		}
		if made {
			s.row++
			r.N = s.row
		}
		out = r
		out.Data, r.Was = maps.Clone(r.Data), nil
		t.put(r)
		return nil
	})
	return out, made && err == nil, err
}

// unique refuses a row that has a value of another one in a unique column.
func (t *table) unique(r engine.TableRow) error {
	for _, c := range t.def.Columns {
		if v := r.Data[c.Name]; c.Unique && v != nil {
			for _, x := range t.rows {
				if x.N != r.N && engine.Matches(x.Data, map[string]any{c.Name: v}) {
					return storage.RowTaken(t.def.Name, c.Name)
				}
			}
		}
	}
	return nil
}

// put stores a row in its place.
func (t *table) put(r engine.TableRow) {
	at, there := slices.BinarySearchFunc(t.rows, r.N, func(x engine.TableRow, n int64) int { return cmp.Compare(x.N, n) })
	if there {
		t.rows[at] = r
		return
	}
	t.rows = slices.Insert(t.rows, at, r)
}

func (t *table) drop(n int64) {
	t.rows = slices.DeleteFunc(t.rows, func(x engine.TableRow) bool { return x.N == n })
}

// DropRows deletes the rows that a query finds.
func (s *Store) DropRows(ctx context.Context, name string, q engine.RowQuery, most int) (gone []engine.TableRow, err error) {
	err = s.write(ctx, func() error {
		t, err := s.table(name)
		if err != nil {
			return err
		}
		list, err := t.find(q)
		switch {
		case err != nil:
			return err
		case most > 0 && len(list) > most:
			return storage.TooManyRows(name, len(list), most)
		}
		for _, r := range list {
			t.drop(r.N)
		}
		gone = list
		return nil
	})
	if err != nil {
		return nil, err
	}
	return gone, nil
}

// RestoreRows puts rows back that are still as they were left: all of them, or none and Conflict.
func (s *Store) RestoreRows(ctx context.Context, name, by string, changes []engine.RowChange) error {
	return s.write(ctx, func() error {
		t, err := s.table(name)
		if err != nil {
			return err
		}
		after := &table{def: t.def, rows: slices.Clone(t.rows)}
		for _, c := range changes {
			if c.N < 1 || c.N > s.row {
				return storage.NoRow(name, c.N)
			}
			if err := after.restore(c, engine.TableRow{N: c.N, By: by, Changed: s.now()}); err != nil {
				return err
			}
		}
		t.rows = after.rows
		return nil
	})
}

func (t *table) restore(c engine.RowChange, r engine.TableRow) error {
	found, err := t.find(engine.RowQuery{N: c.N})
	if err != nil {
		return err
	}
	var have map[string]any
	if len(found) > 0 {
		have = found[0].Data
	}
	already, ok := c.Fits(have)
	switch {
	case already:
		return nil
	case !ok:
		return storage.RowChanged(t.def.Name, c.N)
	case c.Then == nil:
		t.drop(c.N)
		return nil
	case have == nil && len(t.rows) >= engine.MaxTableRows:
		return storage.TableFull(t.def.Name)
	}
	fitted, err := t.def.Fit(c.Then)
	if err == nil {
		r.Data, err = t.def.Merge(nil, fitted)
	}
	if err == nil {
		err = t.unique(r)
	}
	if err == nil {
		t.put(r)
	}
	return err
}
