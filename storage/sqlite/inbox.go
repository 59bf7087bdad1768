package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// Keep stores a delivery.
func (s *Store) Keep(ctx context.Context, surface, id string, payload json.RawMessage, at int64) (fresh bool, err error) {
	err = s.write(ctx, "keep", func(t *tx) error {
		n, err := t.exec(`INSERT INTO deliveries (surface, id, at, payload, done) VALUES ($1, $2, $3, $4, 0)
			ON CONFLICT (surface, id) DO NOTHING`, surface, id, at, text(payload))
		fresh = n > 0
		return err
	})
	return fresh && err == nil, err
}

// Done marks a delivery worked off; its payload is forgotten, its id is not.
func (s *Store) Done(ctx context.Context, surface, id string) error {
	return s.write(ctx, "done", func(t *tx) error {
		_, err := t.exec(`UPDATE deliveries SET done = 1, payload = NULL WHERE surface = $1 AND id = $2`, surface, id)
		return err
	})
}

// Unworked lists deliveries that are not done, oldest first.
func (s *Store) Unworked(ctx context.Context, surface string, n int) ([]bot.Kept, error) {
	out, err := all(s.reading(ctx), `SELECT id, payload FROM deliveries WHERE surface = $1 AND done = 0 ORDER BY n LIMIT $2`,
		[]any{surface, limit(n)}, func(row *sql.Rows) (k bot.Kept, err error) {
			var b []byte
			err = row.Scan(&k.ID, &b)
			k.Payload = b
			return k, err
		})
	return out, explain(s.dir, "unworked", err)
}

// PutMessage inserts or replaces a message.
func (s *Store) PutMessage(ctx context.Context, m bot.Message) (bot.Message, error) {
	m.Place = storage.Canonical(m.Place)
	if m.ID == "" {
		m.ID = engine.NewID(s.now())
	}
	where, thread := place(m.Place)
	var reactions []byte
	if m.Reactions != nil {
		var err error
		if reactions, err = engine.EncodeJSON(m.Reactions); err != nil {
			return bot.Message{}, engine.AsError(err).WithOp("sqlite.message")
		}
	}
	err := s.write(ctx, "message", func(t *tx) error {
		var kept []byte
		_, err := one(t, `INSERT INTO messages (id, change, place, place_thread, thread, within, by, reader, text, card, at, edited, reactions)
			VALUES ($1, (SELECT coalesce(max(change), 0) + 1 FROM messages), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
			ON CONFLICT (id) DO UPDATE SET change = excluded.change, place = excluded.place, place_thread = excluded.place_thread,
			thread = excluded.thread, within = excluded.within, by = excluded.by, reader = excluded.reader, text = excluded.text,
			card = excluded.card, at = excluded.at, edited = excluded.edited,
			reactions = coalesce(excluded.reactions, messages.reactions) RETURNING change, reactions`, []any{m.ID, where, thread, m.Thread,
			storage.Where(m).Thread, m.By, m.For, m.Text, text(m.Card), m.At, m.Edited, text(reactions)}, &m.Change, &kept)
		if err == nil {
			m.Reactions, err = counted(kept)
		}
		return err
	})
	if err != nil {
		return bot.Message{}, err
	}
	return m, nil
}

func (s *Store) messages(ctx context.Context, query string, args ...any) ([]bot.Message, error) {
	out, err := all(s.reading(ctx), `SELECT id, change, place, place_thread, thread, by, reader, text, card, at, edited, reactions
		FROM messages `+query, args, func(row *sql.Rows) (m bot.Message, err error) {
		var where, thread string
		var card, reactions []byte
		err = row.Scan(&m.ID, &m.Change, &where, &thread, &m.Thread, &m.By, &m.For, &m.Text, &card, &m.At, &m.Edited, &reactions)
		m.Place, m.Card = placed(where, thread), card
		if err == nil {
			m.Reactions, err = counted(reactions)
		}
		return m, err
	})
	return out, explain(s.dir, "messages", err)
}

// ChangedSince lists messages by change number.
func (s *Store) ChangedSince(ctx context.Context, p engine.Place, after int64, n int) ([]bot.Message, error) {
	where, thread := place(p)
	return s.messages(ctx, `WHERE change > $1 AND ($2 = '' OR place = $2) AND ($3 = '' OR within = $3)
		ORDER BY change LIMIT $4`, after, where, thread, limit(n))
}

// LastMessages lists the newest messages of a place, oldest first.
func (s *Store) LastMessages(ctx context.Context, p engine.Place, n int) ([]bot.Message, error) {
	where, thread := place(p)
	query := `WHERE place = $1 AND ($2 = '' OR within = $2) ORDER BY n DESC LIMIT $3`
	if where == "" {
		query = `WHERE $1 = '' AND ($2 = '' OR within = $2) ORDER BY n DESC LIMIT $3`
	}
	out, err := s.messages(ctx, query, where, thread, limit(n))
	slices.Reverse(out)
	return out, err
}

// Message is the one with the id, if there is one.
func (s *Store) Message(ctx context.Context, id string) (m bot.Message, found bool, err error) {
	out, err := s.messages(ctx, `WHERE id = $1`, id)
	if err != nil || len(out) == 0 {
		return m, false, err
	}
	return out[0], true, nil
}

// counted reads how many put an emoji under a message; nil for none.
func counted(text []byte) (n map[string]int, err error) {
	if text != nil {
		err = json.Unmarshal(text, &n)
	}
	return n, err
}
