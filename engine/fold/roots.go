package fold

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
)

// scope is how the values of n are evaluated now.
func (m *machine) scope(n *node) *scope {
	return &scope{zone: m.p.zone, roots: func(x *expr.Expr) (map[string]any, error) { return m.roots(n, x) }, room: &m.room}
}

// roots loads what x reads at n, and only that: cost does not grow with the run.
func (m *machine) roots(n *node, x *expr.Expr) (map[string]any, error) {
	out := map[string]any{}
	for _, r := range x.Refs() {
		var err error
		switch r.Root {
		case "event":
			if out["event"] == nil {
				out["event"], err = m.event()
			}
		case "steps":
			err = m.stepRoots(n, out, r)
		case "vars":
			err = m.varRoots(out, r)
		case "flow":
			out["flow"] = m.p.flowRoot(m.s.Head.Version)
		case "run":
			out["run"] = map[string]any{
				"id": m.s.Head.Run, "number": int(m.s.Head.Number), "started": timeText(m.startedAt()), "by": m.s.Head.By,
			}
		case "error":
			out["error"] = m.caughtError(n)
		default:
			err = m.loopRoot(n, out, r.Root)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *Program) flowRoot(version int64) map[string]any {
	f := p.Flow
	return map[string]any{
		"name": f.Name, "title": f.Title, "version": int(version), "channel": f.Channel.String(), "timezone": p.zone.String(),
	}
}

// event is the run's event as expressions see it.
func (m *machine) event() (any, error) {
	x, err := m.value(1)
	if err != nil {
		return nil, err
	}
	return eventRoot(x), nil
}

// eventRoot lifts the members of data beside id, key, at and trigger (CONTRACTS, "Events").
func eventRoot(x any) map[string]any {
	in, _ := x.(map[string]any)
	out := map[string]any{}
	if data, ok := in["data"].(map[string]any); ok {
		for k, v := range data {
			out[k] = v
		}
	}
	for _, k := range []string{"id", "key", "trigger"} {
		out[k] = in[k]
	}
	if at, ok := in["at"].(int); ok {
		out["at"] = timeText(int64(at))
	}
	return out
}

// startedAt is when the run's event was accepted.
func (m *machine) startedAt() int64 {
	x, err := m.value(1)
	if err != nil {
		return 0
	}
	in, _ := x.(map[string]any)
	at, _ := in["at"].(int)
	return int64(at)
}

func (m *machine) stepRoots(n *node, out map[string]any, r expr.Ref) error {
	steps, _ := out["steps"].(map[string]any)
	if steps == nil {
		steps = map[string]any{}
		out["steps"] = steps
	}
	ids := r.Path
	if len(ids) == 0 {
		ids = sorted(m.p.nodes)
	} else {
		ids = ids[:1]
	}
	for _, id := range ids {
		d := m.s.Done[m.beside(n, id)]
		if d == nil || d.State == engine.StepStateSkipped || d.Seq == 0 {
			continue
		}
		x, err := m.gave(d, len(r.Path) == 2 && r.Path[1] == "count")
		if err != nil {
			return err
		}
		if old, ok := steps[id].(map[string]any); ok && old["results"] != nil {
			continue // what is there has more of it
		}
		steps[id] = x
	}
	return nil
}

// gave is what a finished step gave, as expressions see it. bare leaves the results of a loop out.
func (m *machine) gave(d *done, bare bool) (any, error) {
	if d.Failure != nil {
		return map[string]any{"error": failureRoot(d.Failure)}, nil
	}
	x, err := m.value(d.Seq)
	if err != nil || d.Last == 0 || bare {
		return x, err
	}
	results, err := m.results(d)
	return map[string]any{"count": d.Count, "results": results}, err
}

func failureRoot(f *engine.Failure) map[string]any {
	return map[string]any{"code": string(f.Code), "message": engine.Fill(f.Msg, f.Args), "status": f.Status}
}

func (m *machine) varRoots(out map[string]any, r expr.Ref) error {
	vars, _ := out["vars"].(map[string]any)
	if vars == nil {
		vars = map[string]any{}
		out["vars"] = vars
	}
	names := r.Path
	if len(names) == 0 {
		names = sorted(m.s.Vars)
	} else {
		names = names[:1]
	}
	for _, name := range names {
		seq, ok := m.s.Vars[name]
		if !ok {
			continue
		}
		x, err := m.value(seq)
		if err != nil {
			return err
		}
		if given, ok := x.(map[string]any); ok {
			vars[name] = given[name]
		}
	}
	return nil
}

// overlay adds names that the same set step gave before.
func overlay(base func(*expr.Expr) (map[string]any, error), given map[string]any) func(*expr.Expr) (map[string]any, error) {
	return func(x *expr.Expr) (map[string]any, error) {
		roots, err := base(x)
		if err != nil {
			return nil, err
		}
		if vars, ok := roots["vars"].(map[string]any); ok {
			for k, v := range given {
				vars[k] = v
			}
		}
		return roots, nil
	}
}
