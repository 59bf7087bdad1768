package intake_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/all"
	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/engine"
)

const tickFlow = `flow: tick
timezone: Europe/Zurich
channel: "#ops"
trigger:
  on: schedule.tick
  with: {WITH}
steps:
  - id: note
    set: {at: "{{ event.scheduled }}"}
`

func ticking(with string) string { return strings.Replace(tickFlow, "WITH", with, 1) }

// ticks are the scheduled times that started runs, with "!" behind those that were made up.
func ticks(w *world) string {
	var out []string
	for _, e := range w.events("tick", engine.Accepted, engine.Queued) {
		at, _ := e.Event.Data["scheduled"].(string)
		s := at[5:16]
		if missed, _ := e.Event.Data["missed"].(bool); missed {
			s += "!"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestTicks(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		s := intake.NewSchedules(w.loop())
		w.publish(ticking(`at: "every day at 9:30"`))
		pass := func(to string) time.Time {
			t.Helper()
			at, err := time.Parse("2006-01-02T15:04", "2026-"+to)
			if err != nil {
				t.Fatal(err)
			}
			w.now = at
			return s.Pass(ctx)
		}
		want := func(list string) {
			t.Helper()
			if got := ticks(w); got != list {
				t.Fatalf("at %s: %q, wanted %q", w.now, got, list)
			}
		}
		if next := pass("03-02T08:00"); next.Format("15:04") != "08:30" {
			t.Errorf("next is %s", next)
		}
		pass("03-02T08:29")
		want("")
		pass("03-02T08:30")
		pass("03-02T08:31")
		want("03-02T08:30")
		w.restart()
		s = intake.NewSchedules(w.loop())
		pass("03-02T08:30") // the clock went back a little
		pass("03-03T08:30")
		want("03-02T08:30 03-03T08:30")
		w.now = w.now.AddDate(0, 0, 2)
		if n := s.Missed(ctx); n != 1 {
			t.Errorf("%d schedules missed a time", n)
		}
		pass("03-06T12:00") // three days missed: one is made up
		if n := s.Missed(ctx); n != 0 {
			t.Errorf("%d schedules missed a time", n)
		}
		want("03-02T08:30 03-03T08:30 03-06T08:30!")
		pass("03-05T12:00") // the clock is set back a day: nothing comes twice
		pass("03-06T08:30")
		pass("03-07T08:30")
		want("03-02T08:30 03-03T08:30 03-06T08:30! 03-07T08:30")
		w.state("tick", engine.FlowPaused)
		pass("03-08T08:30")
		pass("03-09T08:30")
		want("03-02T08:30 03-03T08:30 03-06T08:30! 03-07T08:30")
		w.state("tick", engine.FlowLive)
		pass("03-09T12:00")
		want("03-02T08:30 03-03T08:30 03-06T08:30! 03-07T08:30 03-09T08:30!")
		w.publish(strings.Replace(ticking(`at: "every day at 9:30"`), "channel", "title: Daily\nchannel", 1)) // the same schedule
		pass("03-10T08:30")
		w.publish(ticking(`every: 4h, missed: all`)) // another one begins now
		pass("03-10T13:00")
		pass("03-10T16:00")
		w.full.Store(true)
		pass("03-10T20:00")
		w.full.Store(false)
		pass("03-10T20:01")
		pass("03-11T08:00")
		want("03-02T08:30 03-03T08:30 03-06T08:30! 03-07T08:30 03-09T08:30! 03-10T08:30 03-10T16:00 03-10T20:00 03-11T00:00! 03-11T04:00! 03-11T08:00")
		w.publish(ticking(`cron: "0 */6 * * *", missed: skip`))
		pass("03-11T09:00")
		pass("03-13T23:01")
		list := w.events("tick", engine.Accepted)
		if last := list[len(list)-1]; last.Event.Data["scheduled"] != "2026-03-13T23:00:00.000Z" || last.Event.Data["previous"] != "2026-03-11T08:00:00.000Z" {
			t.Errorf("skipping: %+v", last.Event.Data)
		}
	})
}

// A schedule that was published while the clock was years ahead does not wait until then once the clock is mended.
func TestTicksWhenTheClockWasAhead(t *testing.T) {
	w := memoryWorld(t)
	right := w.now
	w.now = right.AddDate(10, 0, 0)
	w.publish(ticking(`every: 1h`))
	s := intake.NewSchedules(w.loop())
	s.Pass(context.Background())
	w.now = right.Add(30 * time.Minute)
	s.Pass(context.Background())
	w.now = right.Add(time.Hour)
	s.Pass(context.Background())
	if got := ticks(w); got != "03-02T09:00" {
		t.Errorf("it ticked at %q", got)
	}
}

// told is an intake that says when something was taken.
type told struct {
	engine.Intake
	taken chan engine.Batch
}

func (d told) Accept(ctx context.Context, b engine.Batch) ([]engine.Receipt, error) {
	r, err := d.Intake.Accept(ctx, b)
	d.taken <- b
	return r, err
}

// The loops turn by themselves, and end with their context.
func TestLoopsTurn(t *testing.T) {
	w := memoryWorld(t)
	srv := newServer(t)
	w.publish(ticking("every: 1h"))
	w.publish(feedFlow(srv.URL, ""))
	w.publish(listener("all", "*"))
	d := told{w.runtime, make(chan engine.Batch, 100)}
	loop := w.loop()
	loop.Intake = d
	f := connectors.NewFetcher(connectors.Exits{})
	s, p := intake.NewSchedules(loop), intake.NewPoller(loop, intake.PollOptions{Sources: all.Sources(), Fetcher: f})
	l := intake.NewFailures(loop, w.store, nil)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, run := range []func(context.Context){s.Run, p.Run, l.Run} {
		running.Go(func() { run(ctx) })
	}
	seen := map[string]bool{}
	for len(seen) < 3 { // each stores where it begins
		b := <-d.taken
		if len(b.Cursor) == 0 {
			t.Errorf("%+v", b)
		}
		seen[b.From] = true
	}
	stop()
	running.Wait()
}

// A clock that jumps as it likes, restarts, full disks, pauses: each scheduled time at most once, and none is left out
// while the clock only goes on.
func TestTicksOnce(t *testing.T) {
	for _, zone := range []string{"Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"} {
		for seed := range uint64(3) {
			t.Run(fmt.Sprint(zone, seed), func(t *testing.T) {
				w := memoryWorld(t)
				r := rand.New(rand.NewPCG(seed, 7))
				w.publish(ticking(`cron: "*/30 * * * *", missed: all, timezone: ` + zone))
				w.now = time.Date(2026, time.Month(3+7*(seed%2)), 27, 0, 0, 0, 0, time.UTC)
				s := intake.NewSchedules(w.loop())
				s.Pass(context.Background())
				begin, greatest := w.now, w.now
				for range 300 {
					switch r.IntN(12) {
					case 0:
						w.restart()
						s = intake.NewSchedules(w.loop())
					case 1:
						w.full.Store(!w.full.Load())
					case 2:
						w.now = w.now.Add(-time.Duration(r.IntN(180)) * time.Minute)
					case 3:
						w.now = w.now.Add(time.Duration(r.IntN(8)) * time.Hour)
					default:
						w.now = w.now.Add(time.Duration(r.IntN(20)) * time.Minute)
					}
					s.Pass(context.Background())
					if !w.full.Load() && w.now.After(greatest) {
						greatest = w.now
					}
				}
				w.full.Store(false)
				w.now = greatest.Add(time.Hour)
				s.Pass(context.Background())
				seen := map[string]bool{}
				for _, e := range w.events("tick", engine.Accepted) {
					at, _ := e.Event.Data["scheduled"].(string)
					if seen[at] {
						t.Fatalf("%s came twice", at)
					}
					seen[at] = true
				}
				if len(seen) < int(greatest.Sub(begin)/time.Hour) {
					t.Errorf("%d ticks in %s", len(seen), greatest.Sub(begin))
				}
			})
		}
	}
}

// jumping is a schedule on a world at a time, and the passes that a clock makes there.
func jumping(t *testing.T, with, at string) (w *world, pass func(to string)) {
	t.Helper()
	w = memoryWorld(t)
	set := func(to string) {
		at, err := time.Parse("2006-01-02T15:04", to)
		if err != nil {
			t.Fatal(err)
		}
		w.now = at
	}
	set(at)
	w.publish(ticking(with))
	s := intake.NewSchedules(w.loop())
	s.Pass(context.Background())
	return w, func(to string) { set(to); s.Pass(context.Background()) }
}

// The clock is set while the bot works: each scheduled time at most once, none left out that a clock passes, wrong or
// right, and ten years make no more ticks than missed says.
func TestTicksWhenTheClockJumps(t *testing.T) {
	for _, c := range []struct {
		name, with string
		passes     []string
		want       string
		most       int
	}{
		{"an hour ahead, and put right", `every: 30m`,
			[]string{"2026-03-02T08:30", "2026-03-02T09:40", "2026-03-02T08:41", "2026-03-02T09:00", "2026-03-02T09:30", "2026-03-02T10:00"},
			"03-02T08:30 03-02T09:30! 03-02T09:00 03-02T10:00", 4},
		{"an hour ahead, all", `every: 30m, missed: all`,
			[]string{"2026-03-02T08:30", "2026-03-02T09:40", "2026-03-02T08:41", "2026-03-02T09:00", "2026-03-02T09:30", "2026-03-02T10:00"},
			"03-02T08:30 03-02T09:00! 03-02T09:30! 03-02T10:00", 4},
		{"an hour back", `every: 30m`,
			[]string{"2026-03-02T08:30", "2026-03-02T09:00", "2026-03-02T08:01", "2026-03-02T08:30", "2026-03-02T09:00", "2026-03-02T09:30"},
			"03-02T08:30 03-02T09:00 03-02T09:30", 3},
		{"ten years ahead, and put right", `every: 1m`,
			[]string{"2036-03-02T08:00", "2026-03-02T08:01", "2026-03-02T08:02"}, "03-02T07:57! 03-02T07:58 03-02T07:59 03-02T08:00 03-02T08:02", 5},
		{"ten years ahead, all", `every: 1m, missed: all`, []string{"2036-03-02T08:00", "2036-03-02T08:01"}, "", 101},
		{"ten years ahead, skip", `every: 1h, missed: skip`, []string{"2036-03-02T08:30", "2036-03-02T09:00", "2026-03-02T09:00", "2026-03-02T10:00"},
			"03-02T09:00 03-02T10:00", 2}, // the hour came once, by the wrong clock
	} {
		t.Run(c.name, func(t *testing.T) {
			w, pass := jumping(t, c.with, "2026-03-02T08:00")
			for _, p := range c.passes {
				pass(p)
			}
			got := ticks(w)
			if n := len(strings.Fields(got)); n != c.most || c.want != "" && got != c.want {
				t.Errorf("%d ticks: %s", n, got)
			}
		})
	}
}

// Where the clocks of a zone are put forward or back, a time of day that is left out comes once, and so does one that
// comes twice; a machine whose clock is set by an hour with them changes nothing about that.
func TestTicksWhereTheHourChanges(t *testing.T) {
	for _, c := range []struct{ name, begin, want string }{
		{"spring", "2026-03-28T00:00", "03-28T01:30 03-29T01:00 03-30T00:30"},
		{"autumn", "2026-10-24T00:00", "10-24T00:30 10-25T00:30 10-26T01:30"},
	} {
		for _, jump := range []time.Duration{0, time.Hour, -time.Hour} {
			t.Run(fmt.Sprint(c.name, jump), func(t *testing.T) {
				w, pass := jumping(t, `at: "every day at 2:30"`, c.begin)
				begin := w.now
				for m := 0; m <= 3*24*60; m += 15 {
					at := begin.Add(time.Duration(m) * time.Minute)
					if h := at.Sub(begin); h > 24*time.Hour && h < 27*time.Hour {
						at = at.Add(jump) // and is put right later
					}
					pass(at.Format("2006-01-02T15:04"))
				}
				if got := strings.ReplaceAll(ticks(w), "!", ""); got != c.want {
					t.Errorf("it ticked at %s", got)
				}
			})
		}
	}
}
