package enginetest

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/local"
)

// Disk is data that outlives processes.
type Disk interface {
	// Open begins a life on the data, ending the one before as the end of its process would. fail is asked before each
	// member of a transaction ("member") and before each commit ("commit"); an error makes it fail. Stores that have
	// no such points ignore it.
	Open(t testing.TB, now func() time.Time, fail func(point string) error) Backend
}

// World is one installation with lives of a process on it.
type World struct {
	T       testing.TB
	Clock   *Clock
	Outside *Outside
	Fail    func(point string) error // see Disk; may be set between lives
	Tune    func(o *local.Options)   // applied at the beginning of each life

	disk Disk
	back Backend
	Gate *Gate
	Lib  *flows.Library
	RT   *local.Runtime

	mu      sync.Mutex
	changed chan struct{}
}

// NewWorld is an empty installation in its first life.
func NewWorld(t testing.TB, d Disk) *World {
	w := &World{T: t, Clock: NewClock(), disk: d, changed: make(chan struct{})}
	w.Outside = newOutside(w.moved)
	w.Live(0, false)
	t.Cleanup(func() { w.Kill() })
	return w
}

func (w *World) moved() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.changed)
	w.changed = make(chan struct{})
}

// Live begins a life, killed at its n-th write of a run, before or after it (0: never).
func (w *World) Live(n int, after bool) {
	w.T.Helper()
	w.back = w.disk.Open(w.T, w.Clock.Now, func(point string) error {
		if w.Fail != nil {
			return w.Fail(point)
		}
		return nil
	})
	w.Gate = newGate(w.back, w.moved)
	w.Gate.kill, w.Gate.after = n, after
	w.start()
}

func (w *World) start() {
	var err error
	ctx := context.Background()
	var rt *local.Runtime
	w.Lib, err = flows.New(ctx, flows.Options{Store: w.Gate, Catalog: Catalog(), Now: w.Clock.Now, Wake: func() {
		if rt != nil {
			rt.Wake()
		}
	}})
	if err != nil {
		w.T.Fatal(err)
	}
	o := local.Options{
		Store: w.Gate, Flows: w.Lib, Performer: performer{w.Outside, w.Gate.dead}, Now: w.Clock.Now, Audit: w.Gate.Audit,
		Log: slog.New(slog.NewTextHandler(testLog{w.T}, &slog.HandlerOptions{Level: slog.LevelError})),
	}
	if w.Tune != nil {
		w.Tune(&o)
	}
	rt, err = local.New(o)
	if err != nil {
		w.T.Fatal(err)
	}
	w.RT = rt
	if err := rt.Start(ctx); err != nil {
		w.T.Fatal(err)
	}
}

// testLog shows what the runtime logs of a failed test.
type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(string(bytes.TrimSpace(b)))
	return len(b), nil
}

// Kill ends the life: what is running reaches nothing any more.
func (w *World) Kill() {
	w.Gate.Kill()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.RT.Close(ctx); err != nil {
		w.T.Error("a killed runtime does not stop: ", err)
	}
}

// Restart kills the life and begins another.
func (w *World) Restart() { w.Kill(); w.Live(0, false) }

// Publish makes a flow live.
func (w *World) Publish(source string) {
	w.T.Helper()
	a, err := w.Lib.Apply(context.Background(), []byte(source), "bea", true)
	if err != nil {
		w.T.Fatalf("%v\n%s", err, a.Problems)
	}
}

// Offer gives one event to the flow of a path.
func (w *World) Offer(path, key string, body map[string]any) (engine.Receipt, error) {
	t, ok := w.Lib.Find("webhook.received", "path", path)
	if !ok {
		return engine.Receipt{}, engine.E(engine.NotFound, "no such path")
	}
	rs, err := w.RT.Accept(context.Background(), engine.Batch{
		Trigger: t.ID, From: "webhook", Items: []engine.Item{{Key: key, Data: map[string]any{"body": body}}},
	})
	if err != nil {
		return engine.Receipt{}, err
	}
	return rs[0], nil
}

