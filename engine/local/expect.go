package local

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/gate"
)

// expected is the gate that counts the events of a flow that expects some.
func expected(t flows.Trigger) GateAsk {
	a := GateAsk{Gate: ExpectGate + t.ID, Flow: t.Flow, Label: t.ID}
	if e := t.Program.Flow.Trigger.Expect; e != nil {
		a.Rule = gate.Rule{Kind: gate.Expect, Most: e.AtLeast, Per: e.Every.Milliseconds()}
	}
	return a
}

// expectations begins to count for flows that expect events. A period begins when its flow is published, resumed, or
// says something else than before; what is counted already goes on.
func (r *Runtime) expectations() {
	for _, t := range r.flows.Expecting() {
		name := ExpectGate + t.ID
		if err := r.persist(r.loops, func() error { return r.judgePeriod(GateDue{Gate: name, Label: t.ID}) }); err != nil {
			r.gateFailed(name, err)
		}
	}
}

// judgePeriod tells people when a flow had fewer events than it expects, and when it has enough again. Where nothing is
// expected any more, nothing is counted.
func (r *Runtime) judgePeriod(d GateDue) error {
	t, ok := r.flows.Trigger(d.Label)
	if !ok || t.State != engine.FlowLive || t.Program == nil || t.Program.Flow.Trigger.Expect == nil {
		return r.store.GateTick(r.base, GateAsk{Gate: d.Gate, Rule: gate.Rule{Kind: gate.Slots, Most: 1}}, r.now(), nil)
	}
	now, told := r.now(), false
	a := expected(t)
	err := r.store.GateTick(r.base, a, now, func(out gate.Out) (notices []engine.Notice) {
		told = out.Short || out.Again
		for _, again := range []bool{true, false} {
			if again && !out.Again || !again && !out.Short {
				continue
			}
			data := engine.ExpectData{Had: out.Had, AtLeast: a.Rule.Most, Every: a.Rule.Per, Again: again}
			notices = append(notices, engine.Notice{
				ID: engine.NewID(r.o.Now()), At: now, Kind: engine.NoticeExpect, Topic: "expect:" + t.Flow, Flow: t.Flow, Place: t.Place,
				Data: encode(data),
			})
		}
		return notices
	})
	if err == nil && told {
		r.o.OnCommit()
	}
	return err
}
