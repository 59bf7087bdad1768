package sqlite

import (
	"context"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/storage"
)

// PutTicket stores a one-time link or code.
func (s *Store) PutTicket(ctx context.Context, in bot.Ticket) error {
	return s.write(ctx, "ticket", func(t *tx) error {
		_, err := t.exec(`INSERT INTO tickets (hash, kind, person, expires) VALUES ($1, $2, $3, $4)
			ON CONFLICT (hash) DO UPDATE SET kind = excluded.kind, person = excluded.person, expires = excluded.expires`,
			in.Hash, in.Kind, in.Person, in.Expires)
		return err
	})
}

// UseTicket removes and returns a ticket, and clears away what has expired by now.
func (s *Store) UseTicket(ctx context.Context, hash string, now int64) (out bot.Ticket, err error) {
	found := false
	err = s.write(ctx, "ticket", func(t *tx) (err error) {
		out = bot.Ticket{Hash: hash}
		if found, err = one(t, `DELETE FROM tickets WHERE hash = $1 RETURNING kind, person, expires`, []any{hash}, &out.Kind,
			&out.Person, &out.Expires); err != nil {
			return err
		}
		found = found && out.Expires > now
		if _, err = t.exec(`DELETE FROM tickets WHERE expires <= $1`, now); err != nil {
			return err
		}
		_, err = t.exec(`DELETE FROM sessions WHERE expires <= $1`, now)
		return err
	})
	if err == nil && !found {
		return bot.Ticket{}, storage.NoTicket()
	}
	return out, err
}

// PutSession stores a console login.
func (s *Store) PutSession(ctx context.Context, in bot.Session) error {
	return s.write(ctx, "session", func(t *tx) error {
		_, err := t.exec(`INSERT INTO sessions (hash, person, expires) VALUES ($1, $2, $3)
			ON CONFLICT (hash) DO UPDATE SET person = excluded.person, expires = excluded.expires`,
			in.Hash, in.Person, in.Expires)
		return err
	})
}

// Session finds a console login.
func (s *Store) Session(ctx context.Context, hash string, now int64) (bot.Session, error) {
	out := bot.Session{Hash: hash}
	found, err := one(s.reading(ctx), `SELECT person, expires FROM sessions WHERE hash = $1 AND expires > $2`,
		[]any{hash, now}, &out.Person, &out.Expires)
	if err == nil && !found {
		err = storage.NoSession()
	}
	if err != nil {
		return bot.Session{}, explain(s.dir, "session", err)
	}
	return out, nil
}

// DropSession ends a console login.
func (s *Store) DropSession(ctx context.Context, hash string) error {
	return s.write(ctx, "session", func(t *tx) error {
		_, err := t.exec(`DELETE FROM sessions WHERE hash = $1`, hash)
		return err
	})
}

// Setting reads a fact of the installation.
func (s *Store) Setting(ctx context.Context, key string) (v string, err error) {
	_, err = one(s.reading(ctx), `SELECT value FROM settings WHERE key = $1`, []any{key}, &v)
	return v, explain(s.dir, "setting", err)
}

// SetSetting stores a fact of the installation.
func (s *Store) SetSetting(ctx context.Context, key, value string) error {
	return s.write(ctx, "setting", func(t *tx) error {
		_, err := t.exec(`INSERT INTO settings (key, value) VALUES ($1, $2)
			ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
		return err
	})
}
