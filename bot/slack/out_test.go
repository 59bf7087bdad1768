package slack_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/bot/slack/slackspec"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// clock is a time that tests set.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

// lossy loses answers after the request was carried out.
type lossy struct {
	base http.RoundTripper
	mu   sync.Mutex
	lose string // the method
}

func (l *lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.base.RoundTrip(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && l.lose != "" && strings.HasSuffix(r.URL.Path, l.lose) {
		l.lose = ""
		_ = resp.Body.Close()
		return nil, errors.New("connection reset")
	}
	return resp, err
}

// outside is a Slack with a bot, whose requests are all held to Slack's descriptions.
type outside struct {
	*slacktest.Server
	clock *clock
	spec  *slackspec.Requests
	net   *lossy
}

func newOutside(t *testing.T) *outside {
	t.Helper()
	w := &outside{Server: slacktest.NewServer(t), clock: &clock{at: time.Now()}}
	w.spec = &slackspec.Requests{T: t}
	w.spec.Load()
	w.net = &lossy{base: w.spec}
	return w
}

// life is a bot that was just started.
func (w *outside) life() *slack.Surface {
	o := w.Options()
	o.Client, o.Now = &http.Client{Transport: w.net}, w.clock.now
	return slack.New(o)
}

func (w *outside) place(channel string) engine.Place {
	return engine.Place{Surface: "slack", Workspace: slacktest.Team, Channel: channel}
}

func aCard(key, text string) prompts.Card {
	return prompts.Card{Key: key, Title: prompts.Line{{Text: text}}, Text: text, Lang: "en"}
}

func TestWherePostsGo(t *testing.T) {
	w := newOutside(t)
	s := w.life()
	w.AddChannel(slacktest.Team, "C0777", "open", slacktest.Ann)
	w.AddChannel(slacktest.Team, "C0888", "closed", slacktest.Ann)
	w.AddChannel(slacktest.Team, "C0999", "old", slacktest.BotUser)
	w.SetChannel("C0888", "private")
	ref, err := s.Post(t.Context(), w.place("#triage"), "", aCard("a", "One"))
	if err != nil || !strings.HasPrefix(string(ref), "C0456/") {
		t.Fatal(ref, err)
	}
	in := w.place("C0456")
	in.Thread = string(ref)
	below, err := s.Post(t.Context(), in, "", aCard("b", "Below"))
	if err != nil || below == ref {
		t.Fatal(below, err)
	}
	again, err := s.Post(t.Context(), in, below, aCard("b", "Below, changed"))
	if err != nil || again != below {
		t.Fatal(again, err)
	}
	list := w.Messages("C0456")
	if len(list) != 2 || "C0456/"+list[1]["thread_ts"].(string) != string(ref) || list[1]["text"] != "Below, changed" || list[1]["edits"] != 1 {
		t.Errorf("%v", list)
	}
	if ref, err = s.Post(t.Context(), w.place("#open"), "", aCard("c", "Joined")); err != nil || !strings.HasPrefix(string(ref), "C0777/") || w.Calls("conversations.join") != 1 {
		t.Errorf("a public channel was not joined: %s %v", ref, err)
	}
	w.SetChannel("C0999", "archived")
	for _, x := range []struct {
		channel, says string
		code          engine.Code
	}{
		{"#nowhere", "Slack has no channel #nowhere that I can see. Look at the name. If it is private, type /invite @Bretelle in it.", engine.NotFound},
		{"C0888", "Slack has no channel C0888 that I can see", engine.NotFound},
		{"C0999", "is archived, so nothing can be posted there", engine.NotFound},
		{"nonsense", "Slack has no channel nonsense", engine.NotFound},
	} {
		w.Fault("chat.postMessage", slacktest.Fault{Error: map[string]string{"C0888": "channel_not_found", "C0999": "is_archived"}[x.channel], Times: 1})
		if x.channel[0] != 'C' {
			w.Mend("chat.postMessage")
		}
		_, err := s.Post(t.Context(), w.place(x.channel), "", aCard("d", "No"))
		if engine.CodeOf(err) != x.code || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v", x.channel, err)
		}
	}
	w.Lack(slacktest.Team, "channels:join")
	w.AddChannel(slacktest.Team, "C0666", "locked", slacktest.Ann)
	w.clock.pass(time.Minute)
	_, err = s.Post(t.Context(), w.place("#locked"), "", aCard("e", "No"))
	if e := engine.AsError(err); e.Code != engine.Denied || err.Error() != "I am not in #locked, so I could not post there. Type /invite @Bretelle in it, then [Try again]." {
		t.Errorf("%v", err)
	}
	if _, err = s.Post(t.Context(), w.place("C0456"), "C0456/1.000001", aCard("f", "Gone")); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("an edit of nothing: %v", err)
	}
}

