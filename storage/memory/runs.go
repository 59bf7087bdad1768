package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
)

type run struct {
	head    engine.RunHead
	seq     int64
	state   []byte
	entries []engine.Entry
	tasks   map[taskKey]local.OpenTask
	timers  map[string]int64
	gated   int
}

type taskKey struct {
	path    string
	attempt int
}

type seen struct {
	event  string
	run    string
	number int64
}

type event struct {
	trigger, key      string
	flow, run, reason string
	number            int64
	outcome           engine.Outcome
	data              []byte
}

type clearedKey struct {
	flow    string
	version int64
	step    string
}

// Accept stores a batch.
func (s *Store) Accept(ctx context.Context, a local.Accepting) ([]engine.Receipt, error) {
	out := make([]engine.Receipt, 0, len(a.Items))
	data := make([][]byte, len(a.Items))
	for i, it := range a.Items {
		b, err := storage.EncodeEvent(it.Event)
		if err == nil && it.Start != nil {
			err = storage.CheckChange(*it.Start)
		}
		if err != nil {
			return nil, err
		}
		data[i] = b
	}
	err := s.write(ctx, func() error {
		if err := s.acceptable(a); err != nil {
			return err
		}
		if err := s.take(&a); err != nil {
			return err
		}
		for i, it := range a.Items {
			r, err := s.accept(a, it, data[i])
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		if a.Take != nil && len(out) == 1 {
			s.taken(a, out[0])
		}
		if a.Cursor != nil {
			s.cursors[a.Trigger] = bytes.Clone(a.Cursor)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Number gives the number of a run to be accepted.
func (s *Store) Number() int64 { return s.numbers.Take() }

// Unused takes a number back that no run got.
func (s *Store) Unused(number int64) { s.numbers.Give(number) }

// acceptable refuses a batch with a run that exists, before anything of it is stored.
func (s *Store) acceptable(a local.Accepting) error {
	keys, runs := map[string]bool{}, map[string]bool{}
	for _, it := range a.Items {
		_, known := s.keys[[2]string{a.Trigger, it.Event.Key}]
		if it.Event.Key != "" && a.Take == nil && (known || keys[it.Event.Key]) {
			continue
		}
		keys[it.Event.Key] = true
		if !storage.MakesRun(it.Outcome) {
			continue
		}
		if s.byID[it.Run] != nil || runs[it.Run] {
			return engine.E(engine.Conflict, "there is a run {run} already", "run", it.Run)
		}
		runs[it.Run] = true
	}
	return nil
}

func (s *Store) accept(a local.Accepting, it local.AcceptItem, data []byte) (engine.Receipt, error) {
	key := [2]string{a.Trigger, it.Event.Key}
	if first, ok := s.keys[key]; ok && it.Event.Key != "" && a.Take == nil {
		return engine.Receipt{Outcome: engine.Duplicate, Event: first.event, Run: first.run, Number: first.number}, nil
	}
	if len(it.Gates) > 0 {
		why, err := storage.WouldRefuse(s, it.Gates, it.Event.At)
		if err != nil {
			return engine.Receipt{}, err
		}
		if why != "" {
			it.Outcome, it.Reason = engine.Skipped, why
		}
	}
	if it.Count != "" {
		if err := storage.CountAt(s, it.Count, it.Event.At); err != nil {
			return engine.Receipt{}, err
		}
	}
	r := engine.Receipt{Outcome: it.Outcome, Event: it.Event.ID, Reason: it.Reason}
	if storage.MakesRun(it.Outcome) {
		if r.Run, r.Number = it.Run, it.Head.Number; r.Number == 0 {
			r.Number = s.numbers.Take()
		}
		n := &run{head: engine.RunHead{ID: it.Run, Number: r.Number, Flow: a.Flow, Version: a.Version,
			State: engine.RunQueued, Trigger: it.Event.Trigger, Key: it.Event.Key, By: it.Head.By, Started: it.Event.At},
			seq: 1, tasks: map[taskKey]local.OpenTask{}, timers: map[string]int64{}}
		at, _ := slices.BinarySearchFunc(s.runs, r.Number, byNumber)
		s.runs = slices.Insert(s.runs, at, n)
		s.byID[it.Run] = n
		if len(it.Gates) > 0 {
			waits, err := storage.AskGates(s, r.Number, it.Gates, it.Event.At)
			if err != nil {
				return r, err
			}
			r.Waits, it.Head.Queued = waits, it.Head.Queued || waits
		}
		first, err := storage.FirstEntry(it, r.Number)
		if err != nil {
			return r, err
		}
		n.entries = []engine.Entry{first}
		s.inherit(a.From, it.Run)
		if f := s.flows[a.Flow]; it.Start != nil && (f == nil || f.stored.Head.State != engine.FlowPaused) {
			r.Begun = true
			if err := s.follow(n, *it.Start, nil); err != nil {
				return r, err
			}
		}
	}
	if it.Event.Key != "" && a.Take == nil {
		s.keys[key] = seen{it.Event.ID, r.Run, r.Number}
	}
	if it.Outcome == engine.Seen || a.Take != nil {
		s.raise(storage.FillNotices(it.Notices, r.Run, r.Number))
		return r, nil
	}
	s.events = append(s.events, event{flow: a.Flow, run: r.Run, reason: it.Reason, number: r.Number,
		outcome: it.Outcome, data: data, trigger: a.Trigger, key: it.Event.Key})
	if it.Gather != nil {
		if err := storage.Gather(s, *it.Gather, int64(len(s.events)), it.Event.At); err != nil {
			return r, err
		}
	}
	s.raise(storage.FillNotices(it.Notices, r.Run, r.Number))
	return r, nil
}

// Cursor reads where a trigger stands; nil when it never stored one.
func (s *Store) Cursor(ctx context.Context, trigger string) (c []byte, err error) {
	err = s.read(ctx, func() error { c = bytes.Clone(s.cursors[trigger]); return nil })
	return c, err
}

// Commit applies one change to one run.
func (s *Store) Commit(ctx context.Context, c local.Change) error {
	if err := storage.CheckChange(c); err != nil {
		return err
	}
	data, err := encodeStarts(c)
	if err != nil {
		return err
	}
	return s.write(ctx, func() error {
		r := s.byID[c.Run]
		if r == nil {
			return storage.NoRun(c.Run)
		}
		if r.seq != c.Expect {
			return storage.RunMoved(c.Run, c.Expect, r.seq)
		}
		if err := storage.CheckTurn(r.gated, &c); err != nil {
			return err
		}
		return s.follow(r, c, data)
	})
}

func byNumber(r *run, number int64) int { return cmp.Compare(r.head.Number, number) }

// follow has a run take a change that fits.
func (s *Store) follow(r *run, c local.Change, starts [][]byte) error {
	for _, e := range c.Entries {
		r.entries = append(r.entries, copyEntry(e))
	}
	r.seq += int64(len(c.Entries))
	if c.State != nil || c.Status.Final() {
		r.state = bytes.Clone(c.State)
	}
	r.head.State = c.Status
	r.change(c)
	s.waiting.change(c)
	if err := s.call(c, starts); err != nil {
		return err
	}
	if r.gated > 0 || len(c.Asks) > 0 {
		if err := storage.ChangeGates(s, r.head.Number, r.gated, &c); err != nil {
			return err
		}
	}
	for _, step := range c.Cleared {
		s.cleared[clearedKey{r.head.Flow, r.head.Version, step}] = true
	}
	s.raise(c.Notices)
	s.chain(c.Audit...)
	return nil
}

// byNo is the run of a number that there is.
func (s *Store) byNo(number int64) *run {
	at, _ := slices.BinarySearchFunc(s.runs, number, byNumber)
	return s.runs[at]
}

func (r *run) change(c local.Change) {
	for _, ref := range c.DropTasks {
		k := taskKey{ref.Path, ref.Attempt}
		if t, ok := r.tasks[k]; ok && t.Task.Probe == ref.Probe {
			delete(r.tasks, k)
		}
	}
	for _, t := range c.AddTasks {
		t.Run, t.Input = r.head.ID, bytes.Clone(t.Input)
		r.tasks[taskKey{t.Path, t.Attempt}] = local.OpenTask{Task: t}
	}
	if ref := c.StartTask; ref != nil {
		k := taskKey{ref.Path, ref.Attempt}
		if t, ok := r.tasks[k]; ok && t.Task.Probe == ref.Probe {
			t.Started = true
			r.tasks[k] = t
		}
	}
	for _, id := range c.CancelTimers {
		delete(r.timers, id)
	}
	for _, t := range c.SetTimers {
		r.timers[t.ID] = t.At
	}
	if c.Status.Final() {
		r.head.Ended, r.head.Reason = c.At, c.Reason
		clear(r.tasks)
		clear(r.timers)
	}
}

func copyEntry(e engine.Entry) engine.Entry {
	e.Head, e.Data = bytes.Clone(e.Head), bytes.Clone(e.Data)
	return e
}

// Load reads a run's snapshot.
func (s *Store) Load(ctx context.Context, id string) (snap local.Snapshot, err error) {
	err = s.read(ctx, func() error {
		r := s.byID[id]
		if r == nil {
			return storage.NoRun(id)
		}
		snap = local.Snapshot{Head: r.head, Seq: r.seq, State: bytes.Clone(r.state)}
		return nil
	})
	return snap, err
}

// Entries reads a part of a journal.
func (s *Store) Entries(ctx context.Context, id string, from int64, limit int) (out []engine.Entry, err error) {
	err = s.read(ctx, func() error {
		r := s.byID[id]
		if r == nil {
			return nil
		}
		for _, e := range r.entries {
			if e.Seq >= from && (limit <= 0 || e.Seq < from+int64(limit)) {
				out = append(out, copyEntry(e))
			}
		}
		return nil
	})
	return out, err
}

// Heads is Entries without the data.
func (s *Store) Heads(ctx context.Context, id string, from int64, limit int) ([]engine.Entry, error) {
	out, err := s.Entries(ctx, id, from, limit)
	for i := range out {
		out[i].Data = nil
	}
	return out, err
}

// Ready lists runs that may start, of each flow the oldest.
func (s *Store) Ready(ctx context.Context, flow string, limit int) (out []local.ReadyRun, err error) {
	err = s.read(ctx, func() error {
		had := map[string]int{}
		for _, r := range s.runs {
			f := s.flows[r.head.Flow]
			if r.head.State != engine.RunQueued || r.gated == storage.Lined || f != nil && f.stored.Head.State == engine.FlowPaused ||
				flow != "" && r.head.Flow != flow || limit > 0 && had[r.head.Flow] >= limit {
				continue
			}
			had[r.head.Flow]++
			out = append(out, local.ReadyRun{Run: r.head.ID, Flow: r.head.Flow})
		}
		return nil
	})
	return out, err
}

// Tasks lists every outstanding task.
func (s *Store) Tasks(ctx context.Context) (out []local.OpenTask, err error) {
	err = s.read(ctx, func() error {
		for _, r := range s.runs {
			n := len(out)
			for _, t := range r.tasks {
				t.Task.Input = bytes.Clone(t.Task.Input)
				out = append(out, t)
			}
			slices.SortFunc(out[n:], func(a, b local.OpenTask) int {
				return cmp.Or(cmp.Compare(a.Task.Path, b.Task.Path), cmp.Compare(a.Task.Attempt, b.Task.Attempt))
			})
		}
		return nil
	})
	return out, err
}

// Due lists timers that are due, and when the next one is.
func (s *Store) Due(ctx context.Context, now int64, limit int) (due []local.Timer, next int64, err error) {
	err = s.read(ctx, func() error {
		var all []local.Timer
		for _, r := range s.runs {
			n := len(all)
			for id, at := range r.timers {
				all = append(all, local.Timer{Run: r.head.ID, ID: id, At: at})
			}
			slices.SortFunc(all[n:], func(a, b local.Timer) int { return cmp.Compare(a.ID, b.ID) })
		}
		slices.SortStableFunc(all, func(a, b local.Timer) int { return cmp.Compare(a.At, b.At) })
		for _, t := range all {
			if t.At > now || limit > 0 && len(due) == limit {
				next = t.At
				break
			}
			due = append(due, t)
		}
		return nil
	})
	return due, next, err
}

// RunID finds a run by its number.
func (s *Store) RunID(ctx context.Context, number int64) (id string, err error) {
	err = s.read(ctx, func() error {
		at, found := slices.BinarySearchFunc(s.runs, number, byNumber)
		if !found {
			return engine.E(engine.NotFound, "there is no run #{number}", "number", number)
		}
		id = s.runs[at].head.ID
		return nil
	})
	return id, err
}
