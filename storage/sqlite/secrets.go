package sqlite

import (
	"context"
	"database/sql"

	"github.com/bretelle/bretelle/storage"
	"github.com/bretelle/bretelle/storage/vault"
)

const secretColumns = `SELECT name, version, origin, header, user, wrapped, sealed, at FROM secrets `

func secretFields(r *vault.Record) []any {
	return []any{&r.Name, &r.Version, &r.Origin, &r.Header, &r.User, &r.Key, &r.Sealed, &r.At}
}

// PutSecret stores the next version of a sealed secret.
func (s *Store) PutSecret(ctx context.Context, r vault.Record) error {
	return s.write(ctx, "secret", func(t *tx) error {
		n, err := t.exec(`INSERT INTO secrets (name, version, origin, header, user, wrapped, sealed, at)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8
			WHERE $2 = coalesce((SELECT version FROM secrets WHERE name = $1), 0) + 1
			ON CONFLICT (name) DO UPDATE SET version = excluded.version, origin = excluded.origin, header = excluded.header, user = excluded.user,
			wrapped = excluded.wrapped, sealed = excluded.sealed, at = excluded.at`, r.Name, r.Version, r.Origin, r.Header,
			r.User, r.Key, r.Sealed, r.At)
		if err == nil && n == 0 {
			return storage.SecretMoved(r.Name)
		}
		return err
	})
}

// Secret reads the last version of a sealed secret.
func (s *Store) Secret(ctx context.Context, name string) (r vault.Record, err error) {
	found, err := one(s.reading(ctx), secretColumns+`WHERE name = $1`, []any{name}, secretFields(&r)...)
	if err == nil && !found {
		err = vault.NoSecret(name)
	}
	return r, explain(s.dir, "secret", err)
}

// Secrets lists sealed secrets by name.
func (s *Store) Secrets(ctx context.Context) ([]vault.Record, error) {
	out, err := all(s.reading(ctx), secretColumns+`WHERE sealed IS NOT NULL ORDER BY name`, nil,
		func(row *sql.Rows) (r vault.Record, err error) {
			err = row.Scan(secretFields(&r)...)
			return r, err
		})
	return out, explain(s.dir, "secrets", err)
}

// DropSecret erases a secret's key and value.
func (s *Store) DropSecret(ctx context.Context, name string) error {
	return s.write(ctx, "secret", func(t *tx) error {
		n, err := t.exec(`UPDATE secrets SET wrapped = NULL, sealed = NULL WHERE name = $1 AND sealed IS NOT NULL`, name)
		if err == nil && n == 0 {
			return vault.NoSecret(name)
		}
		return err
	})
}
