package memory

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

type delivery struct {
	surface string
	id      string
	payload []byte
	done    bool
}

// Keep stores a delivery.
func (s *Store) Keep(ctx context.Context, surface, id string, payload json.RawMessage, at int64) (fresh bool, err error) {
	err = s.write(ctx, func() error {
		if s.kept[[2]string{surface, id}] != nil {
			return nil
		}
		fresh = true
		d := &delivery{surface: surface, id: id, payload: bytes.Clone(payload)}
		s.kept[[2]string{surface, id}] = d
		s.inbox = append(s.inbox, d)
		return nil
	})
	return fresh, err
}

// Done marks a delivery worked off; its payload is forgotten, its id is not.
func (s *Store) Done(ctx context.Context, surface, id string) error {
	return s.write(ctx, func() error {
		if d := s.kept[[2]string{surface, id}]; d != nil {
			d.done, d.payload = true, nil
		}
		return nil
	})
}

// Unworked lists deliveries that are not done, oldest first.
func (s *Store) Unworked(ctx context.Context, surface string, limit int) (out []bot.Kept, err error) {
	err = s.read(ctx, func() error {
		for _, d := range s.inbox {
			if d.surface == surface && !d.done {
				out = append(out, bot.Kept{ID: d.id, Payload: bytes.Clone(d.payload)})
			}
		}
		out = upTo(out, limit)
		return nil
	})
	return out, err
}

// PutMessage inserts or replaces a message.
func (s *Store) PutMessage(ctx context.Context, m bot.Message) (bot.Message, error) {
	m.Place, m.Card = storage.Canonical(m.Place), bytes.Clone(m.Card)
	if m.ID == "" {
		m.ID = engine.NewID(engine.Time(s.now()))
	}
	err := s.write(ctx, func() error {
		s.change++
		m.Change = s.change
		for i := range s.messages {
			if s.messages[i].ID == m.ID {
				if m.Reactions == nil {
					m.Reactions = maps.Clone(s.messages[i].Reactions)
				}
				s.messages[i] = m
				return nil
			}
		}
		s.messages = append(s.messages, m)
		return nil
	})
	if err != nil {
		return bot.Message{}, err
	}
	m.Card, m.Reactions = bytes.Clone(m.Card), maps.Clone(m.Reactions)
	return m, nil
}

func (s *Store) messagesWhere(want func(bot.Message) bool) (out []bot.Message) {
	for _, m := range s.messages {
		if want(m) {
			m.Card, m.Reactions = bytes.Clone(m.Card), maps.Clone(m.Reactions)
			out = append(out, m)
		}
	}
	return out
}

// ChangedSince lists messages by change number.
func (s *Store) ChangedSince(ctx context.Context, p engine.Place, after int64, limit int) (out []bot.Message, err error) {
	err = s.read(ctx, func() error {
		out = s.messagesWhere(func(m bot.Message) bool { return m.Change > after && storage.Within(storage.Where(m), p) })
		slices.SortFunc(out, func(a, b bot.Message) int { return cmp.Compare(a.Change, b.Change) })
		out = upTo(out, limit)
		return nil
	})
	return out, err
}

// LastMessages lists the newest messages of a place, oldest first.
func (s *Store) LastMessages(ctx context.Context, p engine.Place, limit int) (out []bot.Message, err error) {
	err = s.read(ctx, func() error {
		out = s.messagesWhere(func(m bot.Message) bool { return storage.Within(storage.Where(m), p) })
		if limit > 0 && len(out) > limit {
			out = out[len(out)-limit:]
		}
		return nil
	})
	return out, err
}

// Message is the one with the id, if there is one.
func (s *Store) Message(ctx context.Context, id string) (m bot.Message, found bool, err error) {
	err = s.read(ctx, func() error {
		if list := s.messagesWhere(func(m bot.Message) bool { return m.ID == id }); len(list) > 0 {
			m, found = list[0], true
		}
		return nil
	})
	return m, found, err
}
