package enginetest

import (
	"testing"
	"time"

	"github.com/bretelle/bretelle/storage/memory"
)

type memDisk struct{ s *memory.Store }

func (d memDisk) Open(_ testing.TB, now func() time.Time, fail func(string) error) Backend {
	d.s.Now, d.s.Fail = now, fail
	return d.s
}

func TestMemory(t *testing.T) {
	Run(t, Harness{Disk: func(testing.TB, int) Disk { return memDisk{memory.New()} }})
}
