package sqlite

import (
	"database/sql"
	"encoding/json"

	"github.com/bretelle/bretelle/storage"
)

const gateColumns = `n, name, flow, label, rule, state, wake`

func (t *tx) gate(where string, arg any) (g storage.Gate, found bool, err error) {
	var rule, state []byte
	found, err = one(t, `SELECT `+gateColumns+` FROM gates WHERE `+where, []any{arg}, &g.N, &g.Name, &g.Flow, &g.Label, &rule,
		&state, &g.Wake)
	if err != nil || !found {
		return g, found, err
	}
	if err = json.Unmarshal(rule, &g.Rule); err == nil {
		err = json.Unmarshal(state, &g.State)
	}
	return g, true, err
}

// Gate implements storage.Gates.
func (t *tx) Gate(name string) (storage.Gate, bool, error) { return t.gate(`name = $1`, name) }

// GateOf implements storage.Gates.
func (t *tx) GateOf(n int64) (storage.Gate, bool, error) { return t.gate(`n = $1`, n) }

// PutGate implements storage.Gates.
func (t *tx) PutGate(g *storage.Gate) error {
	rule, err := encode(g.Rule)
	if err != nil {
		return err
	}
	state, err := encode(g.State)
	if err != nil {
		return err
	}
	if g.N != 0 {
		_, err = t.exec(`UPDATE gates SET rule = $2, state = $3, wake = $4 WHERE n = $1`, g.N, rule, state, g.Wake)
		return err
	}
	g.N, err = t.insert(`INSERT INTO gates (name, flow, label, rule, state, wake) VALUES ($1, $2, $3, $4, $5, $6)`, g.Name,
		g.Flow, g.Label, rule, state, g.Wake)
	return err
}

// DropGate implements storage.Gates.
func (t *tx) DropGate(n int64) error {
	_, err := t.exec(`DELETE FROM gates WHERE n = $1`, n)
	return err
}

// Expire implements storage.Gates.
func (t *tx) Expire(gate, at int64) (over int, next int64, err error) {
	n, err := t.exec(`DELETE FROM gate_rows WHERE gate = $1 AND until > 0 AND until <= $2 AND tell = ''`, gate, at)
	if err != nil {
		return 0, 0, err
	}
	// One that was not heard of yet is still to be told; its place is free all the same.
	m, err := t.exec(`UPDATE gate_rows SET until = 0, state = 2 WHERE gate = $1 AND until > 0 AND until <= $2`, gate, at)
	if err != nil {
		return 0, 0, err
	}
	_, err = one(t, `SELECT coalesce(min(until), 0) FROM gate_rows WHERE gate = $1 AND until > 0`, []any{gate}, &next)
	return int(n + m), next, err
}

const rowColumns = `n, gate, run, path, state, until, tell, reason, data, after, event`

func rowFields(r *storage.GateRow) []any {
	return []any{&r.N, &r.Gate, &r.Run, &r.Path, &r.State, &r.Until, &r.Tell, &r.Reason, &r.Data, &r.Then, &r.Event}
}

// AddRow implements storage.Gates.
func (t *tx) AddRow(r *storage.GateRow) (err error) {
	r.N, err = t.insert(`INSERT INTO gate_rows (gate, run, path, state, until, tell, reason, data, after, event)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, r.Gate, r.Run, r.Path, r.State, r.Until, r.Tell, r.Reason, text(r.Data),
		text(r.Then), r.Event)
	return err
}

// SetRow implements storage.Gates.
func (t *tx) SetRow(r *storage.GateRow) error {
	_, err := t.exec(`UPDATE gate_rows SET run = $2, path = $3, state = $4, until = $5, tell = $6, reason = $7, data = $8, after = $9
		WHERE n = $1`, r.N, r.Run, r.Path, r.State, r.Until, r.Tell, r.Reason, text(r.Data), text(r.Then))
	return err
}

// DropRow implements storage.Gates.
func (t *tx) DropRow(n int64) error {
	_, err := t.exec(`DELETE FROM gate_rows WHERE n = $1`, n)
	return err
}

// FirstRow implements storage.Gates.
func (t *tx) FirstRow(gate int64, state int) (r storage.GateRow, found bool, err error) {
	found, err = one(t, `SELECT `+rowColumns+` FROM gate_rows WHERE gate = $1 AND state = $2 AND tell <> 'ousted'
		ORDER BY n LIMIT 1`, []any{gate, state}, rowFields(&r)...)
	return r, found, err
}

// RowsOf implements storage.Gates.
func (t *tx) RowsOf(run int64) ([]storage.GateRow, error) {
	return all(t, `SELECT `+rowColumns+` FROM gate_rows WHERE run = $1 AND run > 0 ORDER BY n`, []any{run},
		func(row *sql.Rows) (r storage.GateRow, err error) {
			err = row.Scan(rowFields(&r)...)
			return r, err
		})
}

// ItemsOf implements storage.Gates.
func (t *tx) ItemsOf(gate int64) ([]storage.GateRow, error) {
	return all(t, `SELECT `+rowColumns+` FROM gate_rows WHERE gate = $1 AND state = 3 ORDER BY n`, []any{gate},
		func(row *sql.Rows) (r storage.GateRow, err error) {
			err = row.Scan(rowFields(&r)...)
			return r, err
		})
}

// SetGated implements storage.Gates.
func (t *tx) SetGated(run int64, gated int) error {
	_, err := t.exec(`UPDATE runs SET gated = $2, ready = CASE WHEN $2 = 2 OR status <> 'queued'
		OR EXISTS (SELECT 1 FROM flows WHERE name = runs.flow AND state = 'paused') THEN 0 ELSE 1 END WHERE number = $1`, run, gated)
	return err
}
