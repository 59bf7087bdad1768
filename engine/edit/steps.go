package edit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// kinds are the keys that say what a step does.
var kinds = []string{"do", "ask", "if", "switch", "each", "while", "parallel", "wait", "call", "emit", "set", "throttle", "dedupe", "digest", "try", "stop"}

// order is how a step is written. What is not listed comes before the blocks of steps, which come last.
var order = slices.Concat([]string{"id"}, kinds, []string{"account", "risk", "covers", "as", "is", "with", "undo", "when", "retry", "timeout", "on_error", "remind", "expire"})

var blocks = []string{"cases", "then", "else", "steps", "catch", "finally"}

var topOrder = []string{"flow", "title", "channel", "timezone", "notify", "trigger", "limits"}

// lastOrder are the keys of a flow that come last.
var lastOrder = []string{"steps", "output"}

var triggerOrder = []string{"on", "with", "key", "when", "debounce", "batch", "expect"}

// triggerParts are what SetTriggerPart sets.
var triggerParts = triggerOrder[2:]

// rank is where a key stands among others: by order, then whatever is not listed, then last.
func rank(key string, order, last []string) int {
	if i := slices.Index(order, key); i >= 0 {
		return i
	}
	if i := slices.Index(last, key); i >= 0 {
		return len(order) + 1 + i
	}
	return len(order)
}

func stepRank(m Map) func(string) int {
	return func(key string) int {
		if key == "try" { // both a kind and a block
			return slices.Index(order, key)
		}
		return rank(key, order, blocks)
	}
}

// sorted is a step with its keys in the usual order, steps inside it too.
func sorted(step Map) Map {
	out := slices.Clone(step)
	by := stepRank(step)
	slices.SortStableFunc(out, func(a, b Pair) int { return by(a.Key) - by(b.Key) })
	for i, p := range out {
		switch {
		case p.Key == "cases":
			list, ok := p.Value.([]any)
			if !ok {
				continue
			}
			list = slices.Clone(list)
			for k, c := range list {
				if m, ok := c.(Map); ok {
					list[k] = sortedIn(m, "steps")
				}
			}
			out[i].Value = list
		case p.Key == "parallel":
			for _, name := range branches(out) {
				w := out[i].Value.(Map)
				out[i].Value = w.With("branches", sortedIn(w.Get("branches").(Map), name))
			}
		case isBlock(p.Key):
			out[i].Value = sortedList(p.Value)
		}
	}
	return out
}

func isBlock(key string) bool {
	return key == "try" || key != "cases" && slices.Contains(blocks, key)
}

func sortedIn(m Map, key string) Map {
	v, ok := m.Look(key)
	if !ok {
		return m
	}
	return m.With(key, sortedList(v))
}

func sortedList(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
		if m, ok := s.(Map); ok {
			out[i] = sorted(m)
		}
	}
	return out
}

// kindOf is the key that says what a step does.
func kindOf(step Map) string {
	for _, k := range kinds {
		if step.index(k) >= 0 {
			return k
		}
	}
	return ""
}

// path leads from the root to a value: keys and indexes.
type path []any

func (p path) to(more ...any) path { return slices.Concat(p, more) }

type place struct {
	Place
	path path
}

// steps lists all steps in the order in which flow.Walk visits them, with the ids that it makes.
func (d *doc) steps() []place {
	var out []place
	collect(&out, "", path{"steps"}, d.root.Get("steps"))
	given := map[string]bool{}
	for _, s := range out {
		given[s.ID] = true
	}
	for i := range out {
		s := &out[i]
		if s.ID != "" || s.Kind == "" {
			continue
		}
		base := s.Kind + "_" + strconv.Itoa(i+1)
		s.ID = base
		for n := 2; given[s.ID]; n++ {
			s.ID = base + "_" + strconv.Itoa(n)
		}
		given[s.ID] = true
	}
	for i := range out { // the blocks' names need the ids
		s := &out[i]
		if len(s.path) > 2 {
			s.In = blockName(out, s.path[:len(s.path)-1])
		}
	}
	return out
}

func collect(out *[]place, in string, at path, v any) {
	list, _ := v.([]any)
	for i, e := range list {
		m, ok := e.(Map)
		if !ok {
			continue
		}
		p := at.to(i)
		*out = append(*out, place{Place{ID: m.Text("id"), Kind: kindOf(m), Index: i, Of: len(list), Step: m}, p})
		for _, b := range blocksOf(m) {
			collect(out, "", p.to(b...), getIn(m, b))
		}
	}
}

