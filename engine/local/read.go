package local

import (
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// Run shows a run with its steps and the latest part of its history. What it reads and holds is bounded, however long the
// run is: a snapshot, the entries since then, the values of the steps that are shown, and pages of heads. Errors: NotFound;
// Unavailable; Internal when it cannot be read.
func (r *Runtime) Run(ctx context.Context, id string) (view engine.RunView, err error) {
	defer contain("local.run", &err)
	snap, err := r.store.Load(ctx, id)
	if err != nil {
		return engine.RunView{}, err
	}
	p, err := r.flows.Program(ctx, snap.Head.Flow, snap.Head.Version)
	if err != nil {
		return engine.RunView{}, err
	}
	state := fold.NewState()
	if snap.State != nil {
		if state, err = fold.Decode(snap.State); err != nil {
			return engine.RunView{}, broken("local.run", err)
		}
	}
	v := reader{ctx: ctx, r: r, run: id, v: &values{}}
	if state.Seq() < snap.Seq && snap.Seq > 1 {
		if err := r.replay(p, v, state, snap.Seq); err != nil {
			return engine.RunView{}, broken("local.run", err)
		}
	}
	v.lean = true
	if view, err = p.View(state, v); err != nil {
		return engine.RunView{}, engine.AsError(err)
	}
	view.RunHead, view.Title, view.Place, view.Notify = snap.Head, p.Flow.Title, p.Flow.Channel, p.Flow.Notify
	if err := r.linked(ctx, &view); err != nil {
		return engine.RunView{}, err
	}
	heads := []engine.RunHead{view.RunHead}
	if err := r.lined(ctx, heads); err != nil {
		return engine.RunView{}, err
	}
	view.RunHead = heads[0]
	// The journal may grow while it is read; what came after the snapshot is left for the next look.
	return view, r.past(ctx, &view, snap.Seq)
}

// History is the part of a run's history that ends with entry last: HistoryPage entries at most, and how many there are
// before them. Errors: NotFound; Unavailable.
func (r *Runtime) History(ctx context.Context, id string, last int64) (part []engine.EntryBrief, earlier int64, err error) {
	snap, err := r.store.Load(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	heads, err := r.heads(ctx, id, min(last, snap.Seq), engine.HistoryPage)
	return briefs(heads), earlierThan(heads), err
}

// heads are the n entries up to entry last.
func (r *Runtime) heads(ctx context.Context, id string, last, n int64) ([]engine.Entry, error) {
	if last < 1 {
		return nil, nil
	}
	from := max(last-n+1, 1)
	return r.store.Heads(ctx, id, from, int(last-from+1))
}

func briefs(heads []engine.Entry) []engine.EntryBrief {
	var out []engine.EntryBrief
	for _, e := range heads {
		out = append(out, engine.EntryBrief{Seq: e.Seq, At: e.At, Kind: e.Kind, Path: e.Path, Attempt: e.Attempt, By: e.By})
	}
	return out
}

func earlierThan(heads []engine.Entry) int64 {
	if len(heads) == 0 {
		return 0
	}
	return heads[0].Seq - 1
}

// RunID finds a run by the number that people see; NotFound.
func (r *Runtime) RunID(ctx context.Context, number int64) (string, error) {
	return r.store.RunID(ctx, number)
}

// Runs lists runs, newest first.
func (r *Runtime) Runs(ctx context.Context, q RunQuery) ([]engine.RunHead, error) {
	heads, err := r.store.Runs(ctx, q)
	if err == nil {
		err = r.lined(ctx, heads)
	}
	return heads, err
}

// lined says of queued runs what they wait for.
func (r *Runtime) lined(ctx context.Context, heads []engine.RunHead) error {
	var ids []string
	for _, h := range heads {
		if h.State == engine.RunQueued {
			ids = append(ids, h.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	lines, err := r.store.Lined(ctx, ids)
	for i := range heads {
		if l, ok := lines[heads[i].ID]; ok {
			heads[i].Line = &l
		}
	}
	return err
}

// Events lists recent occurrences of a flow and what became of them, newest first.
func (r *Runtime) Events(ctx context.Context, flow string, limit int) ([]StoredEvent, error) {
	events, err := r.store.Events(ctx, flow, limit)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range events {
		if e.Outcome == engine.Accepted && len(ids) < mostLined {
			ids = append(ids, e.Run)
		}
	}
	lines, err := r.store.Lined(ctx, ids)
	for i := range events {
		if l, ok := lines[events[i].Run]; ok {
			events[i].Line = &l
		}
	}
	return events, err
}

// mostLined bounds the events of a list of which it is looked up whether their run still waits.
const mostLined = 50

// Recent is Events that reads at most so many bytes of payloads: an event with which there would be more, and all older
// ones, come without their Data.
func (r *Runtime) Recent(ctx context.Context, flow string, limit, most int) ([]StoredEvent, error) {
	return r.store.Recent(ctx, flow, limit, most)
}
