package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// flaky is a surface whose listening ends as scripted, and holds after that.
type flaky struct {
	bot.Surface
	mu     sync.Mutex
	script []error
	tries  int
	holds  chan struct{} // closed when it holds
}

func (f *flaky) Listen(ctx context.Context, _ bot.Handler) error {
	f.mu.Lock()
	f.tries++
	n := f.tries
	f.mu.Unlock()
	if n <= len(f.script) {
		return f.script[n-1]
	}
	if n == len(f.script)+1 {
		close(f.holds)
	}
	<-ctx.Done()
	return nil
}

func (f *flaky) Links() []bot.Link { return []bot.Link{{Workspace: "T1", Name: "Example", Up: true}} }

// Whatever ends the listening, it is tried again; what only people can mend is told, the rest is not; the reason can be
// read while it waits.
func TestListenAgain(t *testing.T) {
	denied := engine.E(engine.Denied, "Slack does not accept my token")
	s := &flaky{holds: make(chan struct{}), script: []error{engine.E(engine.Unavailable, "away"), errors.New("odd"), nil, denied}}
	var pauses []time.Duration
	var told []*engine.Error
	p := &platform{name: "slack", title: "Slack", surface: s, log: slog.New(slog.DiscardHandler), now: time.Now}
	p.trouble = func(_ context.Context, _ *platform, why *engine.Error) { told = append(told, why) }
	p.pause = func(why *engine.Error, n int) time.Duration {
		pauses = append(pauses, pauseAfter(why, n))
		if l := p.links(); len(l) != 1 || l[0].Up || l[0].Why != why {
			t.Errorf("while it waits its links are %+v", l)
		}
		return 0
	}
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); p.listen(ctx, nil) }()
	<-s.holds
	if l := p.links(); len(l) != 1 || !l[0].Up {
		t.Errorf("when it listens its links are %+v", l)
	}
	end()
	<-done
	if len(told) != 1 || told[0] != denied {
		t.Errorf("people are told %v", told)
	}
	if len(pauses) != 4 || pauses[3] != mendable {
		t.Errorf("it paused %v", pauses)
	}
	for i, most := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		if pauses[i] < most/2 || pauses[i] > most {
			t.Errorf("pause %d is %s, want between %s and %s", i+1, pauses[i], most/2, most)
		}
	}
}

func TestPauses(t *testing.T) {
	away := engine.E(engine.Unavailable, "away")
	for n := 1; n < 80; n++ {
		if d := pauseAfter(away, n); d < soonest/2 || d > latest {
			t.Errorf("after failure %d it pauses %s", n, d)
		}
	}
	limited := engine.E(engine.Throttled, "slow down")
	limited.After = 17 * time.Second
	if d := pauseAfter(limited, 1); d != limited.After {
		t.Errorf("told to wait %s, it waits %s", limited.After, d)
	}
}

// Exact paths go to their handlers, everything else, odd spellings of them included, to the webhooks.
func TestFront(t *testing.T) {
	say := func(what string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, what) })
	}
	f := front{paths: map[string]http.Handler{"/slack/events": say("slack")}, next: say("hooks")}
	for path, want := range map[string]string{"/slack/events": "slack", "/slack/events?x=1": "slack", "/slack/events/": "hooks",
		"//slack/events": "hooks", "/slack/../slack/events": "hooks", "/slack/%65vents": "hooks", "/SLACK/events": "hooks", "/": "hooks"} {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/", nil)
		u := *r.URL
		r.URL = &u
		parsed, err := r.URL.Parse("http://127.0.0.1" + strings.Replace(path, "//slack", "/%2Fslack", 1))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(path, "..") { // what a client sends is not what Parse makes of it
			parsed.Path = path
		}
		r.URL = parsed
		w := httptest.NewRecorder()
		f.ServeHTTP(w, r)
		if w.Body.String() != want {
			t.Errorf("%s goes to %s, want %s", path, w.Body.String(), want)
		}
	}
}