// Begin offers an event that must start a run, and returns its id.
func (w *World) Begin(path, key string, body map[string]any) string {
	w.T.Helper()
	r, err := w.Offer(path, key, body)
	if err != nil || r.Run == "" {
		w.T.Fatalf("offer: %+v, %v", r, err)
	}
	return r.Run
}

// Until waits until cond holds, looking again after every write and every call. Ten seconds are too long.
func (w *World) Until(what string, cond func() bool) {
	w.T.Helper()
	late := time.NewTimer(10 * time.Second)
	defer late.Stop()
	for {
		w.mu.Lock()
		c := w.changed
		w.mu.Unlock()
		if cond() {
			return
		}
		select {
		case <-c:
		case <-late.C:
			w.T.Fatalf("waited in vain until %s", what)
		}
	}
}

// State is a run's state as stored.
func (w *World) State(run string) engine.RunState {
	s, err := w.back.Load(context.Background(), run)
	if err != nil {
		w.T.Fatal(err)
	}
	return s.Head.State
}

// Reaches waits for a state.
func (w *World) Reaches(run string, s engine.RunState) {
	w.T.Helper()
	w.Until("run is "+string(s), func() bool {
		is := w.State(run)
		if is != s && is.Final() {
			w.T.Fatalf("the run is %s, not %s", is, s)
		}
		return is == s
	})
}

// View shows a run.
func (w *World) View(run string) engine.RunView {
	w.T.Helper()
	v, err := w.RT.Run(context.Background(), run)
	if err != nil {
		w.T.Fatal(err)
	}
	return v
}

// Next moves the clock to the next timer, if there is one, and has it fired.
func (w *World) Next() bool {
	_, next, err := w.back.Due(context.Background(), engine.Millis(w.Clock.Now()), 1)
	if err != nil {
		w.T.Fatal(err)
	}
	if next > 0 {
		w.Clock.Set(next)
	}
	w.RT.Wake()
	w.Until("the timer has fired", func() bool { return w.Gate.Dead() || len(w.due()) == 0 })
	return next > 0
}

func (w *World) due() []local.Timer {
	due, _, err := w.back.Due(context.Background(), engine.Millis(w.Clock.Now()), 100)
	if err != nil {
		w.T.Fatal(err)
	}
	return due
}

// Settled moves the clock from timer to timer until the run has one of the states.
func (w *World) Settled(run string, states ...engine.RunState) engine.RunState {
	w.T.Helper()
	for {
		timer := func() bool {
			_, next, err := w.back.Due(context.Background(), engine.Millis(w.Clock.Now()), 1)
			return err == nil && next > 0
		}
		w.Until("the run settles", func() bool { return slices.Contains(states, w.State(run)) || w.State(run).Final() || timer() })
		if s := w.State(run); slices.Contains(states, s) || s.Final() {
			return s
		}
		w.Next()
	}
}

// Say gives a signal and returns the answer.
func (w *World) Say(run, path, by string, kind engine.EntryKind, head, data any) (engine.Answer, error) {
	return w.RT.Signal(context.Background(), engine.Signal{
		Run: run, Path: path, By: by, Kind: kind, Head: raw(head), Data: raw(data), Source: "delivery",
	})
}

// Vote votes for what stands at path now.
func (w *World) Vote(run, path, by, choice string, groups ...string) (engine.Answer, error) {
	h := engine.VoteHead{Choice: choice, Groups: groups, GroupsAt: engine.Millis(w.Clock.Now()), Via: "test", Plan: w.Plan(run, path)}
	return w.Say(run, path, by, engine.AskVoted, h, nil)
}

// Plan is the hash of what is asked at path; "" when nothing is.
func (w *World) Plan(run, path string) string {
	for _, a := range w.View(run).Asks {
		if a.Path == path && a.Plan != nil {
			return a.Plan.Hash
		}
	}
	return ""
}

func raw(v any) json.RawMessage {
	if v == nil {
		return nil
	}
	b, err := engine.EncodeJSON(v)
	if err != nil {
		return nil
	}
	return b
}
