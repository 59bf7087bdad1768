package storagetest

import (
	"context"
	"strconv"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

var failureTests = map[string]func(*testing.T, Store){
	"in order, from a number on": func(t *testing.T, s Store) {
		ctx := context.Background()
		if n := must(s.LastFailure(ctx))(t); n != 0 {
			t.Errorf("none yet, and the last is %d", n)
		}
		for i := range 5 {
			for _, kind := range []engine.NoticeKind{engine.NoticeFailed, engine.NoticeMended} {
				ok(t, s.Raise(ctx, engine.Notice{ID: string(kind) + strconv.Itoa(i), At: int64(i + 1), Kind: kind, Topic: "fail:r/s", Flow: "f",
					Run: "r", Number: int64(i), Path: "s", Data: []byte(`{"step":"s"}`)}))
			}
		}
		first := must(s.Failures(ctx, 0, 3))(t)
		if len(first) != 3 || first[0].Notice.ID != "step.failed0" || string(first[0].Notice.Data) != `{"step":"s"}` || first[0].Notice.Number != 0 {
			t.Fatalf("%+v", first)
		}
		rest := must(s.Failures(ctx, first[2].N, 100))(t)
		if len(rest) != 2 || rest[0].Notice.ID != "step.failed3" || rest[1].N <= rest[0].N {
			t.Fatalf("%+v", rest)
		}
		last := must(s.LastFailure(ctx))(t)
		if none := must(s.Failures(ctx, last, 100))(t); last != rest[1].N || len(none) != 0 {
			t.Errorf("the last is %d, after it %+v", last, none)
		}
	},
}
