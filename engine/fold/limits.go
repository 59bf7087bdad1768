package fold

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/check"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/gate"
)

// Limit is a gate that a run asks before it begins.
type Limit struct {
	Order bool   // runs of one key, one after the other; else so many at once
	Key   string // what they are counted by; "" is all that have no key
	Rule  gate.Rule
}

// Limits is what a run of an event asks before it begins, in this order. The error is an *engine.Error about the flow or
// its data, as that of Trigger.
func (p *Program) Limits(e engine.Event) (out []Limit, err error) {
	a := &p.Flow.Admission
	if a.Most == 0 && p.limitOrder == nil {
		return nil, nil
	}
	sc := p.eventScope(e)
	if p.limitOrder != nil {
		key, err := keyOf(sc, p.limitOrder)
		if err != nil {
			return nil, err
		}
		out = append(out, Limit{Order: true, Key: key, Rule: gate.Rule{Kind: gate.Slots, Most: 1}})
	}
	if a.Most > 0 {
		key, err := keyOf(sc, p.limitPer)
		if err != nil {
			return nil, err
		}
		out = append(out, Limit{Key: key, Rule: gate.Rule{Kind: gate.Slots, Most: a.Most, Full: gate.Full(a.Full)}})
	}
	return out, nil
}

// Gathered is where an event waits for others.
type Gathered struct {
	Key  string
	Rule gate.Rule // Quiet is set of a debounce: only the last event becomes a run
}

// Gather is where an event waits before it becomes a run; nil when it does not.
func (p *Program) Gather(e engine.Event) (*Gathered, error) {
	g := p.Flow.Trigger.Gather
	if g == nil {
		return nil, nil
	}
	key, err := keyOf(p.eventScope(e), p.gatherPer)
	if err != nil {
		return nil, err
	}
	r := gate.Rule{Kind: gate.Gather, For: g.For.Milliseconds(), Most: g.Most}
	switch {
	case !g.Batch:
		r.Quiet, r.For = g.For.Milliseconds(), g.Until.Milliseconds()
	case r.Most == 0:
		r.Most = flow.DefaultBatch
	}
	return &Gathered{key, r}, nil
}

// Gated tells that events may have to wait, or are counted: Limits or Gather has something to say, or so many are expected.
func (p *Program) Gated() bool {
	return p.Flow.Admission.Most > 0 || p.limitOrder != nil || p.Flow.Trigger.Gather != nil || p.Flow.Trigger.Expect != nil
}

// Batched tells that a run's event is made of items.
func (p *Program) Batched() bool { return p.Flow.Trigger.Gather != nil && p.Flow.Trigger.Gather.Batch }

// Items is what the event of a run is made of that stands for several: each with its id, key and time.
func Items(events ...engine.Event) map[string]any {
	list := make([]any, 0, len(events))
	for _, e := range events {
		m := map[string]any{"id": e.ID, "key": e.Key, "at": timeText(e.At)}
		for k, v := range e.Data {
			m[k] = v
		}
		list = append(list, m)
	}
	return map[string]any{"items": list}
}

func keyOf(sc *scope, v *value) (string, error) {
	if v == nil {
		return "", nil
	}
	x, err := sc.eval(v)
	if err != nil || x == nil {
		return "", err
	}
	return plain(x), nil
}

// eventScope is what is known of an event before there is a run.
func (p *Program) eventScope(e engine.Event) *scope {
	event := eventRoot(map[string]any{"id": e.ID, "key": e.Key, "at": int(e.At), "trigger": e.Trigger, "data": e.Data})
	return &scope{zone: p.zone, roots: func(*expr.Expr) (map[string]any, error) {
		return map[string]any{"event": event, "flow": p.flowRoot(0)}, nil
	}}
}

// limits compiles what runs and events are counted by.
func (b *builder) limits(f *flow.Flow) {
	b.env = check.TriggerEnv(f, b.p.catalog)
	if g := f.Trigger.Gather; g != nil {
		b.p.gatherPer = b.value(g.Per)
	}
	b.env = check.RunEnv(f, b.p.catalog)
	b.p.limitPer, b.p.limitOrder = b.value(f.Admission.Per), b.value(f.Admission.Order)
}
