package sqlite_test

import (
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// TestCheckFindsDamage: an index that lost what its table has is damage that no query would tell.
func TestCheckFindsDamage(t *testing.T) {
	dir := t.TempDir()
	s := open(t, sqlite.Options{Dir: dir})
	if err := accept(s, "kept", 3); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("a whole file: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	edit(t, dir, `PRAGMA writable_schema = 1`,
		`UPDATE sqlite_schema SET sql = 'CREATE INDEX runs_flow ON runs(id, number)' WHERE name = 'runs_flow'`)
	s = open(t, sqlite.Options{Dir: dir})
	code(t, s.Check(t.Context()), engine.Unreadable)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
