package memory

import (
	"context"
	"sync"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/storage"
	"github.com/bretelle/bretelle/storage/vault"
)

// Store keeps everything in memory. All methods are safe for concurrent use. Now and Fail are set before first use.
type Store struct {
	// Now tells when a deferred notice is due. Nil is time.Now.
	Now func() time.Time
	// Fail, when set, is asked before each write with the points "member" and "commit", as package sqlite's hook:
	// an error makes that write fail as Unavailable, with nothing stored.
	Fail func(point string) error

	mu       sync.Mutex
	runs     []*run          // by number
	numbers  storage.Numbers // of runs
	byID     map[string]*run // by id
	keys     map[[2]string]seen
	events   []event
	cursors  map[string][]byte
	cleared  map[clearedKey]bool
	waiting  waits
	called   calls
	gates    gates
	flows    map[string]*flow
	notices  []*notice
	noticed  map[string]*notice
	audit    []auditRow
	persons  map[string]engine.Person
	idents   map[engine.Identity]string // Person left empty in the key
	groups   map[string][]string
	channels map[engine.Place]bot.Channel
	tickets  map[string]bot.Ticket
	sessions map[string]bot.Session
	settings map[string]string
	cards    []bot.StoredCard // in order of first appearance
	copies   []bot.Copy       // in order
	copied   int64            // number of the last copy
	intents  map[string]bot.Intent
	alerts   map[string]bot.Alert
	inbox    []*delivery
	kept     map[[2]string]*delivery
	messages []bot.Message // in order of first appearance
	change   int64
	secrets  map[string]vault.Record
	tables   map[string]*table
	row      int64                        // number of the last row of any table
	answers  map[string]map[string]answer // by flow and step
	restored map[string]int64             // by run: its last entry when it was marked
}

type flow struct {
	stored   flows.Stored
	revision int64 // of the last draft there ever was
	versions []flows.Version
}

// New is an empty store.
func New() *Store {
	return &Store{
		byID: map[string]*run{}, keys: map[[2]string]seen{}, cursors: map[string][]byte{}, cleared: map[clearedKey]bool{},
		flows: map[string]*flow{}, noticed: map[string]*notice{}, persons: map[string]engine.Person{},
		idents: map[engine.Identity]string{}, groups: map[string][]string{}, channels: map[engine.Place]bot.Channel{},
		tickets: map[string]bot.Ticket{}, sessions: map[string]bot.Session{}, settings: map[string]string{},
		intents: map[string]bot.Intent{}, alerts: map[string]bot.Alert{}, kept: map[[2]string]*delivery{},
		secrets: map[string]vault.Record{}, tables: map[string]*table{}, answers: map[string]map[string]answer{},
	}
}

// Close is for symmetry with package sqlite; it does nothing.
func (s *Store) Close() error { return nil }

func (s *Store) now() int64 {
	if s.Now != nil {
		return engine.Millis(s.Now())
	}
	return engine.Millis(time.Now())
}

// read runs f under the lock.
func (s *Store) read(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return engine.E(engine.Canceled, "it was stopped").Wrap(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return f()
}

// write runs f under the lock after asking the failpoints. f checks before it changes anything.
func (s *Store) write(ctx context.Context, f func() error) error {
	return s.read(ctx, func() error {
		if s.Fail != nil {
			for _, point := range []string{"member", "commit"} {
				if err := s.Fail(point); err != nil {
					return engine.E(engine.Unavailable, "it could not be stored").
						WithHint("Try again in a moment.").WithOp("memory." + point).Wrap(err)
				}
			}
		}
		return f()
	})
}

// upTo cuts a list to limit, where limit ≤ 0 is all of it.
func upTo[T any](list []T, limit int) []T {
	if limit > 0 && len(list) > limit {
		return list[:limit]
	}
	return list
}
