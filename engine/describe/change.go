package describe

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
)

// Changes says how two versions of a flow differ, approvals that became weaker first, then what starts it and its
// settings, then the steps in the order of the new text. It is empty when both do the same,
// and when one of them could not be read.
func Changes(old, new *flow.Flow, c engine.Catalog) []engine.Text {
	if old == nil || new == nil {
		return nil
	}
	d := &diff{old: old, new: new, c: c, was: index(old), is: index(new)}
	d.weaker()
	d.head()
	d.steps()
	return d.out
}

type diff struct {
	old, new *flow.Flow
	c        engine.Catalog
	was, is  map[string]*flow.Step
	out      []engine.Text
}

func (d *diff) say(msg engine.Text) { d.out = append(d.out, msg) }

func index(f *flow.Flow) map[string]*flow.Step {
	m := map[string]*flow.Step{}
	f.Walk(func(s *flow.Step) { m[s.ID] = s })
	return m
}

// weaker finds approvals that let more through, or by fewer people, than before.
func (d *diff) weaker() {
	before, after := gatesOf(d.old), gatesOf(d.new)
	d.old.Walk(func(s *flow.Step) {
		if before[s.ID] != nil && after[s.ID] == nil && d.is[s.ID] != nil {
			d.say(engine.Say("⚠ {step} needs no approval any more", "step", s.ID))
		}
	})
	d.old.Walk(func(s *flow.Step) {
		n := d.is[s.ID]
		if s.Ask == nil || n == nil || n.Ask == nil {
			return
		}
		a, b := s.Ask, n.Ask
		people := who(a) != who(b)
		switch {
		case people && slices.Equal(a.Any, b.Any) && slices.Equal(a.All, b.All) && b.Need < a.Need:
			d.say(engine.Say("⚠ {step} is decided by {now}, before by {before}", "step", s.ID, "now", Who(b), "before", Who(a)))
		case people:
			d.say(engine.Say("{step} is decided by {now}, before by {before}", "step", s.ID, "now", Who(b), "before", Who(a)))
		}
		if then(b) == "approve" && then(a) != "approve" {
			d.say(engine.Say("⚠ no answer to {step} counts as approval now", "step", s.ID))
		}
		if n.When != nil && s.When == nil {
			d.say(engine.Say("⚠ {step} is asked only if {condition}", "step", s.ID, "condition", Condition(n.When.Source)))
		}
		for _, e := range b.Edit {
			if !slices.Contains(a.Edit, e) {
				d.say(engine.Say("⚠ who decides about {step} may now change {field}", "step", s.ID, "field", e))
			}
		}
		if b.NotSet && len(b.Not) < len(a.Not) || b.NotSet && !a.NotSet && len(b.Not) < 2 {
			d.say(engine.Say("⚠ {step} may now be decided by those who began the run or edited it", "step", s.ID))
		}
	})
}

func who(a *flow.Ask) string { return Who(a).String() }

func then(a *flow.Ask) string {
	if a.Expire == nil {
		return ""
	}
	return a.Expire.Then
}

// gatesOf is the approval that covers each step.
func gatesOf(f *flow.Flow) map[string]*flow.Step {
	m := map[string]*flow.Step{}
	f.Walk(func(s *flow.Step) {
		if s.Ask == nil {
			return
		}
		for _, id := range s.Ask.Covers {
			m[id] = s
		}
	})
	return m
}

func (d *diff) head() {
	a, b := d.old, d.new
	if x, y := Trigger(a, d.c), Trigger(b, d.c); x.String() != y.String() {
		d.say(engine.Say("it starts when {now}; before: {before}", "now", y, "before", x))
	} else if a.Trigger.On != b.Trigger.On {
		d.say(engine.Say("it starts when {now}; before: {before}", "now", b.Trigger.On, "before", a.Trigger.On))
	} else {
		d.fields("trigger", top(a, "trigger", "with"), top(b, "trigger", "with"))
	}
	switch x, y := a.Trigger.When, b.Trigger.When; {
	case x == nil && y != nil:
		d.say(engine.Say("it runs only if {condition}", "condition", Condition(y.Source)))
	case x != nil && y == nil:
		d.say(engine.Say("it runs always; before only if {condition}", "condition", Condition(x.Source)))
	case x != nil && x.Source != y.Source:
		d.say(engine.Say("it runs only if {now}; before: {before}", "now", Condition(y.Source), "before", Condition(x.Source)))
	}
	for _, key := range []string{"flow", "title", "channel", "timezone", "notify", "limits"} {
		d.one(key, top(a, key), top(b, key))
	}
	for _, key := range []string{"debounce", "batch", "expect"} {
		d.one("trigger."+key, top(a, "trigger", key), top(b, "trigger", key))
	}
	d.one("trigger.key", top(a, "trigger", "key"), top(b, "trigger", "key"))
}

// top is a value as written, nil when it is not there or the text cannot be read.
func top(f *flow.Flow, keys ...string) any {
	m, err := edit.Top(f.Source)
	if err != nil {
		return nil
	}
	var v any = m
	for _, k := range keys {
		m, _ := v.(edit.Map)
		v = m.Get(k)
	}
	return v
}

