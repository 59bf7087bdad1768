package sqlite_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// inFlight runs f b.N times from n callers at once.
func inFlight(b *testing.B, n int, f func(i int64) error) {
	b.Helper()
	b.SetParallelism(max(n/runtime.GOMAXPROCS(0), 1))
	if n == 1 {
		for i := range b.N {
			if err := f(int64(i)); err != nil {
				b.Fatal(err)
			}
		}
		return
	}
	var next atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := f(next.Add(1) - 1); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkAccept(b *testing.B) {
	for _, n := range []int{1, 64} {
		b.Run(fmt.Sprintf("%d in flight", n), func(b *testing.B) {
			s := open(b, sqlite.Options{})
			b.ResetTimer()
			inFlight(b, n, func(i int64) error { return accept(s, fmt.Sprintf("018f0000-0000-7000-8000-%012d", i), 500) })
		})
	}
}

func BenchmarkCommit(b *testing.B) {
	for _, n := range []int{1, 64} {
		b.Run(fmt.Sprintf("%d in flight", n), func(b *testing.B) {
			s := open(b, sqlite.Options{})
			items := make([]local.AcceptItem, b.N)
			for i := range items {
				run := fmt.Sprintf("018f0000-0000-7000-8000-%012d", i)
				items[i] = local.AcceptItem{Run: run, Outcome: engine.Accepted, Event: engine.Event{ID: run}}
			}
			if _, err := s.Accept(bg, local.Accepting{Items: items}); err != nil {
				b.Fatal(err)
			}
			state, data := make([]byte, 200), []byte(`{"status":200,"body":{"id":1234567,"ok":true}}`)
			b.ResetTimer()
			inFlight(b, n, func(i int64) error {
				return s.Commit(bg, local.Change{Run: items[i].Run, Expect: 1, State: state, Status: engine.RunRunning, At: 2,
					Entries: []engine.Entry{{Seq: 2, Kind: engine.StepStarted, Path: "post", Data: data},
						{Seq: 3, Kind: engine.StepDone, Path: "post", Data: data}},
					AddTasks: []engine.Task{{Path: "post", Attempt: 1, Input: data}}})
			})
		})
	}
}
