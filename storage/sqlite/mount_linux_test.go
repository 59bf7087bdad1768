package sqlite_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// mount mounts a small file system, or skips the test where that is not allowed.
func mount(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a full disk needs the right to mount a small one: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestFullDisk(t *testing.T) {
	for what, size := range map[string]int{"rows": 2000, "blobs": 100_000} {
		t.Run(what, func(t *testing.T) {
			dir := mount(t, "1200k")
			s := open(t, sqlite.Options{Dir: dir})
			var acknowledged []string
			var full error
			for i := 0; i < 2000 && full == nil; i++ {
				run := fmt.Sprintf("r%d", i)
				if full = accept(s, run, size); full == nil {
					acknowledged = append(acknowledged, run)
				}
			}
			code(t, full, engine.Unavailable)
			if !strings.Contains(full.Error(), "the disk is full") || !strings.Contains(full.Error(), dir) {
				t.Fatalf("the error does not say what is wrong: %v", full)
			}
			for range 3 {
				code(t, accept(s, "more", size), engine.Unavailable)
			}
			if err := unix.Mount("none", dir, "tmpfs", unix.MS_REMOUNT, "size=8m"); err != nil {
				t.Fatal(err)
			}
			if err := accept(s, "after", size); err != nil {
				t.Fatalf("there is room again, without a restart: %v", err)
			}
			for _, run := range append(acknowledged, "after") {
				if e, err := s.Entries(t.Context(), run, 1, 0); err != nil || len(e) != 1 || len(e[0].Data) < size {
					t.Fatalf("acknowledged run %s is not whole (%v)", run, err)
				}
			}
			if _, err := s.Load(t.Context(), "more"); engine.CodeOf(err) != engine.NotFound {
				t.Fatalf("a refused run is there (%v)", err)
			}
			if len(acknowledged) == 0 {
				t.Fatal("the disk was full before anything was stored")
			}
		})
	}
}

func TestReadOnlyDisk(t *testing.T) {
	dir := mount(t, "8m")
	s := open(t, sqlite.Options{Dir: dir})
	if err := accept(s, "r1", 10); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", dir, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, "size=8m"); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, filepath.Join(dir, "new")} {
		_, err := sqlite.Open(t.Context(), sqlite.Options{Dir: d})
		code(t, err, engine.Unavailable)
		if !strings.Contains(err.Error(), "cannot be written") || !strings.Contains(err.Error(), d) {
			t.Fatalf("the error does not say what is wrong: %v", err)
		}
	}
	if err := unix.Mount("none", dir, "tmpfs", unix.MS_REMOUNT, "size=8m"); err != nil {
		t.Fatal(err)
	}
	s = open(t, sqlite.Options{Dir: dir})
	if _, err := s.Load(t.Context(), "r1"); err != nil {
		t.Fatal(err)
	}
}
