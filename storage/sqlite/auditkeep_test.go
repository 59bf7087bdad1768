package sqlite_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// audited is a store whose audit has one row a day for 500 days.
func audited(t *testing.T, o sqlite.Options) *sqlite.Store {
	t.Helper()
	s := open(t, o)
	var rows []engine.AuditEntry
	for i := range int64(500) {
		rows = append(rows, engine.AuditEntry{At: i * aDay, Actor: "ann", What: "x", Object: fmt.Sprint(i)})
	}
	if err := s.Audit(bg, rows...); err != nil {
		t.Fatal(err)
	}
	return s
}

var keepAYear = storage.Keep{Audit: 365 * 24 * time.Hour}

func sweepAudit(t *testing.T, s *sqlite.Store, today int64, want int) {
	t.Helper()
	got, err := s.Sweep(bg, keepAYear, today*aDay)
	if err != nil || got.Audit != want {
		t.Fatalf("day %d: %d rows were forgotten (%v), want %d", today, got.Audit, err, want)
	}
}

func verified(t *testing.T, s *sqlite.Store, want int64) {
	t.Helper()
	if rows, err := s.VerifyAudit(bg); err != nil || rows != want {
		t.Fatalf("%d rows are verified (%v), want %d", rows, err, want)
	}
}

func TestTheAuditIsForgottenFromItsBeginningAndSaysSo(t *testing.T) {
	s := audited(t, sqlite.Options{})
	sweepAudit(t, s, 390, 0) // less than a month is old
	verified(t, s, 500)
	sweepAudit(t, s, 500, 135)
	verified(t, s, 366) // and the row that says so
	last, err := s.AuditEntries(bg, 501, 9)
	if err != nil || len(last) != 1 || last[0].What != "audit.forgotten" || !strings.HasPrefix(last[0].Detail, "row=135 hash=") {
		t.Fatalf("%+v (%v)", last, err)
	}
	sweepAudit(t, s, 510, 0)
	sweepAudit(t, s, 540, 40)
	verified(t, s, 327)
	sweepAudit(t, s, 5000, 326) // all but the newest
	verified(t, s, 2)
	if got, err := s.Sweep(bg, storage.Keep{}, 9000*aDay); err != nil || got.Audit != 0 {
		t.Errorf("%d rows are forgotten of what is kept for ever (%v)", got.Audit, err)
	}
}

// A kill, or a full disk, in the middle of forgetting leaves an audit that fits, and the next sweep goes on.
func TestForgettingTheAuditStopsAnywhere(t *testing.T) {
	for n := 1; n <= 4; n++ {
		left := 0
		s := audited(t, sqlite.Options{Fail: func(point string) error {
			if point == "commit" && left > 0 {
				if left--; left == 0 {
					return errors.New("the disk is full")
				}
			}
			return nil
		}})
		left = n
		_, err := s.Sweep(bg, keepAYear, 500*aDay)
		if left > 0 != (err == nil) {
			t.Fatalf("at commit %d: %v", n, err)
		}
		left = 0
		if _, err := s.VerifyAudit(bg); err != nil {
			t.Errorf("at commit %d: %v", n, err)
		}
		if _, err := s.Sweep(bg, keepAYear, 500*aDay); err != nil {
			t.Fatal(err)
		}
		verified(t, s, 366)
	}
}

func TestWhoRemovesTheBeginningOfTheAuditIsFound(t *testing.T) {
	for what, edits := range map[string][]string{
		"more than was forgotten": {`DELETE FROM audit WHERE row < 200`},
		"another row says it":     {`DELETE FROM audit WHERE row < 200`, `UPDATE audit SET detail = 'row=199 hash=00' WHERE row = 501`},
		"nothing says it":         {`DELETE FROM audit WHERE row = 501`},
		"not as it is written":    {`UPDATE audit SET detail = 'row=x' WHERE row = 501`},
		"the first row left":      {`UPDATE audit SET actor = 'eve' WHERE row = 136`},
	} {
		dir := t.TempDir()
		s := audited(t, sqlite.Options{Dir: dir})
		sweepAudit(t, s, 500, 135)
		edit(t, dir, edits...)
		if _, err := s.VerifyAudit(bg); engine.CodeOf(err) != engine.Conflict {
			t.Errorf("%s: %v", what, err)
		}
	}
}
