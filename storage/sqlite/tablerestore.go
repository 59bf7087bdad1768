package sqlite

import (
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// RestoreRows puts rows back that are still as they were left: all of them, or none and Conflict. One that is put back
// already counts as done; a deleted row has its old number again.
func (s *Store) RestoreRows(ctx context.Context, name, by string, changes []engine.RowChange) error {
	return s.write(ctx, "rows", func(x *tx) error {
		t, err := table(x, name)
		if err != nil {
			return err
		}
		for _, c := range changes {
			if err := x.restoreRow(t, c, engine.TableRow{N: c.N, By: by, Changed: engine.Millis(s.now())}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) restoreRow(tab engine.Table, c engine.RowChange, r engine.TableRow) error {
	var last int64 // no number is given that was never one
	if _, err := one(t, `SELECT seq FROM sqlite_sequence WHERE name = 'table_rows'`, nil, &last); err != nil {
		return err
	}
	if c.N < 1 || c.N > last {
		return storage.NoRow(tab.Name, c.N)
	}
	found, err := rows(t, tab, engine.RowQuery{N: c.N})
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
		return storage.RowChanged(tab.Name, c.N)
	case c.Then == nil:
		return t.dropRow(c.N)
	}
	fitted, err := tab.Fit(c.Then)
	if err == nil {
		r.Data, err = tab.Merge(nil, fitted)
	}
	if err != nil {
		return err
	}
	if have == nil {
		var n int
		if _, err := one(t, `SELECT count(*) FROM table_rows WHERE tab = $1`, []any{tab.Name}, &n); err != nil {
			return err
		}
		if n >= engine.MaxTableRows {
			return storage.TableFull(tab.Name)
		}
	}
	return t.putRow(tab, &r, have == nil)
}
