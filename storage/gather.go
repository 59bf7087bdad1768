package storage

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/gate"
	"github.com/bretelle/bretelle/engine/local"
)

// CountAt counts an event where so many are expected; where nobody expects any, it is nothing.
func CountAt(t Gates, name string, at int64) error {
	g, found, err := t.Gate(name)
	if err != nil || !found {
		return err
	}
	var out gate.Out
	g.State, out = gate.Apply(g.State, g.Rule, gate.Op{Verb: gate.Ask, At: at})
	return save(t, &g, out, at)
}

// Gather collects an event.
func Gather(t Gates, a local.GateAsk, event, at int64) error {
	g, op, err := look(t, a, gate.Ask, at)
	if err != nil {
		return err
	}
	var out gate.Out
	g.State, out = gate.Apply(g.State, g.Rule, op)
	if err := save(t, &g, out, at); err != nil {
		return err
	}
	return t.AddRow(&GateRow{Gate: g.N, Event: event, Data: a.Data})
}

// TakeRows takes collected rows away from their gate. It is Conflict when one is not there.
func TakeRows(t Gates, name string, rows []int64, has func(gate, row int64) (bool, error), at int64) error {
	g, found, err := t.Gate(name)
	if err != nil {
		return err
	}
	for _, n := range rows {
		ok := false
		if found {
			if ok, err = has(g.N, n); err != nil {
				return err
			}
		}
		if !ok {
			return engine.E(engine.Conflict, "what was collected was taken meanwhile")
		}
		if err := t.DropRow(n); err != nil {
			return err
		}
	}
	if !found {
		return nil
	}
	var out gate.Out
	g.State, out = gate.Apply(g.State, g.Rule, gate.Op{Verb: gate.Quit, N: len(rows), At: at})
	return save(t, &g, out, at)
}

// TakenAs says what became of the i-th event that was taken for a run.
func TakenAs(take *local.GateTake, i int, r engine.Receipt) (engine.Outcome, string) {
	if take.Joined && i < len(take.Rows)-1 {
		if r.Number == 0 {
			return engine.Skipped, "joined by a later event"
		}
		return engine.Skipped, "joined by " + number(r.Number)
	}
	return r.Outcome, r.Reason
}
