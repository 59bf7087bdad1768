package memory

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/gate"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
)

// gates is where only so many may pass.
type gates struct {
	gate, row int64 // last numbers
	list      []*storage.Gate
	rows      []*storage.GateRow // in the order of their numbers
}

func (s *Store) findGate(is func(*storage.Gate) bool) (storage.Gate, bool, error) {
	for _, g := range s.gates.list {
		if is(g) {
			return *g, true, nil
		}
	}
	return storage.Gate{}, false, nil
}

// Gate implements storage.Gates.
func (s *Store) Gate(name string) (storage.Gate, bool, error) {
	return s.findGate(func(g *storage.Gate) bool { return g.Name == name })
}

// GateOf implements storage.Gates.
func (s *Store) GateOf(n int64) (storage.Gate, bool, error) {
	return s.findGate(func(g *storage.Gate) bool { return g.N == n })
}

// PutGate implements storage.Gates.
func (s *Store) PutGate(g *storage.Gate) error {
	if g.N == 0 {
		s.gates.gate++
		g.N = s.gates.gate
		c := *g
		s.gates.list = append(s.gates.list, &c)
		return nil
	}
	for _, x := range s.gates.list {
		if x.N == g.N {
			*x = *g
		}
	}
	return nil
}

// DropGate implements storage.Gates.
func (s *Store) DropGate(n int64) error {
	s.gates.list = slices.DeleteFunc(s.gates.list, func(g *storage.Gate) bool { return g.N == n })
	return nil
}

// Expire implements storage.Gates.
func (s *Store) Expire(gate, at int64) (over int, next int64, err error) {
	s.gates.rows = slices.DeleteFunc(s.gates.rows, func(r *storage.GateRow) bool {
		if r.Gate != gate || r.Until == 0 {
			return false
		}
		if r.Until > at {
			if next == 0 || r.Until < next {
				next = r.Until
			}
			return false
		}
		over++
		if r.Tell == "" {
			return true
		}
		r.Until, r.State = 0, storage.GateOut
		return false
	})
	return over, next, nil
}

// AddRow implements storage.Gates.
func (s *Store) AddRow(r *storage.GateRow) error {
	s.gates.row++
	r.N = s.gates.row
	c := copyRow(*r)
	s.gates.rows = append(s.gates.rows, &c)
	return nil
}

// SetRow implements storage.Gates.
func (s *Store) SetRow(r *storage.GateRow) error {
	for _, x := range s.gates.rows {
		if x.N == r.N {
			*x = copyRow(*r)
		}
	}
	return nil
}

func copyRow(r storage.GateRow) storage.GateRow {
	r.Data, r.Then = bytes.Clone(r.Data), bytes.Clone(r.Then)
	return r
}

// DropRow implements storage.Gates.
func (s *Store) DropRow(n int64) error {
	s.gates.rows = slices.DeleteFunc(s.gates.rows, func(r *storage.GateRow) bool { return r.N == n })
	return nil
}

// FirstRow implements storage.Gates.
func (s *Store) FirstRow(gate int64, state int) (storage.GateRow, bool, error) {
	for _, r := range s.gates.rows {
		if r.Gate == gate && r.State == state && r.Tell != local.GateOusted {
			return copyRow(*r), true, nil
		}
	}
	return storage.GateRow{}, false, nil
}

// RowsOf implements storage.Gates.
func (s *Store) RowsOf(run int64) (out []storage.GateRow, err error) {
	for _, r := range s.gates.rows {
		if run > 0 && r.Run == run {
			out = append(out, copyRow(*r))
		}
	}
	return out, nil
}

// ItemsOf implements storage.Gates.
func (s *Store) ItemsOf(gate int64) (out []storage.GateRow, err error) {
	for _, r := range s.gates.rows {
		if r.Gate == gate && r.State == storage.GateItem {
			out = append(out, copyRow(*r))
		}
	}
	return out, nil
}

// SetGated implements storage.Gates.
func (s *Store) SetGated(run int64, gated int) error {
	s.byNo(run).gated = gated
	return nil
}

func (s *Store) take(a *local.Accepting) error {
	if a.Take == nil || len(a.Items) != 1 {
		return nil
	}
	a.Take.Events = nil
	for _, n := range a.Take.Rows { // before anything is changed
		i := slices.IndexFunc(s.gates.rows, func(r *storage.GateRow) bool { return r.N == n })
		if i < 0 {
			return engine.E(engine.Conflict, "what was collected was taken meanwhile")
		}
		a.Take.Events = append(a.Take.Events, s.gates.rows[i].Event)
	}
	return storage.TakeRows(s, a.Take.Gate, a.Take.Rows, func(int64, int64) (bool, error) { return true, nil }, a.Items[0].Event.At)
}

func (s *Store) taken(a local.Accepting, r engine.Receipt) {
	for i, n := range a.Take.Events {
		e := &s.events[n-1]
		e.outcome, e.reason = storage.TakenAs(a.Take, i, r)
		e.run, e.number = r.Run, r.Number
		if k, ok := s.keys[[2]string{e.trigger, e.key}]; ok && e.key != "" {
			k.run, k.number = r.Run, r.Number
			s.keys[[2]string{e.trigger, e.key}] = k
		}
	}
}

// Told lists what gates have to tell runs.
func (s *Store) Told(ctx context.Context, limit int) (out []local.GateTold, err error) {
	err = s.read(ctx, func() error {
		for _, r := range s.gates.rows {
			if r.Tell == "" || r.Run == 0 {
				continue
			}
			g, _, _ := s.GateOf(r.Gate)
			out = append(out, local.GateTold{Run: s.byNo(r.Run).head.ID, Gate: g.Name, Path: r.Path, Tell: r.Tell, Reason: r.Reason,
				Data: bytes.Clone(r.Data)})
		}
		out = upTo(out, limit)
		return nil
	})
	return out, err
}

