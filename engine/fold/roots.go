package fold

import (
	"maps"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/engine/flow"
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
	if x, ok := m.own[noEntry]; ok {
		return x, nil
	}
	x, err := m.value(1)
	if err != nil {
		return nil, err
	}
	root := eventRoot(x)
	m.own[noEntry] = root
	return root, nil
}

// noEntry is where a machine remembers the event: no entry has this number.
const noEntry = 0

// eventRoot lifts the members of data beside id, key, at and trigger (CONTRACTS, "Events").
func eventRoot(x any) map[string]any {
	in, _ := x.(map[string]any)
	out := map[string]any{}
	if data, ok := in["data"].(map[string]any); ok {
		for k, v := range data {
			out[k] = v
		}
	}
	if of, ok := in["of"].(map[string]any); ok {
		in = of
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
	want := ""
	if len(r.Path) > 1 {
		want = r.Path[1]
	}
	for _, id := range ids {
		path := m.beside(n, id)
		d := m.s.Done[path]
		if !d.gives() {
			continue
		}
		x, err := m.gave(path, d, want, m.s.Done)
		if err != nil {
			return err
		}
		if old, ok := steps[id].(map[string]any); ok {
			if more, ok := x.(map[string]any); ok {
				x = joined(old, more)
			}
		}
		steps[id] = x
	}
	return nil
}

// joined is both of two parts of one value.
func joined(a, b map[string]any) map[string]any {
	out := make(map[string]any, len(a)+len(b))
	maps.Copy(out, a)
	maps.Copy(out, b)
	return out
}

// gives says that a step has a value.
func (d *done) gives() bool {
	return d != nil && d.State != engine.StepStateSkipped && d.State != engine.StepStateCanceled && d.Seq != 0
}

// gave is what the finished step at a path gave, as expressions see it: at least its member want, and all of it where
// that is "". The rounds of a loop and the branches of a parallel are read only where they are wanted; beside are the
// finished steps around it.
func (m *machine) gave(path string, d *done, want string, beside map[string]*done) (any, error) {
	if d.Failure != nil {
		return map[string]any{"error": failureRoot(d.Failure)}, nil
	}
	x, err := m.value(d.Seq)
	if err != nil || d.Last == 0 && d.Through == nil {
		return x, err
	}
	out, _ := x.(map[string]any)
	out = maps.Clone(out)
	if d.Last != 0 && (want == "" || want == "results") {
		if out["results"], err = m.results(d); err != nil {
			return nil, err
		}
	}
	if e := m.each(path); e != nil && e.Continue && (want == "" || want == "failed") {
		if out["failed"], err = m.failures(d); err != nil {
			return nil, err
		}
	}
	prefix := path[:len(path)-len(stepID(path))]
	for _, name := range d.Through {
		bl := m.p.blocks[stepID(path)+"/"+name]
		if want != "" && want != name || bl == nil || len(bl.nodes) == 0 {
			continue
		}
		end := prefix + bl.nodes[len(bl.nodes)-1].step.ID
		if last := beside[end]; last.gives() {
			if out[name], err = m.gave(end, last, "", beside); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// each is the loop at a path; nil when the step there is none.
func (m *machine) each(path string) *flow.Each {
	if n := m.p.nodes[stepID(path)]; n != nil {
		return n.step.Each
	}
	return nil
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
