package enginetest

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/local"
)

// Bench takes events of set → if → do to their end, 64 in flight, with calls that take no time, and reports runs per
// second.
func Bench(b *testing.B, h Harness) {
	store := h.Disk(b, 64).Open(b, time.Now, func(string) error { return nil })
	ctx := context.Background()
	lib, err := flows.New(ctx, flows.Options{Store: store, Catalog: Catalog()})
	if err != nil {
		b.Fatal(err)
	}
	if a, err := lib.Apply(ctx, []byte(shortFlow), "bea", true); err != nil {
		b.Fatal(err, a.Problems)
	}
	done := newDoneStore(store)
	rt, err := local.New(local.Options{Store: done, Flows: lib, Performer: instant{}})
	if err != nil {
		b.Fatal(err)
	}
	if err := rt.Start(ctx); err != nil {
		b.Fatal(err)
	}
	tr, _ := lib.Find("webhook.received", "path", "short")
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	begun := time.Now()
	for range 64 {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				rs, err := rt.Accept(ctx, engine.Batch{Trigger: tr.ID, From: "webhook", Items: []engine.Item{{
					Key: strconv.FormatInt(n, 10), Data: map[string]any{"body": map[string]any{"name": "Ada"}},
				}}})
				if err != nil {
					b.Error(err)
					return
				}
				done.wait(rs[0].Run)
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/time.Since(begun).Seconds(), "runs/s")
	b.StopTimer()
	if err := rt.Close(ctx); err != nil {
		b.Fatal(err)
	}
}

type instant struct{}

func (instant) Perform(context.Context, engine.Task) engine.Result { return OK(`{"ok":true}`) }

// doneStore tells when a run has ended.
type doneStore struct {
	Backend
	mu   sync.Mutex
	ends map[string]chan struct{}
}

func newDoneStore(b Backend) *doneStore {
	return &doneStore{Backend: b, ends: map[string]chan struct{}{}}
}

func (d *doneStore) end(run string) chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ends[run] == nil {
		d.ends[run] = make(chan struct{})
	}
	return d.ends[run]
}

func (d *doneStore) wait(run string) {
	<-d.end(run)
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.ends, run)
}

func (d *doneStore) Commit(ctx context.Context, c local.Change) error {
	err := d.Backend.Commit(ctx, c)
	if err == nil && c.Status.Final() {
		close(d.end(c.Run))
	}
	return err
}
