package bot

import (
	"context"
	"sync"

	"github.com/bretelle/bretelle/engine"
)

// loose are messages that stand and that the store could not be told of: they are made once although what made them is
// tried again. After a crash the surfaces find them by their key. The zero value is ready.
type loose struct {
	mu sync.Mutex
	at map[looseEnd]StoredCard
}

// looseEnd is a card and where it was to go.
type looseEnd struct {
	key   string
	place engine.Place
}

// mostLoose bounds what is remembered: each one has somebody who tries again.
const mostLoose = 10_000

func (l *loose) put(key string, p engine.Place, c StoredCard) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at == nil {
		l.at = map[looseEnd]StoredCard{}
	}
	if len(l.at) < mostLoose {
		l.at[looseEnd{key, p}] = c
	}
}

func (l *loose) get(key string, p engine.Place) (StoredCard, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.at[looseEnd{key, p}]
	return c, ok
}

func (l *loose) drop(key string, p engine.Place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.at, looseEnd{key, p})
}

// keep stores cards that stand, with what is to be done with them; also when ctx has just ended.
func (b *Bot) keep(ctx context.Context, cards []StoredCard, store func(ctx context.Context) error) error {
	err := store(context.WithoutCancel(ctx))
	for _, c := range cards {
		if err == nil {
			b.loose.drop(c.Key, c.Place)
		} else if c.Ref != "" {
			b.loose.put(c.Key, c.Place, c)
		}
	}
	return err
}
