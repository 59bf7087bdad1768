package slack_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/connectors/counterparttest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/memory"
)

// signed posts a form to a receiver of Slack's deliveries, signed at a time with a secret; spoil changes the request
// after that.
func signed(t *testing.T, to, secret string, at time.Time, form url.Values, spoil func(*http.Request)) (status int, body string) {
	t.Helper()
	raw := form.Encode()
	r, err := http.NewRequest(http.MethodPost, to, strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	slacktest.Sign(r, secret, at, []byte(raw))
	if spoil != nil {
		spoil(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// signatures are requests with what becomes of them, wherever signatures are checked as Slack says.
var signatures = []struct {
	name   string
	secret string // signed with; "" is the right one
	age    time.Duration
	spoil  func(*http.Request)
	want   int
}{
	{name: "right", want: http.StatusOK},
	{name: "four minutes old", age: 4 * time.Minute, want: http.StatusOK},
	{name: "another secret", secret: "another secret", want: http.StatusUnauthorized},
	{name: "six minutes old", age: 6 * time.Minute, want: http.StatusUnauthorized},
	{name: "another time than signed", want: http.StatusUnauthorized, spoil: func(r *http.Request) {
		r.Header.Set("X-Slack-Request-Timestamp", r.Header.Get("X-Slack-Request-Timestamp")+"1")
	}},
	{name: "another version", want: http.StatusUnauthorized, spoil: func(r *http.Request) {
		r.Header.Set("X-Slack-Signature", strings.Replace(r.Header.Get("X-Slack-Signature"), "v0=", "v1=", 1))
	}},
	{name: "no signature", want: http.StatusUnauthorized, spoil: func(r *http.Request) { r.Header.Del("X-Slack-Signature") }},
	{name: "no time", want: http.StatusUnauthorized, spoil: func(r *http.Request) { r.Header.Del("X-Slack-Request-Timestamp") }},
	{name: "cut", want: http.StatusUnauthorized, spoil: func(r *http.Request) {
		r.Header.Set("X-Slack-Signature", r.Header.Get("X-Slack-Signature")[:20])
	}},
	{name: "empty", want: http.StatusUnauthorized, spoil: func(r *http.Request) { r.Header.Set("X-Slack-Signature", "v0=") }},
}

// What our own Slack signs with, Slack's own framework takes, and refuses what it should: so what passes our checks in
// tests is what Slack sends.
func TestBoltTakesOurSignatures(t *testing.T) {
	const secret = "8f742231b10e8888abcd99yyyzzz85a5"
	bolt := counterparttest.Bolt(t, secret).URL + "/slack/events"
	for _, c := range signatures {
		with := c.secret
		if with == "" {
			with = secret
		}
		form := url.Values{"command": {"/flow"}, "text": {"new déjà & more"}, "user_id": {"U0AAA"}, "team_id": {"T0123"}, "channel_id": {"C0456"}}
		status, body := signed(t, bolt, with, time.Now().Add(-c.age), form, c.spoil)
		if status != c.want {
			t.Errorf("%s: Bolt answers %d, want %d: %s", c.name, status, c.want, body)
		}
		if status == http.StatusOK && !strings.Contains(body, "seen /flow new déjà & more") {
			t.Errorf("%s: Bolt read %s", c.name, body)
		}
	}
}

// Our own check takes and refuses the same requests as Bolt does.
func TestWeCheckAsBoltDoes(t *testing.T) {
	const secret = "8f742231b10e8888abcd99yyyzzz85a5"
	s := slack.New(slack.Options{Token: engine.NewSecret("xoxb-1"), APIURL: "http://127.0.0.1:1/api/", Signing: engine.NewSecret(secret), Inbox: memory.New()})
	srv := httptest.NewServer(s.Handler(nil))
	defer srv.Close()
	for _, c := range signatures {
		with := c.secret
		if with == "" {
			with = secret
		}
		form := url.Values{"command": {"/flow"}, "text": {"new déjà & more"}, "user_id": {"U0AAA"}, "team_id": {"T0123"}, "channel_id": {"C0456"}}
		status, body := signed(t, srv.URL+slack.EventsPath, with, time.Now().Add(-c.age), form, c.spoil)
		if refused := status == http.StatusUnauthorized; refused != (c.want == http.StatusUnauthorized) {
			t.Errorf("%s: we answer %d: %s", c.name, status, body)
		}
	}
}
