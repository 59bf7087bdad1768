package edit

import (
	"strconv"
	"strings"
)

// text writes the flow.
func (p *lineParser) text() ([]byte, error) {
	p.cover()
	source := New(Head{Name: p.top.Text("flow")})
	var ops []Op
	for _, pair := range p.top[1:] {
		ops = append(ops, SetTop(pair))
	}
	if p.started != nil {
		with, _ := p.started.Get("with").(Map)
		ops = append(ops, SetTrigger{p.started.Text("on"), with})
		for _, part := range []string{"key", "when"} {
			if v, ok := p.started.Look(part); ok {
				ops = append(ops, SetTriggerPart{part, v})
			}
		}
	}
	steps := make([]any, len(p.steps))
	for i, s := range p.steps {
		steps[i] = s.m
	}
	out, err := Apply(source, ops...)
	if err != nil || len(steps) == 0 {
		return out, err
	}
	d, err := open(out)
	if err != nil {
		return nil, err
	}
	v, err := clean(steps)
	if err != nil {
		return nil, err
	}
	if err := d.replace(path{"steps"}, sortedList(v)); err != nil {
		return nil, err
	}
	return d.bytes(), nil
}

// cover lets each approval that does not say what it covers cover the next step that does something, and gives that
// step an id.
func (p *lineParser) cover() {
	taken := map[string]bool{}
	for _, s := range p.steps {
		taken[s.m.Text("id")] = true
	}
	for i, s := range p.steps {
		if !s.covers {
			continue
		}
		for k := i + 1; k < len(p.steps); k++ {
			target := &p.steps[k]
			action := target.m.Text("do")
			if action == "" {
				continue
			}
			if target.m.index("id") < 0 {
				target.m = append(Map{{"id", freeID(action, taken)}}, target.m...)
			}
			p.steps[i].m = s.m.With("covers", []any{target.m.Text("id")})
			break
		}
	}
}

// freeID is an id made of an action's name: "chat.message.post" gives "post", or "post_2".
func freeID(action string, taken map[string]bool) string {
	base := action[strings.LastIndexByte(action, '.')+1:]
	id := base
	for n := 2; taken[id]; n++ {
		id = base + "_" + strconv.Itoa(n)
	}
	taken[id] = true
	return id
}