// blocksOf are the lists of steps that a step may hold, in the order of flow.Walk.
func blocksOf(m Map) []path {
	var out []path
	if cases, ok := m.Get("cases").([]any); ok {
		for i := range cases {
			out = append(out, path{"cases", i, "steps"})
		}
	}
	for _, key := range []string{"then", "else", "steps", "try", "catch", "finally"} {
		if _, ok := m.Get(key).([]any); ok {
			out = append(out, path{key})
		}
	}
	for _, name := range branches(m) {
		out = append(out, path{"parallel", "branches", name})
	}
	if e, ok := m.Get(flow.RescueBlock).(Map); ok {
		if _, ok := e.Get("steps").([]any); ok {
			out = append(out, path{flow.RescueBlock, "steps"})
		}
	}
	return out
}

// branches are the names of the branches of a parallel, those that are lists.
func branches(m Map) []string {
	w, _ := m.Get("parallel").(Map)
	all, _ := w.Get("branches").(Map)
	var out []string
	for _, p := range all {
		if _, ok := p.Value.([]any); ok {
			out = append(out, p.Key)
		}
	}
	return out
}

// blockName is how AddStep names the block at a path.
func blockName(all []place, at path) string {
	for _, s := range all {
		if len(s.path) >= len(at) || !slices.Equal(s.path, at[:len(s.path)]) {
			continue
		}
		switch rest := at[len(s.path):]; {
		case len(rest) == 1:
			return s.ID + "/" + rest[0].(string)
		case len(rest) == 2 && rest[0] == flow.RescueBlock:
			return s.ID + "/" + flow.RescueBlock
		case len(rest) == 3 && rest[0] == "parallel":
			return s.ID + "/" + rest[2].(string)
		case len(rest) == 3 && rest[0] == "cases":
			return s.ID + "/case:" + strconv.Itoa(rest[1].(int))
		}
	}
	return ""
}

// find is a step by id; the error is NotFound.
func (d *doc) find(id string) (place, error) {
	all := d.steps()
	names := make([]string, 0, len(all))
	for _, s := range all {
		if s.ID == id && id != "" {
			return s, nil
		}
		names = append(names, s.ID)
	}
	e := engine.E(engine.NotFound, `no step is called "{name}"`, "name", id).WithOp("edit")
	if g := engine.Suggest(id, names); g != "" {
		e.Args["guess"] = g
		return place{}, e.WithHint(`Did you mean "{guess}"?`)
	}
	return place{}, e.WithHint("Check the ids of the steps.")
}

// block is the path of the list of steps that in names; the error is NotFound or Invalid.
func (d *doc) block(in string) (path, error) {
	if in == "" {
		return path{"steps"}, nil
	}
	id, name, _ := strings.Cut(in, "/")
	s, err := d.find(id)
	if err != nil {
		return nil, err
	}
	if slices.Contains(branches(s.Step), name) {
		return s.path.to("parallel", "branches", name), nil
	} else if n, ok := strings.CutPrefix(name, "case"); ok {
		i, err := strconv.Atoi(strings.TrimPrefix(n, ":"))
		if !strings.HasPrefix(n, ":") {
			i-- // as flow.CaseName counts
		}
		cases, _ := s.Step.Get("cases").([]any)
		if err == nil && i >= 0 && i < len(cases) {
			return s.path.to("cases", i, "steps"), nil
		}
	} else if name == flow.RescueBlock {
		return s.path.to(name, "steps"), nil
	} else if isBlock(name) {
		return s.path.to(name), nil
	}
	return nil, engine.E(engine.NotFound, `step "{id}" has no part "{part}"`, "id", id, "part", name).WithOp("edit")
}

// get is the value at a path; nil when there is none.
func (d *doc) get(p path) any { return getIn(d.root, p) }

func getIn(v any, p path) any {
	for _, k := range p {
		switch k := k.(type) {
		case string:
			m, _ := v.(Map)
			v = m.Get(k)
		case int:
			list, _ := v.([]any)
			if k < 0 || k >= len(list) {
				return nil
			}
			v = list[k]
		}
	}
	return v
}
