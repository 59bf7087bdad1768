package sqlite

import (
	"database/sql"
	"encoding/hex"
	"fmt"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// The audit is forgotten from its beginning. A row at its end says so, with the hash that the first row left is chained
// to; being in the chain itself, it cannot be written afterwards by whoever removes rows:
//
//	1 … 4711 (hash h)    4712 ── 4713 ── … ── 90000 "audit.forgotten row=4711 hash=h" ── …
//	└── gone ──────┘     └ chained to h
//
// So that a year does not bring a thousand such rows, nothing is forgotten before a month's worth is old.
const (
	auditForgotten = "audit.forgotten"
	auditSlack     = int64(30 * 24 * 3600 * 1000)
)

// audit forgets rows of the audit that are old. A kill in between leaves rows that the chain says are forgotten; the next
// sweep removes them.
func (w *sweep) audit() error {
	before := storage.Before(w.now, w.keep.Audit)
	if before == 0 {
		return nil
	}
	from := w.s.reading(w.ctx)
	var first, at int64
	found, err := one(from, `SELECT row, at FROM audit ORDER BY row LIMIT 1`, nil, &first, &at)
	if err != nil || !found || at >= before-auditSlack {
		return err
	}
	upto, _, err := forgotten(from)
	if err == nil && upto < first {
		upto, err = w.auditTurn(first-1, before)
	}
	if err != nil {
		return err
	}
	for n := int64(sweepRows); n == sweepRows && upto >= first && w.ctx.Err() == nil; {
		err := w.write(func(t *tx) (err error) {
			n, err = t.exec(`DELETE FROM audit WHERE row IN (SELECT row FROM audit WHERE row <= $1 ORDER BY row LIMIT $2)`, upto, sweepRows)
			return err
		})
		if err != nil {
			return err
		}
		w.out.Audit += int(n)
	}
	return nil
}

// auditTurn writes down that rows after upto which are older than a time are forgotten, and says up to which. The newest
// row stays.
func (w *sweep) auditTurn(upto, before int64) (int64, error) {
	last, hash := upto, []byte(nil)
	err := each(w.s.reading(w.ctx), `SELECT row, at, hash FROM audit WHERE row > $1 AND row < (SELECT row FROM audit_head) ORDER BY row`, []any{upto}, func(r *sql.Rows) (bool, error) {
		var row, at int64
		var h sql.RawBytes
		if err := r.Scan(&row, &at, &h); err != nil || at >= before {
			return false, err
		}
		last, hash = row, append(hash[:0], h...)
		return true, nil
	})
	if err != nil || last == upto {
		return upto, err
	}
	return last, w.write(func(t *tx) error {
		return t.audit([]engine.AuditEntry{{At: w.now, What: auditForgotten, Object: "audit", Detail: fmt.Sprintf("row=%d hash=%s", last, hex.EncodeToString(hash))}})
	})
}

// forgotten is up to which row the audit says that it was forgotten, and the hash of that row; 0 where it never was.
func forgotten(from source) (row int64, hash []byte, err error) {
	var detail string
	found, err := one(from, `SELECT detail FROM audit WHERE what = $1 AND actor = '' ORDER BY row DESC LIMIT 1`, []any{auditForgotten}, &detail)
	if err != nil || !found {
		return 0, nil, err
	}
	var text string
	if _, err := fmt.Sscanf(detail, "row=%d hash=%s", &row, &text); err != nil {
		return 0, nil, nil // not as we write it: the chain does not fit, which is what is then said
	}
	hash, err = hex.DecodeString(text)
	if err != nil {
		return 0, nil, nil
	}
	return row, hash, nil
}
