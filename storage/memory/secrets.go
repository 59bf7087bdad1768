package memory

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/bretelle/bretelle/storage"
	"github.com/bretelle/bretelle/storage/vault"
)

func copyRecord(r vault.Record) vault.Record {
	r.Key, r.Sealed = bytes.Clone(r.Key), bytes.Clone(r.Sealed)
	return r
}

// PutSecret stores the next version of a sealed secret.
func (s *Store) PutSecret(ctx context.Context, r vault.Record) error {
	return s.write(ctx, func() error {
		if r.Version != s.secrets[r.Name].Version+1 {
			return storage.SecretMoved(r.Name)
		}
		s.secrets[r.Name] = copyRecord(r)
		return nil
	})
}

// Secret reads the last version of a sealed secret.
func (s *Store) Secret(ctx context.Context, name string) (r vault.Record, err error) {
	err = s.read(ctx, func() error {
		found, ok := s.secrets[name]
		if !ok {
			return vault.NoSecret(name)
		}
		r = copyRecord(found)
		return nil
	})
	return r, err
}

// Secrets lists sealed secrets by name.
func (s *Store) Secrets(ctx context.Context) (out []vault.Record, err error) {
	err = s.read(ctx, func() error {
		for _, name := range slices.Sorted(maps.Keys(s.secrets)) {
			if r := s.secrets[name]; r.Sealed != nil {
				out = append(out, copyRecord(r))
			}
		}
		return nil
	})
	return out, err
}

// DropSecret erases a secret's key and value.
func (s *Store) DropSecret(ctx context.Context, name string) error {
	return s.write(ctx, func() error {
		r, ok := s.secrets[name]
		if !ok || r.Sealed == nil {
			return vault.NoSecret(name)
		}
		r.Key, r.Sealed = nil, nil
		s.secrets[name] = r
		return nil
	})
}
