package sqlite_test

import (
	"testing"

	"github.com/bretelle/bretelle/storage/sqlite"
	"github.com/bretelle/bretelle/storage/storagetest"
)

func open(t testing.TB, o sqlite.Options) *sqlite.Store {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	s, err := sqlite.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	for name, batch := range map[string]int{"batch 1": 1, "batch 64": 64} {
		t.Run(name, func(t *testing.T) {
			storagetest.Run(t, func(t *testing.T) storagetest.Store { return open(t, sqlite.Options{Batch: batch}) })
		})
	}
}
