package storage

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/gate"
	"github.com/bretelle/bretelle/engine/local"
)

// PutBreaker stores what holds calls of a flow back; a closed one is forgotten.
func PutBreaker(t Gates, b local.Breaker) error {
	g, found, err := t.Gate(local.BreakerGate + b.Flow + ":" + b.Lane)
	switch {
	case err != nil:
		return err
	case !b.State.Open() && found:
		return t.DropGate(g.N)
	case !b.State.Open():
		return nil
	case !found:
		g = Gate{Name: local.BreakerGate + b.Flow + ":" + b.Lane, Flow: b.Flow, Label: b.Lane}
	}
	g.State = gate.State{Breaker: b.State}
	return t.PutGate(&g)
}

// CheckTurn refuses a change that begins a run that waits for a gate: a defect of the caller that must not let more in
// than a limit says.
func CheckTurn(gated int, c *local.Change) error {
	if gated != Lined || c.Status.Final() || c.Status == engine.RunQueued {
		return nil
	}
	return engine.E(engine.Internal, "run {run} waits for its turn", "run", c.Run).WithOp("storage.commit")
}

// LineAt is the line at a gate that runs wait at before they begin, but for who stands in it.
func LineAt(name, label string, r gate.Rule) engine.Line {
	l := engine.Line{Kind: engine.LineSlots, Label: label, Most: r.Most}
	if strings.HasPrefix(name, local.OrderGate) {
		l.Kind = engine.LineOrder
	}
	return l
}
