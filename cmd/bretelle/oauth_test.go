package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/engine"
)

// installing is a bot that can be installed in workspaces, and a browser.
type installing struct {
	t       *testing.T
	app     *app
	url     string // of the bot
	browser *http.Client
	mu      sync.Mutex
	at      time.Duration // the bot's clock is ahead
	log     bytes.Buffer
	slack   string // where Slack is
}

func newInstalling(t *testing.T, slackURL string) *installing {
	t.Helper()
	i := &installing{t: t, slack: slackURL}
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	var h http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	i.url = srv.URL
	public, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{envSlackSigning: "0123456789abcdef", envSlackID: "12345.67890", envSlackSecret: "the-client-secret", envSlackURL: slackURL + "/api/"}
	i.app, err = newApp(t.Context(), settings{dir: t.TempDir(), batch: 64, command: "flow", public: public, log: slog.New(slog.NewTextHandler(&i.log, nil)),
		getenv: func(name string) string { return environment[name] },
		now: func() time.Time {
			i.mu.Lock()
			defer i.mu.Unlock()
			return time.Now().Add(i.at)
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = i.app.close() })
	if i.app.install == nil {
		t.Fatal("nothing can be installed")
	}
	h = front{paths: (&serving{app: i.app}).paths(i.app.bot), next: http.NotFoundHandler()}
	i.browser = newBrowser(t)
	return i
}

// newBrowser has cookies and follows no redirection by itself.
func newBrowser(t *testing.T) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (i *installing) open(browser *http.Client, address string) (status int, location, body string) {
	i.t.Helper()
	resp, err := browser.Get(address)
	if err != nil {
		i.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		i.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(b)
}

// begin opens a new link and gives where Slack is asked.
func (i *installing) begin(by string) *url.URL {
	i.t.Helper()
	link, err := i.app.install.begin(i.t.Context(), by)
	if err != nil {
		i.t.Fatal(err)
	}
	status, location, body := i.open(i.browser, link)
	u, err := url.Parse(location)
	if err != nil || status != http.StatusFound {
		i.t.Fatalf("the link is answered %d %s", status, body)
	}
	return u
}

func (i *installing) back(query url.Values) string {
	return i.url + slack.OAuthPath + "?" + query.Encode()
}

func (i *installing) installed() []string {
	i.t.Helper()
	list, err := (&slackTokens{vault: i.app.vault}).Workspaces(i.t.Context())
	if err != nil {
		i.t.Fatal(err)
	}
	return list
}

// codes is a Slack that gives a token for a code, once.
type codes struct {
	url    string
	mu     sync.Mutex
	used   map[string]bool
	asked  int
	answer map[string]any // instead of the right one
	host   string         // the redirect_uri that was sent
}

func newCodes(t *testing.T) *codes {
	c := &codes{used: map[string]bool{}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.asked++
		id, secret, _ := r.BasicAuth()
		code := r.FormValue("code")
		c.host = r.FormValue("redirect_uri")
		out := map[string]any{"ok": true, "access_token": "xoxb-new", "token_type": "bot", "team": map[string]any{"id": "T0777", "name": "Second"}}
		switch {
		case r.URL.Path != "/api/oauth.v2.access":
			out = map[string]any{"ok": false, "error": "unknown_method"}
		case id != "12345.67890" || secret != "the-client-secret":
			out = map[string]any{"ok": false, "error": "bad_client_secret"}
		case c.used[code] || !strings.HasPrefix(code, "good"):
			out = map[string]any{"ok": false, "error": "invalid_code"}
		case c.answer != nil:
			out = c.answer
		}
		c.used[code] = true
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(out)
	}))
	t.Cleanup(srv.Close)
	c.url = srv.URL
	return c
}

