package local

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// Looks of a watch at two clocks: what it tells, and how long and of what it holds expiries.
func TestWatch(t *testing.T) {
	for _, c := range []struct {
		name  string
		looks []string // time that passed, and how far the clock was moved in it
		told  string
		held  time.Duration // what a timer may be due early by and is still held
		left  time.Duration
	}{
		{"nobody moves it", []string{"1m +0s", "8h +0s"}, "", 0, 0},
		{"little by little", []string{"1m +1m", "1m -1m", "1m +50s", "1m +50s"}, "", 0, 0},
		{"an hour on", []string{"1m +1h"}, "+1h", time.Hour, HoldFor},
		{"and time passes", []string{"1m +1h", "4m +0s"}, "+1h", time.Hour, 6 * time.Minute},
		{"and the grace is over", []string{"1m +1h", "10m +0s"}, "+1h", 0, 0},
		{"twice", []string{"1m +1h", "4m +2h"}, "+1h +2h", 3 * time.Hour, HoldFor},
		{"a night asleep", []string{"1s +8h"}, "+8h", 8 * time.Hour, HoldFor},
		{"put right", []string{"1m +1h", "2m -1h"}, "+1h right", 0, 0},
		{"nearly right", []string{"1m +1h", "2m -3630s"}, "+1h right", 0, 0},
		{"half right", []string{"1m +2h", "2m -1h"}, "+2h -1h", time.Hour, 8 * time.Minute},
		{"too far back", []string{"1m +1h", "2m -3h"}, "+1h -3h", 0, 0},
		{"put right too late", []string{"1m +1h", "11m -1h"}, "+1h -1h", 0, 0},
		{"back", []string{"1m -1h"}, "-1h", 0, 0},
		{"back and forth", []string{"1m -1h", "1m +1h"}, "-1h +1h", time.Hour, HoldFor},
	} {
		t.Run(c.name, func(t *testing.T) {
			now, since := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), time.Duration(0)
			w := watch{read: func() (time.Time, time.Duration) { return now, since }}
			w.look()
			for _, l := range c.looks {
				passed, moved, _ := strings.Cut(l, " ")
				p, m := must(time.ParseDuration(passed)), must(time.ParseDuration(moved))
				now, since = now.Add(p+m), since+p
				if got := w.look(); got != engine.Millis(now) {
					t.Errorf("the time is %d, not %d", got, engine.Millis(now))
				}
			}
			var told []string
			for _, d := range w.told {
				s := fmt.Sprintf("%+dh", d.By/3600e3)
				if d.Right {
					s = "right"
				}
				told = append(told, s)
				if d.To-d.From != d.By || d.Since == 0 || (d.Held > 0) != (d.By > 0 || c.name == "half right") {
					t.Errorf("%+v", d)
				}
			}
			if got := strings.Join(told, " "); got != c.told {
				t.Errorf("told %q, wanted %q", got, c.told)
			}
			if w.left() != c.left {
				t.Errorf("held for %s", w.left())
			}
			at := engine.Millis(now.Add(-c.held))
			for id, held := range map[string]bool{"expire:a": true, "limit:": true, "limit:a[0]/b": true, "wait:a": false, "retry:a": false, "remind:a": false} {
				if got := w.holds(Timer{ID: id, At: at + 1}, engine.Millis(now)); got != (held && c.held > 0) {
					t.Errorf("%s is held: %t", id, got)
				}
				if w.holds(Timer{ID: id, At: at}, engine.Millis(now)) {
					t.Errorf("%s is held although its time is over without the jump", id)
				}
			}
		})
	}
}

// Of real times, the monotonic clock that they carry is what nobody sets.
func TestWatchOfRealTimes(t *testing.T) {
	moved := time.Duration(0)
	r, err := New(Options{Store: struct{ Store }{}, Flows: struct{ Flows }{}, Performer: struct{ engine.Performer }{}, Now: func() time.Time {
		t := time.Now().Add(moved) // moves both clocks
		return t
	}})
	if err != nil {
		t.Fatal(err)
	}
	moved = 5 * time.Hour
	r.watch.look()
	if r.watch.left() != 0 || len(r.watch.told) != 0 || r.Leapt() {
		t.Errorf("time that passed is a jump: %+v", r.watch.told)
	}
}

// By a clock that is years ahead nothing is forgotten, for a day or until it is put right.
func TestLeapt(t *testing.T) {
	now, since := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), time.Duration(0)
	r := &Runtime{watch: watch{read: func() (time.Time, time.Duration) { return now, since }}}
	pass := func(passed, moved time.Duration, want bool) {
		t.Helper()
		now, since = now.Add(passed+moved), since+passed
		if got := r.Leapt(); got != want {
			t.Errorf("leapt: %t", got)
		}
	}
	const day = 24 * time.Hour
	pass(0, 0, false)
	pass(time.Minute, 8*time.Hour, false)
	pass(time.Hour, 0, false)
	pass(time.Minute, 3650*day, true)
	pass(23*time.Hour, 0, true)
	pass(time.Hour, 0, false)
	pass(time.Minute, 10*day, true)
	pass(time.Hour, -10*day, false)
}

func must(d time.Duration, err error) time.Duration {
	if err != nil {
		panic(err)
	}
	return d
}
