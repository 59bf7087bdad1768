package storage

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
)

// AuditHash chains a row of the audit to the one before it: SHA-256 over the previous hash (nil for row 1), the row
// number and every field with its length, so that no two different rows read the same.
func AuditHash(prev []byte, row int64, e engine.AuditEntry) []byte {
	h := sha256.New()
	var n [8]byte
	number := func(v int64) {
		binary.BigEndian.PutUint64(n[:], uint64(v))
		h.Write(n[:])
	}
	number(int64(len(prev)))
	h.Write(prev)
	number(row)
	number(e.At)
	for _, s := range []string{e.Actor, e.What, e.Object, e.Detail} {
		number(int64(len(s)))
		h.Write([]byte(s))
	}
	return h.Sum(nil)
}

// AuditBroken names the first row of the audit that does not fit.
func AuditBroken(row int64) error {
	return engine.E(engine.Conflict, "the audit was changed: row {row} does not fit", "row", row).
		WithHint("Rows before it are as they were written. Compare with a backup.")
}

// PublishAudit is the audit entry of a publication.
func PublishAudit(p flows.Publishing, version int64) engine.AuditEntry {
	return engine.AuditEntry{At: p.At, Actor: p.By, What: "flow.published",
		Object: "flow/" + p.Name + "@" + engine.Fill("{v}", engine.Args("v", version))}
}

// DiscardAudit is the audit entry of a draft that was thrown away.
func DiscardAudit(name, by string, at int64) engine.AuditEntry {
	return engine.AuditEntry{At: at, Actor: by, What: "flow.discarded", Object: "flow/" + name}
}

// StateAudit is the audit entry of a flow's change of state.
func StateAudit(c flows.StateChange) engine.AuditEntry {
	what := "flow." + string(c.State)
	if c.State == engine.FlowLive {
		what = "flow.resumed"
	}
	return engine.AuditEntry{At: c.At, Actor: c.By, What: what, Object: "flow/" + c.Name}
}
