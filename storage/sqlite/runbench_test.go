//go:build unix

package sqlite_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// spent is the processor time of this process.
func spent() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// wholeRun stores a run of webhook, set, if, http.request as the runtime does while it is busy: what came and the first
// steps, the intent of the call, how it ended.
func wholeRun(s *sqlite.Store, i int64) error {
	id := fmt.Sprintf("01a20bd2-bec6-7263-9e08-%012x", i)
	number, at := s.Number(), int64(1795494690502)+i/3
	input := json.RawMessage(fmt.Sprintf(`{"allow_private":true,"json":{"n":%d,"title":"SOMETHING TO DO","who":"Ada"},"method":"POST","url":"http://127.0.0.1:34469/x"}`, i))
	entry := func(seq int64, kind engine.EntryKind, path, data string) engine.Entry {
		e := engine.Entry{Seq: seq, At: at, Kind: kind, Path: path, Format: 1}
		if data != "" {
			e.Data = json.RawMessage(data)
		}
		return e
	}
	item := local.AcceptItem{Run: id, Outcome: engine.Accepted,
		Event: engine.Event{ID: fmt.Sprintf("01a20bd2-bec6-7bfe-8fda-%012x", i), At: at, Trigger: "webhook.received", Data: map[string]any{
			"body": map[string]any{"action": "opened", "n": i, "priority": 2, "title": "Something to do", "user": map[string]any{"id": 1040, "name": "Ada"}},
			"path": "plain", "method": "POST", "query": map[string]any{}, "headers": map[string]any{"content-length": "110", "content-type": "application/json"}}},
		Head: engine.StartHead{Run: id, Number: number, Flow: "plain", Version: 1, Trigger: "plain:webhook.received:fd1bd3788352", Editor: "operator"},
		Start: &local.Change{Run: id, Expect: 1, Status: engine.RunRunning, At: at, Entries: []engine.Entry{
			entry(2, engine.StepDone, "keep", fmt.Sprintf(`{"n":%d,"title":"SOMETHING TO DO","urgent":false,"who":"Ada"}`, i)),
			entry(3, engine.StepDone, "choose", `{"branch":"then"}`), entry(4, engine.StepStarted, "call", string(input))},
			AddTasks: []engine.Task{{Run: id, Number: number, Flow: "plain", Path: "call", Attempt: 1, Action: "http.request", Input: input,
				Key: id + "/call", Intent: true, Channel: engine.Place{Channel: "#ops"}}}}}
	first, err := storage.FirstEntry(item, number)
	if err != nil {
		return err
	}
	item.First = &first
	if _, err := s.Accept(bg, local.Accepting{Trigger: item.Head.Trigger, Flow: "plain", Version: 1, From: "webhook",
		Items: []local.AcceptItem{item}}); err != nil {
		return err
	}
	task := local.TaskRef{Path: "call", Attempt: 1}
	if err := s.Commit(bg, local.Change{Run: id, Expect: 4, Status: engine.RunRunning, At: at, StartTask: &task,
		Entries: []engine.Entry{entry(5, engine.AttemptStarted, "call", "")}}); err != nil {
		return err
	}
	state := fmt.Appendf(nil, `{"format":1,"seq":7,"at":%d,"head":{"run":%q,"number":%d,"flow":"plain","version":1,"trigger":"plain:webhook.received:fd1bd3788352",`+
		`"editor":"operator"},"run":"done","done":{"call":{"state":"done","seq":6,"input":4,"attempts":1,"set":%d,"at":%d},"choose":{"state":"done","seq":3,"at":%d},`+
		`"keep":{"state":"done","seq":2,"at":%d}},"vars":{"n":2,"title":2,"urgent":2,"who":2}}`, at, id, number, at, at, at, at)
	return s.Commit(bg, local.Change{Run: id, Expect: 5, Status: engine.RunDone, At: at, State: state, DropTasks: []local.TaskRef{task},
		Entries: []engine.Entry{entry(6, engine.StepDone, "call", `{"status":201,"headers":{"content-length":"11","content-type":"application/json"},"body":{"ok":true}}`),
			entry(7, engine.RunEnded, "", "")}})
}

// BenchmarkRun stores whole runs, so many in flight, and tells the processor time and the commits of one.
func BenchmarkRun(b *testing.B) {
	for _, n := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("%d in flight", n), func(b *testing.B) {
			var commits atomic.Int64
			s := open(b, sqlite.Options{Commit: func(n int, _ string) { commits.Store(int64(n)) }})
			b.ResetTimer()
			before := spent()
			inFlight(b, n, func(i int64) error { return wholeRun(s, i) })
			b.ReportMetric(float64(spent()-before)/float64(b.N)/1000, "cpu-µs/op")
			b.ReportMetric(float64(commits.Load())/float64(b.N), "commits/op")
		})
	}
}

// BenchmarkBareRows commits the rows that whole runs leave in batches of 64 through database/sql: what the writer is
// measured against.
func BenchmarkBareRows(b *testing.B) {
	from, to := b.TempDir(), b.TempDir()
	for _, dir := range []string{from, to} {
		s, err := sqlite.Open(b.Context(), sqlite.Options{Dir: dir})
		if err != nil {
			b.Fatal(err)
		}
		for i := range min(b.N, 20_000) {
			if dir == from {
				if err := wholeRun(s, int64(i)); err != nil {
					b.Fatal(err)
				}
			}
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	type table struct {
		insert string
		rows   [][]any
	}
	tables := []*table{{insert: "runs"}, {insert: "journal"}}
	db, err := sql.Open("sqlite", filepath.Join(from, sqlite.File))
	if err != nil {
		b.Fatal(err)
	}
	for _, t := range tables {
		rows, err := db.Query("SELECT * FROM " + t.insert)
		if err != nil {
			b.Fatal(err)
		}
		columns, _ := rows.Columns()
		t.insert = "INSERT INTO " + t.insert + " VALUES (?"
		for range columns[1:] {
			t.insert += ", ?"
		}
		t.insert += ")"
		for rows.Next() {
			row, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range row {
				into[i] = &row[i]
			}
			if err := rows.Scan(into...); err != nil {
				b.Fatal(err)
			}
			t.rows = append(t.rows, row)
		}
	}
	_ = db.Close()
	db, err = sql.Open("sqlite", "file:"+filepath.Join(to, sqlite.File)+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"+
		"&_pragma=secure_delete(1)&_pragma=cache_size(-8000)&_pragma=temp_store(MEMORY)")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(bg)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	do := func(text string) {
		if _, err := conn.ExecContext(bg, text); err != nil {
			b.Fatal(err)
		}
	}
	into := make([]*sql.Stmt, len(tables))
	for i, t := range tables {
		if into[i], err = conn.PrepareContext(bg, t.insert); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	before, open, done := spent(), 0, len(tables[0].rows)
	do("BEGIN IMMEDIATE")
	for k := range done {
		for i, t := range tables {
			n := len(t.rows) / done
			for _, row := range t.rows[k*n : (k+1)*n] {
				if open == 64 {
					do("COMMIT; BEGIN IMMEDIATE")
					open = 0
				}
				if _, err := into[i].ExecContext(bg, row...); err != nil {
					b.Fatal(err)
				}
				open++
			}
		}
	}
	do("COMMIT")
	b.ReportMetric(float64(spent()-before)/float64(done)/1000, "cpu-µs/op")
}
