package edit

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// New is the text of a flow without steps.
func New(h Head) []byte {
	m := Map{{"flow", h.Name}}
	for _, p := range []Pair{{"title", h.Title}, {"channel", h.Channel}, {"timezone", h.Timezone}} {
		if p.Value != "" {
			m = append(m, p)
		}
	}
	if h.On != "" {
		m = append(m, Pair{"trigger", nil})
	}
	m = append(m, Pair{"steps", []any{}})
	var lines []string
	for _, p := range m {
		if p.Key == "trigger" {
			lines = append(lines, "trigger:")
			lines = append(lines, entry("on", h.On, true, 2)...)
			continue
		}
		v, err := clean(p.Value)
		if err != nil {
			v = strings.ToValidUTF8(strings.ReplaceAll(p.Value.(string), "\x00", ""), "\uFFFD")
		}
		lines = append(lines, entry(p.Key, v, false, 0)...)
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

// Apply changes what the ops say, in their order, and nothing else: every other byte stays, comments, blank lines,
// quotes and the order of keys included. The same ops on the same text give the same bytes. The error is Invalid
// (the text is no flow, a value cannot be written, this text cannot be patched), NotFound (no such step or block),
// Conflict (an id is taken) or TooLarge; nothing is changed then.
func Apply(source []byte, ops ...Op) ([]byte, error) {
	d, err := open(source)
	if err != nil {
		return nil, err
	}
	for _, op := range ops {
		if err := d.apply(op); err != nil {
			return nil, err
		}
	}
	if len(d.src) > flow.MaxSource {
		return nil, engine.E(engine.TooLarge, "the text is too long: {size} bytes, and {most} are allowed", "size", len(d.src), "most", flow.MaxSource).
			WithHint("Split the flow in two.").WithOp("edit")
	}
	return d.bytes(), nil
}

func (d *doc) apply(op Op) error {
	switch o := op.(type) {
	case SetTop:
		if o.Key == "steps" || o.Key == "trigger" || o.Key == "" {
			return engine.E(engine.Invalid, `"{key}" is not set as a whole`, "key", o.Key).WithOp("edit.SetTop")
		}
		return d.setKey(nil, o.Key, o.Value, func(k string) int { return rank(k, topOrder, lastOrder) })
	case SetTrigger:
		return d.setTrigger(o)
	case SetTriggerPart:
		if !slices.Contains(triggerParts, o.Part) {
			return engine.E(engine.Invalid, `"{key}" is not a part of a trigger`, "key", o.Part).WithOp("edit.SetTriggerPart")
		}
		if err := d.needTrigger(o.Value); err != nil {
			return err
		}
		return d.setKey(path{"trigger"}, o.Part, o.Value, triggerRank)
	case AddStep:
		return d.addStep(o)
	case ReplaceStep:
		return d.replaceStep(o)
	case MoveStep:
		s, err := d.find(o.ID)
		if err != nil {
			return err
		}
		to := min(max(s.Index+o.By, 0), s.Of-1)
		if to == s.Index {
			return nil
		}
		return d.moveItem(s.path[:len(s.path)-1], s.Index, to)
	case RemoveStep:
		s, err := d.find(o.ID)
		if err != nil {
			return err
		}
		return d.removeItem(s.path[:len(s.path)-1], s.Index)
	case RenameStep:
		return d.rename(o)
	case ResolveNext:
		return d.resolveNext(o)
	}
	return cannot()
}

func triggerRank(k string) int { return rank(k, triggerOrder, nil) }

// setKey sets or removes one key of the map at p.
func (d *doc) setKey(p path, key string, v any, rank func(string) int) error {
	v, err := clean(v)
	if err != nil {
		return err
	}
	m, _ := d.get(p).(Map)
	i := m.index(key)
	switch {
	case v == nil && i < 0:
		return nil
	case v == nil:
		return d.removeKey(p, key)
	case i >= 0:
		return d.set(p.to(key), v, nil)
	}
	at := 0
	for k, q := range m {
		if rank(q.Key) <= rank(key) {
			at = k + 1
		}
	}
	return d.insertKey(p, at, key, v)
}

// needTrigger makes sure that there is a map to set a part in.
func (d *doc) needTrigger(v any) error {
	if _, ok := d.root.Get("trigger").(Map); ok || v == nil {
		return nil
	}
	return engine.E(engine.Invalid, "the flow has no trigger").WithHint("Choose first what starts it.").WithOp("edit")
}

func (d *doc) setTrigger(o SetTrigger) error {
	with, err := clean(o.With)
	if err != nil {
		return err
	}
	if _, ok := d.root.Get("trigger").(Map); !ok {
		t := Map{{"on", o.On}}
		if len(o.With) > 0 {
			t = append(t, Pair{"with", with})
		}
		return d.newTrigger(t)
	}
	p := path{"trigger"}
	if err := d.setKey(p, "on", o.On, triggerRank); err != nil {
		return err
	}
	if len(o.With) == 0 {
		with = nil
	}
	return d.setKey(p, "with", with, triggerRank)
}

// newTrigger writes the trigger of a flow that has none: one key a line, as New does.
func (d *doc) newTrigger(t Map) error {
	if d.root.index("trigger") >= 0 {
		if err := d.removeKey(nil, "trigger"); err != nil {
			return err
		}
	}
	if d.inFlow(nil) {
		return d.setKey(nil, "trigger", t, func(k string) int { return rank(k, topOrder, lastOrder) })
	}
	at := 0
	for k, q := range d.root {
		if rank(q.Key, topOrder, lastOrder) <= slices.Index(topOrder, "trigger") {
			at = k + 1
		}
	}
	return d.insertKey(nil, at, "trigger", t)
}

func (d *doc) addStep(o AddStep) error {
	v, err := d.newStep(o.Step, "")
	if err != nil {
		return err
	}
	in, err := d.block(o.In)
	if err != nil {
		return err
	}
	list, i := d.list(in), 0
	if o.After != "" {
		s, err := d.find(o.After)
		if err != nil {
			return err
		}
		if !slices.Equal(s.path[:len(s.path)-1], in) {
			return engine.E(engine.NotFound, `step "{id}" is not in this part of the flow`, "id", o.After).WithOp("edit.AddStep")
		}
		i = s.Index + 1
	}
	if err := d.insertStep(in, list, i, v); err != nil {
		return err
	}
	if kindOf(v) != "do" || v.Text("id") == "" {
		return nil
	}
	for k := i - 1; k >= 0; k-- {
		m, _ := list[k].(Map)
		switch kindOf(m) {
		case "do":
			return nil
		case "ask":
			return d.takeNext(in.to(k), v.Text("id"))
		}
	}
	return nil
}

func (d *doc) insertStep(in path, list []any, i int, v Map) error {
	if len(list) > 0 {
		return d.insertItem(in, i, v)
	}
	key := in[len(in)-1].(string)
	if d.node(in) != nil {
		return d.replace(in, []any{v})
	}
	by := stepRank(nil)
	if len(in) == 1 {
		by = func(k string) int { return rank(k, topOrder, lastOrder) }
	}
	return d.setKey(in[:len(in)-1], key, []any{v}, by)
}

// newStep is a step ready to be written; its id, and those of the steps in it, must be free, except own.
func (d *doc) newStep(step Map, own string) (Map, error) {
	x, err := clean(step)
	if err != nil {
		return nil, err
	}
	m := x.(Map)
	if len(m) == 0 {
		return nil, engine.E(engine.Invalid, "the step says nothing").WithOp("edit")
	}
	taken := map[string]bool{}
	for _, s := range d.steps() {
		taken[s.ID] = s.ID != own && s.Step.Text("id") != ""
	}
	if own != "" {
		return sorted(m), nil
	}
	var inside []place
	collect(&inside, "", path{}, []any{m})
	for _, s := range inside {
		if s.ID != "" && taken[s.ID] {
			return nil, engine.E(engine.Conflict, `there is a step called "{id}" already`, "id", s.ID).WithHint("Choose another id.").WithOp("edit")
		}
		taken[s.ID] = s.ID != ""
	}
	return sorted(m), nil
}

func (d *doc) replaceStep(o ReplaceStep) error {
	s, err := d.find(o.ID)
	if err != nil {
		return err
	}
	m, err := d.newStep(o.Step, o.ID)
	if err != nil {
		return err
	}
	if id := m.Text("id"); id != "" && id != o.ID {
		if _, err := d.find(id); err == nil {
			return engine.E(engine.Conflict, `there is a step called "{id}" already`, "id", id).WithHint("Choose another id.").WithOp("edit")
		}
	}
	return d.set(s.path, m, stepRank(m))
}
