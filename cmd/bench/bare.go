package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "github.com/bretelle/bretelle/storage/sqlite" // brings the driver that the program uses
)

// bareDB opens a database as the program's writer has it: log, synchronous=FULL, one connection.
func bareDB(path string, more ...string) (*sql.DB, error) {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": append([]string{"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "temp_store(MEMORY)", "cache_size(-8000)"}, more...)}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// bareCommits measures commits of one row of a delivery's size, one after the other. It gives the median.
func bareCommits(ctx context.Context, dir string, count int) (median time.Duration, err error) {
	place, err := os.MkdirTemp(dir, "bare")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(place) }()
	db, err := bareDB(filepath.Join(place, "bare.db"))
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(ctx, "CREATE TABLE rows (n INTEGER PRIMARY KEY, data TEXT) STRICT"); err != nil {
		return 0, err
	}
	insert, err := db.PrepareContext(ctx, "INSERT INTO rows (data) VALUES ($1)")
	if err != nil {
		return 0, err
	}
	data := strings.Repeat("x", 300)
	took := make([]time.Duration, 0, count)
	for range count {
		began := time.Now()
		if _, err := insert.ExecContext(ctx, data); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// copied is a table whose rows the bare loop commits again.
type copied struct {
	name   string
	create []string // the table, then its indexes
	insert string
	rows   [][]any
}

// mostCopied bounds the rows of the longest table that are held in memory.
const mostCopied = 40_000

// bareRows commits the rows that so many runs left in a database into a new one with the same tables and indexes, 64
// rows a commit, and gives the processor time a run. The last rows of each table are taken, in turn, as a run adds them.
func bareRows(ctx context.Context, from, dir string, runs int64) (perRun time.Duration, rowsPerRun float64, err error) {
	tables, share, err := grown(ctx, from, runs)
	if err != nil || len(tables) == 0 {
		return 0, 0, err
	}
	place, err := os.MkdirTemp(dir, "bare")
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = os.RemoveAll(place) }()
	db, err := bareDB(filepath.Join(place, "bare.db"), "auto_vacuum(INCREMENTAL)", "secure_delete(1)")
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = conn.Close() }()
	into := make([]*sql.Stmt, len(tables))
	total, most := 0, 0
	for i, t := range tables {
		for _, text := range t.create {
			if _, err := conn.ExecContext(ctx, text); err != nil {
				return 0, 0, err
			}
		}
		if into[i], err = conn.PrepareContext(ctx, t.insert); err != nil {
			return 0, 0, err
		}
		total, most = total+len(t.rows), max(most, len(t.rows))
	}
	part := max(float64(runs)*share, 1)
	before := ownTime()
	open := 0
	for k := range most {
		for i, t := range tables {
			// Of a table with fewer rows one is taken every few turns.
			if at := k * len(t.rows) / most; at == (k+1)*len(t.rows)/most {
				continue
			} else if open == 0 {
				if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
					return 0, 0, err
				}
			} else if open == 64 {
				if _, err := conn.ExecContext(ctx, "COMMIT; BEGIN IMMEDIATE"); err != nil {
					return 0, 0, err
				}
				open = 0
			}
			if _, err := into[i].ExecContext(ctx, t.rows[k*len(t.rows)/most]...); err != nil {
				return 0, 0, fmt.Errorf("table %s: %w", t.name, err)
			}
			open++
		}
	}
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return 0, 0, err
	}
	return time.Duration(float64(ownTime()-before) / part), float64(total) / part, nil
}

// grown reads the tables that have at least a row for every second run, each in the same share, and says which.
func grown(ctx context.Context, path string, runs int64) (out []copied, share float64, err error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro")
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = db.Close() }()
	names, err := column(ctx, db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY rowid")
	if err != nil {
		return nil, 0, err
	}
	share = 1
	counts := map[string]int64{}
	for _, name := range names {
		var n int64
		if err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) FROM %q", name)).Scan(&n); err != nil {
			return nil, 0, err
		}
		if n >= runs/2 {
			counts[name] = n
			share = min(share, mostCopied/float64(n))
		}
	}
	for _, name := range names {
		if counts[name] == 0 {
			continue
		}
		t := copied{name: name}
		if t.create, err = column(ctx, db, "SELECT sql FROM sqlite_master WHERE tbl_name = $1 AND sql IS NOT NULL ORDER BY type = 'table' DESC, rowid", name); err != nil {
			return nil, 0, err
		}
		if err := t.read(ctx, db, int64(float64(counts[name])*share)); err != nil {
			return nil, 0, err
		}
		out = append(out, t)
	}
	return out, share, nil
}

func (t *copied) read(ctx context.Context, db *sql.DB, most int64) error {
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT * FROM %q LIMIT %d", t.name, most))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	t.insert = fmt.Sprintf("INSERT INTO %q VALUES (?%s)", t.name, strings.Repeat(", ?", len(columns)-1))
	for rows.Next() {
		row := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		t.rows = append(t.rows, row)
	}
	return rows.Err()
}

func column(ctx context.Context, db *sql.DB, query string, args ...any) (out []string, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
