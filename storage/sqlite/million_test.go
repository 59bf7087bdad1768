package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	flags "flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
)

// long also tries what takes minutes: a million runs.
var long = flags.Bool("long", false, "also try a store of a million runs")

// fill makes a database as a bot leaves it after so many runs: five flows, one of them with nine runs in ten, each run
// with six entries and what its event said; one in 5,000 failed, one in a thousand cancelled, and so many parked, waiting
// for a person. Journals are written as before migration 10, which is the longer form. It writes past the store's writer, in large transactions: only what lies there counts.
func fill(t testing.TB, dir string, runs, parked int) {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", dsn(filepath.Join(dir, File), map[string][]string{"_pragma": {"synchronous(OFF)", "journal_mode(OFF)", "cache_size(-200000)"}}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	put := map[string]*sql.Stmt{}
	do := func(query string, args ...any) {
		st := put[query]
		if st == nil {
			if st, err = tx.Prepare(query); err != nil {
				t.Fatalf("%s: %v", query, err)
			}
			put[query] = st
		}
		if _, err := st.Exec(args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	for i := range 5 {
		do(`INSERT INTO flows (name, title, state, live, place, thread, owner, trigger, changed, draft_rev, draft_by, revision)
			VALUES ($1, $1, 'live', 1, '', '', '', '', 0, 0, '', 0)`, fmt.Sprint("flow", i))
	}
	do(`INSERT INTO triggers (n, id) VALUES (1, 't')`)
	for n := 1; n <= runs; n++ {
		flow := "flow0"
		if n%10 == 0 {
			flow = fmt.Sprint("flow", 1+n/10%4)
		}
		at, ended, status, ready := int64(n)*1000, int64(n)*1000+40, "done", 0
		switch {
		case n%(runs/parked) == 0:
			ended, status = 0, "waiting"
		case n%5000 == 3:
			status = "failed"
		case n%1000 == 7:
			status = "cancelled"
		}
		run := fmt.Sprintf("0190a000-0000-7000-8000-%012d", n)
		do(`INSERT INTO runs (number, id, flow, version, status, ready, seq, state, trigger, key, by, started, ended, reason)
			VALUES ($1, $2, $3, 1, $4, $5, 6, $6, 'webhook.received', $7, '', $8, $9, '')`, n, run, flow, status, ready, make([]byte, 60), fmt.Sprint("order-", n), at, ended)
		for seq := 1; seq <= 6; seq++ {
			do(`INSERT INTO entries (run, seq, at, kind, path, attempt, by, format, head) VALUES ($1, $2, $3, 'step.done', 'step', 1, '', 1, '{}')`, n, seq, at)
		}
		do(`INSERT INTO payloads (run, seq, data) VALUES ($1, 1, $2)`, n, fmt.Sprintf(`{"at":%d,"data":{"body":{"customer":"Customer %d","mail":"c%d@example.org","total":%d}},"id":"e%d"}`,
			at, n%1000, n, n%97, n))
		do(`INSERT INTO payloads (run, seq, data) VALUES ($1, 3, '{"status":201}')`, n)
		do(`INSERT INTO events (id, flow, trigger, kind, key, at, outcome, reason, source, run, after) VALUES ($1, $2, 't', 'webhook.received', $3, $4, 'accepted', '', 'webhook', $5, $5)`,
			fmt.Sprint("e", n), flow, fmt.Sprint("order-", n), at, n)
		do(`INSERT INTO trigger_keys (trigger, key, event, run, at) VALUES (1, $1, $2, $3, $4)`, fmt.Sprint("order-", n), fmt.Sprint("e", n), n, at)
		if status == "waiting" {
			do(`INSERT INTO timers (run, id, at) VALUES ($1, 'expire', $2)`, n, int64(1)<<50)
			do(`INSERT INTO cards (id, key, place, thread, ref, state, hash, card, updated) VALUES ($1, $1, '', '', $1, 'open', '', '{}', 0)`, fmt.Sprint("card", n))
		}
		do(`INSERT INTO notices (id, at, kind, topic, flow, run, number, path, place, thread, data, settled, later, outcome)
			VALUES ($1, $2, 'run.done', '', $3, $4, $5, '', '', '', NULL, $2, 0, 'told')`, fmt.Sprint("n", n), at, flow, run, n)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// looks are the lists and pages that people open, and what the bot reads when it starts.
func looks(s *Store, runs int) map[string]func(ctx context.Context) (int, error) {
	list := func(q local.RunQuery) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			l, err := s.Runs(ctx, q)
			return len(l), err
		}
	}
	middle := int64(runs / 2)
	return map[string]func(context.Context) (int, error){
		"runs":                        list(local.RunQuery{}),
		"runs, a page in the middle":  list(local.RunQuery{Before: middle}),
		"runs of a flow":              list(local.RunQuery{Flow: "flow2"}),
		"runs of a flow, middle":      list(local.RunQuery{Flow: "flow0", Before: middle}),
		"runs that failed":            list(local.RunQuery{States: []engine.RunState{engine.RunFailed}}),
		"runs that failed, of a flow": list(local.RunQuery{Flow: "flow0", States: []engine.RunState{engine.RunFailed, engine.RunStopped}}),
		"runs that are done, of one":  list(local.RunQuery{Flow: "flow3", States: []engine.RunState{engine.RunDone}}),
		"runs under way":              list(local.RunQuery{States: []engine.RunState{engine.RunQueued, engine.RunRunning}}),
		"pending":                     list(local.RunQuery{States: []engine.RunState{engine.RunWaiting, engine.RunParked, engine.RunUnknown}, Limit: 1000}),
		"pending of a flow":           list(local.RunQuery{Flow: "flow1", States: []engine.RunState{engine.RunWaiting}}),
		"search: one run":             list(local.RunQuery{Text: fmt.Sprintf("c%d@example.org", middle)}),
		"search: a customer":          list(local.RunQuery{Text: "customer 77"}),
		"search: what all have":       list(local.RunQuery{Text: "example org"}),
		"search: a beginning":         list(local.RunQuery{Text: "c123*"}),
		"search: in a flow":           list(local.RunQuery{Text: "customer", Flow: "flow4"}),
		"search: what failed":         list(local.RunQuery{Text: "customer", States: []engine.RunState{engine.RunFailed}}),
		"search: nothing":             list(local.RunQuery{Text: "nowhere"}),
		"events of a flow, why":       func(ctx context.Context) (int, error) { l, err := s.Events(ctx, "flow0", 20); return len(l), err },
		"a run by its number": func(ctx context.Context) (int, error) {
			id, err := s.RunID(ctx, middle)
			if err != nil {
				return 0, err
			}
			l, err := s.Entries(ctx, id, 1, 0)
			return len(l), err
		},
		"ready":       func(ctx context.Context) (int, error) { l, err := s.Ready(ctx, "", 256); return len(l), err },
		"tasks":       func(ctx context.Context) (int, error) { l, err := s.Tasks(ctx); return len(l), err },
		"due":         func(ctx context.Context) (int, error) { l, _, err := s.Due(ctx, 1<<40, 256); return len(l), err },
		"undelivered": func(ctx context.Context) (int, error) { l, err := s.Undelivered(ctx, 1000); return len(l), err },
		"open cards": func(ctx context.Context) (int, error) {
			l, err := s.OpenCards(ctx, engine.Place{}, 50)
			return len(l), err
		},
		"cursor":   func(ctx context.Context) (int, error) { _, err := s.Cursor(ctx, "t"); return 0, err },
		"restored": func(ctx context.Context) (int, error) { _, _, err := s.Restored(ctx, ""); return 0, err },
	}
}

// TestLooks tries every look on a small store: each finds what it should.
func TestLooks(t *testing.T) {
	const runs = 5000
	dir := t.TempDir()
	fill(t, dir, runs, 100)
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if n, err := s.Index(t.Context(), 0); err != nil || n != runs {
		t.Fatal(n, err)
	}
	want := map[string]int{"ready": 0, "tasks": 0, "due": 0, "undelivered": 0, "restored": 0, "cursor": 0, "search: nothing": 0,
		"runs under way": 0, "runs that failed": 1, "runs that failed, of a flow": 1, "search: one run": 1, "search: what failed": 1,
		"search: a beginning": 11, "pending": 100, "pending of a flow": 25, "open cards": 50, "events of a flow, why": 20, "a run by its number": 6}
	for what, look := range looks(s, runs) {
		n, err := look(t.Context())
		w, known := want[what]
		if !known {
			w = 50
		}
		if err != nil || n != w {
			t.Errorf("%s finds %d (%v), want %d", what, n, err, w)
		}
	}
}

// TestRunListsHaveIndices holds the lists of runs, as they are really asked for, to their indices.
func TestRunListsHaveIndices(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	states := func(list ...engine.RunState) []engine.RunState { return list }
	for _, c := range []struct {
		q    local.RunQuery
		want string
	}{
		{local.RunQuery{}, "SCAN runs"}, // newest first, as they lie, until there are enough
		{local.RunQuery{Before: 9}, "INTEGER PRIMARY KEY"},
		{local.RunQuery{Flow: "a"}, "INDEX runs_flow"},
		{local.RunQuery{Flow: "a", Before: 9}, "INDEX runs_flow"},
		{local.RunQuery{States: states(engine.RunFailed)}, "INDEX runs_ends"},
		{local.RunQuery{States: states(engine.RunFailed, engine.RunCancelled), Flow: "a", Before: 9}, "INDEX runs_ends"},
		{local.RunQuery{States: states(engine.RunWaiting, engine.RunQueued)}, "INDEX runs_open"},
		{local.RunQuery{Text: "ann"}, "VIRTUAL TABLE INDEX"},
		{local.RunQuery{Text: "ann be*", Flow: "a", States: states(engine.RunDone), Before: 9}, "VIRTUAL TABLE INDEX"},
	} {
		query, args := runsQuery(c.q)
		plan, err := all(s.reading(t.Context()), `EXPLAIN QUERY PLAN `+query, args, func(row *sql.Rows) (string, error) {
			var id, parent, unused int
			var detail string
			err := row.Scan(&id, &parent, &unused, &detail)
			return detail, err
		})
		if err != nil {
			t.Fatal(query, err)
		}
		text := strings.Join(plan, "; ")
		if !strings.Contains(text, c.want) || strings.Contains(text, "TEMP B-TREE") || c.q.Text != "" && strings.Contains(text, "SCAN runs ") {
			t.Errorf("%+v is answered by %q, want %s", c.q, text, c.want)
		}
	}
}

// TestMillionRuns is the store's part of F-16: with a million runs in it every list and every page is there within
// 200 ms, and the store opens and says what is left to do within seconds.
func TestMillionRuns(t *testing.T) {
	if !*long {
		t.Skip("with -long: it takes minutes")
	}
	const runs = 1_000_000
	dir := t.TempDir()
	began := time.Now()
	fill(t, dir, runs, 20_000)
	t.Logf("%d runs made in %s", runs, time.Since(began).Round(time.Second))
	began = time.Now()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, what := range []string{"ready", "tasks", "due", "undelivered", "pending"} {
		if _, err := looks(s, runs)[what](t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(began)
	t.Logf("opened in %s", took)
	if took > 5*time.Second {
		t.Errorf("it took %s until all that is left was known", took)
	}
	began = time.Now()
	if n, err := s.Index(t.Context(), 0); err != nil || n != runs {
		t.Fatal(n, err)
	}
	t.Logf("findable in %s", time.Since(began).Round(time.Second))
	sp, err := s.Space(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes a run", sp.File/runs)
	for what, look := range looks(s, runs) {
		var times []time.Duration
		n := 0
		for range 5 {
			began := time.Now()
			if n, err = look(t.Context()); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			times = append(times, time.Since(began))
		}
		slices.Sort(times)
		t.Logf("%-30s %5d rows  %8s (at first %s)", what, n, times[2].Round(10*time.Microsecond), times[4].Round(10*time.Microsecond))
		if times[2] > 200*time.Millisecond {
			t.Errorf("%s takes %s", what, times[2])
		}
	}
	began = time.Now()
	swept, err := s.Sweep(t.Context(), storage.KeepDefault(), int64(runs)*1000+91*24*3600*1000-990_000_000)
	t.Logf("swept %+v in %s (%v)", swept, time.Since(began).Round(time.Millisecond), err)
	b, _ := json.Marshal(sp)
	t.Log(string(b))
}
