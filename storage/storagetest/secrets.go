package storagetest

import (
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/vault"
)

func sealed(name string, version int64) vault.Record {
	return vault.Record{Name: name, Version: version, Origin: "https://a.example", Header: "Authorization", User: "bot", Key: []byte{1, 0, 2},
		Sealed: []byte{3, 0, 255}, At: 9}
}

var secretTests = map[string]func(*testing.T, Store){
	"versions of a secret only grow": func(t *testing.T, s Store) {
		ctx := t.Context()
		_, err := s.Secret(ctx, "a")
		code(t, err, engine.NotFound)
		code(t, s.PutSecret(ctx, sealed("a", 2)), engine.Conflict)
		ok(t, s.PutSecret(ctx, sealed("a", 1)))
		code(t, s.PutSecret(ctx, sealed("a", 1)), engine.Conflict)
		ok(t, s.PutSecret(ctx, sealed("a", 2)))
		same(t, "secret", must(s.Secret(ctx, "a"))(t), sealed("a", 2))
		ok(t, s.PutSecret(ctx, sealed("B", 1)))
		same(t, "list", must(s.Secrets(ctx))(t), []vault.Record{sealed("B", 1), sealed("a", 2)})
		ok(t, s.DropSecret(ctx, "a"))
		code(t, s.DropSecret(ctx, "a"), engine.NotFound)
		code(t, s.DropSecret(ctx, "c"), engine.NotFound)
		gone := must(s.Secret(ctx, "a"))(t)
		if gone.Key != nil || gone.Sealed != nil || gone.Version != 2 {
			t.Fatalf("a deleted secret is %s", show(gone))
		}
		same(t, "list after", must(s.Secrets(ctx))(t), []vault.Record{sealed("B", 1)})
		code(t, s.PutSecret(ctx, sealed("a", 1)), engine.Conflict)
		ok(t, s.PutSecret(ctx, sealed("a", 3)))
	},
}
