package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/gate"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
)

// gates does what a change says about gates, and lets no run begin that waits for one.
func (t *tx) gates(number int64, gated int, c *local.Change) error {
	if err := storage.CheckTurn(gated, c); err != nil {
		return err
	}
	return storage.ChangeGates(t, number, gated, c)
}

// take takes the events that a batch stands for away from their gate.
func (t *tx) take(a *local.Accepting) error {
	if a.Take == nil || len(a.Items) != 1 {
		return nil
	}
	a.Take.Events = nil // this may not be the first try
	return storage.TakeRows(t, a.Take.Gate, a.Take.Rows, func(gate, row int64) (bool, error) {
		var event int64
		found, err := one(t, `SELECT event FROM gate_rows WHERE n = $1 AND gate = $2`, []any{row, gate}, &event)
		if err != nil || !found {
			return false, err
		}
		a.Take.Events = append(a.Take.Events, event)
		return true, nil
	}, a.Items[0].Event.At)
}

// taken says of the events what became of them.
func (t *tx) taken(a *local.Accepting, r engine.Receipt) error {
	for i, event := range a.Take.Events {
		outcome, reason := storage.TakenAs(a.Take, i, r)
		if _, err := t.exec(`UPDATE events SET outcome = $2, reason = $3, run = $4 WHERE n = $1`, event, string(outcome), reason,
			null(r.Number)); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE trigger_keys SET run = $1 FROM events e WHERE e.n = $2 AND e.key <> ''
			AND trigger_keys.trigger = (SELECT n FROM triggers WHERE id = e.trigger) AND trigger_keys.key = e.key`, null(r.Number), event); err != nil {
			return err
		}
	}
	return nil
}

func null(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// Told lists what gates have to tell runs.
func (s *Store) Told(ctx context.Context, n int) ([]local.GateTold, error) {
	out, err := all(s.reading(ctx), `SELECT r.id, coalesce(g.name, ''), w.path, w.tell, w.reason, w.data FROM gate_rows w
		JOIN runs r ON r.number = w.run LEFT JOIN gates g ON g.n = w.gate WHERE w.tell <> '' ORDER BY w.n LIMIT $1`, []any{limit(n)},
		func(row *sql.Rows) (t local.GateTold, err error) {
			var data []byte
			err = row.Scan(&t.Run, &t.Gate, &t.Path, &t.Tell, &t.Reason, &data)
			t.Data = data
			return t, err
		})
	return out, explain(s.dir, "gates", err)
}

// GatesDue lists gates whose time has come.
func (s *Store) GatesDue(ctx context.Context, now int64, n int) (due []local.GateDue, next int64, err error) {
	due, err = all(s.reading(ctx), `SELECT g.name, g.flow, g.label, g.rule, g.state,
		EXISTS (SELECT 1 FROM gate_rows w WHERE w.gate = g.n AND w.run > 0) FROM gates g
		WHERE g.wake > 0 AND g.wake <= $1 ORDER BY g.wake, g.n LIMIT $2`, []any{now, limit(n)},
		func(row *sql.Rows) (d local.GateDue, err error) {
			var rule, state []byte
			if err = row.Scan(&d.Gate, &d.Flow, &d.Label, &rule, &state, &d.Steps); err != nil {
				return d, err
			}
			if err = json.Unmarshal(rule, &d.Rule); err == nil {
				err = json.Unmarshal(state, &d.State)
			}
			return d, err
		})
	if err != nil {
		return nil, 0, explain(s.dir, "gates", err)
	}
	_, err = one(s.reading(ctx), `SELECT coalesce(min(wake), 0) FROM gates WHERE wake > $1`, []any{now}, &next)
	if n > 0 && len(due) == n {
		next = now // there may be more
	}
	return due, next, explain(s.dir, "gates", err)
}

// GateTick lets time pass at a gate.
func (s *Store) GateTick(ctx context.Context, a local.GateAsk, at int64, say func(gate.Out) []engine.Notice) error {
	return s.write(ctx, "gates", func(t *tx) error {
		out, err := storage.TickGate(t, a, at)
		if err != nil || say == nil {
			return err
		}
		return t.raise(say(out))
	})
}

// GateAnswer does what people answered to the question of a gate.
func (s *Store) GateAnswer(ctx context.Context, a local.GateAnswer, say func(gate.Out) []engine.Notice) error {
	return s.write(ctx, "gates", func(t *tx) error {
		out, err := storage.AnswerGate(t, a)
		if err != nil {
			return err
		}
		if err := t.audit(a.Audit); err != nil || say == nil {
			return err
		}
		return t.raise(say(out))
	})
}

// InLine lists what the first of a gate's line asked with.
func (s *Store) InLine(ctx context.Context, name string, n int) ([]local.GateTold, error) {
	out, err := all(s.reading(ctx), `SELECT r.id, g.name, w.path, w.data FROM gates g JOIN gate_rows w ON w.gate = g.n AND w.state = 0
		JOIN runs r ON r.number = w.run WHERE g.name = $1 ORDER BY w.n LIMIT $2`, []any{name, limit(n)},
		func(row *sql.Rows) (t local.GateTold, err error) {
			var data []byte
			err = row.Scan(&t.Run, &t.Gate, &t.Path, &data)
			t.Data = data
			return t, err
		})
	return out, explain(s.dir, "gates", err)
}

// LastAdded is who added last to a digest.
func (s *Store) LastAdded(ctx context.Context, name string) (t local.GateTold, found bool, err error) {
	var data []byte
	found, err = one(s.reading(ctx), `SELECT r.id, g.name, w.data FROM gates g JOIN gate_rows w ON w.gate = g.n AND w.state = 3
		JOIN runs r ON r.number = w.run WHERE g.name = $1 ORDER BY w.n DESC LIMIT 1`, []any{name}, &t.Run, &t.Gate, &data)
	t.Data = data
	return t, found, explain(s.dir, "gates", err)
}

// PutBreaker stores an open breaker, or forgets one that closed.
func (s *Store) PutBreaker(ctx context.Context, b local.Breaker, notices []engine.Notice, audit ...engine.AuditEntry) error {
	return s.write(ctx, "gates", func(t *tx) error {
		if err := storage.PutBreaker(t, b); err != nil {
			return err
		}
		if err := t.audit(audit); err != nil {
			return err
		}
		return t.raise(notices)
	})
}

// Breakers lists those that are open.
func (s *Store) Breakers(ctx context.Context) ([]local.Breaker, error) {
	out, err := all(s.reading(ctx), `SELECT flow, label, state FROM gates WHERE name >= 'breaker:' AND name < 'breaker;' ORDER BY n`, nil,
		func(row *sql.Rows) (b local.Breaker, err error) {
			var data []byte
			if err = row.Scan(&b.Flow, &b.Lane, &data); err != nil {
				return b, err
			}
			var state gate.State
			err = json.Unmarshal(data, &state)
			b.State = state.Breaker
			return b, err
		})
	return out, explain(s.dir, "gates", err)
}

// Collected lists what a gate has collected.
func (s *Store) Collected(ctx context.Context, name string, n int, last bool) ([]local.Collected, error) {
	out, err := all(s.reading(ctx), `SELECT w.n, e.trigger, p.data, coalesce(p.blob, '') FROM gates g
		JOIN gate_rows w ON w.gate = g.n AND w.state = 0 JOIN events e ON e.n = w.event
		LEFT JOIN event_payloads p ON p.event = e.n AND ($3 = 0 OR w.n = (SELECT max(n) FROM gate_rows WHERE gate = g.n AND state = 0))
		WHERE g.name = $1 ORDER BY w.n LIMIT $2`, []any{name, limit(n), last},
		func(row *sql.Rows) (c local.Collected, err error) {
			var data []byte
			var blob string
			if err = row.Scan(&c.Row, &c.Trigger, &data, &blob); err != nil {
				return c, err
			}
			if data, err = s.blobs.load(data, blob); err == nil && data != nil {
				c.Event, err = storage.DecodeEvent(data)
			}
			return c, err
		})
	return out, explain(s.dir, "gates", err)
}

// Lined tells what queued runs wait for. A line may be 100,000 runs long: it is counted once, and from the first of the
// runs on only what lies between them.
func (s *Store) Lined(ctx context.Context, runs []string) (map[string]engine.Line, error) {
	stands, err := s.stands(ctx, runs)
	if err != nil {
		return nil, explain(s.dir, "gates", err)
	}
	slices.SortFunc(stands, func(a, b stand) int { return cmp.Or(cmp.Compare(a.gate, b.gate), cmp.Compare(a.row, b.row)) })
	out := map[string]engine.Line{}
	from := s.reading(ctx)
	var last stand
	for _, x := range stands {
		if x.gate != last.gate {
			last = stand{gate: x.gate}
			if last.line.Behind, err = all(from, `SELECT run FROM gate_rows WHERE gate = $1 AND state = 1 AND run > 0 ORDER BY n LIMIT 3`,
				[]any{x.gate}, func(r *sql.Rows) (n int64, err error) { err = r.Scan(&n); return n, err }); err != nil {
				return nil, explain(s.dir, "gates", err)
			}
		}
		var between int
		if _, err = one(from, `SELECT count(*) FROM gate_rows WHERE gate = $1 AND state = 0 AND n > $2 AND n <= $3`, []any{x.gate, last.row, x.row}, &between); err != nil {
			return nil, explain(s.dir, "gates", err)
		}
		x.line.Place, x.line.Behind = last.line.Place+between, last.line.Behind
		out[x.run], last = x.line, x
	}
	return out, nil
}

// stand is where a run stands in line.
type stand struct {
	run       string
	gate, row int64
	line      engine.Line
}

func (s *Store) stands(ctx context.Context, runs []string) (out []stand, err error) {
	for _, id := range runs {
		x := stand{run: id}
		var name, label string
		var rule []byte
		var r gate.Rule
		found, err := one(s.reading(ctx), `SELECT w.n, w.gate, g.name, g.label, g.rule FROM runs r JOIN gate_rows w ON w.run = r.number
			AND w.run > 0 AND w.state = 0 AND w.path = '' JOIN gates g ON g.n = w.gate WHERE r.id = $1 AND r.gated = 2`, []any{id},
			&x.row, &x.gate, &name, &label, &rule)
		if err == nil && found {
			err = json.Unmarshal(rule, &r)
		}
		if err != nil {
			return nil, err
		}
		if found {
			x.line = storage.LineAt(name, label, r)
			out = append(out, x)
		}
	}
	return out, nil
}
