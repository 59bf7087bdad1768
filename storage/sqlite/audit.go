package sqlite

import (
	"bytes"
	"context"
	"database/sql"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// audit appends to the chain.
func (t *tx) audit(entries []engine.AuditEntry) error {
	if len(entries) == 0 {
		return nil
	}
	var row int64
	var hash []byte
	if _, err := one(t, `SELECT row, hash FROM audit_head WHERE one = 1`, nil, &row, &hash); err != nil {
		return err
	}
	for _, e := range entries {
		row++
		hash = storage.AuditHash(hash, row, e)
		if _, err := t.exec(`INSERT INTO audit (row, at, actor, what, object, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			row, e.At, e.Actor, e.What, e.Object, e.Detail, hash); err != nil {
			return err
		}
	}
	_, err := t.exec(`UPDATE audit_head SET row = $1, hash = $2 WHERE one = 1`, row, hash)
	return err
}

// Audit appends to the audit.
func (s *Store) Audit(ctx context.Context, entries ...engine.AuditEntry) error {
	return s.write(ctx, "audit", func(t *tx) error { return t.audit(entries) })
}

type auditRow struct {
	row   int64
	entry engine.AuditEntry
	hash  []byte
}

func scanAudit(row *sql.Rows) (a auditRow, err error) {
	e := &a.entry
	err = row.Scan(&a.row, &e.At, &e.Actor, &e.What, &e.Object, &e.Detail, &a.hash)
	return a, err
}

const auditRows = `SELECT row, at, actor, what, object, detail, hash FROM audit WHERE row > $1 ORDER BY row LIMIT $2`

// VerifyAudit walks the chain, from the beginning or from where it says that it was forgotten. It reads in pieces, so that
// an audit of any length needs little memory.
func (s *Store) VerifyAudit(ctx context.Context) (rows int64, err error) {
	// The head is read first: rows that come while this walks are beyond it.
	var last, beyond int64
	var head []byte
	found, err := one(s.reading(ctx), `SELECT row, hash, (SELECT count(*) FROM audit a WHERE a.row > h.row)
		FROM audit_head h WHERE one = 1`, nil, &last, &head, &beyond)
	switch {
	case err != nil:
		return 0, explain(s.dir, "audit", err)
	case !found:
		return 0, storage.AuditBroken(1)
	}
	gone, prev, err := forgotten(s.reading(ctx))
	if err != nil {
		return 0, explain(s.dir, "audit", err)
	}
	for gone+rows < last {
		piece, err := all(s.reading(ctx), auditRows, []any{gone + rows, 1000}, scanAudit)
		if err != nil {
			return rows, explain(s.dir, "audit", err)
		}
		if len(piece) == 0 {
			return rows, storage.AuditBroken(gone + rows + 1)
		}
		for _, a := range piece {
			next := gone + rows + 1
			prev = storage.AuditHash(prev, next, a.entry)
			if a.row != next || !bytes.Equal(prev, a.hash) || a.row == last && !bytes.Equal(prev, head) {
				return rows, storage.AuditBroken(next)
			}
			if rows++; next == last {
				break
			}
		}
	}
	if beyond > 0 {
		return rows, storage.AuditBroken(last + 1)
	}
	return rows, nil
}

// AuditEntries reads rows from row from on (1 is the first), at most n.
func (s *Store) AuditEntries(ctx context.Context, from int64, n int) ([]engine.AuditEntry, error) {
	list, err := all(s.reading(ctx), auditRows, []any{from - 1, limit(n)}, scanAudit)
	var out []engine.AuditEntry
	for _, a := range list {
		out = append(out, a.entry)
	}
	return out, explain(s.dir, "audit", err)
}
