package storage

import (
	"encoding/json"
	"strconv"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/gate"
	"github.com/bretelle/bretelle/engine/local"
)

// Gate is a stored gate.
type Gate struct {
	N     int64 // 0: not stored yet
	Name  string
	Flow  string
	Label string
	Rule  gate.Rule
	State gate.State
	Wake  int64 // 0: none
}

// GateRow is one that holds a place, waits in line, or was collected.
type GateRow struct {
	N      int64 // its place in line; 0: not stored yet
	Gate   int64
	Run    int64 // number; 0: an event, or a place that outlives its run
	Path   string
	State  int
	Until  int64  // when its place becomes free by itself; 0: never
	Tell   string // what the run is to be told: local.GateGranted and so on
	Reason string
	Data   []byte
	Then   []byte // JSON, gates to ask when it is through
	Event  int64  // of a collected event
}

// States of a GateRow.
const (
	GateWaits = 0
	GateHolds = 1
	GateOut   = 2 // it is neither in line nor through, and only has something to tell
	GateItem  = 3 // what a run added to a digest: it stays when the run has ended
)

// How a run stands to gates.
const (
	Ungated = 0 // it never asked one
	Gated   = 1 // it asked, and what it holds is to be freed when it ends
	Lined   = 2 // it may not begin yet
)

// Gates is what a store lets the gates do inside one of its transactions.
type Gates interface {
	Gate(name string) (Gate, bool, error)
	GateOf(n int64) (Gate, bool, error)
	PutGate(g *Gate) error                                   // a new one gets its N
	DropGate(n int64) error                                  // it has no rows
	Expire(gate, at int64) (over int, next int64, err error) // removes rows with 0 < Until ≤ at; next is the earliest Until left
	AddRow(r *GateRow) error                                 // gets its N
	SetRow(r *GateRow) error                                 // all but N, Gate and Event
	DropRow(n int64) error
	FirstRow(gate int64, state int) (GateRow, bool, error) // the first in line, of those that hold the first that need not give way yet
	RowsOf(run int64) ([]GateRow, error)
	ItemsOf(gate int64) ([]GateRow, error) // those of GateItem, in the order in which they came
	SetGated(run int64, gated int) error   // and with it whether it is ready
}

// AskGates asks gates in order for a run that wants to begin; it tells whether it has to wait. A refusal of a run that
// is stored already ousts it.
func AskGates(t Gates, run int64, asks []local.GateAsk, at int64) (waits bool, err error) {
	for i, a := range asks {
		then, err := engine.EncodeJSON(asks[i+1:])
		if err != nil {
			return false, err
		}
		v, err := AskGate(t, run, a, then, at)
		if err != nil {
			return false, err
		}
		if v != gate.Through {
			return true, t.SetGated(run, Lined)
		}
	}
	return false, t.SetGated(run, Gated)
}

// WouldRefuse says why one of the gates would refuse a run that is not stored yet; "" when none does before one makes it
// wait.
func WouldRefuse(t Gates, asks []local.GateAsk, at int64) (reason string, err error) {
	for _, a := range asks {
		g, op, err := look(t, a, gate.Ask, at)
		if err != nil {
			return "", err
		}
		switch _, out := gate.Apply(g.State, a.Rule, op); out.Verdict {
		case gate.Refused:
			return FullReason(a), nil
		case gate.Waits:
			return "", nil
		}
	}
	return "", nil
}

// FullReason is why a gate refuses, printable.
func FullReason(a local.GateAsk) string {
	s := "the limit of " + strconv.Itoa(a.Rule.Most) + " at once was reached"
	if a.Rule.Kind == gate.Rate {
		s = "the limit of " + strconv.Itoa(a.Rule.Most) + " in a period was reached"
	}
	if a.Label != "" {
		s += " for " + a.Label
	}
	return s
}

// look reads a gate, as an ask finds it, and what has to be known for an op.
func look(t Gates, a local.GateAsk, v gate.Verb, at int64) (Gate, gate.Op, error) {
	op := gate.Op{Verb: v, At: at}
	g, found, err := t.Gate(a.Gate)
	if err != nil {
		return g, op, err
	}
	if !found {
		g = Gate{Name: a.Gate, Flow: a.Flow, Label: a.Label}
	}
	g.Rule = a.Rule
	return g, op, expire(t, &g, &op)
}

