package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// SQLite begins its log anew only when nobody reads it. Under readers that always overlap it would grow by all that is
// written, 36 MB here.
func TestTheLogStaysBoundedUnderConstantReading(t *testing.T) {
	dir := t.TempDir()
	s := open(t, sqlite.Options{Dir: dir})
	for i := range 100 {
		if err := accept(s, fmt.Sprintf("first%d", i), 2000); err != nil {
			t.Fatal(err)
		}
	}
	stop := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 5 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := s.Runs(bg, local.RunQuery{Limit: 100}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	var most int64
	var mu sync.Mutex
	for w := range 4 {
		writers.Go(func() {
			for i := range 150 {
				if err := accept(s, fmt.Sprintf("r%d-%d", w, i), 60_000); err != nil {
					t.Error(err)
					return
				}
				info, err := os.Stat(filepath.Join(dir, sqlite.File+"-wal"))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				most = max(most, info.Size())
				mu.Unlock()
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	if most > 24<<20 {
		t.Errorf("the log grew to %d MiB", most>>20)
	}
}
