package sqlite

import (
	"database/sql"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// A database of schema 5 goes on: cards stand, what was put off is handed out when it is due, copies can wait.
func TestUpgradeFromSchema5(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, File))
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 5); err != nil {
		t.Fatal(err)
	}
	triage := engine.Place{Surface: "slack", Workspace: "T1", Channel: "#triage"}
	where, _ := place(triage)
	now := time.Date(2026, 11, 23, 14, 21, 0, 0, time.UTC)
	for _, q := range []string{
		`INSERT INTO notices (id, at, kind, topic, flow, run, number, path, place, thread, data, settled, later, outcome)
			VALUES ('n1', 1, 'ask.wanted', 'ask:r/p', 'f', 'r', 1, 'p', '` + where + `', '', NULL, 0, ` + strconv.FormatInt(engine.Millis(now)+1000, 10) + `, 'later: unavailable')`,
		`INSERT INTO cards (id, key, place, thread, ref, state, hash, card, updated) VALUES ('c1', 'ask:q/p', '` + where + `', '', 'C1/1.2', 'open', 'h', '{}', 1)`,
	} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Options{Dir: dir, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if list, err := s.Undelivered(t.Context(), 10); err != nil || len(list) != 0 {
		t.Errorf("handed out too soon: %+v (%v)", list, err)
	}
	now = now.Add(time.Second)
	list, err := s.Undelivered(t.Context(), 10)
	if err != nil || len(list) != 1 || list[0].Place != triage {
		t.Fatalf("got %+v (%v)", list, err)
	}
	if c, err := s.Card(t.Context(), "ask:q/p", triage); err != nil || c.Ref != "C1/1.2" || c.State != engine.CardOpen {
		t.Errorf("the card is %+v (%v)", c, err)
	}
	err = s.Settle(t.Context(), bot.Settled{Notice: "n1", At: 9, Copies: []bot.Copy{{Key: "ask:r/p", Place: triage, Draft: json.RawMessage(`{}`)}}})
	if err != nil {
		t.Fatal(err)
	}
	if q, err := s.Queues(t.Context()); err != nil || len(q) != 1 || q[0].Count != 1 {
		t.Errorf("got %+v (%v)", q, err)
	}
}