func (d *diff) steps() {
	was, is := places(d.old), places(d.new)
	moved := d.moved(was, is)
	for _, p := range is {
		s := d.is[p.ID]
		old := slices.IndexFunc(was, func(q edit.Place) bool { return q.ID == p.ID })
		switch {
		case s == nil:
		case old < 0:
			d.say(engine.Say("new: {step}, {what}", "step", p.ID, "what", line(s, d.c)))
		default:
			if moved[p.ID] {
				d.say(engine.Say("{step} stands elsewhere now", "step", p.ID))
			}
			d.fields(p.ID, bareStep(was[old].Step), bareStep(p.Step))
		}
	}
	for _, p := range was {
		if s := d.was[p.ID]; s != nil && d.is[p.ID] == nil {
			d.say(engine.Say("gone: {step}, {what}", "step", p.ID, "what", line(s, d.c)))
		}
	}
}

// line is a step in one line with its kind, where that is not to be seen.
func line(s *flow.Step, c engine.Catalog) engine.Text {
	if s.Kind == flow.KindDo {
		return Step(s, c)
	}
	return engine.Text{Msg: "{kind}: {what}", Args: engine.Args("kind", string(s.Kind), "what", Step(s, c))}
}

func places(f *flow.Flow) []edit.Place {
	list, err := edit.Places(f.Source)
	if err != nil {
		return nil
	}
	return list
}

// bareStep is a step without the steps in it, which are compared by themselves.
func bareStep(m edit.Map) edit.Map {
	out := m.Without("id", "then", "else", "steps", "catch", "finally")
	if _, ok := m.Get("try").([]any); ok {
		out = out.Without("try")
	}
	if cases, ok := m.Get("cases").([]any); ok {
		is := make([]any, 0, len(cases))
		for _, c := range cases {
			c, _ := c.(edit.Map)
			is = append(is, c.Get("is"))
		}
		out = out.With("cases", is)
	}
	return out
}

// moved are the steps that are in another block or order: all that are not in the longest common order.
func (d *diff) moved(was, is []edit.Place) map[string]bool {
	at := map[string]edit.Place{}
	for _, p := range was {
		at[p.ID] = p
	}
	out := map[string]bool{}
	var common []string
	for _, p := range is {
		if q, ok := at[p.ID]; ok && q.In != p.In {
			out[p.ID] = true
		} else if ok {
			common = append(common, p.ID)
		}
	}
	order := map[string]int{}
	for i, p := range was {
		order[p.ID] = i
	}
	// best[i] is the length of the longest run of rising places that ends with common[i].
	best, prev, last := make([]int, len(common)), make([]int, len(common)), -1
	for i := range common {
		best[i], prev[i] = 1, -1
		for k := range i {
			if order[common[k]] < order[common[i]] && best[k]+1 > best[i] {
				best[i], prev[i] = best[k]+1, k
			}
		}
		if last < 0 || best[i] > best[last] {
			last = i
		}
	}
	stays := map[string]bool{}
	for i := last; i >= 0; i = prev[i] {
		stays[common[i]] = true
	}
	for _, id := range common {
		if !stays[id] {
			out[id] = true
		}
	}
	return out
}

// fields compares two values part by part; at names them.
func (d *diff) fields(at string, old, new any) {
	a, ok1 := old.(edit.Map)
	b, ok2 := new.(edit.Map)
	if !ok1 && old != nil || !ok2 && new != nil || !ok1 && !ok2 {
		d.one(at, old, new)
		return
	}
	for _, p := range b {
		d.fields(join(at, p.Key), a.Get(p.Key), p.Value)
	}
	for _, p := range a {
		if _, ok := b.Look(p.Key); !ok {
			d.fields(join(at, p.Key), p.Value, nil)
		}
	}
}

func join(at, key string) string {
	if key == "with" {
		return at
	}
	return at + "." + key
}

// one compares two values as a whole.
func (d *diff) one(at string, old, new any) {
	switch {
	case edit.Equal(old, new):
	case old == nil:
		d.say(engine.Say("{field}: {value}, new", "field", at, "value", short(new)))
	case new == nil:
		d.say(engine.Say("{field} is gone; before: {value}", "field", at, "value", short(old)))
	default:
		d.say(engine.Text{Msg: "{field}: {before} → {after}", Args: engine.Args("field", at, "before", short(old), "after", short(new))})
	}
}

// short is a value in a few characters: of two long texts that differ late, at least the lengths differ.
func short(v any) string {
	switch x := v.(type) {
	case string:
		if n := len([]rune(x)); n > longValue {
			return quoted(x, longValue) + " (" + strconv.Itoa(n) + ")"
		}
		return quoted(x, longValue)
	case nil:
		return "null"
	}
	b, err := engine.EncodeJSON(edit.Plain(v))
	if err != nil {
		return "…"
	}
	return brief(strings.TrimSpace(string(b)), longValue)
}
