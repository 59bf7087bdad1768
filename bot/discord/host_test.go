package discord_test

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/bot/discord/discordspec"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// handler is a bot of few words whose parts can be replaced; it notes what it is given.
type handler struct {
	mu      sync.Mutex
	got     []bot.In
	changed chan struct{}
	say     func(ctx context.Context, in bot.In) (bot.Reply, error)
}

func (h *handler) Handle(ctx context.Context, in bot.In) (bot.Reply, error) {
	h.mu.Lock()
	h.got = append(h.got, in)
	close(h.changed)
	h.changed = make(chan struct{})
	say := h.say
	h.mu.Unlock()
	if say == nil {
		return bot.Nothing{}, nil
	}
	return say(ctx, in)
}

func (h *handler) Options(context.Context, bot.In) ([]prompts.Option, error) {
	return []prompts.Option{{Value: "/flow show bug-triage", Label: "bug-triage"}}, nil
}

func (h *handler) all() []bot.In {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]bot.In(nil), h.got...)
}

// wait waits for the n-th delivery.
func (h *handler) wait(t *testing.T, n int) []bot.In {
	t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for {
		h.mu.Lock()
		got, changed := append([]bot.In(nil), h.got...), h.changed
		h.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-changed:
		case <-limit.C:
			t.Fatalf("%d deliveries, not %d; the last one %+v", len(got), n, got[max(0, len(got)-1):])
		}
	}
}

// host is a bot on a Discord: a real store, a surface that listens, and what it keeps beside.
type host struct {
	t       *testing.T
	server  *discordtest.Server
	store   *sqlite.Store
	surface *discord.Surface
	h       *handler
	kept    *keeper
	key     string
	stop    func() error
	kill    func() // does not wait
	inbox   func(bot.Inbox) bot.Inbox
}

// keeper is Live.Load and Live.Store.
type keeper struct {
	mu  sync.Mutex
	all map[string]string
}

func (k *keeper) load(_ context.Context, key string) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.all[key], nil
}

func (k *keeper) store(_ context.Context, key, value string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all[key] = value
	return nil
}

// now is what is kept.
func (k *keeper) now() map[string]string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.all)
}

// forget keeps nothing of it.
func (k *keeper) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = map[string]string{}
}

func newHost(t *testing.T) *host {
	t.Helper()
	w := &host{t: t, server: discordtest.NewServer(t), h: &handler{changed: make(chan struct{})}, kept: &keeper{all: map[string]string{}}}
	if _, err := os.Stat(filepath.Join(discordspec.Shared(t), "specs", "discord", "openapi.json")); err == nil { // else the rest is tried all the same
		w.server.Check, w.server.Asked = discordspec.Checker(t), discordspec.Requests(t)
	}
	store, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	w.store = store
	return w
}

// build makes the surface.
func (w *host) build() *discord.Surface {
	w.t.Helper()
	var inbox bot.Inbox = w.store
	if w.inbox != nil {
		inbox = w.inbox(inbox)
	}
	if w.key == "" {
		w.key = w.server.PublicKey()
	}
	s, err := discord.New(discord.Options{Token: engine.NewSecret(w.server.Token), APIURL: w.server.URL, Now: w.server.Now,
		Live: discord.Live{Inbox: inbox, PublicKey: strings.Trim(w.key, "-"), Load: w.kept.load, Store: w.kept.store, Log: slog.New(slog.DiscardHandler)}})
	if err != nil {
		w.t.Fatal(err)
	}
	s.Hurry(2*time.Second, soon)
	w.surface = s
	return s
}

// keyed is a surface with another public key.
func (w *host) keyed(key string) *discord.Surface {
	w.key = "-" + key
	return w.build()
}

// soon waits no longer than a moment.
func soon(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(min(d, 2*time.Millisecond))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// listen starts the bot, or starts it again.
func (w *host) listen() *host {
	w.t.Helper()
	if w.surface == nil || w.stop != nil {
		w.build()
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	over := make(chan error, 1)
	s := w.surface
	go func() { over <- s.Listen(ctx, w.h) }()
	w.kill = cancel
	var once sync.Once
	var err error
	w.stop = func() error {
		once.Do(func() {
			cancel()
			err = <-over
		})
		return err
	}
	w.t.Cleanup(func() { _ = w.stop() })
	return w
}

func up(t *testing.T) *host {
	w := newHost(t).listen()
	until(t, "the session is there", func() bool { return w.surface.Links()[0].Up })
	return w
}

const (
	bob     = "53908232506183680"
	lounge  = "345626669114982999"
	acme    = "290926798626357999"
	theRoom = "#triage"
)

func ask(lang string) prompts.Form {
	return prompts.Form{Key: "form:1", Token: "f0f0", Title: "Why?", Submit: "Send", Lang: lang,
		Fields: []prompts.Field{{Name: "reason", Label: "Reason", Kind: prompts.FieldLine, Required: true}}}
}

func cardOf(text string, buttons ...prompts.Button) prompts.Card {
	return prompts.Card{Key: "card:1", Title: prompts.Line{{Text: text}}, Text: text, Buttons: buttons}
}
