package discord

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// Each of Discord's answers is a sentence of ours with the right code, and what to do. Whatever it says, no token of the
// bot's or of an interaction's is in the error or in its causes.
func TestProblems(t *testing.T) {
	p := triage
	p.Channel = "#triage"
	for _, x := range []struct {
		status, code int
		want         engine.Code
		says         string
	}{
		{404, 10003, engine.NotFound, "no channel #triage"}, {404, 10004, engine.NotFound, "#triage"}, {404, 10007, engine.NotFound, "nobody"},
		{404, 10008, engine.NotFound, "message is gone"}, {404, 10013, engine.NotFound, "nobody"}, {400, 10014, engine.Invalid, "emoji"}, {404, 10015, engine.Conflict, "asleep"},
		{404, 10062, engine.Conflict, "asleep"}, {400, 20016, engine.Throttled, "slow down"}, {400, 30010, engine.Refused, "reactions"}, {400, 30013, engine.Refused, "no more"},
		{400, 30046, engine.Throttled, "slow down"}, {401, 40001, engine.Denied, "token"}, {400, 40003, engine.Throttled, "slow down"}, {413, 40005, engine.TooLarge, "10 MiB"},
		{400, 40060, engine.Conflict, "answered already"}, {403, 50001, engine.Denied, "View Channel"}, {403, 50003, engine.Invalid, "no text channel"},
		{403, 50005, engine.NotFound, "gone"}, {403, 50007, engine.Denied, "direct messages"}, {400, 50008, engine.Invalid, "no text channel"}, {403, 50013, engine.Denied, "not allowed"},
		{401, 50014, engine.Denied, "token"}, {400, 50024, engine.Invalid, "no text channel"}, {401, 50027, engine.Conflict, "asleep"}, {400, 50035, engine.Internal, "on my side"},
		{400, 50045, engine.TooLarge, "MiB"}, {400, 50083, engine.Denied, "closed"}, {403, 90001, engine.Denied, "blocked"}, {503, 130000, engine.Unavailable, "reached"},
		{400, 160004, engine.Conflict, "thread already"}, {400, 160005, engine.Denied, "closed"}, {400, 160006, engine.Refused, "threads"}, {400, 200000, engine.Refused, "moderation"},
		{400, 240000, engine.Refused, "moderation"}, {401, 0, engine.Denied, "token"}, {403, 0, engine.Denied, "not allowed"}, {404, 0, engine.NotFound, "any more"}, {413, 0, engine.TooLarge, "MiB"},
		{429, 0, engine.Throttled, "slow down"}, {500, 0, engine.Unavailable, "reached"}, {502, 0, engine.Unavailable, "reached"}, {302, 0, engine.Internal, "on my side"},
	} {
		said := fmt.Sprintf(`{"code":%d,"message":"canary and unique_interaction_token"}`, x.code)
		if x.code == 0 {
			said = "<html>canary unique_interaction_token</html>"
		}
		s, f := surface(t)
		f.status, f.said = x.status, said
		_, err := s.Post(context.Background(), engine.Place{Surface: "discord", Workspace: triage.Workspace, Channel: triage.Channel}, "", card())
		_, follows := s.Post(context.Background(), triage, "345626669114982999/846462639134605299", card())
		in := recorded(t, "press.json")
		in.Place = p
		answer := s.Answer(context.Background(), in, Respond(in, bot.Private{Card: card()}))
		if engine.CodeOf(answer) != x.want || !strings.Contains(answer.Error(), x.says) {
			t.Errorf("%d %d: %s (%v), wanted %s with %q", x.status, x.code, engine.CodeOf(answer), answer, x.want, x.says)
		}
		for i, err := range []error{err, follows, answer} {
			for e := err; e != nil; e = errors.Unwrap(e) {
				if strings.Contains(e.Error(), "canary") || i == 2 && strings.Contains(e.Error(), "unique_interaction_token") {
					t.Errorf("%d %d: a token is in %v", x.status, x.code, e)
				}
			}
		}
	}
}

