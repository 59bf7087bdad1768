package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/discord/discordspec"
	"github.com/bretelle/bretelle/bot/slack/slackspec"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/sqlite"
	"github.com/bretelle/bretelle/storage/vault"
)

// described reports whether the platform's own description is here: what is sent is held to it then, and the rest is
// tried all the same where it is not.
func described(t *testing.T, platform string) bool {
	_, err := os.Stat(filepath.Join(discordspec.Shared(t), "specs", platform))
	return err == nil
}

// heldSlack is a Slack of ours that holds every request to Slack's description.
func heldSlack(t *testing.T) *slacktest.Server {
	t.Helper()
	s := slacktest.NewServer(t)
	if described(t, "slack") {
		q := &slackspec.Requests{T: t}
		q.Load()
		s.Asked = q.Check
	}
	return s
}

// liveSlack is the real program on a Slack of ours.
func liveSlack(t *testing.T) (*botProcess, *slacktest.Server) {
	t.Helper()
	s, b := heldSlack(t), newBot(t)
	b.env = []string{envSlackURL + "=" + s.URL, envSlackBot + "=" + s.Token(slacktest.Team), envSlackApp + "=" + slacktest.AppToken}
	return b, s
}

// code is what the first admin proves to be at the machine with: the end of the banner's link.
func (b *botProcess) code() string { return b.login[strings.LastIndexByte(b.login, '/')+1:] }

// sees waits until a screen shows everything; it fails with the screen.
func (b *botProcess) sees(screen func() string, words ...string) {
	b.t.Helper()
	var got string
	eventually(b.t, func() bool { got = screen(); return containsAll(got, words) },
		func() string { return fmt.Sprintf("the screen does not say %q:\n%s\n--- log\n%s", words, got, b.log()) })
}

// Issue 4: the whole loop in Slack with the real program: the first admin claims in chat, a webhook becomes a card in the
// channel, the program is killed, its heir takes the click, calls once and changes the card in its place.
func TestLiveSlack(t *testing.T) {
	b, s := liveSlack(t)
	rc := newReceiver(t)
	b.start()
	if !strings.Contains(b.out(), "Slack     on: ") {
		t.Errorf("the banner says:\n%s", b.out())
	}
	ann := s.Client(slacktest.Ann)
	b.sees(b.log, "connected")
	ann.Command("/flow admin claim " + b.code() + " Ann")
	b.sees(ann.Screen, "Ann")
	b.apply(strings.Replace(hookFlow("asked", fmt.Sprintf(`
  - id: review
    ask: approval
    covers: [ticket]
    with: {title: "Ticket for {{ event.body.title }}?", by: {any: ["@Ann"]}}
  - id: ticket
    do: http.request
    with: {method: POST, url: "%s/tickets", allow_private: true, json: {title: "{{ event.body.title }}"}}
`, rc.URL)), `"#ops"`, `"slack:`+slacktest.Team+`/#triage"`, 1))
	n := b.send("asked", `{"title": "crash"}`)
	b.sees(ann.Screen, "Ticket for crash?", "Approve")
	if !strings.Contains(b.cli("doctor"), "Example") {
		t.Errorf("doctor says:\n%s", b.cli("doctor"))
	}

	b.kill()
	b.start()
	if !strings.Contains(b.out(), "on: workspace Example (T0123), socket") {
		t.Errorf("the second banner says:\n%s", b.out())
	}
	b.sees(b.log, "connected")
	ann.Press("Approve")
	b.await(n, "done")
	b.sees(ann.Screen, "approved at")
	if got := rc.requests(); len(got) != 1 || got[0].Body != `{"title":"crash"}` {
		t.Errorf("called %d times: %+v", len(got), got)
	}
	if screen := ann.Screen(); strings.Count(screen, "✔ asked #1") != 1 || strings.Contains(screen, "Approve\n") {
		t.Errorf("not one card, in its last state:\n%s", screen)
	}
	if took := b.stop(); took.Seconds() > 10 {
		t.Errorf("it took %s to stop", took)
	}
	for _, secret := range []string{s.Token(slacktest.Team), slacktest.AppToken} {
		if strings.Contains(b.log()+b.out(), secret) {
			t.Error("a token is printed")
		}
	}
}

// A token that is refused takes nothing down: the console works, doctor and the operator's channel say why.
func TestLiveSlackRevoked(t *testing.T) {
	b, s := liveSlack(t)
	s.Revoke(slacktest.Team)
	b.start()
	b.cli("person", "add", "ann", "--role", "admin")
	out, code := b.try("", "doctor")
	if code != 1 || !strings.Contains(out, "Slack: ") || strings.Contains(out, s.Token(slacktest.Team)) {
		t.Errorf("doctor exits with %d and says:\n%s", code, out)
	}
	b.sees(func() string { return b.transcript("ann", "#general") }, "Slack is not connected: ")
	if out, code = b.try("", "setup", "slack", "--check"); code != 1 || strings.Contains(out, s.Token(slacktest.Team)) {
		t.Errorf("setup slack --check exits with %d and says:\n%s", code, out)
	}
}

