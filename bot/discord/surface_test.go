package discord

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

// fake is Discord's API: it keeps what was asked and answers by "METHOD path", else with said.
type fake struct {
	asked  []string
	auth   string
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
	f.auth = r.Header.Get("Authorization")
	if f.auth != "Bot canary" && !strings.Contains(what, "unique_interaction_token") {
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
	for _, room := range []string{"345626669114982999", "345626669114983555"} { // nothing is there from a former life
		s.known.past[room] = nil
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

func TestAnswer(t *testing.T) {
	s, f := surface(t)
	in := recorded(t, "press.json")
	if err := s.Answer(context.Background(), in, Respond(in, bot.Private{Card: card()})); err != nil || f.asked[0] != "POST /api/v9/interactions/846462639134605312/unique_interaction_token/callback" {
		t.Errorf("%v %v", err, f.asked)
	}
	if f.auth != "" {
		t.Error("the bot's token goes where an interaction's is enough")
	}
	if err := s.Follow(context.Background(), in, Respond(in, bot.Private{Card: card()})); err != nil || !strings.HasPrefix(f.asked[1], "PATCH /api/v9/webhooks/") || !strings.HasSuffix(f.asked[1], "/unique_interaction_token/messages/@original") {
		t.Errorf("%v %v", err, f.asked)
	}
	if err := s.Beside(context.Background(), in, Respond(in, bot.Private{Card: card()})); err != nil || !strings.HasSuffix(f.asked[2], "/unique_interaction_token") || f.body["flags"] != 64.0 {
		t.Errorf("%v %v %v", err, f.asked, f.body)
	}
}