// GatesDue lists gates whose time has come.
func (s *Store) GatesDue(ctx context.Context, now int64, limit int) (due []local.GateDue, next int64, err error) {
	err = s.read(ctx, func() error {
		list := slices.Clone(s.gates.list)
		slices.SortStableFunc(list, func(a, b *storage.Gate) int { return int(a.Wake - b.Wake) })
		for _, g := range list {
			switch {
			case g.Wake == 0:
			case g.Wake > now || limit > 0 && len(due) == limit:
				next = g.Wake
				return nil
			default:
				due = append(due, local.GateDue{Gate: g.Name, Flow: g.Flow, Label: g.Label, Rule: g.Rule, State: g.State,
					Steps: slices.ContainsFunc(s.gates.rows, func(r *storage.GateRow) bool { return r.Gate == g.N && r.Run > 0 })})
			}
		}
		return nil
	})
	return due, next, err
}

// GateTick lets time pass at a gate.
func (s *Store) GateTick(ctx context.Context, a local.GateAsk, at int64, say func(gate.Out) []engine.Notice) error {
	return s.write(ctx, func() error {
		out, err := storage.TickGate(s, a, at)
		if err == nil && say != nil {
			s.raise(say(out))
		}
		return err
	})
}

// GateAnswer does what people answered to the question of a gate.
func (s *Store) GateAnswer(ctx context.Context, a local.GateAnswer, say func(gate.Out) []engine.Notice) error {
	return s.write(ctx, func() error {
		out, err := storage.AnswerGate(s, a)
		if err != nil {
			return err
		}
		s.chain(a.Audit...)
		if say != nil {
			s.raise(say(out))
		}
		return nil
	})
}

// InLine lists what the first of a gate's line asked with.
func (s *Store) InLine(ctx context.Context, name string, limit int) (out []local.GateTold, err error) {
	err = s.read(ctx, func() error {
		g, found, _ := s.Gate(name)
		for _, r := range s.gates.rows {
			if found && r.Gate == g.N && r.State == storage.GateWaits && r.Run > 0 {
				out = append(out, local.GateTold{Run: s.byNo(r.Run).head.ID, Gate: name, Path: r.Path, Data: bytes.Clone(r.Data)})
			}
		}
		out = upTo(out, limit)
		return nil
	})
	return out, err
}

// LastAdded is who added last to a digest.
func (s *Store) LastAdded(ctx context.Context, name string) (t local.GateTold, found bool, err error) {
	err = s.read(ctx, func() error {
		g, is, _ := s.Gate(name)
		for _, r := range s.gates.rows {
			at, there := slices.BinarySearchFunc(s.runs, r.Run, byNumber)
			if is && there && r.Gate == g.N && r.State == storage.GateItem {
				t, found = local.GateTold{Run: s.runs[at].head.ID, Gate: name, Data: bytes.Clone(r.Data)}, true
			}
		}
		return nil
	})
	return t, found, err
}

// PutBreaker stores an open breaker, or forgets one that closed.
func (s *Store) PutBreaker(ctx context.Context, b local.Breaker, notices []engine.Notice, audit ...engine.AuditEntry) error {
	return s.write(ctx, func() error {
		if err := storage.PutBreaker(s, b); err != nil {
			return err
		}
		s.chain(audit...)
		s.raise(notices)
		return nil
	})
}

// Breakers lists those that are open.
func (s *Store) Breakers(ctx context.Context) (out []local.Breaker, err error) {
	err = s.read(ctx, func() error {
		for _, g := range s.gates.list {
			if strings.HasPrefix(g.Name, local.BreakerGate) {
				out = append(out, local.Breaker{Flow: g.Flow, Lane: g.Label, State: g.State.Breaker})
			}
		}
		return nil
	})
	return out, err
}

// Collected lists what a gate has collected.
func (s *Store) Collected(ctx context.Context, name string, limit int, _ bool) (out []local.Collected, err error) {
	err = s.read(ctx, func() error {
		g, found, _ := s.Gate(name)
		for _, r := range s.gates.rows {
			if !found || r.Gate != g.N || r.State != storage.GateWaits || r.Event == 0 {
				continue
			}
			e, err := storage.DecodeEvent(s.events[r.Event-1].data)
			if err != nil {
				return err
			}
			out = append(out, local.Collected{Row: r.N, Trigger: s.events[r.Event-1].trigger, Event: e})
		}
		out = upTo(out, limit)
		return nil
	})
	return out, err
}

// Lined tells what queued runs wait for.
func (s *Store) Lined(ctx context.Context, runs []string) (out map[string]engine.Line, err error) {
	out = map[string]engine.Line{}
	err = s.read(ctx, func() error {
		for _, id := range runs {
			if r := s.byID[id]; r != nil && r.gated == storage.Lined {
				if l, ok := s.line(r.head.Number); ok {
					out[id] = l
				}
			}
		}
		return nil
	})
	return out, err
}

func (s *Store) line(run int64) (l engine.Line, found bool) {
	i := slices.IndexFunc(s.gates.rows, func(r *storage.GateRow) bool {
		return r.Run == run && r.Path == "" && r.State == storage.GateWaits
	})
	if i < 0 {
		return l, false
	}
	g, _, _ := s.GateOf(s.gates.rows[i].Gate)
	l = storage.LineAt(g.Name, g.Label, g.Rule)
	for n, r := range s.gates.rows {
		switch {
		case r.Gate != g.N:
		case r.State == storage.GateWaits && n <= i:
			l.Place++
		case r.State == storage.GateHolds && r.Run > 0 && len(l.Behind) < 3:
			l.Behind = append(l.Behind, r.Run)
		}
	}
	return l, true
}
