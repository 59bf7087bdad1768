package intake_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bretelle/bretelle/connectors/all"
	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/memory"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// store is what the loops and the runtime ask of storage.
type store interface {
	local.Store
	flows.Store
	intake.Cursors
	intake.FailureLog
	Close() error
}

// idle performs nothing: the flows of these tests are started, not run.
type idle struct{}

func (idle) Perform(context.Context, engine.Task) engine.Result {
	return engine.Result{Failure: &engine.Failure{Class: engine.Rejected, Code: engine.Refused, Msg: "no"}}
}

// world is an installation with a clock and a disk that can fail, which can be started again.
type world struct {
	t       *testing.T
	open    func() store
	store   store
	now     time.Time
	full    atomic.Bool
	library *flows.Library
	runtime *local.Runtime
}

func (w *world) clock() time.Time { return w.now }

func (w *world) fail(string) error {
	if w.full.Load() {
		return errors.New("the disk is full")
	}
	return nil
}

// worlds runs a test over both stores.
func worlds(t *testing.T, test func(t *testing.T, w *world)) {
	begin := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	t.Run("memory", func(t *testing.T) {
		w := &world{t: t, now: begin}
		m := memory.New()
		m.Now, m.Fail = w.clock, w.fail
		w.open = func() store { return m }
		w.start()
		test(t, w)
	})
	t.Run("sqlite", func(t *testing.T) {
		w := &world{t: t, now: begin}
		dir := filepath.Join(t.TempDir(), "data")
		w.open = func() store {
			s, err := sqlite.Open(context.Background(), sqlite.Options{Dir: dir, Now: w.clock, Fail: w.fail})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		w.start()
		t.Cleanup(func() { _ = w.store.Close() })
		test(t, w)
	})
}

// start makes everything anew of what is stored.
func (w *world) start() {
	w.t.Helper()
	w.store = w.open()
	cat, err := all.Catalog()
	if err == nil {
		w.library, err = flows.New(context.Background(), flows.Options{Store: w.store, Catalog: cat, Now: w.clock})
	}
	if err == nil {
		w.runtime, err = local.New(local.Options{Store: w.store, Flows: w.library, Performer: idle{}, Now: w.clock})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// restart stops and starts.
func (w *world) restart() {
	w.t.Helper()
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.start()
}

func (w *world) loop() intake.Loop {
	return intake.Loop{Flows: w.library, Cursors: w.store, Intake: w.runtime, Raise: w.store.Raise, Now: w.clock}
}

// publish makes a text live.
func (w *world) publish(source string) {
	w.t.Helper()
	f, problems := w.library.Check([]byte(source))
	if f == nil || problems.Bad() {
		w.t.Fatalf("%s\n%v", source, problems)
	}
	if _, err := w.library.Save(context.Background(), []byte(source), -1, "ann"); err != nil {
		w.t.Fatal(err)
	}
	if _, _, err := w.library.Publish(context.Background(), f.Name, "ann"); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) state(flow string, s engine.FlowState) {
	w.t.Helper()
	if _, err := w.library.SetState(context.Background(), flow, s, "ann"); err != nil {
		w.t.Fatal(err)
	}
}

// events are the events of a flow with an outcome, oldest first.
func (w *world) events(flow string, outcomes ...engine.Outcome) []local.StoredEvent {
	w.t.Helper()
	list, err := w.store.Events(context.Background(), flow, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []local.StoredEvent
	for i := len(list) - 1; i >= 0; i-- {
		for _, o := range outcomes {
			if list[i].Outcome == o {
				out = append(out, list[i])
			}
		}
	}
	return out
}

// trigger is the id of a flow's trigger.
func (w *world) trigger(flow string) string {
	w.t.Helper()
	id, err := w.library.ManualTrigger(context.Background(), flow)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func decoded[T any](t *testing.T, b []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// memoryWorld is a world in memory.
func memoryWorld(t *testing.T) *world {
	w := &world{t: t, now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	m := memory.New()
	m.Now, m.Fail = w.clock, w.fail
	w.open = func() store { return m }
	w.start()
	return w
}
