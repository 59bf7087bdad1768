package local

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// Run shows a run with its steps and history. Errors: NotFound; Unavailable; Internal when it cannot be read.
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
	// The journal may grow while it is read; what came after the snapshot is left for the next look.
	entries, err := r.store.Entries(ctx, id, 1, int(snap.Seq))
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
	for _, e := range entries {
		v.v.keep(e)
	}
	if seen := state.Seq(); seen < snap.Seq && snap.Seq > 1 {
		if int64(len(entries)) != snap.Seq {
			return engine.RunView{}, broken("local.run", errGap)
		}
		if err := p.Resume(state, v, entries[seen:]); err != nil {
			return engine.RunView{}, broken("local.run", err)
		}
	}
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
	from(view.Asks, entries)
	for _, e := range entries {
		view.History = append(view.History, engine.EntryBrief{
			Seq: e.Seq, At: e.At, Kind: e.Kind, Path: e.Path, Attempt: e.Attempt, By: e.By,
		})
	}
	return view, nil
}

// from fills in from which surface each question was decided: the last word of who decided it.
func from(asks []engine.AskView, entries []engine.Entry) {
	for i := range asks {
		a := &asks[i]
		if a.State != engine.CardDecided || a.DecidedBy == "" {
			continue
		}
		for _, e := range entries {
			said := e.Kind == engine.AskVoted || e.Kind == engine.AskEdited || e.Kind == engine.AskAnswered
			if !said || e.Path != a.Path || e.By != a.DecidedBy || e.At > a.DecidedAt {
				continue
			}
			var head struct {
				Via string `json:"via"`
			}
			if json.Unmarshal(e.Head, &head) == nil {
				a.Via = head.Via
			}
		}
	}
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