// Nobody there, no answer in time, a connection that breaks: it may have been done, and no address with a token is told.
func TestUnanswered(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "callback") {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.Copy(io.Discard, r.Body) // else nobody notices that the client goes away
		<-r.Context().Done()
	}))
	s, err := New(Options{Token: engine.NewSecret("canary"), APIURL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	in := recorded(t, "press.json")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, late := s.Post(ctx, triage, "", card())
	broken := s.Answer(context.Background(), in, Respond(in, bot.Private{Card: card()}))
	stopped, stop := context.WithCancel(context.Background())
	stop()
	_, gone := s.Post(stopped, triage, "", card())
	srv.CloseClientConnections()
	srv.Close()
	nobody := s.Answer(context.Background(), in, Respond(in, bot.Private{Card: card()}))
	for _, x := range []struct {
		err  error
		want engine.Code
	}{{late, engine.Unavailable}, {broken, engine.Unavailable}, {gone, engine.Canceled}, {nobody, engine.Unavailable}} {
		if engine.CodeOf(x.err) != x.want {
			t.Errorf("%v, wanted %s", x.err, x.want)
		}
		for e := x.err; e != nil; e = errors.Unwrap(e) {
			if strings.Contains(e.Error(), "unique_interaction_token") || strings.Contains(e.Error(), "canary") {
				t.Errorf("a token is in %v", e)
			}
		}
	}
}

// After a 429 nothing is asked before its time, of that route alone or of all; a share that is used up is heeded, too.
func TestPatience(t *testing.T) {
	s, f := surface(t)
	now := time.Unix(1_800_000_000, 0)
	s.rest.now = func() time.Time { return now }
	ctx := context.Background()
	other := triage
	other.Channel = "345626669114983555"
	after := func(p engine.Place) time.Duration {
		_, err := s.Post(ctx, p, "", card())
		if err == nil {
			return 0
		}
		if engine.CodeOf(err) != engine.Throttled {
			t.Fatal(err)
		}
		return engine.AsError(err).After
	}
	good := f.said
	f.status, f.said = 429, `{"message":"You are being rate limited.","retry_after":3.5,"global":false}`
	f.header = http.Header{"Retry-After": {"4"}}
	if d := after(triage); d != 4*time.Second {
		t.Errorf("after %v: the longer one is kept to", d)
	}
	f.status, f.said, f.header = 0, good, nil
	now = now.Add(time.Second)
	asked := len(f.asked)
	if d := after(triage); d != 3*time.Second || len(f.asked) != asked {
		t.Errorf("%v, %d requests before its time", d, len(f.asked)-asked)
	}
	if d := after(other); d != 0 {
		t.Errorf("another channel waits %v", d)
	}
	now = now.Add(3 * time.Second)
	f.header = http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset-After": {"2.5"}}
	if d := after(triage); d != 0 {
		t.Errorf("waits %v though the time is over", d)
	}
	f.header = nil
	if d := after(triage); d != 2500*time.Millisecond {
		t.Errorf("waits %v with its share used up", d)
	}
	now = now.Add(3 * time.Second)
	f.status, f.said, f.header = 429, "<html>", http.Header{"Retry-After": {"60"}, "X-Ratelimit-Global": {"true"}}
	if d := after(triage); d != time.Minute {
		t.Errorf("waits %v", d)
	}
	f.status, f.said, f.header = 0, good, nil
	if d := after(other); d != time.Minute {
		t.Errorf("another channel waits %v when all are meant", d)
	}
	in := recorded(t, "press.json")
	if err := s.Answer(ctx, in, Respond(in, bot.Private{Card: card()})); err != nil {
		t.Errorf("an interaction has limits of its own: %v", err)
	}
}

// No id leads to another address than the one that is meant.
func TestRoute(t *testing.T) {
	for _, x := range []struct{ id, want string }{{"1/../../users/@me", "channels/1%2F..%2F..%2Fusers%2F@me/messages"}, {"..", "channels/_/messages"}, {"", "channels/_/messages"},
		{"1?limit=1", "channels/1%3Flimit=1/messages"}, {"👍", "channels/%F0%9F%91%8D/messages"}} {
		if got := route("channels", x.id, "messages"); got != x.want {
			t.Errorf("%q: %s, wanted %s", x.id, got, x.want)
		}
	}
}
