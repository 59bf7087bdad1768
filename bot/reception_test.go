package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/memory"
)

// desk is a Reception whose waits are over at once and noted, and whose work is a function.
type desk struct {
	bot.Reception
	mu    sync.Mutex
	waits []time.Duration
	tries map[string]int
	came  chan string
}

func newDesk(work func(id string, try int, late bool) error) *desk {
	d := &desk{tries: map[string]int{}, came: make(chan string, 100)}
	d.Surface, d.Inbox, d.Log = "x", memory.New(), slog.New(slog.DiscardHandler)
	d.After(func(w time.Duration, f func()) {
		d.mu.Lock()
		d.waits = append(d.waits, w)
		d.mu.Unlock()
		go f()
	})
	d.Work = func(_ context.Context, payload json.RawMessage, late bool) error {
		var id string
		if err := json.Unmarshal(payload, &id); err != nil {
			return err
		}
		d.mu.Lock()
		d.tries[id]++
		try := d.tries[id]
		d.mu.Unlock()
		err := work(id, try, late)
		if err == nil {
			d.came <- id
		}
		return err
	}
	return d
}

func (d *desk) take(t *testing.T, lane, id string) {
	t.Helper()
	payload, err := json.Marshal(id)
	if err != nil {
		t.Fatal(err)
	}
	if fresh, err := d.Keep(t.Context(), id, payload); err != nil || !fresh {
		t.Fatalf("%s: fresh %v, %v", id, fresh, err)
	}
	d.Begin(t.Context(), lane, id, payload)
}

func (d *desk) wait(t *testing.T, n int) (out []string) {
	t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for range n {
		select {
		case id := <-d.came:
			out = append(out, id)
		case <-limit.C:
			t.Fatalf("only %v were worked off", out)
		}
	}
	return out
}

// A delivery that cannot be worked off for long holds its lane up for a while, lets it go on, and is worked off in this
// life all the same: what is acknowledged does not wait for a restart.
func TestReceptionGoesOn(t *testing.T) {
	d := newDesk(func(id string, try int, late bool) error {
		if id == "sick" && try < 12 {
			if late != (try > 5) {
				return fmt.Errorf("try %d: late %v", try, late)
			}
			return engine.E(engine.Unavailable, "not now")
		}
		return nil
	})
	d.take(t, "a", "sick")
	d.take(t, "a", "well")
	if got := d.wait(t, 2); !slices.Equal(got, []string{"well", "sick"}) {
		t.Errorf("worked off: %v", got)
	}
	d.Close(t.Context())
	if left, err := d.Inbox.Unworked(t.Context(), "x", 10); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	want := []time.Duration{2e9, 2e9, 2e9, 2e9, 30e9, 60e9, 120e9, 240e9, 480e9, 600e9, 600e9}
	if !slices.Equal(d.waits, want) {
		t.Errorf("it waited %v", d.waits)
	}
}

// A platform that wants a long pause for one delivery does not hold the others of its lane up.
func TestReceptionLongPause(t *testing.T) {
	d := newDesk(func(id string, try int, _ bool) error {
		if id == "slow" && try == 1 {
			e := engine.E(engine.Throttled, "slower")
			e.After = time.Hour
			return e
		}
		return nil
	})
	var later []func()
	d.After(func(w time.Duration, f func()) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.waits, later = append(d.waits, w), append(later, f)
	})
	d.take(t, "a", "slow")
	d.take(t, "a", "next")
	if got := d.wait(t, 1); got[0] != "next" {
		t.Errorf("first came %v", got)
	}
	d.mu.Lock()
	if len(later) != 1 || d.waits[0] != time.Hour {
		t.Fatalf("waits %v", d.waits)
	}
	d.mu.Unlock()
	later[0]()
	if got := d.wait(t, 1); got[0] != "slow" {
		t.Errorf("then came %v", got)
	}
}

// After Close what waits for its turn stays in the inbox.
func TestReceptionClosed(t *testing.T) {
	d := newDesk(func(string, int, bool) error { return engine.E(engine.Unavailable, "not now") })
	var later []func()
	tried := make(chan struct{}, 10)
	d.After(func(_ time.Duration, f func()) { later = append(later, f); tried <- struct{}{} })
	d.take(t, "a", "one")
	<-tried
	closed, cancel := context.WithCancel(t.Context())
	cancel() // its lane waits: that is not waited for
	d.Close(closed)
	if left, err := d.Inbox.Unworked(t.Context(), "x", 10); err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// shaky stores and says that it did not.
type shaky struct {
	bot.Inbox
	left int
}

func (s *shaky) Keep(ctx context.Context, surface, id string, payload json.RawMessage, at int64) (bool, error) {
	fresh, err := s.Inbox.Keep(ctx, surface, id, payload, at)
	if s.left--; s.left >= 0 {
		return false, engine.E(engine.Unavailable, "no answer from the disk")
	}
	return fresh, err
}

// What may have been kept is fresh when it comes again, once.
func TestReceptionDoubt(t *testing.T) {
	r := bot.Reception{Surface: "x", Inbox: &shaky{Inbox: memory.New(), left: 2}}
	for i, want := range []struct{ fresh, failed bool }{{false, true}, {false, true}, {true, false}, {false, false}} {
		fresh, err := r.Keep(t.Context(), "one", json.RawMessage(`1`))
		if fresh != want.fresh || (err != nil) != want.failed {
			t.Errorf("time %d: fresh %v, %v", i, fresh, err)
		}
	}
}
