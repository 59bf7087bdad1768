package storagetest

import (
	"fmt"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

var auditTests = map[string]func(*testing.T, Store){
	"rows are chained in order": func(t *testing.T, s Store) {
		ctx := t.Context()
		same(t, "empty", must(s.VerifyAudit(ctx))(t), int64(0))
		var want []engine.AuditEntry
		for i := range 5 {
			e := engine.AuditEntry{At: int64(i), Actor: "ann", What: "flow.published", Object: fmt.Sprintf("flow/a@%d", i), Detail: "d"}
			want = append(want, e)
			if i%2 == 0 {
				ok(t, s.Audit(ctx, e))
			}
			if i%2 == 1 {
				ok(t, s.Audit(ctx, e, e))
				want = append(want, e)
			}
		}
		same(t, "entries", must(s.AuditEntries(ctx, 1, 0))(t), want)
		same(t, "part", must(s.AuditEntries(ctx, 3, 2))(t), want[2:4])
		same(t, "rows", must(s.VerifyAudit(ctx))(t), int64(7))
		ok(t, s.Audit(ctx))
	},
	"a long audit verifies": func(t *testing.T, s Store) {
		entries := make([]engine.AuditEntry, 2500)
		ok(t, s.Audit(t.Context(), entries...))
		same(t, "rows", must(s.VerifyAudit(t.Context()))(t), int64(2500))
	},
}
