package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/bretelle/bretelle/storage/memory"
	"github.com/bretelle/bretelle/storage/sqlite"
)

type memoryDisk struct{ s *memory.Store }

func (d memoryDisk) Open(_ testing.TB, now func() time.Time, fail func(string) error) Backend {
	d.s.Now, d.s.Fail = now, fail
	return d.s
}

func overMemory(testing.TB, int) Disk { return memoryDisk{memory.New()} }

type sqliteDisk struct {
	dir   string
	batch int
	s     *sqlite.Store
}

func (d *sqliteDisk) Open(t testing.TB, now func() time.Time, fail func(string) error) Backend {
	t.Helper()
	d.close(t)
	s, err := sqlite.Open(context.Background(), sqlite.Options{Dir: d.dir, Batch: d.batch, Now: now, Fail: fail})
	if err != nil {
		t.Fatal(err)
	}
	d.s = s
	return s
}

func (d *sqliteDisk) close(t testing.TB) {
	if d.s == nil {
		return
	}
	if err := d.s.Close(); err != nil {
		t.Error(err)
	}
	d.s = nil
}

func overSQLite(t testing.TB, batch int) Disk {
	d := &sqliteDisk{dir: t.TempDir(), batch: batch}
	t.Cleanup(func() { d.close(t) })
	return d
}

func TestMemory(t *testing.T) { Run(t, Harness{Disk: overMemory}) }

func TestSQLite(t *testing.T) { Run(t, Harness{Disk: overSQLite}) }

func BenchmarkMemory(b *testing.B) { Bench(b, Harness{Disk: overMemory}) }

func BenchmarkSQLite(b *testing.B) { Bench(b, Harness{Disk: overSQLite}) }
