package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strconv"
	"strings"

	lite "modernc.org/sqlite"
)

// direct is the writer's connection as the driver has it. What a member writes goes there without the locks, the checks
// and the closures with which database/sql makes a connection fit for many, a tenth of a member's time: this one has a
// single user. What it reads still goes through database/sql, whose connection stays reserved meanwhile.
type direct struct {
	conn  driver.Conn
	stmts map[string]driver.StmtExecContext
	args  []driver.NamedValue // of the statement that runs
}

// tap is a connector that tells which connection it opened last. The writer's pool has only one.
type tap struct {
	driver.Connector
	last driver.Conn
}

func openTapped(dsn string) (*sql.DB, *tap, error) {
	c, err := lite.NewConnector(dsn)
	if err != nil {
		return nil, nil, err
	}
	t := &tap{Connector: c}
	return sql.OpenDB(t), t, nil
}

func (t *tap) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := t.Connector.Connect(ctx)
	t.last = c
	return c, err
}

// connect reserves the connection, opening one where there is none.
func (w *writer) connect(ctx context.Context) error {
	if w.conn != nil {
		return nil
	}
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return err
	}
	w.conn, w.stmts = conn, map[string]*sql.Stmt{}
	w.direct = direct{conn: w.tap.last, stmts: map[string]driver.StmtExecContext{}}
	return nil
}

func (d *direct) close() {
	for _, st := range d.stmts {
		_ = st.(driver.Stmt).Close()
	}
	*d = direct{}
}

// run runs a statement on the writer's connection.
func (t *tx) run(query string, args []any) (driver.Result, error) {
	if err := t.w.connect(t.ctx); err != nil {
		return nil, err
	}
	d := &t.w.direct
	st := d.stmts[query]
	if st == nil {
		made, err := d.conn.(driver.ConnPrepareContext).PrepareContext(t.ctx, unnumbered(query))
		if err != nil {
			return nil, err
		}
		st = made.(driver.StmtExecContext)
		d.stmts[query] = st
	}
	d.args = d.args[:0]
	for i, arg := range args {
		v := driver.Value(arg)
		switch arg.(type) {
		case nil, int64, string, []byte, bool:
		default:
			var err error
			if v, err = driver.DefaultParameterConverter.ConvertValue(arg); err != nil {
				return nil, err
			}
		}
		d.args = append(d.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	res, err := st.ExecContext(t.ctx, d.args)
	clear(d.args)
	return res, err
}

// unnumbered writes parameters that come in order ($1, $2, …), each once, without their numbers: the driver reads the
// name of each one that has one, each time.
func unnumbered(query string) string {
	var out strings.Builder
	rest, n := query, 0
	for {
		before, after, found := strings.Cut(rest, "$")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		digits := len(after) - len(strings.TrimLeft(after, "0123456789"))
		if n++; after[:digits] != strconv.Itoa(n) {
			return query
		}
		out.WriteByte('?')
		rest = after[digits:]
	}
}

// exec runs a statement and tells how many rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	res, err := t.run(query, args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// insert runs an INSERT into a table with a row number and tells that number.
func (t *tx) insert(query string, args ...any) (int64, error) {
	res, err := t.run(query, args)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}
