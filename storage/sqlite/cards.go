package sqlite

import (
	"context"
	"database/sql"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// card stores a card by its id; another card of the same key in the same place gives way.
func (t *tx) card(c bot.StoredCard) error {
	where, thread := place(c.Place)
	if _, err := t.exec(`DELETE FROM cards WHERE key = $1 AND place = $2 AND thread = $3 AND id <> $4`, c.Key, where, thread,
		c.ID); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO cards (id, key, place, thread, ref, state, hash, card, updated)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET key = excluded.key, place = excluded.place,
		thread = excluded.thread, ref = excluded.ref, state = excluded.state, hash = excluded.hash, card = excluded.card,
		updated = excluded.updated`, c.ID, c.Key, where, thread, string(c.Ref), string(c.State), c.Hash, text(c.Card), c.Updated)
	return err
}

func (t *tx) intents(intents []bot.Intent) error {
	for _, i := range intents {
		if _, err := t.exec(`INSERT INTO intents (token, card, key, verb, run, path, plan, flow, data, expires,
			person, surface) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (token) DO UPDATE SET card = excluded.card,
			key = excluded.key, verb = excluded.verb, run = excluded.run, path = excluded.path, plan = excluded.plan,
			flow = excluded.flow, data = excluded.data, expires = excluded.expires,
			person = excluded.person, surface = excluded.surface`, i.Token, i.Card, i.Key, i.Verb, i.Run,
			i.Path, i.Plan, i.Flow, text(i.Data), i.Expires, i.For, i.On); err != nil {
			return err
		}
	}
	return nil
}

// PutCard stores a card without a notice.
func (s *Store) PutCard(ctx context.Context, c bot.StoredCard, intents []bot.Intent) error {
	return s.write(ctx, "card", func(t *tx) error {
		if err := t.card(c); err != nil {
			return err
		}
		return t.intents(intents)
	})
}

func (s *Store) cards(ctx context.Context, query string, args ...any) ([]bot.StoredCard, error) {
	out, err := all(s.reading(ctx), `SELECT id, key, place, thread, ref, state, hash, card, updated FROM cards `+query, args,
		func(row *sql.Rows) (c bot.StoredCard, err error) {
			var where, thread string
			var card []byte
			err = row.Scan(&c.ID, &c.Key, &where, &thread, &c.Ref, &c.State, &c.Hash, &card, &c.Updated)
			c.Place, c.Card = placed(where, thread), card
			return c, err
		})
	return out, explain(s.dir, "cards", err)
}

// Card finds the card of a key in a place.
func (s *Store) Card(ctx context.Context, key string, p engine.Place) (bot.StoredCard, error) {
	where, thread := place(p)
	out, err := s.cards(ctx, `WHERE key = $1 AND place = $2 AND thread = $3`, key, where, thread)
	if err != nil {
		return bot.StoredCard{}, err
	}
	if len(out) == 0 {
		return bot.StoredCard{}, storage.NoCard()
	}
	return out[0], nil
}

// Cards lists the cards of a key in every place, oldest first.
func (s *Store) Cards(ctx context.Context, key string) ([]bot.StoredCard, error) {
	return s.cards(ctx, `WHERE key = $1 ORDER BY n`, key)
}

// OpenCards lists open cards, newest first.
func (s *Store) OpenCards(ctx context.Context, p engine.Place, n int) ([]bot.StoredCard, error) {
	where, thread := place(p)
	return s.cards(ctx, `WHERE state = 'open' AND ($1 = '' OR place = $1) AND ($2 = '' OR thread = $2)
		ORDER BY n DESC LIMIT $3`, where, thread, limit(n))
}

// Intent finds what a token means.
func (s *Store) Intent(ctx context.Context, token string) (bot.Intent, error) {
	i := bot.Intent{Token: token}
	var data []byte
	found, err := one(s.reading(ctx), `SELECT card, key, verb, run, path, plan, flow, data, expires, person, surface FROM intents
		WHERE token = $1`, []any{token}, &i.Card, &i.Key, &i.Verb, &i.Run, &i.Path, &i.Plan, &i.Flow, &data, &i.Expires, &i.For, &i.On)
	if err == nil && !found {
		err = storage.NoIntent()
	}
	if err != nil {
		return bot.Intent{}, explain(s.dir, "intent", err)
	}
	i.Data = data
	return i, nil
}
