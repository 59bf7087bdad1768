package storage

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/gate"
	"github.com/bretelle/bretelle/engine/local"
)

// TickGate lets time pass at a gate; see local.GateStore.
func TickGate(t Gates, a local.GateAsk, at int64) (gate.Out, error) {
	g, found, err := t.Gate(a.Gate)
	if err != nil || !found && a.Rule.Kind == "" {
		return gate.Out{}, err
	}
	if !found {
		g = Gate{Name: a.Gate, Flow: a.Flow, Label: a.Label}
	}
	if a.Rule.Kind != "" {
		if g.Rule.Kind != a.Rule.Kind {
			g.State = gate.State{}
		}
		g.Rule = a.Rule
	}
	op := gate.Op{Verb: gate.Tick, At: at}
	if err := expire(t, &g, &op); err != nil {
		return gate.Out{}, err
	}
	var out gate.Out
	g.State, out = gate.Apply(g.State, g.Rule, op)
	if g.Rule.Kind == gate.Digest {
		if err := keepDigest(t, &g, out, at); err != nil || !out.Due {
			return out, err
		}
		return out, goOut(t, &g)
	}
	if err := save(t, &g, out, at); err != nil {
		return out, err
	}
	return out, admit(t, &g, out.Admit, at)
}

// AnswerGate does what people answered to the question of a gate; see local.GateStore. It is Conflict when another one
// was asked, or none.
func AnswerGate(t Gates, a local.GateAnswer) (gate.Out, error) {
	g, found, err := t.Gate(a.Gate)
	if err != nil {
		return gate.Out{}, err
	}
	var out gate.Out
	if found && g.State.Asked == a.Op.Asked { // else nothing is to be touched, not even what has expired
		if err := expire(t, &g, &a.Op); err != nil {
			return out, err
		}
		g.State, out = gate.Apply(g.State, g.Rule, a.Op)
	}
	if out.Said != gate.Decided {
		return out, engine.E(engine.Conflict, "This was decided already").WithHint("Nothing else has to be done.")
	}
	if err := save(t, &g, out, a.Op.At); err != nil {
		return out, err
	}
	for range out.Refuse {
		r, found, err := t.FirstRow(g.N, GateWaits)
		if err != nil || !found {
			return out, err
		}
		if r.State, r.Tell, r.Reason = GateOut, local.GateRefused, a.Reason; r.Path == "" {
			r.Tell = local.GateOusted
		}
		if err := t.SetRow(&r); err != nil {
			return out, err
		}
	}
	return out, admit(t, &g, out.Admit, a.Op.At)
}
