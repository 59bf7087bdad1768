package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/sqlite"
)

func code(t *testing.T, err error, want engine.Code) {
	t.Helper()
	if got := engine.CodeOf(err); got != want {
		t.Fatalf("error is %q (%v), want %q", got, err, want)
	}
}

// held is a store whose writer can be held just before a COMMIT, so that what arrives meanwhile shares the next one.
type held struct {
	*sqlite.Store
	entered, free chan struct{}
	holding       atomic.Bool
	members       atomic.Int64 // asked for, since the last reset
	commits       atomic.Int64
	fail          atomic.Pointer[func(point string) error]
}

func hold(t *testing.T) *held {
	h := &held{entered: make(chan struct{}), free: make(chan struct{})}
	h.Store = open(t, sqlite.Options{
		Fail: func(point string) error {
			if point == "member" {
				h.members.Add(1)
			}
			if f := h.fail.Load(); f != nil {
				return (*f)(point)
			}
			return nil
		},
		Commit: func(_ int, when string) {
			if when != "before" {
				return
			}
			h.commits.Add(1)
			if h.holding.CompareAndSwap(true, false) {
				h.entered <- struct{}{}
				<-h.free
			}
		},
	})
	return h
}

// group runs f(0…n-1) so that they share one transaction, and then(…) just before they may go on.
func (h *held) group(t *testing.T, n int, then func(), f func(i int) error) []error {
	t.Helper()
	errs := make([]error, n)
	h.holding.Store(true)
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := h.SetSetting(context.Background(), "first", "x"); err != nil {
			t.Error(err)
		}
	})
	<-h.entered
	for i := range n {
		wg.Go(func() { errs[i] = f(i) })
	}
	for h.Queued() < n {
		runtime.Gosched() // the others are queueing; nothing tells when they are
	}
	h.members.Store(0)
	h.commits.Store(0)
	then()
	h.free <- struct{}{}
	wg.Wait()
	return errs
}

func setting(s *sqlite.Store, i int) error {
	return s.SetSetting(context.Background(), fmt.Sprint(i), "v")
}

func stored(t *testing.T, s *sqlite.Store, n int) (out []int) {
	t.Helper()
	for i := range n {
		v, err := s.Setting(t.Context(), fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		if v != "" {
			out = append(out, i)
		}
	}
	return out
}

func TestWaitingWritesShareACommit(t *testing.T) {
	h := hold(t)
	for i, err := range h.group(t, 20, func() {}, func(i int) error { return setting(h.Store, i) }) {
		if err != nil {
			t.Errorf("member %d: %v", i, err)
		}
	}
	if n := h.commits.Load(); n != 1 {
		t.Fatalf("%d commits for 20 members, want 1", n)
	}
	if got := stored(t, h.Store, 20); len(got) != 20 {
		t.Fatalf("stored %v", got)
	}
}

func TestAMemberThatRefusesIsUndoneAlone(t *testing.T) {
	h := hold(t)
	errs := h.group(t, 10, func() {}, func(i int) error {
		if i == 4 { // makes the group before it finds that the person is missing
			return h.SetGroup(context.Background(), "half", []string{"nobody"})
		}
		return setting(h.Store, i)
	})
	for i, err := range errs {
		if i == 4 {
			code(t, err, engine.NotFound)
		} else if err != nil {
			t.Errorf("member %d: %v", i, err)
		}
	}
	if n := h.commits.Load(); n != 1 {
		t.Fatalf("%d commits, want 1", n)
	}
	if g, err := h.Groups(t.Context()); err != nil || len(g) != 0 {
		t.Fatalf("groups %v (%v): half a member was stored", g, err)
	}
	if got := stored(t, h.Store, 10); len(got) != 9 {
		t.Fatalf("stored %v, want all but 4", got)
	}
}

func TestAMemberThatBreaksTheTransactionHarmsNobody(t *testing.T) {
	h := hold(t)
	var asked atomic.Int64
	fail := func(point string) error {
		if point == "member" && asked.Add(1) == 5 {
			return errors.New("the disk made a noise")
		}
		return nil
	}
	errs := h.group(t, 10, func() { h.fail.Store(&fail) }, func(i int) error { return setting(h.Store, i) })
	failed := 0
	for i, err := range errs {
		if err != nil {
			code(t, err, engine.Unavailable)
			failed++
			if v, _ := h.Setting(t.Context(), fmt.Sprint(i)); v != "" {
				t.Errorf("member %d failed and was stored", i)
			}
		}
	}
	if got := stored(t, h.Store, 10); failed != 1 || len(got) != 9 {
		t.Fatalf("%d failed, stored %v; want 1 and the other 9", failed, got)
	}
}

func TestAFailingCommitFailsAllItsMembers(t *testing.T) {
	h := hold(t)
	broken := func(point string) error {
		if point == "commit" {
			return errors.New("the disk made a noise")
		}
		return nil
	}
	for _, err := range h.group(t, 10, func() { h.fail.Store(&broken) }, func(i int) error { return setting(h.Store, i) }) {
		code(t, err, engine.Unavailable)
		if strings.Contains(err.Error(), "noise") {
			t.Fatal("the cause is for the log, not for people")
		}
	}
	if got := stored(t, h.Store, 10); len(got) != 0 {
		t.Fatalf("stored %v although the commit failed", got)
	}
	h.fail.Store(nil)
	if err := setting(h.Store, 1); err != nil {
		t.Fatalf("after the fault: %v", err)
	}
}

func TestACallerThatLeavesDoesNotStopAWrite(t *testing.T) {
	h := hold(t)
	ctx, cancel := context.WithCancel(t.Context())
	errs := h.group(t, 1, cancel, func(int) error { return h.SetSetting(ctx, "0", "v") })
	if errs[0] != nil {
		t.Fatalf("begun writes end: %v", errs[0])
	}
	if got := stored(t, h.Store, 1); len(got) != 1 {
		t.Fatal("it was said to be stored, and is not")
	}
	code(t, h.SetSetting(ctx, "1", "v"), engine.Canceled)
}

func TestCloseFinishesWhatWasBegun(t *testing.T) {
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var done atomic.Int64
	for i := range 50 {
		wg.Go(func() {
			if err := setting(s, i); err == nil {
				done.Add(1)
			} else if engine.CodeOf(err) != engine.Unavailable {
				t.Error(err)
			}
		})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	code(t, setting(s, 99), engine.Unavailable)
	if _, err := s.Setting(t.Context(), "1"); err == nil {
		t.Fatal("a closed store answers")
	}
	if err := s.Close(); err != nil {
		t.Fatalf("closing twice: %v", err)
	}
	s = open(t, sqlite.Options{Dir: dir})
	if got := stored(t, s, 50); int64(len(got)) != done.Load() {
		t.Fatalf("%d were acknowledged, %d are stored", done.Load(), len(got))
	}
}
