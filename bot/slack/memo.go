package slack

import (
	"context"
	"errors"
	"sync"
	"time"
)

// memo remembers answers of Slack for a while, and asks once for all who want the same at the same time. It is safe
// for concurrent use.
type memo[V any] struct {
	now  func() time.Time
	most int           // answers; over it, old ones are forgotten
	age  time.Duration // how long an answer counts; 0 for ever

	mu   sync.Mutex
	have map[string]*answer[V]
}

// answer is one, or the question under way.
type answer[V any] struct {
	ready chan struct{} // closed when value and err stand
	value V
	err   error
	at    time.Time
	was   *answer[V] // the one before it, until it stands; it comes back when there is none
}

func newMemo[V any](now func() time.Time, most int, age time.Duration) *memo[V] {
	return &memo[V]{now: now, most: most, age: age, have: map[string]*answer[V]{}}
}

// get gives the answer remembered, or asks. Errors are not remembered.
func (m *memo[V]) get(ctx context.Context, key string, ask func(context.Context) (V, error)) (V, error) {
	for {
		m.mu.Lock()
		a := m.have[key]
		if a == nil || a.done() && m.age > 0 && m.now().Sub(a.at) > m.age {
			a = &answer[V]{ready: make(chan struct{}), was: a}
			m.room()
			m.have[key] = a
			m.mu.Unlock()
			return m.ask(ctx, key, a, ask)
		}
		m.mu.Unlock()
		select {
		case <-a.ready:
		case <-ctx.Done():
			var none V
			return none, ctx.Err()
		}
		if !errors.Is(a.err, context.Canceled) && !errors.Is(a.err, context.DeadlineExceeded) || ctx.Err() != nil {
			return a.value, a.err
		} // who asked gave up; that is no answer for others
	}
}

func (m *memo[V]) ask(ctx context.Context, key string, a *answer[V], ask func(context.Context) (V, error)) (V, error) {
	a.err = context.Canceled // for those who wait, if ask panics
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		a.at = m.now()
		if a.err != nil && m.have[key] == a {
			if delete(m.have, key); a.was != nil {
				m.have[key] = a.was
			}
		}
		a.was = nil
		close(a.ready)
	}()
	a.value, a.err = ask(ctx)
	return a.value, a.err
}

// last is what was answered last, however old; for when nothing newer can be had.
func (m *memo[V]) last(key string) (v V, at time.Time, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.have[key]
	if a != nil && !a.done() {
		a = a.was
	}
	if a != nil {
		return a.value, a.at, true
	}
	return v, at, false
}

// put remembers what was learned otherwise.
func (m *memo[V]) put(key string, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.room()
	a := &answer[V]{ready: make(chan struct{}), value: v, at: m.now()}
	close(a.ready)
	m.have[key] = a
}

// forget drops an answer.
func (m *memo[V]) forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.have, key)
}

// room forgets a tenth of what is remembered when that is too much: what has had its time first, then any.
func (m *memo[V]) room() {
	if len(m.have) < m.most {
		return
	}
	keep := m.most - m.most/10 - 1
	for _, old := range []bool{true, false} {
		for key, a := range m.have {
			if len(m.have) <= keep {
				return
			}
			if a.done() && (!old || m.age > 0 && m.now().Sub(a.at) > m.age) {
				delete(m.have, key)
			}
		}
	}
}

func (a *answer[V]) done() bool {
	select {
	case <-a.ready:
		return true
	default:
		return false
	}
}

// How much is remembered, and for how long.
const (
	workspacesMost = 1000
	membersMost    = 2000
	membershipAge  = time.Minute // who decides is looked up at the click, so it must be nearly true
	peopleMost     = 20_000
	peopleAge      = 5 * time.Minute
	peopleStale    = time.Hour // old facts serve so long when Slack cannot be asked
	channelsMost   = 20_000
	channelAge     = 10 * time.Minute
	directAge      = 24 * time.Hour // they stay the same for good
	directoryAge   = 10 * time.Minute
	picturesMost   = 500
	pictureAge     = 24 * time.Hour
	uploadsMost    = 5000
)