func expire(t Gates, g *Gate, op *gate.Op) (err error) {
	if g.Rule.Kind == gate.Rate && g.N != 0 {
		op.Over, op.Next, err = t.Expire(g.N, op.At)
	}
	return err
}

// AskGate asks one gate, for a step (a.Path) or for a run that wants to begin, with the gates it asks then.
func AskGate(t Gates, run int64, a local.GateAsk, then []byte, at int64) (gate.Verdict, error) {
	if a.Rule.Kind == gate.Digest {
		return askDigest(t, run, a, at)
	}
	g, op, err := look(t, a, gate.Ask, at)
	if err != nil {
		return "", err
	}
	if is, err := isFirst(t, run, a, g); is || err != nil {
		return gate.Through, err
	}
	var out gate.Out
	g.State, out = gate.Apply(g.State, g.Rule, op)
	if err := save(t, &g, out, at); err != nil {
		return "", err
	}
	if err := oust(t, &g, out.Oust, run); err != nil {
		return "", err
	}
	r := GateRow{Gate: g.N, Run: run, Path: a.Path, Data: a.Data}
	switch out.Verdict {
	case gate.Through:
		r.hold(&g, at)
	case gate.Waits:
		r.Then = then
	case gate.Refused:
		r.State, r.Tell, r.Reason = GateOut, local.GateRefused, FullReason(a)
		if a.Path == "" {
			r.Tell = local.GateOusted
		} else if r.Reason, err = seenIn(t, g.N, r.Reason); err != nil {
			return "", err
		}
	}
	if err := t.AddRow(&r); err != nil {
		return "", err
	}
	return out.Verdict, admit(t, &g, out.Admit, at)
}

// isFirst says that the one place of a gate was taken by the step that asks, and tells it so: in a block that is gone
// through again, or in the run that this one runs again. Nobody is refused because of himself.
func isFirst(t Gates, run int64, a local.GateAsk, g Gate) (bool, error) {
	if a.Path == "" || a.Rule.Full != gate.Drop || a.Rule.Most != 1 || g.N == 0 {
		return false, nil
	}
	h, found, err := t.FirstRow(g.N, GateHolds)
	var by, me engine.BudgetCall
	if err != nil || !found || json.Unmarshal(h.Data, &by) != nil || json.Unmarshal(a.Data, &me) != nil {
		return false, err
	}
	if by.Step != me.Step || by.Number == 0 || by.Number != me.Number && by.Number != me.Of {
		return false, nil
	}
	h.Run, h.Path, h.Tell, h.Data = run, a.Path, local.GateGranted, a.Data
	return true, t.SetRow(&h)
}

// seenIn is why a step is refused where one alone may pass: which run has.
func seenIn(t Gates, gate int64, otherwise string) (string, error) {
	h, found, err := t.FirstRow(gate, GateHolds)
	var by engine.BudgetCall
	if err != nil || !found || json.Unmarshal(h.Data, &by) != nil || by.Number == 0 {
		return otherwise, err
	}
	return "seen before in " + number(by.Number), nil
}

// hold makes a row one that is through.
func (r *GateRow) hold(g *Gate, at int64) {
	r.State, r.Until = GateHolds, 0
	if g.Rule.Kind == gate.Rate {
		r.Until = at + g.Rule.Per
	}
	if r.Path != "" {
		r.Tell = local.GateGranted
	}
}

// idleFor is how long a gate that lets nothing through is kept after a refusal, in milliseconds.
const idleFor = 60_000

// save stores a gate after an op, or forgets it when there is nothing to remember.
func save(t Gates, g *Gate, out gate.Out, at int64) error {
	if g.Wake = out.Wake; g.State.Idle() && out.Verdict == gate.Refused {
		g.Wake = max(at, 1) + idleFor // nothing will ever come through: only its refusals are told
	} else if g.State.Idle() && out.Verdict == "" {
		if g.N == 0 {
			return nil
		}
		return t.DropGate(g.N)
	}
	return t.PutGate(g)
}