func TestOneMessageAKey(t *testing.T) {
	w := newOutside(t)
	first, err := w.life().Post(t.Context(), w.place("#triage"), "", aCard("ask:r12", "Before the crash"))
	if err != nil {
		t.Fatal(err)
	}
	s := w.life()
	again, err := s.Post(t.Context(), w.place("#triage"), "", aCard("ask:r12", "After it"))
	if err != nil || again != first {
		t.Fatalf("%s, was %s: %v", again, first, err)
	}
	before := w.Calls("conversations.history")
	for _, key := range []string{"k1", "k2", "k3"} {
		if _, err := s.Post(t.Context(), w.place("#triage"), "", aCard(key, key)); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.Calls("conversations.history"); n != before {
		t.Errorf("the channel was read %d times more", n-before)
	}
	in := w.place("#triage")
	in.Thread = string(first)
	below, err := s.Post(t.Context(), in, "", aCard("note", "Below"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := w.life().Post(t.Context(), in, "", aCard("note", "Below")); err != nil || got != below {
		t.Errorf("in a thread: %s, was %s: %v", got, below, err)
	}
	// An answer that did not come.
	w.net.lose = "chat.postMessage"
	if _, err := s.Post(t.Context(), w.place("#triage"), "", aCard("lost", "Lost")); engine.CodeOf(err) != engine.Unavailable {
		t.Fatalf("%v", err)
	}
	found, err := s.Post(t.Context(), w.place("#triage"), "", aCard("lost", "Found"))
	if err != nil || found == "" {
		t.Fatal(err)
	}
	if n := w.count("Lost") + w.count("Found"); n != 1 {
		t.Errorf("%d messages for one key", n)
	}
	// Deleted by somebody: the same key makes a message again.
	if err := s.Delete(t.Context(), w.place("#triage"), found); err != nil {
		t.Fatal(err)
	}
	if fresh, err := s.Post(t.Context(), w.place("#triage"), "", aCard("lost", "Anew")); err != nil || fresh == found {
		t.Errorf("%s %v", fresh, err)
	}
	// While the channel cannot be read nothing is posted: it would stand there twice.
	s = w.life()
	w.Fault("conversations.history", slacktest.Fault{Status: 503, Times: 1})
	if _, err := s.Post(t.Context(), w.place("#triage"), "", aCard("k1", "k1")); engine.CodeOf(err) != engine.Unavailable || w.count("k1") != 1 {
		t.Errorf("%v", err)
	}
}

func (w *outside) count(text string) (n int) {
	for _, m := range w.Messages("C0456") {
		if m["text"] == text {
			n++
		}
	}
	return n
}

// keys are the tokens of several workspaces.
type keys struct {
	mu sync.Mutex
	by map[string]string
}

func (k *keys) Token(_ context.Context, team string) (engine.Secret, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.by[team] == "" {
		return engine.Secret{}, engine.E(engine.NotFound, "no token")
	}
	return engine.NewSecret(k.by[team]), nil
}

func (k *keys) Workspaces(context.Context) (out []string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, team := range []string{slacktest.Team, "T0222"} {
		if k.by[team] != "" {
			out = append(out, team)
		}
	}
	return out, nil
}

func TestSeveralWorkspaces(t *testing.T) {
	w := newOutside(t)
	w.AddTeam("T0222", "Second", "U2BOT")
	w.AddChannel("T0222", "C2222", "triage", "U2BOT")
	k := &keys{by: map[string]string{slacktest.Team: w.Token(slacktest.Team), "T0222": w.Token("T0222")}}
	o := w.Options()
	o.Tokens, o.Client, o.Now = k, &http.Client{Transport: w.spec}, w.clock.now
	s := slack.New(o)
	for team, channel := range map[string]string{slacktest.Team: "C0456/", "T0222": "C2222/"} {
		ref, err := s.Post(t.Context(), engine.Place{Surface: "slack", Workspace: team, Channel: "#triage"}, "", aCard("a", "Here"))
		if err != nil || !strings.HasPrefix(string(ref), channel) {
			t.Errorf("%s: %s %v", team, ref, err)
		}
	}
	far := engine.Place{Surface: "slack", Workspace: "T0999", Channel: "#triage"}
	if _, err := s.Post(t.Context(), far, "", aCard("a", "Here")); engine.CodeOf(err) != engine.NotFound || !strings.Contains(err.Error(), "T0999") {
		t.Errorf("%v", err)
	}
	if _, err := s.Post(t.Context(), engine.Place{Surface: "slack", Channel: "#triage"}, "", aCard("a", "Here")); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("a place without a workspace: %v", err)
	}
	w.Revoke("T0222")
	second := engine.Place{Surface: "slack", Workspace: "T0222", Channel: "C2222"}
	if _, err := s.Post(t.Context(), second, "", aCard("b", "Here")); engine.CodeOf(err) != engine.Denied || strings.Contains(err.Error(), "xoxb") {
		t.Errorf("revoked: %v", err)
	}
	for _, l := range s.Links() {
		if l.Workspace == "T0222" && (l.Up || engine.CodeOf(l.Why) != engine.Denied) {
			t.Errorf("%+v", l)
		}
	}
	k.mu.Lock()
	k.by["T0222"] = ""
	k.mu.Unlock()
	if _, err := s.Post(t.Context(), second, "", aCard("b", "Here")); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("uninstalled: %v", err)
	}
	only := w.life()
	if _, err := only.Post(t.Context(), far, "", aCard("a", "Here")); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("one token, another workspace: %v", err)
	}
}

