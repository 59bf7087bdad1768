package storage

import (
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/gate"
	"github.com/bretelle/bretelle/engine/local"
)

// A digest's rows: who waits for it stands in line with what it brought (GateWaits); what the others brought is a row that
// stays (GateItem), with the path of its step until that has heard that it is added. When the digest goes out, who waits
// takes all of it along in its own row (GateOut), until its run has it in its journal.

// brought is what a row holds of a digest, and how an op counts it.
func brought(r GateRow, v gate.Verb, at int64) (engine.DigestPart, gate.Op) {
	var p engine.DigestPart
	_ = json.Unmarshal(r.Data, &p) // what cannot be read is nothing
	return p, gate.Op{Verb: v, At: at, N: len(p.Items), Size: len(r.Data)}
}

// askDigest adds what a step brings.
func askDigest(t Gates, run int64, a local.GateAsk, at int64) (gate.Verdict, error) {
	g, _, err := look(t, a, gate.Ask, at)
	if err != nil {
		return "", err
	}
	r := GateRow{Run: run, Path: a.Path, Data: a.Data}
	_, op := brought(r, gate.Ask, at)
	var out gate.Out
	g.State, out = gate.Apply(g.State, g.Rule, op)
	if err := keepDigest(t, &g, out, at); err != nil {
		return "", err
	}
	r.Gate = g.N
	switch out.Verdict {
	case gate.Refused:
		r.State, r.Tell, r.Reason, r.Data = GateOut, local.GateJoined, "its digest went out already", nil
	case gate.Joined:
		r.State, r.Tell, r.Reason = GateItem, local.GateJoined, "added to a digest"
		w, found, err := t.FirstRow(g.N, GateWaits)
		if err != nil {
			return "", err
		}
		if found {
			r.Reason = "added to the digest of " + number(w.Run)
		}
	}
	if err := t.AddRow(&r); err != nil {
		return "", err
	}
	if out.Due {
		err = goOut(t, &g)
	}
	return out.Verdict, err
}

// keepDigest stores the gate of a digest after an op. One that is empty is kept as long as a run has not heard of it.
func keepDigest(t Gates, g *Gate, out gate.Out, at int64) error {
	g.Wake = out.Wake
	if g.State.Idle() {
		_, untold, err := t.FirstRow(g.N, GateOut)
		switch {
		case err != nil || g.N == 0 && out.Verdict == "":
			return err
		case !untold && out.Verdict == "" && !out.Due:
			return t.DropGate(g.N)
		}
		g.Wake = max(at, 1) + idleFor
	}
	return t.PutGate(g)
}

// goOut gives all that was brought to who waits for it.
func goOut(t Gates, g *Gate) error {
	w, found, err := t.FirstRow(g.N, GateWaits)
	if err != nil || !found {
		return err
	}
	items, err := t.ItemsOf(g.N)
	if err != nil {
		return err
	}
	var all engine.DigestData
	own := false
	take := func(r GateRow) {
		if p, _ := brought(r, gate.Quit, 0); len(p.Items) > 0 {
			all.Parts = append(all.Parts, p)
		}
	}
	for _, r := range items {
		if !own && r.N > w.N {
			own = true
			take(w)
		}
		take(r)
		if r.Tell == "" {
			err = t.DropRow(r.N)
		} else {
			r.State, r.Data = GateOut, nil
			err = t.SetRow(&r)
		}
		if err != nil {
			return err
		}
	}
	if !own {
		take(w)
	}
	if all.Parts == nil {
		all.Parts = []engine.DigestPart{}
	}
	w.State, w.Tell = GateOut, local.GateGranted
	if w.Data, err = engine.EncodeJSON(all); err != nil {
		return err
	}
	return t.SetRow(&w)
}

// leaveDigest withdraws what a run brought that does not take part any more, in the row r. What it had heard of as added
// stays, and so does what others brought, though it had just gone out to this run.
func leaveDigest(t Gates, g *Gate, r GateRow, at int64) error {
	if r.State == GateItem && r.Path == "" {
		return nil
	}
	if err := t.DropRow(r.N); err != nil {
		return err
	}
	verb := gate.Quit
	switch {
	case r.State == GateItem:
		verb = gate.Leave
	case r.State == GateOut && r.Tell == local.GateGranted:
		return putBack(t, g, r, at)
	case r.State == GateOut:
		return nil
	}
	_, op := brought(r, verb, at)
	return stepDigest(t, g, op)
}

func putBack(t Gates, g *Gate, r GateRow, at int64) error {
	var all engine.DigestData
	if err := json.Unmarshal(r.Data, &all); err != nil {
		return err
	}
	for _, p := range all.Parts {
		if p.Number == r.Run {
			continue
		}
		data, err := engine.EncodeJSON(p)
		if err != nil {
			return err
		}
		back := GateRow{Gate: g.N, Run: p.Number, State: GateItem, Data: data}
		if err := t.AddRow(&back); err != nil {
			return err
		}
		_, op := brought(back, gate.Back, at)
		if err := stepDigest(t, g, op); err != nil {
			return err
		}
	}
	return nil
}

func stepDigest(t Gates, g *Gate, op gate.Op) error {
	var out gate.Out
	g.State, out = gate.Apply(g.State, g.Rule, op)
	if err := keepDigest(t, g, out, op.At); err != nil {
		return err
	}
	if out.Due {
		return goOut(t, g)
	}
	return nil
}
