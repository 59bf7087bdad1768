package connectors

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// Tables is the bot's own tables, see engine.Table.
type Tables interface {
	// Table finds a table. NotFound when there is none.
	Table(ctx context.Context, name string) (engine.Table, error)
	// EnsureTable makes a table, or adds the columns it lacks, and gives it as it is then. Errors: Invalid for a
	// definition that cannot be, Conflict when a column is there already and another one, TooLarge for one too many.
	EnsureTable(ctx context.Context, want engine.Table) (engine.Table, error)
	// Rows finds rows. Errors: NotFound (no such table), Invalid (values or columns that do not fit; Args "column"
	// names it), TooLarge (more than one query gives).
	Rows(ctx context.Context, table string, q engine.RowQuery) ([]engine.TableRow, error)
	// PutRow makes or changes one row and tells whether it made it. Errors: NotFound, Invalid (Args "column"),
	// Conflict (another row has a value that is unique), TooLarge (the row, or the table is full).
	PutRow(ctx context.Context, table string, w engine.RowWrite) (row engine.TableRow, made bool, err error)
	// DropRows deletes what a query finds and gives what it deleted; Conflict, and nothing deleted, when that is more
	// than most (0: any number). NotFound, Invalid as for Rows.
	DropRows(ctx context.Context, table string, q engine.RowQuery, most int) ([]engine.TableRow, error)
	// RestoreRows puts rows back that are still as they were left, all of them or none; what is put back already counts
	// as done. by is the key of the step. Errors: NotFound, Conflict (a row was changed meanwhile, or a value that is
	// unique is another row's now), Invalid, TooLarge.
	RestoreRows(ctx context.Context, table, by string, changes []engine.RowChange) error
}

// Table finds one of the bot's tables; found is false when there is none.
func (c *Call) Table(ctx context.Context, name string) (t engine.Table, found bool, err error) {
	err = c.tables(false, func(s Tables) (err error) {
		t, err = s.Table(ctx, name)
		return err
	})
	if engine.CodeOf(err) == engine.NotFound {
		return t, false, nil
	}
	return t, err == nil, err
}

// EnsureTable is Tables.EnsureTable.
func (c *Call) EnsureTable(ctx context.Context, want engine.Table) (t engine.Table, err error) {
	want.By, want.At = c.task.Key, engine.Millis(c.now())
	err = c.tables(true, func(s Tables) (err error) {
		t, err = s.EnsureTable(ctx, want)
		return err
	})
	return t, err
}

// Rows is Tables.Rows.
func (c *Call) Rows(ctx context.Context, table string, q engine.RowQuery) (rows []engine.TableRow, err error) {
	err = c.tables(false, func(s Tables) (err error) {
		rows, err = s.Rows(ctx, table, q)
		return err
	})
	return rows, err
}

// PutRow is Tables.PutRow.
func (c *Call) PutRow(ctx context.Context, table string, w engine.RowWrite) (row engine.TableRow, made bool, err error) {
	w.By = c.task.Key
	err = c.tables(true, func(s Tables) (err error) {
		row, made, err = s.PutRow(ctx, table, w)
		return err
	})
	return row, made, err
}

// DropRows is Tables.DropRows.
func (c *Call) DropRows(ctx context.Context, table string, q engine.RowQuery, most int) (gone []engine.TableRow, err error) {
	err = c.tables(true, func(s Tables) (err error) {
		gone, err = s.DropRows(ctx, table, q, most)
		return err
	})
	return gone, err
}

// RestoreRows is Tables.RestoreRows.
func (c *Call) RestoreRows(ctx context.Context, table string, changes []engine.RowChange) error {
	return c.tables(true, func(s Tables) error { return s.RestoreRows(ctx, table, c.task.Key, changes) })
}

// tables runs one operation on the bot's tables.
func (c *Call) tables(writes bool, do func(Tables) error) error {
	switch {
	case c.dry && writes:
		return dryRefusal()
	case c.exits.Tables == nil:
		return Fail(engine.BadInput, engine.Invalid, "There are no tables here")
	}
	done, err := c.enter()
	if err != nil {
		return err
	}
	defer done()
	if writes {
		c.markSent()
	}
	err = do(c.exits.Tables)
	switch engine.CodeOf(err) {
	case engine.Invalid, engine.Conflict, engine.TooLarge, engine.NotFound:
		f := failureOf(err, false)
		f.Class = engine.Rejected // understood and refused: nothing was stored
		if engine.CodeOf(err) == engine.Invalid {
			f.Class = engine.BadInput
		}
		return &Fault{Failure: f, Err: err}
	}
	return err
}