// setup slack needs no running bot; with tokens it says in a sentence each what is missing.
func TestSetupSlack(t *testing.T) {
	b, s := liveSlack(t)
	out := b.cli("setup", "slack")
	for _, want := range []string{"chat:write", "connections:write", "SLACK_APP_TOKEN", "oauth_config", "socket_mode_enabled"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %s:\n%s", want, out)
		}
	}
	if out, code := b.try("", "setup", "slack", "--check"); code != 0 {
		t.Errorf("nothing is missing, but it exits with %d and says:\n%s", code, out)
	}
	s.Lack(slacktest.Team, "usergroups:read")
	out, code := b.try("", "setup", "slack", "--check")
	if code != 1 || strings.Count(out, "✖") != 1 || !strings.Contains(out, "usergroups:read") {
		t.Errorf("a scope is missing, and it exits with %d and says:\n%s", code, out)
	}
	b.env = []string{envSlackBot + "=xapp-1-2"}
	if out, code = b.try("", "setup", "slack", "--check"); code != 1 || !strings.Contains(out, "SLACK_BOT_TOKEN holds an app-level token") {
		t.Errorf("the wrong kind of token: %d %s", code, out)
	}
}

// By HTTP instead of a socket: what is signed is taken, at its exact address; everything else is refused.
func TestLiveSlackHTTP(t *testing.T) {
	s := heldSlack(t)
	b := newBot(t)
	b.env = []string{envSlackURL + "=" + s.URL, envSlackBot + "=" + s.Token(slacktest.Team), envSlackSigning + "=" + s.Signing}
	b.start()
	base := strings.TrimSuffix(b.hooks, "/hooks/")
	s.Events = base + "/slack/events"
	b.sees(b.log, "connected")
	ann := s.Client(slacktest.Ann)
	ann.Command("/flow admin claim " + b.code() + " Ann")
	b.sees(ann.Screen, "You are Ann now")
	for path, want := range map[string]int{"/slack/events": http.StatusUnauthorized, "/slack/events/": http.StatusNotFound, "/slack/install": http.StatusNotFound,
		"/slack/oauth": http.StatusNotFound, "/discord/interactions": http.StatusNotFound} {
		resp, err := http.Post(base+path, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("POST %s unsigned is answered %d, want %d", path, resp.StatusCode, want)
		}
	}
	if out, code := b.try("", "setup", "slack", "--install"); code != 1 || !strings.Contains(out, "SLACK_CLIENT_ID") {
		t.Errorf("without what it takes, --install exits with %d and says:\n%s", code, out)
	}
}

// A second workspace: its token is installed, not in the environment; people of either are answered there, with that
// workspace's token, and who is known in one of them is a stranger in the other.
func TestLiveSlackTwoWorkspaces(t *testing.T) {
	b, s := liveSlack(t)
	const second, carl, room = "T0777", "U0CCC", "C0777"
	s.AddTeam(second, "Second", "U1BOT")
	s.AddUser(second, carl, "carl")
	s.AddChannel(second, room, "triage", "U1BOT", carl)
	b.env = append(b.env, envSlackID+"=1.2", envSlackSecret+"=secret")
	b.args = append(b.args, "--public-url", "https://bots.example.org")
	b.start()
	link := b.cli("setup", "slack", "--install")
	if !strings.Contains(link, "https://bots.example.org/slack/install?ticket=") {
		t.Errorf("setup slack --install says:\n%s", link)
	}
	if out, code := b.try("xoxb-theirs", "secret", "set", "slack."+second); code != 1 || !strings.Contains(out, "kept for the token") {
		t.Errorf("the token can be set as a secret: %d %s", code, out)
	}
	code := b.code()
	b.stop()
	b.withVault(func(v *vault.Vault) {
		if _, err := v.Set(t.Context(), engine.Credential{Name: slackSecret + second, Value: engine.NewSecret(s.Token(second))}); err != nil {
			t.Fatal(err)
		}
	})
	b.start()
	if b.code() != "" {
		code = b.code()
	}
	b.sees(b.log, "connected")
	ann, other := s.Client(slacktest.Ann), s.Client(carl)
	other.Channel = room
	ann.Command("/flow admin claim " + code + " Ann")
	b.sees(ann.Screen, "You are Ann now")
	other.Command("/flow list")
	eventually(t, func() bool { return other.Screen() != "" }, func() string { return "Carl is not answered\n" + b.log() })
	if strings.Contains(other.Screen(), "Ann") {
		t.Errorf("a stranger sees:\n%s", other.Screen())
	}
	if out := b.cli("doctor"); !strings.Contains(out, "Example (T0123)") || !strings.Contains(out, "Second (T0777)") {
		t.Errorf("doctor says:\n%s", out)
	}
	// The app is taken out of it: its token is forgotten, the other one works on.
	s.Revoke(second)
	s.Event(second, map[string]any{"type": "app_uninstalled"})
	eventually(t, func() bool {
		out, _ := b.try("", "doctor") // asks Slack, which refuses
		return !strings.Contains(out, second)
	}, func() string { return "the second workspace is still there\n" + b.cli("doctor") + b.log() })
	b.stop()
	b.withVault(func(v *vault.Vault) {
		if list, err := v.Names(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("its token is still there: %v %v", list, err)
		}
	})
	b.start()
	b.sees(b.log, "connected")
	ann.Command("/flow help")
	b.sees(ann.Screen, "/flow")
}

// withVault opens the vault of a bot that does not run.
func (b *botProcess) withVault(do func(*vault.Vault)) {
	b.t.Helper()
	store, err := sqlite.Open(b.t.Context(), sqlite.Options{Dir: b.dir})
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	id, err := installation(b.t.Context(), store, time.Now)
	if err != nil {
		b.t.Fatal(err)
	}
	key, err := vault.ReadKey(vault.KeyPath(b.cfg, id))
	if err != nil {
		b.t.Fatal(err)
	}
	do(vault.New(key, store))
}
