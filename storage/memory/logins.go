package memory

import (
	"context"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/storage"
)

// PutTicket stores a one-time link or code.
func (s *Store) PutTicket(ctx context.Context, t bot.Ticket) error {
	return s.write(ctx, func() error { s.tickets[t.Hash] = t; return nil })
}

// UseTicket removes and returns a ticket, and clears away what has expired by now.
func (s *Store) UseTicket(ctx context.Context, hash string, now int64) (t bot.Ticket, err error) {
	found := false
	err = s.write(ctx, func() error {
		if t, found = s.tickets[hash]; found {
			found = t.Expires > now
			delete(s.tickets, hash)
		}
		for h, old := range s.sessions {
			if old.Expires <= now {
				delete(s.sessions, h)
			}
		}
		for h, old := range s.tickets {
			if old.Expires <= now {
				delete(s.tickets, h)
			}
		}
		return nil
	})
	if err == nil && !found {
		return bot.Ticket{}, storage.NoTicket()
	}
	return t, err
}

// PutSession stores a console login.
func (s *Store) PutSession(ctx context.Context, in bot.Session) error {
	return s.write(ctx, func() error { s.sessions[in.Hash] = in; return nil })
}

// Session finds a console login.
func (s *Store) Session(ctx context.Context, hash string, now int64) (out bot.Session, err error) {
	err = s.read(ctx, func() error {
		found, ok := s.sessions[hash]
		if !ok || found.Expires <= now {
			return storage.NoSession()
		}
		out = found
		return nil
	})
	return out, err
}

// DropSession ends a console login.
func (s *Store) DropSession(ctx context.Context, hash string) error {
	return s.write(ctx, func() error { delete(s.sessions, hash); return nil })
}

// Setting reads a fact of the installation.
func (s *Store) Setting(ctx context.Context, key string) (v string, err error) {
	err = s.read(ctx, func() error { v = s.settings[key]; return nil })
	return v, err
}

// SetSetting stores a fact of the installation.
func (s *Store) SetSetting(ctx context.Context, key, value string) error {
	return s.write(ctx, func() error { s.settings[key] = value; return nil })
}
