package sqlite

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
	"github.com/bretelle/bretelle/storage/storagetest"
)

// TestNothingReadsAWholeTable asks SQLite of every statement that the contract's tests, a sweep and a person's data being
// erased make, how it is answered: none goes through all of a table that grows with what the bot has done.
func TestNothingReadsAWholeTable(t *testing.T) {
	seen := map[string]bool{}
	gather := func(s *Store) {
		s.stmts.Range(func(q, _ any) bool { seen[q.(string)] = true; return true })
		if err := s.write(context.Background(), "test", func(t *tx) error {
			for q := range t.w.stmts {
				seen[q] = true
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
	storagetest.Run(t, func(t *testing.T) storagetest.Store {
		s, err := Open(t.Context(), Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			gather(s)
			_ = s.Close()
		})
		return s
	})
	dir := t.TempDir()
	fill(t, dir, 100, 10, 0)
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.Index(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	id, err := s.RunID(t.Context(), 1)
	if err == nil {
		err = s.Erase(t.Context(), id)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Heads(t.Context(), id, 1, 0); err != nil {
		t.Fatal(err)
	}
	if err := s.Audit(t.Context(), make([]engine.AuditEntry, 3)...); err != nil {
		t.Fatal(err)
	}
	for _, look := range looks(s, 100) {
		if _, err := look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Sweep(t.Context(), storage.KeepDefault(), 1<<41); err != nil || got.Runs == 0 || got.Payloads == 0 || got.Audit == 0 {
		t.Fatalf("%+v %v", got, err)
	}
	gather(s)
	for _, query := range slices.Sorted(maps.Keys(seen)) {
		if !strings.Contains("SELECT UPDATE DELETE INSERT", strings.Fields(query)[0]) {
			continue
		}
		plan, err := all(s.reading(t.Context()), `EXPLAIN QUERY PLAN `+query, nulls(query), func(row *sql.Rows) (string, error) {
			var id, parent, unused int
			var detail string
			err := row.Scan(&id, &parent, &unused, &detail)
			return detail, err
		})
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		for _, step := range plan {
			if table, ok := strings.CutPrefix(step, "SCAN "); ok && grows(strings.Fields(table)[0]) && !strings.Contains(step, "USING") && !allowed(query) {
				t.Errorf("%s\nreads all of %s", query, table)
			}
		}
	}
}

// allowed says why a statement may read a whole table.
func allowed(query string) bool {
	for part, why := range map[string]string{
		" DESC LIMIT": "the newest, from the end, until there are enough",
		`SELECT row, at FROM audit ORDER BY row LIMIT 1`: "the first row",
		`what = $1 AND actor = ''`:                       "only where the audit has rows that are old enough to go, or a person has it verified",
		`id NOT IN (SELECT card FROM intents)`:           "once an hour, of cards that are kept for a month",
		`FROM tasks ORDER BY run, path, attempt`:         "at start: what is outstanding",
		`JOIN arrivals a ON a.key = w.key`:               "at start; else a run or a key is named",
		`UPDATE arrivals SET data = NULL WHERE id >=`:    "a person's data is erased: once in a while",
		`UPDATE cards SET card = NULL WHERE`:             "the same",
	} {
		if why != "" && strings.Contains(query, part) {
			return true
		}
	}
	return false
}

// nulls are arguments for a query that is only explained.
func nulls(query string) []any {
	n := 0
	for i := 1; strings.Contains(query, "$"+string(rune('0'+i%10))) && i < 10; i++ {
		n = i
	}
	if strings.Contains(query, "$10") {
		for n = 10; strings.Contains(query, "$1"+string(rune('0'+n%10+1))) && n < 19; n++ {
		}
	}
	return make([]any, n)
}

// grows says that a table has a row for each of something that the bot does.
func grows(table string) bool {
	return slices.Contains([]string{"runs", "r", "journal", "j", "entries", "e", "payloads", "p", "events", "event_payloads", "trigger_keys", "k", "notices", "cards", "copies",
		"messages", "deliveries", "gate_rows", "w", "timers", "tasks", "arrivals", "taken", "calls", "mail", "audit", "a"}, table)
}