func TestDirect(t *testing.T) {
	w := newOutside(t)
	s := w.life()
	for range 3 {
		p, err := s.Direct(t.Context(), bot.Actor{Workspace: slacktest.Team, User: slacktest.Ann}, engine.Place{})
		if err != nil || p.Channel != "D"+slacktest.Ann || p.Workspace != slacktest.Team {
			t.Fatal(p, err)
		}
		if _, err := s.Post(t.Context(), p, "", aCard("builder", "Draft")); err != nil {
			t.Error(err)
		}
	}
	if n := w.Calls("conversations.open"); n != 1 {
		t.Errorf("opened %d times", n)
	}
	if _, err := s.Direct(t.Context(), bot.Actor{Workspace: slacktest.Team, User: "U0NOBODY"}, engine.Place{}); engine.CodeOf(err) != engine.NotFound {
		t.Error(err)
	}
}

// A token that was refused is tried again, and the link comes up when it is accepted.
func TestTokenAcceptedAgain(t *testing.T) {
	w := newOutside(t)
	s := w.life()
	w.post(t, s, "One")
	w.Fault("chat.postMessage", slacktest.Fault{Error: "account_inactive", Times: 1})
	if _, err := s.Post(t.Context(), w.place("#triage"), "", aCard("k", "Two")); engine.CodeOf(err) != engine.Denied {
		t.Fatal(err)
	}
	if l := s.Links(); len(l) != 1 || l[0].Workspace != slacktest.Team || engine.CodeOf(l[0].Why) != engine.Denied {
		t.Errorf("%+v", l)
	}
	w.post(t, s, "Three")
	if l := s.Links(); l[0].Name != "Example" || l[0].Why != nil {
		t.Errorf("%+v", l)
	}
}