// oust has somebody give way to a run.
func oust(t Gates, g *Gate, who gate.Oust, by int64) error {
	state := GateWaits
	switch who {
	case gate.Nobody:
		return nil
	case gate.Holder:
		state = GateHolds
	}
	r, found, err := t.FirstRow(g.N, state)
	if err != nil || !found {
		return err
	}
	if r.Tell, r.Reason = local.GateOusted, "replaced by "+number(by); who == gate.Waiter {
		r.State = GateOut
		if g.Rule.Full == gate.Coalesce {
			r.Reason = "joined by " + number(by)
		}
	}
	return t.SetRow(&r)
}

// number is how people know a run.
func number(run int64) string { return "#" + strconv.FormatInt(run, 10) }

// admit lets the first n of the line through. A run that wants to begin then asks its other gates.
func admit(t Gates, g *Gate, n int, at int64) error {
	for range n {
		r, found, err := t.FirstRow(g.N, GateWaits)
		if err != nil || !found {
			return err
		}
		then := r.Then
		r.Then = nil
		r.hold(g, at)
		if err := t.SetRow(&r); err != nil {
			return err
		}
		if r.Path != "" {
			continue
		}
		var asks []local.GateAsk
		if len(then) > 0 {
			if err := json.Unmarshal(then, &asks); err != nil {
				return err
			}
		}
		if _, err := AskGates(t, r.Run, asks, at); err != nil {
			return err
		}
	}
	return nil
}

// ChangeGates does what a change says about the gates of its run, gated as it stands to them before. Its end frees
// everything.
func ChangeGates(t Gates, run int64, gated int, c *local.Change) error {
	switch {
	case c.Status.Final() && gated == Ungated:
		return nil // what the same change asked nobody would ever take
	case c.Status.Final():
		if err := heard(t, run, c.Heard); err != nil {
			return err
		}
		return leave(t, run, c.At, func(GateRow) bool { return true })
	}
	for _, path := range c.Leaves {
		if err := leave(t, run, c.At, func(r GateRow) bool { return r.Path == path && path != "" }); err != nil {
			return err
		}
	}
	if err := heard(t, run, c.Heard); err != nil {
		return err
	}
	for _, a := range c.Asks {
		if _, err := AskGate(t, run, a, nil, c.At); err != nil {
			return err
		}
	}
	if len(c.Asks) > 0 && gated == Ungated {
		return t.SetGated(run, Gated)
	}
	return nil
}

func heard(t Gates, run int64, paths []string) error {
	if len(paths) == 0 {
		return nil
	}
	rows, err := t.RowsOf(run)
	if err != nil {
		return err
	}
	for _, r := range rows {
		for _, p := range paths {
			if r.Path != p || r.Tell == "" || p == "" {
				continue
			}
			switch r.Tell = ""; r.State {
			case GateOut:
				err = t.DropRow(r.N)
			case GateItem:
				r.Path = ""
				err = t.SetRow(&r)
			default:
				err = t.SetRow(&r)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// leave frees what the chosen rows of a run hold and wait for.
func leave(t Gates, run, at int64, chosen func(GateRow) bool) error {
	rows, err := t.RowsOf(run)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if !chosen(r) {
			continue
		}
		g, found, err := t.GateOf(r.Gate)
		if err != nil {
			return err
		}
		if found && g.Rule.Kind == gate.Digest {
			if err := leaveDigest(t, &g, r, at); err != nil {
				return err
			}
			continue
		}
		if r.State == GateHolds && r.Until > at && found {
			r.Run, r.Path, r.Tell = 0, "", "" // a rate remembers it, whatever became of the run
			if err := t.SetRow(&r); err != nil {
				return err
			}
			continue
		}
		if err := t.DropRow(r.N); err != nil {
			return err
		}
		if !found || r.State == GateOut {
			continue
		}
		op := gate.Op{Verb: gate.Quit, N: 1, At: at}
		if r.State == GateHolds {
			op.Verb = gate.Leave
		}
		if err := step(t, &g, op); err != nil {
			return err
		}
	}
	return nil
}

func step(t Gates, g *Gate, op gate.Op) error {
	if err := expire(t, g, &op); err != nil {
		return err
	}
	var out gate.Out
	g.State, out = gate.Apply(g.State, g.Rule, op)
	if err := save(t, g, out, op.At); err != nil {
		return err
	}
	return admit(t, g, out.Admit, op.At)
}