// A-15, as far as it applies: what does not come from an admin's own link, in the same browser, once and in time,
// installs nothing, and asks Slack nothing.
func TestInstallRefuses(t *testing.T) {
	codes := newCodes(t)
	i := newInstalling(t, codes.url)
	refused := func(name string, browser *http.Client, address string) {
		t.Helper()
		codes.mu.Lock()
		before := codes.asked
		codes.mu.Unlock()
		status, location, body := i.open(browser, address)
		if status != http.StatusForbidden || location != "" {
			t.Errorf("%s: answered %d %s %s", name, status, location, body)
		}
		codes.mu.Lock()
		defer codes.mu.Unlock()
		if codes.asked != before {
			t.Errorf("%s: Slack was asked", name)
		}
		if got := i.installed(); len(got) > 0 {
			t.Errorf("%s: installed in %v", name, got)
		}
	}
	refused("no ticket", i.browser, i.url+installPath)
	refused("a made-up ticket", i.browser, i.url+installPath+"?ticket="+engine.Token(32))

	link, err := i.app.install.begin(t.Context(), bot.Operator)
	if err != nil {
		t.Fatal(err)
	}
	i.open(newBrowser(t), link)
	refused("a ticket used before", i.browser, link)

	state := i.begin(bot.Operator).Query().Get("state")
	refused("no state", i.browser, i.back(url.Values{"code": {"good1"}}))
	refused("a made-up state", i.browser, i.back(url.Values{"code": {"good1"}, "state": {engine.Token(32)}}))
	refused("another browser", newBrowser(t), i.back(url.Values{"code": {"good1"}, "state": {state}}))
	refused("the ticket as a state", i.browser, i.back(url.Values{"code": {"good1"}, "state": {strings.TrimPrefix(link, i.url+installPath+"?ticket=")}}))

	other := newBrowser(t)
	link, err = i.app.install.begin(t.Context(), bot.Operator)
	if err != nil {
		t.Fatal(err)
	}
	_, location, _ := i.open(other, link)
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	refused("somebody else's state", i.browser, i.back(url.Values{"code": {"good1"}, "state": {u.Query().Get("state")}}))

	state = i.begin(bot.Operator).Query().Get("state")
	i.mu.Lock()
	i.at = 11 * time.Minute
	i.mu.Unlock()
	refused("an old state", i.browser, i.back(url.Values{"code": {"good1"}, "state": {state}}))
	link, err = i.app.install.begin(t.Context(), bot.Operator)
	if err != nil {
		t.Fatal(err)
	}
	i.mu.Lock()
	i.at = 22 * time.Minute
	i.mu.Unlock()
	refused("an old ticket", i.browser, link)

	// A link of somebody who is no admin any more.
	p, err := i.app.bot.AddPerson(t.Context(), bot.Operator, "Ann", engine.Admin)
	if err != nil {
		t.Fatal(err)
	}
	state = i.begin(p.ID).Query().Get("state")
	p.Role = engine.Viewer
	if err := i.app.store.SetPerson(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	refused("an admin of before", i.browser, i.back(url.Values{"code": {"good1"}, "state": {state}}))

	// Neither kind of ticket logs anybody in.
	if link, err = i.app.install.begin(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	token := strings.TrimPrefix(link, i.url+installPath+"?ticket=")
	if _, err := i.app.bot.Claim(t.Context(), bot.Actor{Surface: "console"}, "Ann", token); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("a ticket for installing logs in: %v", err)
	}
}

// What Slack itself refuses, or answers with something else than a workspace's bot token, installs nothing; nothing of
// it but Slack's word is shown.
func TestInstallAnswers(t *testing.T) {
	codes := newCodes(t)
	i := newInstalling(t, codes.url)
	for name, c := range map[string]struct {
		query  url.Values
		answer map[string]any
		status int
		says   string
	}{
		"denied by the workspace": {query: url.Values{"error": {"access_denied"}}, status: http.StatusOK, says: "Nothing was installed"},
		"a bad code":              {query: url.Values{"code": {"bad"}}, status: http.StatusForbidden, says: `"invalid_code"`},
		"a user token": {query: url.Values{"code": {"good" + engine.Token(4)}}, status: http.StatusServiceUnavailable, says: "no bot token",
			answer: map[string]any{"ok": true, "access_token": "xoxp-mine", "token_type": "user", "team": map[string]any{"id": "T0777"}}},
		"a whole organisation": {query: url.Values{"code": {"good" + engine.Token(4)}}, status: http.StatusForbidden, says: "organisation",
			answer: map[string]any{"ok": true, "access_token": "xoxb-1", "token_type": "bot", "is_enterprise_install": true}},
		"a team that is none": {query: url.Values{"code": {"good" + engine.Token(4)}}, status: http.StatusServiceUnavailable, says: "no bot token",
			answer: map[string]any{"ok": true, "access_token": "xoxb-1", "token_type": "bot", "team": map[string]any{"id": "../T1"}}},
	} {
		codes.mu.Lock()
		codes.answer = c.answer
		codes.mu.Unlock()
		c.query.Set("state", i.begin(bot.Operator).Query().Get("state"))
		status, _, body := i.open(i.browser, i.back(c.query))
		if status != c.status || !strings.Contains(body, c.says) || strings.Contains(body, "xox") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if got := i.installed(); len(got) > 0 {
		t.Errorf("installed in %v", got)
	}
	if strings.Contains(i.log.String(), "xox") || strings.Contains(i.log.String(), "the-client-secret") {
		t.Errorf("the log holds a secret:\n%s", i.log.String())
	}
}

// The right way: the address to come back to is ours whatever the request's Host says, the state works once, the token
// is sealed, and no flow can take it.
func TestInstall(t *testing.T) {
	codes := newCodes(t)
	i := newInstalling(t, codes.url)
	to := i.begin(bot.Operator)
	q := to.Query()
	if to.Path != "/oauth/v2/authorize" || q.Get("client_id") != "12345.67890" || q.Get("redirect_uri") != i.url+slack.OAuthPath || !strings.Contains(q.Get("scope"), "chat:write") {
		t.Errorf("Slack is asked %s", to)
	}
	done := i.back(url.Values{"code": {"good1"}, "state": {q.Get("state")}})
	status, _, body := i.open(i.browser, done)
	if status != http.StatusOK || !strings.Contains(body, "Second (T0777)") {
		t.Fatalf("%d %s", status, body)
	}
	if codes.host != i.url+slack.OAuthPath {
		t.Errorf("the code was given back for %s", codes.host)
	}
	if status, _, _ := i.open(i.browser, done); status != http.StatusForbidden {
		t.Errorf("the same address again is answered %d", status)
	}
	token, err := i.app.tokens.Token(t.Context(), "T0777")
	if err != nil || token.Reveal() != "xoxb-new" {
		t.Errorf("its token: %v", err)
	}
	if _, err := i.app.tokens.Token(t.Context(), "T0778"); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("a foreign workspace's token: %v", err)
	}
	flows := usable{i.app.vault}
	if _, err := flows.Open(t.Context(), "slack.T0777"); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("a flow opens it: %v", err)
	}
	if list, err := flows.Names(t.Context()); err != nil || len(list) > 0 {
		t.Errorf("flows are offered %v %v", list, err)
	}
	if _, err := flows.Set(t.Context(), engine.Credential{Name: "slack.T0777", Value: engine.NewSecret("xoxb-theirs")}); engine.CodeOf(err) != engine.Denied {
		t.Errorf("it can be set: %v", err)
	}
	if known(i.app.store).Account("slack.T0777") {
		t.Error("a flow may name it")
	}
	for what, secret := range map[string]string{"the token": "xoxb-new", "the state": q.Get("state"), "the client's secret": "the-client-secret"} {
		for _, name := range []string{"bretelle.db", "bretelle.db-wal"} {
			if b, err := os.ReadFile(filepath.Join(i.app.dir, name)); err == nil && bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s holds %s readably", name, what)
			}
		}
		if strings.Contains(i.log.String(), secret) || strings.Contains(body, secret) {
			t.Errorf("%s is logged or shown", what)
		}
	}
	if strings.Contains(i.log.String(), "good1") {
		t.Error("the code is logged")
	}
	if err := i.app.tokens.drop(t.Context(), "T0777"); err != nil || len(i.installed()) > 0 {
		t.Errorf("it is not dropped: %v", err)
	}
}
