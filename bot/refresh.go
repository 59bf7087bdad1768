package bot

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"github.com/bretelle/bretelle/engine"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// refreshes are cards that a person's deed changed without a notice (a mute, a group filled). They are only in
// memory: the deed is stored, and the next notice shows it too.
type refreshes struct {
	mu    sync.Mutex
	queue []func(ctx context.Context, k *book) error
	mutes map[string]int64 // alerts by fingerprint, and when their silence ends: what was counted meanwhile is shown then
}

// muted has an alert shown again when its silence ends.
func (b *Bot) muted(fingerprint string, until int64) {
	b.stale.mu.Lock()
	defer b.stale.mu.Unlock()
	if b.stale.mutes == nil {
		b.stale.mutes = map[string]int64{}
	}
	if b.stale.mutes[fingerprint] = until; until >= MutedUntilFixed {
		delete(b.stale.mutes, fingerprint)
	}
}

// unmute queues the alerts whose silence has ended and says when the next one does (0: none).
func (b *Bot) unmute() (next int64) {
	b.stale.mu.Lock()
	defer b.stale.mu.Unlock()
	for fp, until := range b.stale.mutes {
		if until <= b.now() {
			delete(b.stale.mutes, fp)
			b.stale.queue = append(b.stale.queue, b.alertAnew(fp))
		} else if next == 0 || until < next {
			next = until
		}
	}
	return next
}

// findMutes looks, at start-up, for silences that are under way.
func (b *Bot) findMutes(ctx context.Context) error {
	cards, err := b.o.Outbox.OpenCards(ctx, engine.Place{}, 1000)
	if err != nil {
		return err
	}
	for _, c := range cards {
		fp, ok := alertOf(c.Key)
		if !ok {
			continue
		}
		a, err := b.alert(ctx, fp)
		if err != nil {
			return err
		}
		if a.MutedUntil > 0 {
			b.muted(fp, a.MutedUntil)
		}
	}
	return nil
}

func (b *Bot) refresh(f func(ctx context.Context, k *book) error) {
	b.stale.mu.Lock()
	b.stale.queue = append(b.stale.queue, f)
	b.stale.mu.Unlock()
	b.Wake()
}

// refreshAll works the queue off; the delivery lock is held, so no notice changes the same card meanwhile. What the store
// cannot do now is tried again at the next pass.
func (b *Bot) refreshAll(ctx context.Context) {
	b.stale.mu.Lock()
	queue := b.stale.queue
	b.stale.queue = nil
	b.stale.mu.Unlock()
	if len(queue) == 0 {
		return
	}
	var left []func(ctx context.Context, k *book) error
	k, bad := b.book(ctx)
	for _, f := range queue {
		err := bad
		if err == nil {
			err = b.guarded("bot.refresh", func() error { return f(ctx, k) })
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		b.o.Log.Warn("a card could not be brought up to date", "err", err)
		if code := engine.CodeOf(err); code == engine.Unavailable || code == engine.Timeout {
			left = append(left, f)
		}
	}
	b.stale.mu.Lock()
	b.stale.queue = append(left, b.stale.queue...)
	b.stale.mu.Unlock()
}

func (b *Bot) refreshAlert(fingerprint string) { b.refresh(b.alertAnew(fingerprint)) }

// alertAnew brings an alert's card up to date.
func (b *Bot) alertAnew(fingerprint string) func(ctx context.Context, k *book) error {
	return func(ctx context.Context, k *book) error {
		a, err := b.alert(ctx, fingerprint)
		if err != nil || a.Fingerprint == "" {
			return err
		}
		return b.edit(ctx, a.key(), func(p engine.Place) (*draft, error) { return b.alertDraft(ctx, k, &a, p) })
	}
}

// RefreshDrafts brings the cards of drafts up to date soon, after something that they may lack was stored.
func (b *Bot) RefreshDrafts() {
	b.refresh(func(ctx context.Context, _ *book) error {
		cards, err := b.o.Outbox.OpenCards(ctx, engine.Place{}, 500)
		for _, c := range cards {
			if name, ok := strings.CutPrefix(c.Key, builderPrefix); ok && err == nil {
				err = b.builderAnew(ctx, name, nil)
			}
		}
		return err
	})
}

// refreshAsks brings open questions up to date after groups or roles changed: an empty group may be filled now.
func (b *Bot) refreshAsks() {
	b.refresh(func(ctx context.Context, k *book) error {
		cards, err := b.o.Outbox.OpenCards(ctx, engine.Place{}, 500)
		if err != nil {
			return err
		}
		for _, c := range cards {
			run, path, ok := askOf(c.Key)
			if !ok {
				continue
			}
			if err := b.askAnew(ctx, k, run, path); err != nil {
				return err
			}
		}
		return nil
	})
}

// askAnew brings a question up to date wherever it stands.
func (b *Bot) askAnew(ctx context.Context, k *book, run, path string) error {
	view, err := b.o.Runs.Run(ctx, run)
	if engine.CodeOf(err) == engine.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	s, err := b.sceneOf(ctx, k, view, view.Place)
	if err != nil {
		return err
	}
	ask := askAt(view, path)
	if ask == nil {
		return nil
	}
	return b.edit(ctx, askKey(run, path), b.askMaker(k, s, ask))
}
