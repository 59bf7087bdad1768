package console_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/console"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/storage/memory"
)

// fakeBot answers like the bot would and remembers what it was given.
type fakeBot struct {
	mu  sync.Mutex
	got []bot.In
	do  func(in bot.In) (bot.Reply, error)

	options func(in bot.In) []prompts.Option
}

func (f *fakeBot) Handle(_ context.Context, in bot.In) (bot.Reply, error) {
	f.mu.Lock()
	f.got = append(f.got, in)
	do := f.do
	f.mu.Unlock()
	if do == nil {
		return bot.Nothing{}, nil
	}
	return do(in)
}

func (f *fakeBot) Options(_ context.Context, in bot.In) ([]prompts.Option, error) {
	if f.options != nil {
		return f.options(in), nil
	}
	return []prompts.Option{{Value: "/flow help", Label: "/flow help"}}, nil
}

func (f *fakeBot) deeds() []bot.In {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]bot.In(nil), f.got...)
}

// world is a console over real HTTP with the in-memory store.
type world struct {
	t       *testing.T
	console *console.Console
	store   *memory.Store
	bot     *fakeBot
	server  *httptest.Server
	people  *bot.Bot // the real one, for logins only
	options console.Options
	mu      sync.Mutex
	now     time.Time
}

func newWorld(t *testing.T, change ...func(*console.Options)) *world {
	t.Helper()
	w := &world{t: t, store: memory.New(), bot: &fakeBot{}, now: time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)}
	o := console.Options{Messages: w.store, People: w.store, Now: w.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Reference: func(error) string { return "4F2A" }}
	var err error
	w.people, err = bot.New(bot.Options{People: w.store, Outbox: w.store, Audit: w.store, Now: w.clock, Log: o.Log,
		Runs: struct{ bot.Runs }{}, Flows: struct{ bot.Flows }{}, Surfaces: []bot.Surface{later{w}}})
	w.must(err)
	o.Logins = w.people
	for _, c := range change {
		c(&o)
	}
	w.options = o
	w.console = console.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = w.console.Listen(ctx, w.bot) }()
	for !w.console.Attached() {
		runtime.Gosched()
	}
	w.server = httptest.NewServer(w.console.Handler())
	t.Cleanup(func() {
		w.console.Close()
		w.server.Close()
		cancel()
		<-done
	})
	for _, name := range []string{"#general", "#triage"} {
		w.must(w.store.SetChannel(t.Context(), bot.Channel{Place: place(name)}))
	}
	return w
}

// later is the console of a world before there is one.
type later struct{ w *world }

func (l later) Name() string                                    { return l.w.console.Name() }
func (l later) Limits() prompts.Limits                          { return l.w.console.Limits() }
func (l later) Listen(ctx context.Context, h bot.Handler) error { return l.w.console.Listen(ctx, h) }
func (l later) Groups(ctx context.Context, a bot.Actor, asked []string) ([]string, error) {
	return l.w.console.Groups(ctx, a, asked)
}
func (l later) Post(ctx context.Context, p engine.Place, ref bot.Ref, c prompts.Card) (bot.Ref, error) {
	return l.w.console.Post(ctx, p, ref, c)
}

func place(channel string) engine.Place {
	return engine.Place{Surface: engine.ConsoleSurface, Channel: channel}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// browser is one person's: it keeps cookies and the CSRF token of the last page.
type browser struct {
	w    *world
	c    *http.Client
	csrf string
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	w.must(err)
	return &browser{w: w, c: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

var csrfIn = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func (b *browser) do(r *http.Request) (int, string) {
	b.w.t.Helper()
	resp, err := b.c.Do(r)
	b.w.must(err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	b.w.must(err)
	if m := csrfIn.FindSubmatch(body); m != nil {
		b.csrf = string(m[1])
	}
	return resp.StatusCode, string(body)
}

func (b *browser) get(path string) (int, string) {
	b.w.t.Helper()
	r, err := http.NewRequest("GET", b.w.server.URL+path, nil)
	b.w.must(err)
	return b.do(r)
}

// post sends a form as the page's script does; pairs are names and values.
func (b *browser) post(path string, pairs ...string) (int, string) {
	b.w.t.Helper()
	v := url.Values{"csrf": {b.csrf}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest("POST", b.w.server.URL+path, strings.NewReader(v.Encode()))
	b.w.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	return b.do(r)
}

// link makes a login link's token for a person; "" is the first admin's.
func (w *world) link(person string) string {
	w.t.Helper()
	token, err := w.people.FirstAdmin(w.t.Context())
	if person != "" {
		token, err = w.people.LoginLink(w.t.Context(), person)
	}
	w.must(err)
	return token
}

// person makes one.
func (w *world) person(name string, role engine.Role) engine.Person {
	w.t.Helper()
	p, err := w.people.AddPerson(w.t.Context(), bot.Operator, name, role)
	w.must(err)
	return p
}

// login makes a person and logs them in.
func (w *world) login(name string, role engine.Role) (*browser, engine.Person) {
	w.t.Helper()
	p, b := w.person(name, role), w.browser()
	if status, body := b.post("/login/" + w.link(p.ID)); status != http.StatusSeeOther {
		w.t.Fatalf("login answered %d: %s", status, body)
	}
	b.get("/c/general")
	return b, p
}
