//go:build linux && amd64

package sqlite_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"

	"modernc.org/libc"
	codes "modernc.org/sqlite/lib"
)

// badDisk is a layer of SQLite over the usual one that fails at a write or a sync of the files whose names end so.
type badDisk struct {
	name string
	vfs  uintptr
	keep []any // functions that C memory points to

	mu     sync.Mutex
	left   int    // writes until the one that fails; 0: none does
	short  bool   // half of it is written all the same
	syncs  bool   // syncs fail, all of them
	ends   string // of names
	files  map[uintptr]string
	failed int
}

type (
	openFunc  = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32
	writeFunc = func(tls *libc.TLS, file, from uintptr, n int32, at int64) int32
	syncFunc  = func(tls *libc.TLS, file uintptr, flags int32) int32
)

// pointer and function go between Go functions and what SQLite's translation takes for function pointers.
func pointer(keep *[]any, f any) uintptr {
	*keep = append(*keep, f)
	return (*[2]uintptr)(unsafe.Pointer(&(*keep)[len(*keep)-1]))[1]
}

func function[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&struct{ uintptr }{p})) }

func newBadDisk(t *testing.T) *badDisk {
	t.Helper()
	d := &badDisk{name: "bad-" + strings.ReplaceAll(t.Name(), "/", "-"), files: map[uintptr]string{}}
	tls := libc.NewTLS()
	usual := codes.Xsqlite3_vfs_find(tls, 0)
	size := unsafe.Sizeof(codes.Tsqlite3_vfs{})
	d.vfs = libc.Xmalloc(tls, libc.Tsize_t(size))
	vfs := at[codes.Tsqlite3_vfs](d.vfs)
	*vfs = *at[codes.Tsqlite3_vfs](usual)
	name, err := libc.CString(d.name)
	if err != nil {
		t.Fatal(err)
	}
	vfs.FzName, vfs.FpNext = name, 0
	open := function[openFunc](vfs.FxOpen)
	methods := map[uintptr]uintptr{} // of the usual layer → ours
	vfs.FxOpen = pointer(&d.keep, openFunc(func(tls *libc.TLS, _, name, file uintptr, flags int32, out uintptr) int32 {
		rc := open(tls, usual, name, file, flags, out)
		if rc != codes.SQLITE_OK {
			return rc
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.files[file] = ""
		if name != 0 {
			d.files[file] = libc.GoString(name)
		}
		theirs := *at[uintptr](file)
		ours := methods[theirs]
		if ours == 0 {
			ours = d.wrap(tls, theirs)
			methods[theirs] = ours
		}
		*at[uintptr](file) = ours
		return rc
	}))
	if rc := codes.Xsqlite3_vfs_register(tls, d.vfs, 0); rc != codes.SQLITE_OK {
		t.Fatal(rc)
	}
	t.Cleanup(func() { codes.Xsqlite3_vfs_unregister(tls, d.vfs) })
	return d
}

// wrap copies the methods of a kind of file with two of ours among them.
func (d *badDisk) wrap(tls *libc.TLS, theirs uintptr) uintptr {
	ours := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(codes.Tsqlite3_io_methods{})))
	m := at[codes.Tsqlite3_io_methods](ours)
	*m = *at[codes.Tsqlite3_io_methods](theirs)
	write, sync := function[writeFunc](m.FxWrite), function[syncFunc](m.FxSync)
	m.FxWrite = pointer(&d.keep, writeFunc(func(tls *libc.TLS, file, from uintptr, n int32, at int64) int32 {
		fails, short := d.fails(file)
		if !fails {
			return write(tls, file, from, n, at)
		}
		if short {
			_ = write(tls, file, from, n/2, at)
			return codes.SQLITE_IOERR_WRITE
		}
		return codes.SQLITE_IOERR_WRITE
	}))
	m.FxSync = pointer(&d.keep, syncFunc(func(tls *libc.TLS, file uintptr, flags int32) int32 {
		d.mu.Lock()
		fails := d.syncs && strings.HasSuffix(d.files[file], d.ends)
		d.mu.Unlock()
		if fails {
			return codes.SQLITE_IOERR_FSYNC
		}
		return sync(tls, file, flags)
	}))
	return ours
}

func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

func (d *badDisk) fails(file uintptr) (fails, short bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left == 0 || !strings.HasSuffix(d.files[file], d.ends) {
		return false, false
	}
	d.left--
	if d.left == 0 {
		d.failed++
	}
	return d.left == 0, d.short
}

// set says what is to go wrong from now on; n 0 is nothing.
func (d *badDisk) set(ends string, n int, short, syncs bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ends, d.left, d.short, d.syncs = ends, n, short, syncs
}

// TestBadDisk is F-4: whichever write to the log or the database fails, wholly or after half of it, what was acknowledged
// is there, what was not is there whole or not at all, and it works again as soon as the disk does.
func TestBadDisk(t *testing.T) {
	d := newBadDisk(t)
	hit := 0
	for _, ends := range []string{"-wal", ".db"} {
		for _, short := range []bool{false, true} {
			for n := 1; n <= 12; n++ {
				d.set("", 0, false, false)
				before := d.failed
				whole(t, d, fmt.Sprintf("write %d to %s, short %v", n, ends, short), func() { d.set(ends, n, short, false) })
				hit += d.failed - before
			}
		}
	}
	d.set("", 0, false, false)
	whole(t, d, "syncs fail", func() { d.set("-wal", 0, false, true) })
	d.set("", 0, false, false)
	if hit < 20 {
		t.Errorf("only %d writes failed: this tries nothing", hit)
	}
}

// whole works while the disk goes bad, lets it mend, and looks at what is there.
func whole(t *testing.T, d *badDisk, what string, spoil func()) {
	t.Helper()
	dir := t.TempDir()
	s, err := sqlite.Open(bg, sqlite.Options{Dir: dir, VFS: d.name})
	if err != nil {
		t.Fatal(what, err)
	}
	acked, refused := map[string]bool{}, 0
	spoil()
	for i := range 8 {
		run := fmt.Sprint("r", i)
		err := accept(s, run, 3000)
		if acked[run] = err == nil; err != nil {
			refused++
			if c := engine.CodeOf(err); c != engine.Unavailable {
				t.Errorf("%s: %v (%s)", what, err, c)
			}
		}
	}
	d.set("", 0, false, false)
	if err := accept(s, "after", 10); err != nil {
		t.Errorf("%s: it does not work again: %v", what, err)
	}
	if refused > 1 && !strings.Contains(what, "syncs") {
		t.Errorf("%s: one failing write refused %d runs", what, refused)
	}
	if err := s.Close(); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	integrity(t, dir)
	s = open(t, sqlite.Options{Dir: dir})
	list, err := s.Runs(bg, local.RunQuery{Limit: 100})
	if err != nil {
		t.Fatal(what, err)
	}
	there := map[string]bool{}
	for _, h := range list {
		there[h.ID] = true
		if e, err := s.Entries(bg, h.ID, 1, 0); err != nil || len(e) != 1 || e[0].Data == nil {
			t.Errorf("%s: run %s is half there (%v)", what, h.ID, err)
		}
	}
	for run, ok := range acked {
		if ok && !there[run] {
			t.Errorf("%s: run %s was acknowledged and is lost", what, run)
		}
	}
}
