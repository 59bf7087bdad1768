package local

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/check"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/fold"
	"github.com/bretelle/bretelle/engine/gate"
)

// begins turns the calls of a move into the runs that its change begins. A flow that cannot be called is told to the run
// itself, as a call that ended at once: what is wrong is the flow's trouble, not the store's. The error is storage's.
// What a run calls that ends with the same change is not begun: it was cancelled before anything of it was stored.
func (r *Runtime) begins(ctx context.Context, m *move) error {
	if len(m.calls) > 0 && m.h.state.Status().Final() {
		m.change.Mail = slices.DeleteFunc(m.change.Mail, func(l Mail) bool {
			return slices.ContainsFunc(m.calls, func(c fold.Call) bool { return c.Run == l.Run })
		})
		return nil
	}
	for _, c := range m.calls {
		st, err := r.begun(ctx, m, c)
		switch {
		case passing(err):
			return err
		case err != nil:
			e := engine.AsError(err)
			m.tellSelf(c, "end:", engine.CallHead{Run: c.Run, Failure: &engine.Failure{
				Class: engine.Rejected, Code: e.Code, Msg: e.Msg, Args: e.Args, Hint: e.Hint,
			}})
			continue
		}
		m.change.Starts = append(m.change.Starts, st)
		if !c.Wait {
			m.tellSelf(c, "begun:", engine.CallHead{Run: c.Run, State: engine.RunQueued})
		}
	}
	return nil
}

func (m *move) tellSelf(c fold.Call, id string, h engine.CallHead) {
	m.change.Mail = append(m.change.Mail, Mail{Run: m.h.head.ID, ID: id + c.Run, Kind: engine.CallEnded, Path: c.Path, Head: encode(h)})
}

// begun is the run that a call begins. The error says why there is none.
func (r *Runtime) begun(ctx context.Context, m *move, c fold.Call) (Start, error) {
	to, err := r.flows.Callee(ctx, c.Flow, c.Version)
	if err != nil {
		return Start{}, err
	}
	schema, _ := check.Input(to.Program.Flow)
	if schema == nil {
		schema = &engine.Schema{Type: "object"}
	}
	input, wrong := flow.ReadInput(schema, c.Input)
	if wrong != nil {
		return Start{}, engine.E(engine.Invalid, "{flow} does not take this: {reason}", "flow", c.Flow, "reason", wrong.Error()).WithHint(wrong.Hint)
	}
	head := &m.h.head
	parent := m.h.state.Head
	x := AcceptItem{
		Event: engine.Event{
			ID: engine.IDFrom(m.at, "event:"+c.Run), Key: c.Run, At: m.at, Trigger: flow.Called, Data: map[string]any{
				"input": input, "from": map[string]any{"flow": head.Flow, "run": head.ID, "number": int(head.Number), "step": stepOf(c.Path)},
			},
		},
		Outcome: engine.Accepted, Run: c.Run,
		Head: engine.StartHead{
			Run: c.Run, Flow: to.Flow, Version: to.Version, Trigger: to.Trigger, By: parent.By, Editor: to.Editor, Depth: parent.Depth + 1,
			Approvers: parent.Approvers,
			Parent:    &engine.Parent{Run: head.ID, Number: head.Number, Path: c.Path, Wait: c.Wait},
		},
	}
	if to.State == engine.FlowPaused {
		x.Outcome, x.Head.Queued = engine.Queued, true
	}
	gated := to.Program.Gated()
	if gated && c.Wait {
		above, err := r.above(ctx, parent, to.Flow)
		if err != nil {
			return Start{}, err
		}
		gated = !above // it would wait for itself
	}
	if gated {
		if x.Gates, err = limits(to.Program, to.Flow, x.Event); err != nil {
			return Start{}, err
		}
		for i := range x.Gates {
			x.Gates[i].Rule.Full = gate.Queue // who calls waits: it is not dropped, and drops nobody
		}
		x.Head.Gated = len(x.Gates) > 0
	}
	if x.Head.Cleared, err = r.clear.of(ctx, r.store, to.Flow, to.Version); err != nil {
		return Start{}, err
	}
	return Start{Path: c.Path, Trigger: to.Trigger, Flow: to.Flow, Version: to.Version, Item: x}, nil
}

// above tells that a run, or one that waits for its end, is one of a flow.
func (r *Runtime) above(ctx context.Context, h engine.StartHead, flow string) (bool, error) {
	for h.Flow != flow {
		p := h.Parent
		if p == nil || !p.Wait {
			return false, nil
		}
		first, err := r.store.Entries(ctx, p.Run, 1, 1)
		if err != nil || len(first) == 0 { // it is forgotten, and waits for nothing
			return false, err
		}
		h = engine.StartHead{}
		if err := json.Unmarshal(first[0].Head, &h); err != nil {
			return false, broken("local.above", err)
		}
	}
	return true, nil
}

// stepOf is the id of the step at a path.
func stepOf(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[i+1:]
		}
	}
	return path
}

// startCalled queues what a change began, once it is stored.
func (r *Runtime) startCalled(c *Change) {
	for _, st := range c.Starts {
		if len(st.Item.Gates) > 0 {
			r.ready.askFor(st.Flow) // where it has to wait, it is not ready
			continue
		}
		r.startThose(st.Flow, st.Trigger, []engine.Receipt{{Outcome: st.Item.Outcome, Run: st.Item.Run}})
	}
}

// linked adds the runs that steps called to a view.
func (r *Runtime) linked(ctx context.Context, view *engine.RunView) error {
	var calls map[string][]engine.Callee
	for i := range view.Steps {
		if view.Steps[i].Kind != string(flow.KindCall) {
			continue
		}
		if calls == nil {
			var err error
			if calls, err = r.store.Calls(ctx, view.ID); err != nil {
				return err
			}
		}
		view.Steps[i].Calls = calls[view.Steps[i].Path]
	}
	return nil
}
