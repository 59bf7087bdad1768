package sqlite

import (
	"context"
	"database/sql"
	flags "flag"
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// long also tries what takes minutes: a million runs.
var long = flags.Bool("long", false, "also try a store of a million runs")

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
	fill(t, dir, runs, 100, 0)
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
