package sqlite

import (
	"database/sql"
	"strings"
	"testing"
)

// TestNoScans holds the queries that run often, or at start, to their indices: a store of a million runs must start
// and answer as an empty one does.
func TestNoScans(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for query, index := range map[string]string{
		`SELECT id FROM runs WHERE ready = 1 AND flow = 'a' ORDER BY number LIMIT 10`:                                                "runs_ready",
		`SELECT id FROM runs WHERE status IN ('waiting','parked') AND ended = 0 ORDER BY number DESC LIMIT 9`:                        "runs_open",
		`SELECT id FROM runs WHERE flow = 'a' ORDER BY number DESC LIMIT 9`:                                                          "runs_flow",
		`SELECT id FROM runs WHERE number < 9 ORDER BY number DESC LIMIT 9`:                                                          "PRIMARY KEY",
		`SELECT number FROM runs WHERE id = 'a' AND seq = 4`:                                                                         "sqlite_autoindex_runs",
		`UPDATE runs SET ready = 1 WHERE flow = 'a' AND ended = 0 AND status = 'queued' AND ready <> 1`:                              "runs_",
		`SELECT 1 FROM timers WHERE at <= 9 ORDER BY at, run, id LIMIT 9`:                                                            "timers_at",
		`SELECT min(at) FROM timers WHERE at > 9`:                                                                                    "timers_at",
		`SELECT n FROM events WHERE flow = 'a' ORDER BY n DESC LIMIT 9`:                                                              "events_flow",
		`SELECT id FROM notices WHERE settled = 0 AND later <= 9 ORDER BY n LIMIT 9`:                                                 "notices_open",
		`SELECT n FROM cards WHERE state = 'open' AND ('' = '' OR place = '') ORDER BY n DESC LIMIT 9`:                               "cards_open",
		`SELECT key FROM copies WHERE place = 'a' ORDER BY n LIMIT 9`:                                                                "copies_place",
		`SELECT COUNT(*), MIN(CASE WHEN since > 0 THEN since END), MIN(CASE WHEN alone = 1 THEN due END) FROM copies GROUP BY place`: "COVERING INDEX copies_place",
		`SELECT due FROM copies WHERE place = 'a' AND alone = 0 ORDER BY n LIMIT 1`:                                                  "COVERING INDEX copies_place",
		`UPDATE copies SET due = 0 WHERE since > 0 AND alone = 0 AND substr(place, 1, 1) = 'a'`:                                      "copies_failing",
		`SELECT n FROM copies WHERE key = 'a' AND 1 = 1`:                                                                             "sqlite_autoindex_copies",
		`SELECT over FROM copies WHERE over > 0 ORDER BY over, n LIMIT 9`:                                                            "copies_over",
		`SELECT n FROM gate_rows WHERE gate = 1 AND state = 0 AND tell <> 'ousted' ORDER BY n LIMIT 1`:                               "gate_rows_line",
		`SELECT count(*) FROM gate_rows WHERE gate = 1 AND state = 0 AND n > 3 AND n <= 9`:                                           "COVERING INDEX gate_rows_line (gate=? AND state=? AND n>? AND n<?)",
		`SELECT n FROM gate_rows WHERE run = 1 AND run > 0 ORDER BY n`:                                                               "gate_rows_run",
		`SELECT n FROM gate_rows WHERE tell <> '' ORDER BY n LIMIT 9`:                                                                "gate_rows_tell",
		`DELETE FROM gate_rows WHERE gate = 1 AND until > 0 AND until <= 9`:                                                          "gate_rows_until",
		`SELECT n FROM gates WHERE wake > 0 AND wake <= 9 ORDER BY wake, n LIMIT 9`:                                                  "gates_wake",
		`SELECT payload FROM deliveries WHERE surface = 'a' AND done = 0 ORDER BY n LIMIT 9`:                                         "deliveries_open",
		`SELECT n FROM notices WHERE kind = 'step.failed' AND n > 9 ORDER BY n LIMIT 9`:                                              "notices_failed",
		`SELECT 1 FROM payloads WHERE blob = 'a'`:                                                                                    "payloads_blob",
		`SELECT id FROM messages WHERE place = 'a' AND ('' = '' OR within = '') ORDER BY n DESC LIMIT 9`:                             "messages_place",
	} {
		plan, err := all(s.reading(t.Context()), `EXPLAIN QUERY PLAN `+query, nil, func(row *sql.Rows) (string, error) {
			var id, parent, unused int
			var detail string
			err := row.Scan(&id, &parent, &unused, &detail)
			return detail, err
		})
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(plan, "; "); !strings.Contains(text, index) || strings.Contains(text, "TEMP B-TREE") {
			t.Errorf("%s\nis answered by %q, want %s and no sorting", query, text, index)
		}
	}
}
