package memory

import (
	"bytes"
	"context"
	"slices"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

type notice struct {
	engine.Notice
	settled bool
	later   int64
	reason  string
}

// raise keeps notices; the caller holds the lock. One with a known id is the same one again.
func (s *Store) raise(notices []engine.Notice) {
	for _, n := range notices {
		if n.ID == "" {
			n.ID = engine.NewID(engine.Time(s.now()))
		}
		if s.noticed[n.ID] != nil {
			continue
		}
		n.Place, n.Data = storage.Canonical(n.Place), bytes.Clone(n.Data)
		row := &notice{Notice: n}
		s.notices = append(s.notices, row)
		s.noticed[n.ID] = row
	}
}

// Raise stores notices that belong to no run's change.
func (s *Store) Raise(ctx context.Context, notices ...engine.Notice) error {
	return s.write(ctx, func() error { s.raise(notices); return nil })
}

// Undelivered lists notices that are not settled and not put off, oldest first.
func (s *Store) Undelivered(ctx context.Context, limit int) (out []engine.Notice, err error) {
	err = s.read(ctx, func() error {
		now := s.now()
		for _, n := range s.notices {
			if !n.settled && n.later <= now {
				c := n.Notice
				c.Data = bytes.Clone(c.Data)
				out = append(out, c)
			}
		}
		out = upTo(out, limit)
		return nil
	})
	return out, err
}

// Settle stores what delivering a notice gave.
func (s *Store) Settle(ctx context.Context, in bot.Settled) error {
	return s.write(ctx, func() error {
		n := s.noticed[in.Notice]
		if n == nil {
			return storage.NoNotice(in.Notice)
		}
		n.reason, n.later, n.settled = in.Reason, in.Later, in.Later == 0
		for _, c := range in.Cards {
			s.putCard(c)
		}
		s.putIntents(in.Intents)
		s.want(in.Copies)
		if in.Alert != nil {
			s.putAlert(*in.Alert)
		}
		return nil
	})
}

func (s *Store) putCard(c bot.StoredCard) {
	c.Place, c.Card = storage.Canonical(c.Place), bytes.Clone(c.Card)
	s.cards = slices.DeleteFunc(s.cards, func(o bot.StoredCard) bool {
		return o.ID != c.ID && o.Key == c.Key && o.Place == c.Place
	})
	for i := range s.cards {
		if s.cards[i].ID == c.ID {
			s.cards[i] = c
			return
		}
	}
	s.cards = append(s.cards, c)
}

func (s *Store) putIntents(intents []bot.Intent) {
	for _, i := range intents {
		i.Data = bytes.Clone(i.Data)
		s.intents[i.Token] = i
	}
}

func (s *Store) putAlert(a bot.Alert) { s.alerts[a.Fingerprint] = copyAlert(a) }

func copyAlert(a bot.Alert) bot.Alert {
	a.Place, a.Runs, a.Last = storage.Canonical(a.Place), slices.Clone(a.Runs), bytes.Clone(a.Last)
	return a
}

// PutCard stores a card without a notice.
func (s *Store) PutCard(ctx context.Context, c bot.StoredCard, intents []bot.Intent) error {
	return s.write(ctx, func() error { s.putCard(c); s.putIntents(intents); return nil })
}

// TrimIntents removes intents that expired before expired, and the cards of answers and dialogs (resolved, standing
// nowhere) not updated since before that have no intents left. All in milliseconds.
func (s *Store) TrimIntents(ctx context.Context, expired, before int64) (gone int, err error) {
	err = s.write(ctx, func() error {
		gone = len(s.intents) + len(s.cards)
		used := map[string]bool{}
		for token, i := range s.intents {
			if i.Expires > 0 && i.Expires < expired {
				delete(s.intents, token)
			} else {
				used[i.Card] = true
			}
		}
		s.cards = slices.DeleteFunc(s.cards, func(c bot.StoredCard) bool {
			return c.State == engine.CardResolved && c.Ref == "" && c.Updated < before && !used[c.ID]
		})
		gone -= len(s.intents) + len(s.cards)
		return nil
	})
	return gone, err
}

func (s *Store) cardsWhere(want func(bot.StoredCard) bool) (out []bot.StoredCard) {
	for _, c := range s.cards {
		if want(c) {
			c.Card = bytes.Clone(c.Card)
			out = append(out, c)
		}
	}
	return out
}

// Card finds the card of a key in a place.
func (s *Store) Card(ctx context.Context, key string, p engine.Place) (c bot.StoredCard, err error) {
	err = s.read(ctx, func() error {
		found := s.cardsWhere(func(c bot.StoredCard) bool { return c.Key == key && c.Place == storage.Canonical(p) })
		if len(found) == 0 {
			return storage.NoCard()
		}
		c = found[0]
		return nil
	})
	return c, err
}

// Cards lists the cards of a key in every place, oldest first.
func (s *Store) Cards(ctx context.Context, key string) (out []bot.StoredCard, err error) {
	err = s.read(ctx, func() error {
		out = s.cardsWhere(func(c bot.StoredCard) bool { return c.Key == key })
		return nil
	})
	return out, err
}

// OpenCards lists open cards, newest first.
func (s *Store) OpenCards(ctx context.Context, p engine.Place, limit int) (out []bot.StoredCard, err error) {
	err = s.read(ctx, func() error {
		out = s.cardsWhere(func(c bot.StoredCard) bool { return c.State == engine.CardOpen && storage.Within(c.Place, p) })
		slices.Reverse(out)
		out = upTo(out, limit)
		return nil
	})
	return out, err
}

// Intent finds what a token means.
func (s *Store) Intent(ctx context.Context, token string) (i bot.Intent, err error) {
	err = s.read(ctx, func() error {
		found, ok := s.intents[token]
		if !ok {
			return storage.NoIntent()
		}
		i = found
		i.Data = bytes.Clone(i.Data)
		return nil
	})
	return i, err
}

// Alert finds an alert group.
func (s *Store) Alert(ctx context.Context, fingerprint string) (a bot.Alert, err error) {
	err = s.read(ctx, func() error {
		found, ok := s.alerts[fingerprint]
		if !ok {
			return storage.NoAlert()
		}
		a = copyAlert(found)
		return nil
	})
	return a, err
}

// PutAlert stores an alert group.
func (s *Store) PutAlert(ctx context.Context, a bot.Alert) error {
	return s.write(ctx, func() error { s.putAlert(a); return nil })
}
