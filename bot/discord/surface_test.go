package discord

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

// fake is Discord's API: it keeps what was asked and answers by "METHOD path", else with said.
type fake struct {
	asked  []string
	body   map[string]any
	said   string
	status int
	header http.Header
	routes map[string]string
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	what := r.Method + " " + r.URL.Path
	f.asked = append(f.asked, what)
	f.body = nil
	_ = json.NewDecoder(r.Body).Decode(&f.body)
	if r.Header.Get("Authorization") != "Bot canary" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	for k, v := range f.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/json")
	if s, ok := f.routes[what]; ok {
		_, _ = w.Write([]byte(s))
		return
	}
	if f.status != 0 {
		w.WriteHeader(f.status)
	}
	_, _ = w.Write([]byte(f.said))
}

func surface(t *testing.T) (*Surface, *fake) {
	t.Helper()
	f := &fake{said: `{"id":"846462639134605299","channel_id":"345626669114982999"}`, routes: map[string]string{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	s, err := New(Options{Token: engine.NewSecret("canary"), APIURL: server.URL + "/api/v9/"})
	if err != nil {
		t.Fatal(err)
	}
	return s, f
}

var triage = engine.Place{Surface: "discord", Workspace: "290926798626357999", Channel: "345626669114982999"}

func card() prompts.Card { return corpus.Cards("en")[0].Card }

func TestPost(t *testing.T) {
	s, f := surface(t)
	ctx := context.Background()
	at, err := s.Post(ctx, triage, "", card())
	if err != nil || at != "345626669114982999/846462639134605299" || f.asked[0] != "POST /api/v9/channels/345626669114982999/messages" {
		t.Fatal(at, err, f.asked)
	}
	nonce := f.body["nonce"]
	if n, _ := nonce.(string); len(n) != 25 || f.body["enforce_nonce"] != true {
		t.Errorf("no nonce in %v", f.body)
	}
	if _, err = s.Post(ctx, triage, "", card()); err != nil || f.body["nonce"] != nonce {
		t.Errorf("the same card has another nonce: %v", err)
	}
	if at, err = s.Post(ctx, triage, at, card()); err != nil || at != "345626669114982999/846462639134605299" ||
		f.asked[2] != "PATCH /api/v9/channels/345626669114982999/messages/846462639134605299" {
		t.Errorf("%s %v %v", at, err, f.asked)
	}
}

func TestPostByName(t *testing.T) {
	s, f := surface(t)
	f.routes["GET /api/v9/guilds/290926798626357999/channels"] = `[{"id":"1","name":"triage","type":2},{"id":"345626669114982999","name":"triage","type":0}]`
	p := triage
	p.Channel = "#triage"
	for range 2 {
		if _, err := s.Post(context.Background(), p, "", card()); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.asked) != 3 || f.asked[2] != "POST /api/v9/channels/345626669114982999/messages" {
		t.Error(f.asked)
	}
	p.Channel = "#nowhere"
	if _, err := s.Post(context.Background(), p, "", card()); engine.CodeOf(err) != engine.NotFound {
		t.Error(err)
	}
}

// A thread begins with a message and is made the first time.
func TestPostInThread(t *testing.T) {
	s, f := surface(t)
	p := triage
	p.Thread = "345626669114982999/846462639134605299"
	f.routes["POST /api/v9/channels/345626669114982999/messages/846462639134605299/threads"] = `{"id":"846462639134605299"}`
	f.status, f.said = http.StatusNotFound, `{"code":10003,"message":"Unknown Channel"}`
	_, err := s.Post(context.Background(), p, "", card())
	want := "POST /api/v9/channels/846462639134605299/messages"
	if engine.CodeOf(err) != engine.NotFound || len(f.asked) != 3 || f.asked[0] != want || !strings.HasSuffix(f.asked[1], "/threads") || f.asked[2] != want {
		t.Errorf("%v %v", f.asked, err)
	}
}

func TestPostErrors(t *testing.T) {
	s, f := surface(t)
	for _, x := range []struct {
		status int
		said   string
		code   engine.Code
	}{{404, `{"code":10003}`, engine.NotFound}, {404, `{"code":10008}`, engine.NotFound}, {403, `{"code":50001}`, engine.Denied}, {403, `{"code":50013}`, engine.Denied},
		{401, `{"code":0}`, engine.Denied}, {502, `<html>`, engine.Unavailable}, {400, `{"code":50035}`, engine.Internal}} {
		f.status, f.said = x.status, x.said
		_, err := s.Post(context.Background(), triage, "", card())
		if engine.CodeOf(err) != x.code {
			t.Errorf("%d %s gave %v, wanted %s", x.status, x.said, err, x.code)
		}
		if strings.Contains(err.Error(), "canary") || strings.Contains(engine.AsError(err).Err.Error(), "canary") {
			t.Errorf("the token is in %v", err)
		}
	}
	f.status, f.said = 429, `{"message":"You are being rate limited.","retry_after":3.5,"global":false}`
	_, err := s.Post(context.Background(), triage, "", card())
	if e := engine.AsError(err); e.Code != engine.Throttled || e.After != 3500*time.Millisecond {
		t.Errorf("429 gave %v after %v", err, e.After)
	}
	if _, err := s.Post(context.Background(), triage, "1/../x", card()); engine.CodeOf(err) != engine.NotFound {
		t.Error(err)
	}
}

func TestAnswerAndGroups(t *testing.T) {
	s, f := surface(t)
	in := recorded(t, "press.json")
	if err := s.Answer(context.Background(), in, Respond(in, bot.Private{Card: card()})); err != nil || f.asked[0] != "POST /api/v9/interactions/846462639134605312/unique_interaction_token/callback" {
		t.Errorf("%v %v", err, f.asked)
	}
	f.routes["GET /api/v9/guilds/290926798626357999/members/53908232506183680"] = `{"user":{"id":"53908232506183680"},"roles":["7"]}`
	f.routes["GET /api/v9/guilds/290926798626357999/roles"] = `[{"id":"7","name":"triage"},{"id":"8","name":"sales"}]`
	got, err := s.Groups(context.Background(), in.Actor, []string{"discord:290926798626357999/@triage", "discord:290926798626357999/@sales"})
	if err != nil || len(got) != 1 || got[0] != "discord:290926798626357999/@triage" {
		t.Errorf("%v %v", got, err)
	}
	if err := s.Listen(context.Background(), nil); engine.CodeOf(err) != engine.Unavailable {
		t.Error(err)
	}
}
