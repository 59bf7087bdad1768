package connectortest

import (
	"context"
	"slices"
	"sync"

	"github.com/bretelle/bretelle/engine"
)

// Tables is the bot's tables in memory. Err, when set, is what every operation gives instead.
type Tables struct {
	Err error

	mu   sync.Mutex
	defs map[string]engine.Table
	rows map[string][]engine.TableRow
	last int64
}

func (s *Tables) def(name string) (engine.Table, error) {
	t, ok := s.defs[name]
	if !ok {
		return t, engine.E(engine.NotFound, "there is no table {table}", "table", name)
	}
	t.Rows = len(s.rows[name])
	return t, s.Err
}

// Table finds a table.
func (s *Tables) Table(_ context.Context, name string) (engine.Table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.def(name)
}

// EnsureTable makes a table, or adds the columns it lacks.
func (s *Tables) EnsureTable(_ context.Context, want engine.Table) (engine.Table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := want.Check(); err != nil {
		return want, err
	}
	if old, err := s.def(want.Name); err == nil {
		if want, _, err = old.Grow(want.Columns); err != nil {
			return old, err
		}
	}
	if s.defs == nil {
		s.defs, s.rows = map[string]engine.Table{}, map[string][]engine.TableRow{}
	}
	s.defs[want.Name] = want
	return want, s.Err
}

// Rows finds rows.
func (s *Tables) Rows(_ context.Context, name string, q engine.RowQuery) ([]engine.TableRow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(name, q)
}

func (s *Tables) find(name string, q engine.RowQuery) ([]engine.TableRow, error) {
	t, err := s.def(name)
	if err != nil {
		return nil, err
	}
	if q, err = t.Query(q); err != nil {
		return nil, err
	}
	take := engine.Taking(q)
	for _, r := range s.rows[name] {
		if q.N != 0 && q.N != r.N {
			continue
		}
		if enough, err := take.Add(r, 0); enough || err != nil {
			return take.Rows(), err
		}
	}
	return take.Rows(), nil
}

// PutRow makes or changes one row. Unique columns other than the key are not compared.
func (s *Tables) PutRow(_ context.Context, name string, w engine.RowWrite) (r engine.TableRow, made bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.def(name)
	if err != nil {
		return r, false, err
	}
	if w.Values, err = t.Fit(w.Values); err != nil {
		return r, false, err
	}
	q, err := t.Target(w)
	if err != nil {
		return r, false, err
	}
	old, err := s.find(name, q)
	if err != nil {
		return r, false, err
	}
	var before map[string]any
	if made = len(old) == 0 || w.Key == "" && w.N == 0; made {
		s.last++
		r.N = s.last
	} else {
		r.N, before = old[0].N, old[0].Data
		r.Was = before
	}
	r.By = w.By
	if r.Data, err = t.Merge(before, w.Values); err != nil {
		return r, false, err
	}
	if made {
		s.rows[name] = append(s.rows[name], r)
	} else {
		s.rows[name][slices.IndexFunc(s.rows[name], func(x engine.TableRow) bool { return x.N == r.N })] = r
	}
	return r, made, nil
}

// DropRows deletes what a query finds.
func (s *Tables) DropRows(_ context.Context, name string, q engine.RowQuery, most int) ([]engine.TableRow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, err := s.find(name, q)
	switch {
	case err != nil:
		return nil, err
	case most > 0 && len(list) > most:
		return nil, engine.E(engine.Conflict, "{n} rows of {table} fit, and at most {most} may be deleted", "n", len(list), "table", name, "most", most)
	}
	for _, r := range list {
		s.rows[name] = without(s.rows[name], r.N)
	}
	return list, nil
}

// RestoreRows puts rows back. Unique columns are not compared.
func (s *Tables) RestoreRows(_ context.Context, name, by string, changes []engine.RowChange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.def(name); err != nil {
		return err
	}
	rows := slices.Clone(s.rows[name])
	for _, c := range changes {
		var have map[string]any
		at := slices.IndexFunc(rows, func(x engine.TableRow) bool { return x.N == c.N })
		if at >= 0 {
			have = rows[at].Data
		}
		already, ok := c.Fits(have)
		switch {
		case already:
			continue
		case !ok:
			return engine.E(engine.Conflict, "row {n} of {table} was changed since, so it is not put back", "n", c.N, "table", name)
		}
		if rows = without(rows, c.N); c.Then != nil {
			rows = append(rows, engine.TableRow{N: c.N, Data: c.Then, By: by})
		}
	}
	slices.SortFunc(rows, func(a, b engine.TableRow) int { return int(a.N - b.N) })
	s.rows[name] = rows
	return nil
}

func without(rows []engine.TableRow, n int64) []engine.TableRow {
	return slices.DeleteFunc(slices.Clone(rows), func(x engine.TableRow) bool { return x.N == n })
}
