package slack_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/bot/slack/slackspec"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

// eyes see every request of the Web API: nothing in it is a mention, a control sequence or hidden.
type eyes struct {
	t    *testing.T
	base http.RoundTripper
	said []string // what stood in the arguments that Slack parses
}

func (e *eyes) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		form, err := url.ParseQuery(string(body))
		if err != nil {
			e.t.Error(err)
		}
		for name, vs := range form {
			for _, v := range vs {
				var j any
				if strings.HasPrefix(v, "{") || strings.HasPrefix(v, "[") {
					if json.Unmarshal([]byte(v), &j) == nil {
						slackspec.Walk(e.t, j)
						continue
					}
				}
				if name == "text" || name == "topic" || name == "initial_comment" {
					slackspec.Mrkdwn(e.t, v)
					e.said = append(e.said, v)
					continue
				}
				slackspec.Mrkdwn(e.t, strings.NewReplacer("<", "(", ">", ")").Replace(v)) // Slack parses nothing there
			}
		}
	}
	return e.base.RoundTrip(r)
}

// A-8 over everything that leaves by the Web API: messages, edits, threads and their titles, topics, what stands above
// files, their names and descriptions.
func TestEverythingThatGoesOutIsHarmless(t *testing.T) {
	w := newOutside(t)
	e := &eyes{t: t, base: http.DefaultTransport}
	o := w.Options()
	o.Client, o.Now = &http.Client{Transport: e}, w.clock.now
	s := slack.New(o)
	ctx, p := t.Context(), w.place("#triage")
	at, err := s.Post(ctx, p, "", aCard("first", "first"))
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range corpus.Attacks(4) {
		if i > 400 {
			break
		}
		e.said = nil
		meant := prompts.Clean(text)
		card := prompts.Card{Key: "say:" + text, Blocks: []prompts.Block{prompts.Para{Line: prompts.Line{{Text: text}}}}, Text: text}
		if _, err := s.Post(ctx, p, at, card); err != nil {
			t.Errorf("edit %q: %v", text, err)
		}
		if _, err := s.Post(ctx, p, "", card); err != nil {
			t.Errorf("post %q: %v", text, err)
		}
		if len(text) < 200 {
			if got := unescaped(e.said); len(got) != 2 || got[0] != meant || got[1] != meant {
				t.Errorf("said is %q, meant was %q", got, meant)
			}
		}
		_, _, _ = s.OpenThread(ctx, p, at, "t:"+text, text)
		_ = s.SetTopic(ctx, p, prompts.Cut(text, 40))
		if _, err := s.Upload(ctx, p, "u:"+text, text, bot.File{Name: text, Alt: text, Data: []byte("x")}); err != nil {
			t.Errorf("upload %q: %v", text, err)
		}
	}
}

func unescaped(all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
	}
	return out
}

// A private answer goes to Slack's own address alone: a response_url of another host, scheme or port is never called, and
// where Slack's leads on to, nothing is sent.
func TestAForgedWayBackIsNeverCalled(t *testing.T) {
	var hits atomic.Int64
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	t.Cleanup(evil.Close)
	w := newOutside(t)
	host := strings.TrimPrefix(strings.TrimSuffix(w.URL, "/api/"), "http://")
	moved := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, evil.URL+"/moved", http.StatusTemporaryRedirect)
	}))
	t.Cleanup(moved.Close)
	s, n := w.life(), 0
	tell := func(s *slack.Surface, back string) {
		n++
		err := s.Send(t.Context(), slack.Call{Method: "chat.postEphemeral", Back: back, Message: &slack.Post{Channel: "C0456", User: slacktest.Bob, Text: "a secret"}}, w.place("C0456"))
		if err != nil && strings.Contains(err.Error(), back) {
			t.Errorf("%q is in the error %v", back, err)
		}
	}
	for _, back := range []string{evil.URL, evil.URL + "/actions/T0123/1/x", "https://hooks.slack.com.evil.example/x", "https://hooks.slack.com@" + strings.TrimPrefix(evil.URL, "http://"),
		"http://" + host + "@" + strings.TrimPrefix(evil.URL, "http://"), "https://" + host + "/back/x", "http://" + host + ".evil.example/", "file:///etc/passwd", "//" + strings.TrimPrefix(evil.URL, "http://"),
		"gopher://" + host, " " + evil.URL, "http://[::1%25lo]/", "http://169.254.169.254/latest/meta-data", "%zz", ":"} {
		tell(s, back)
	}
	if got := hits.Load(); got != 0 {
		t.Errorf("%d calls went elsewhere", got)
	}
	if got := w.Calls("chat.postEphemeral"); got != n {
		t.Errorf("%d of %d were told by the Web API instead", got, n)
	}
	o := slack.Options{Token: engine.NewSecret("xoxb-1"), APIURL: moved.URL + "/api/"} // what it is asked leads on
	tell(slack.New(o), moved.URL+"/actions/1")
	if got := hits.Load(); got > 0 {
		t.Errorf("what is private followed a redirect %d times", got)
	}
	real := slack.New(slack.Options{Token: engine.NewSecret("xoxb-1"), Client: &http.Client{Transport: refuse{t}}})
	for _, back := range []string{"http://hooks.slack.com/x", "https://hooks.slack.com:8443/x", "https://slack.com/x", "https://evil.example/x", "https://xhooks.slack.com/"} {
		tell(real, back)
	}
}

// refuse lets nothing through but to Slack's Web API, and that not far.
type refuse struct{ t *testing.T }

func (r refuse) RoundTrip(q *http.Request) (*http.Response, error) {
	if q.URL.Host != "slack.com" || q.URL.Scheme != "https" || !strings.HasPrefix(q.URL.Path, "/api/") {
		r.t.Errorf("%s is called", q.URL)
	}
	return nil, io.ErrUnexpectedEOF
}
