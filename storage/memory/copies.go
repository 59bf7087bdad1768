package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// want stores copies; the caller holds the lock. One that waits already only gets its new draft.
func (s *Store) want(copies []bot.Copy) {
	for _, c := range copies {
		c.Place, c.Draft = storage.Canonical(c.Place), bytes.Clone(c.Draft)
		c.Spare = storage.Canonical(c.Spare)
		i := slices.IndexFunc(s.copies, func(o bot.Copy) bool { return o.Key == c.Key && o.Place == c.Place })
		if i < 0 {
			s.copied++
			c.N, c.Rev = s.copied, 1
			s.copies = append(s.copies, c)
			continue
		}
		o := &s.copies[i]
		o.Rev, o.Draft, o.Run = o.Rev+1, c.Draft, c.Run
		if c.Over == 0 {
			o.Over = 0
		}
	}
}

// Want stores copies without a notice.
func (s *Store) Want(ctx context.Context, copies ...bot.Copy) error {
	return s.write(ctx, func() error { s.want(copies); return nil })
}

func channelOf(p engine.Place) engine.Place {
	p = storage.Canonical(p)
	p.Thread = ""
	return p
}

// Queues lists channels in which copies wait.
func (s *Store) Queues(ctx context.Context) (out []bot.Queue, err error) {
	err = s.read(ctx, func() error {
		headed := map[engine.Place]bool{}
		for _, c := range s.copies {
			p := channelOf(c.Place)
			i := slices.IndexFunc(out, func(q bot.Queue) bool { return q.Place == p })
			if i < 0 {
				i = len(out)
				out = append(out, bot.Queue{Place: p, Due: -1})
			}
			q := &out[i]
			q.Count++
			if c.Since > 0 && (q.Since == 0 || c.Since < q.Since) {
				q.Since = c.Since
			}
			if !c.Alone && headed[p] {
				continue
			}
			headed[p] = headed[p] || !c.Alone
			if q.Due < 0 || c.Due < q.Due {
				q.Due = c.Due
			}
		}
		return nil
	})
	return out, err
}

func (s *Store) copiesWhere(ctx context.Context, want func(bot.Copy) bool) (out []bot.Copy, err error) {
	err = s.read(ctx, func() error {
		for _, c := range s.copies {
			if want(c) {
				c.Draft = bytes.Clone(c.Draft)
				out = append(out, c)
			}
		}
		return nil
	})
	return out, err
}

// Waiting lists what waits in a channel, in order.
func (s *Store) Waiting(ctx context.Context, p engine.Place, limit int) ([]bot.Copy, error) {
	out, err := s.copiesWhere(ctx, func(c bot.Copy) bool { return channelOf(c.Place) == channelOf(p) })
	return upTo(out, limit), err
}

// CopiesOf lists the copies of a card that wait.
func (s *Store) CopiesOf(ctx context.Context, key string) ([]bot.Copy, error) {
	return s.copiesWhere(ctx, func(c bot.Copy) bool { return c.Key == key })
}

// Spares lists copies with a way out.
func (s *Store) Spares(ctx context.Context, limit int) ([]bot.Copy, error) {
	out, err := s.copiesWhere(ctx, func(c bot.Copy) bool { return c.Over > 0 })
	slices.SortStableFunc(out, func(a, b bot.Copy) int { return cmp.Compare(a.Over, b.Over) })
	return upTo(out, limit), err
}

func (s *Store) notOver(key string) {
	for i := range s.copies {
		if s.copies[i].Key == key {
			s.copies[i].Over = 0
		}
	}
}

// Shown stores what became of a copy.
func (s *Store) Shown(ctx context.Context, c bot.Copy, cards []bot.StoredCard, then ...bot.Copy) error {
	return s.write(ctx, func() error {
		s.copies = slices.DeleteFunc(s.copies, func(o bot.Copy) bool { return o.N == c.N && o.Rev == c.Rev })
		for _, card := range cards {
			s.putCard(card)
			if card.Key == c.Key && card.Ref != "" {
				s.notOver(c.Key)
			}
		}
		s.want(then)
		return nil
	})
}

// PutOff stores that a copy failed.
func (s *Store) PutOff(ctx context.Context, c bot.Copy) error {
	return s.write(ctx, func() error {
		for i := range s.copies {
			if o := &s.copies[i]; o.N == c.N {
				o.Due, o.Tries, o.Since, o.Alone, o.Reason = c.Due, c.Tries, c.Since, c.Alone, c.Reason
			}
		}
		return nil
	})
}

// GoElsewhere ends the waiting of a key's copies for their way out.
func (s *Store) GoElsewhere(ctx context.Context, key string, then ...bot.Copy) error {
	return s.write(ctx, func() error { s.notOver(key); s.want(then); return nil })
}

// Revive makes everything due that waits because a surface could not be reached.
func (s *Store) Revive(ctx context.Context, surface string) error {
	return s.write(ctx, func() error {
		for i := range s.copies {
			if o := &s.copies[i]; o.Since > 0 && !o.Alone && o.Place.Surface == surface {
				o.Due = 0
			}
		}
		return nil
	})
}
