package memory

import (
	"bytes"
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

type auditRow struct {
	entry engine.AuditEntry
	hash  []byte
}

// chain appends to the audit; the caller holds the lock.
func (s *Store) chain(entries ...engine.AuditEntry) {
	for _, e := range entries {
		var prev []byte
		if n := len(s.audit); n > 0 {
			prev = s.audit[n-1].hash
		}
		s.audit = append(s.audit, auditRow{e, storage.AuditHash(prev, int64(len(s.audit))+1, e)})
	}
}

// Audit appends to the audit.
func (s *Store) Audit(ctx context.Context, entries ...engine.AuditEntry) error {
	return s.write(ctx, func() error { s.chain(entries...); return nil })
}

// VerifyAudit walks the chain.
func (s *Store) VerifyAudit(ctx context.Context) (rows int64, err error) {
	err = s.read(ctx, func() error {
		var prev []byte
		for _, r := range s.audit {
			prev = storage.AuditHash(prev, rows+1, r.entry)
			if !bytes.Equal(prev, r.hash) {
				return storage.AuditBroken(rows + 1)
			}
			rows++
		}
		return nil
	})
	return rows, err
}

// AuditEntries reads rows from row from on (1 is the first), at most limit.
func (s *Store) AuditEntries(ctx context.Context, from int64, limit int) (out []engine.AuditEntry, err error) {
	err = s.read(ctx, func() error {
		for i := max(from, 1) - 1; i < int64(len(s.audit)); i++ {
			out = append(out, s.audit[i].entry)
		}
		out = upTo(out, limit)
		return nil
	})
	return out, err
}