// Tokens that were copied wrong are told apart, in a sentence, without being printed.
func TestReadEnvironment(t *testing.T) {
	const good, goodApp, discordGood = "xoxb-1-2-abc", "xapp-1-A1-2-abc", "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.abcdefghijklmnopqrstuvwxyz"
	for _, c := range []struct {
		name string
		env  map[string]string
		says string // "" nothing is wrong
	}{
		{"nothing", nil, ""},
		{"right", map[string]string{envSlackBot: good, envSlackApp: goodApp}, ""},
		{"swapped", map[string]string{envSlackBot: goodApp}, "SLACK_BOT_TOKEN holds an app-level token"},
		{"swapped too", map[string]string{envSlackApp: good}, "SLACK_APP_TOKEN holds a bot token"},
		{"a user's", map[string]string{envSlackBot: "xoxp-1-2"}, "SLACK_BOT_TOKEN holds a user token"},
		{"a space", map[string]string{envSlackBot: good + " "}, "SLACK_BOT_TOKEN begins or ends with a space"},
		{"a line break", map[string]string{envSlackApp: goodApp + "\n"}, "SLACK_APP_TOKEN begins or ends with a space or a line break"},
		{"quoted", map[string]string{envSlackBot: `"` + good + `"`}, "SLACK_BOT_TOKEN has quotation marks"},
		{"something else", map[string]string{envSlackBot: "hello"}, "SLACK_BOT_TOKEN holds no token of Slack's"},
		{"only its beginning", map[string]string{envSlackBot: "xoxb-"}, "SLACK_BOT_TOKEN holds"},
		{"half of the OAuth pair", map[string]string{envSlackID: "1.2"}, "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET belong together"},
		{"an address", map[string]string{envSlackURL: "slack.com"}, "SLACK_API_URL is no address"},
		{"an address in the clear", map[string]string{envSlackURL: "http://slack.example/api"}, "SLACK_API_URL would send tokens where others can read them"},
		{"Discord", map[string]string{envDiscordToken: discordGood}, ""},
		{"Discord with Bot", map[string]string{envDiscordToken: "Bot " + discordGood}, ""},
		{"a public key as the token", map[string]string{envDiscordToken: strings.Repeat("a1", 32)}, "DISCORD_TOKEN holds no bot token"},
		{"a short public key", map[string]string{envDiscordKey: "abc"}, "DISCORD_PUBLIC_KEY is no public key"},
	} {
		get := func(name string) string { return c.env[name] }
		_, slackBad := readSlack(get)
		_, discordBad := readDiscord(get)
		bad := append(slackBad, discordBad...)
		if c.says == "" {
			if len(bad) > 0 {
				t.Errorf("%s: %v", c.name, bad)
			}
			continue
		}
		if len(bad) != 1 || !strings.Contains(bad[0].Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, bad, c.says)
			continue
		}
		for _, value := range c.env {
			if len(value) > 5 && strings.Contains(bad[0].Error(), strings.TrimSpace(value)) {
				t.Errorf("%s: the value is printed: %v", c.name, bad[0])
			}
		}
	}
}

// Who set up installing and forgot the address reads that, and nothing about a token that they do not need.
func TestInstallingNeedsAnAddress(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	environment := map[string]string{envSlackSigning: "0123456789abcdef", envSlackID: "12345.67890", envSlackSecret: "the-client-secret"}
	a, err := newApp(t.Context(), settings{dir: t.TempDir(), batch: 64, command: "flow", log: slog.New(slog.DiscardHandler),
		getenv: func(name string) string { return environment[name] }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.close() }()
	if got := a.platforms[0].line(nil); got != "off: SLACK_CLIENT_ID is for installing the app in workspaces, which needs --public-url. Start with --public-url https://…, or set SLACK_BOT_TOKEN." {
		t.Errorf("the banner says %s", got)
	}
}

// What setup discord prints is right with and without a token, and never holds it; what it reads from standard input
// counts before the environment.
func TestSetupDiscord(t *testing.T) {
	const token = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.abcdefghijklmnopqrstuvwxyz"
	t.Setenv(envDiscordToken, "")
	run := func(c setupDiscord, in string) (string, error) {
		var out bytes.Buffer
		err := c.Run(&env{ctx: t.Context(), in: strings.NewReader(in), out: &out, err: io.Discard})
		if strings.Contains(out.String(), token) {
			t.Errorf("it prints the token:\n%s", out.String())
		}
		return out.String(), err
	}
	out, err := run(setupDiscord{}, "")
	if err != nil || !strings.Contains(out, noApp) || !strings.Contains(out, "Message Content Intent") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = run(setupDiscord{Stdin: true}, "export "+envDiscordToken+"="+token+"\n")
	if err != nil || strings.Contains(out, noApp) || !strings.Contains(out, "client_id=123456789012345678") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err = run(setupDiscord{Check: true}, ""); !errors.Is(err, errTold) || !strings.Contains(out, "DISCORD_TOKEN is not set") {
		t.Errorf("%v\n%s", err, out)
	}
	// As a file of settings has it; nobody is there.
	t.Setenv(envDiscordURL, "http://127.0.0.1:9/")
	out, err = run(setupDiscord{Stdin: true, Check: true}, "# ours\n"+envDiscordToken+`="`+token+`"`+"\n")
	if !errors.Is(err, errTold) || out != "✖ Discord cannot be reached. Look at this machine's network, and run this again.\n" {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err = run(setupDiscord{Stdin: true}, token); err == nil || strings.Contains(err.Error(), token) {
		t.Errorf("a bare token: %v", err)
	}
}
