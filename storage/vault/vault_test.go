package vault_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/memory"
	"github.com/bretelle/bretelle/storage/vault"
)

const canary = "canary-8d1f-value"

func set(t *testing.T, v *vault.Vault, c engine.Credential) int64 {
	t.Helper()
	n, err := v.Set(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func code(t *testing.T, err error, want engine.Code) {
	t.Helper()
	if got := engine.CodeOf(err); got != want {
		t.Fatalf("error is %q (%v), want %q", got, err, want)
	}
}

func TestSetOpenDelete(t *testing.T) {
	ctx := t.Context()
	v := vault.New(vault.NewKey(), memory.New())
	c := engine.Credential{Name: "hook", Origin: "https://a.example", Header: "Authorization", Value: engine.NewSecret(canary)}
	for want := int64(1); want < 3; want++ {
		if n := set(t, v, c); n != want {
			t.Fatalf("version %d, want %d", n, want)
		}
	}
	got, err := v.Open(ctx, "hook")
	c.Version = 2
	if err != nil || got != c {
		t.Fatalf("opened %+v with %q (%v)", got, got.Value.Reveal(), err)
	}
	names, err := v.Names(ctx)
	if err != nil || len(names) != 1 || names[0].Name != "hook" || !names[0].Value.Empty() {
		t.Fatalf("names %+v (%v)", names, err)
	}
	if err := v.Delete(ctx, "hook"); err != nil {
		t.Fatal(err)
	}
	_, err = v.Open(ctx, "hook")
	code(t, err, engine.NotFound)
	code(t, v.Delete(ctx, "hook"), engine.NotFound)
	if n := set(t, v, c); n != 3 {
		t.Fatalf("after a deletion version %d, want 3: a plan may name version 1", n)
	}
	for _, bad := range []string{"", "a b", "ü", strings.Repeat("a", 101)} {
		_, err := v.Set(ctx, engine.Credential{Name: bad, Value: engine.NewSecret("x")})
		code(t, err, engine.Invalid)
	}
	_, err = v.Set(ctx, engine.Credential{Name: "empty"})
	code(t, err, engine.Invalid)
	_, err = v.Set(ctx, engine.Credential{Name: "long", Value: engine.NewSecret(strings.Repeat("x", vault.MaxValue+1))})
	code(t, err, engine.TooLarge)
}

func TestSetAtOnce(t *testing.T) {
	v := vault.New(vault.NewKey(), memory.New())
	var wg sync.WaitGroup
	for i := range 5 {
		wg.Go(func() {
			if _, err := v.Set(t.Context(), engine.Credential{Name: "a", Value: engine.NewSecret(fmt.Sprint(i))}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if c, err := v.Open(t.Context(), "a"); err != nil || c.Version != 5 {
		t.Fatalf("version %d (%v), want 5", c.Version, err)
	}
}

// tampered is a store whose rows somebody edits.
type tampered struct {
	*memory.Store
	edit func(*vault.Record)
}

func (s tampered) Secret(ctx context.Context, name string) (vault.Record, error) {
	r, err := s.Store.Secret(ctx, name)
	if err == nil {
		s.edit(&r)
	}
	return r, err
}

func TestTamperedRowsDoNotOpen(t *testing.T) {
	ctx := t.Context()
	s, key := memory.New(), vault.NewKey()
	v := vault.New(key, s)
	c := engine.Credential{Name: "a", Origin: "https://a.example", Header: "X-Token", Value: engine.NewSecret(canary)}
	set(t, v, c)
	old, err := s.Secret(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	set(t, v, c)
	c.Name = "b"
	set(t, v, c)
	other, err := s.Secret(ctx, "b")
	if err != nil {
		t.Fatal(err)
	}
	for what, edit := range map[string]func(*vault.Record){
		"another name's row":     func(r *vault.Record) { r.Key, r.Sealed = other.Key, other.Sealed },
		"another row whole":      func(r *vault.Record) { *r = other },
		"another name's value":   func(r *vault.Record) { r.Sealed = other.Sealed },
		"an older version":       func(r *vault.Record) { r.Key, r.Sealed = old.Key, old.Sealed },
		"another version number": func(r *vault.Record) { r.Version++ },
		"another origin":         func(r *vault.Record) { r.Origin = "https://evil.example" },
		"another header":         func(r *vault.Record) { r.Header = "Cookie" },
		"a flipped bit":          func(r *vault.Record) { r.Sealed[len(r.Sealed)-1] ^= 1 },
		"a flipped bit in key":   func(r *vault.Record) { r.Key[20] ^= 1 },
		"cut short":              func(r *vault.Record) { r.Sealed = r.Sealed[:5] },
	} {
		_, err := vault.New(key, tampered{s, edit}).Open(ctx, "a")
		if engine.CodeOf(err) != engine.Unreadable {
			t.Errorf("%s: error is %v, want unreadable", what, err)
		} else if strings.Contains(err.Error(), canary) {
			t.Errorf("%s: the error shows the value", what)
		}
	}
	if _, err := vault.New(key, tampered{s, func(*vault.Record) {}}).Open(ctx, "a"); err != nil {
		t.Fatalf("untouched: %v", err)
	}
}

func TestWrongKeyIsRefusedAtStart(t *testing.T) {
	ctx := t.Context()
	s, key := memory.New(), vault.NewKey()
	v := vault.New(key, s)
	for range 2 {
		if err := v.Check(ctx); err != nil {
			t.Fatal(err)
		}
	}
	set(t, v, engine.Credential{Name: "a", Value: engine.NewSecret(canary)})
	wrong := vault.New(vault.NewKey(), s)
	code(t, wrong.Check(ctx), engine.Denied)
	_, err := wrong.Open(ctx, "a")
	code(t, err, engine.Unreadable)
	if err := s.SetSetting(ctx, "vault.check", ""); err != nil {
		t.Fatal(err)
	}
	code(t, wrong.Check(ctx), engine.Denied)
	if err := vault.New(key, s).Check(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestNothingReadableIsStored(t *testing.T) {
	s := memory.New()
	v := vault.New(vault.NewKey(), s)
	set(t, v, engine.Credential{Name: "a", Value: engine.NewSecret(canary)})
	r, err := s.Secret(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(r.Sealed, []byte(canary)) || bytes.Contains(r.Key, []byte(canary)) {
		t.Fatal("the value is stored readably")
	}
}
