package storagetest

import (
	"testing"

	"github.com/bretelle/bretelle/engine"
)

var restoredTests = map[string]func(*testing.T, Store){
	"runs that were open are known, and what they begin": func(t *testing.T, s Store) {
		ctx := t.Context()
		is := func(run string, seq int64, marked bool) {
			t.Helper()
			got, ok1, err := s.Restored(ctx, run)
			ok(t, err)
			same(t, "marked: "+run, []any{got, ok1}, []any{seq, marked})
		}
		for _, run := range []string{"r1", "r2"} {
			started(t, s, run)
		}
		over := change("r2", 1)
		over.Status = engine.RunDone
		ok(t, s.Commit(ctx, over))
		is("", 0, false)
		is("r1", 0, false)
		ok(t, s.Commit(ctx, change("r1", 1)))
		m := must(s.MarkRestored(ctx, 900))(t)
		same(t, "runs", m.Runs, 1)
		is("r1", 2, true)
		is("r2", 0, false)
		is("nobody", 0, false)
		_, some, err := s.Restored(ctx, "")
		ok(t, err)
		same(t, "any", some, true)

		started(t, s, "r3")
		is("r3", 0, false) // it began afterwards
		ok(t, s.Commit(ctx, calling("r1", 2, "c1")))
		is("c1", 0, true) // it may have been called before
		ok(t, s.Commit(ctx, calling("r3", 1, "c2")))
		is("c2", 0, false)
		same(t, "again", must(s.MarkRestored(ctx, 901))(t).Runs > 0, true)
		is("r1", 2, true) // as it was the first time
	},
}
