package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// What differs between two runs of the same story.
var (
	clock = regexp.MustCompile(`\b\d{4}-\d\d-\d\dT[0-9:.]+Z|\b\d\d:\d\d\b`)
	idRef = regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{22}\b|\bm[0-9a-f]{24}\b`)
)

// disk opens a copy of the dead bot's database, so that the bot's own start finds it as the crash left it.
func (b *botProcess) disk() (db *sql.DB, done func()) {
	b.t.Helper()
	dir, err := os.MkdirTemp("", "bretelle-copy")
	if err != nil {
		b.t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(filepath.Join(b.dir, sqlite.File+suffix))
		if err != nil && (suffix == "" || !os.IsNotExist(err)) {
			b.t.Fatal(err)
		}
		if err == nil {
			if err = os.WriteFile(filepath.Join(dir, sqlite.File+suffix), data, 0o600); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	if db, err = sql.Open("sqlite", filepath.Join(dir, sqlite.File)); err != nil {
		b.t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db, func() {
		_ = db.Close()
		_ = os.RemoveAll(dir)
	}
}

// owesOutcome tells whether the dead bot left an attempt.started without its outcome, of any run.
func (b *botProcess) owesOutcome() bool {
	db, done := b.disk()
	defer done()
	var n int
	if err := db.QueryRow(`SELECT count(*) FROM tasks WHERE started = 1`).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n > 0
}

// journal lists run 1's entries as the dead bot left them, and checks the file: every page, no gap, nothing twice, no
// key of a delivery twice. What people said about an unknown outcome, and the attempt it was about, are left out.
func (b *botProcess) journal(name string) []string {
	b.t.Helper()
	db, done := b.disk()
	defer done()
	var said string
	if err := db.QueryRow(`PRAGMA integrity_check`).Scan(&said); err != nil || said != "ok" {
		b.t.Errorf("%s: SQLite's integrity check says %q (%v)", name, said, err)
	}
	var runs int
	if err := db.QueryRow(`SELECT count(*) FROM runs`).Scan(&runs); err != nil || runs != 1 {
		b.t.Errorf("%s: %d runs (%v)", name, runs, err)
	}
	rows, err := db.Query(`SELECT seq, kind, path FROM entries WHERE run = 1 ORDER BY seq`)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for n := int64(1); rows.Next(); n++ {
		var seq int64
		var kind, path string
		if err := rows.Scan(&seq, &kind, &path); err != nil {
			b.t.Fatal(err)
		}
		if seq != n {
			b.t.Errorf("%s: entry %d follows entry %d", name, seq, n-1)
		}
		line := kind + " " + path
		again := kind == "attempt.started" && len(out) > 0 && out[len(out)-1] == line
		switch kind {
		case "attempt.lost", "outcome.asked", "outcome.given":
		default:
			if !again {
				out = append(out, line)
			}
		}
	}
	if err := rows.Err(); err != nil {
		b.t.Fatal(err)
	}
	return out
}

// shown are the steps as `run show` has them: what went in and came out, without times and ids. Of the ticket's answer
// only what later steps use counts: a person says no more when the outcome was unknown.
func shown(r control.RunOut) []string {
	var out []string
	for _, s := range r.Steps {
		output := string(s.Output)
		if s.Path == "ticket" {
			var o struct {
				Body json.RawMessage `json:"body"`
			}
			_ = json.Unmarshal(s.Output, &o) // an output of another shape differs anyway
			output = strings.ReplaceAll(string(o.Body), " ", "")
		}
		line := fmt.Sprintf("%s %s %s -> %s", s.Path, s.State, s.Input, output)
		out = append(out, idRef.ReplaceAllString(clock.ReplaceAllString(line, "TIME"), "ID"))
	}
	return append(out, r.State)
}
