package slack

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

// fake is Slack's Web API: it keeps what was asked and answers as told.
type fake struct {
	method string
	form   url.Values
	answer string
	status int
	header http.Header
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path { // what is asked by the way
	case "/api/auth.test":
		_, _ = w.Write([]byte(`{"ok":true,"team_id":"T0123","team":"Example","user_id":"U0BOT","bot_id":"B0BOT"}`))
		return
	case "/api/users.conversations":
		_, _ = w.Write([]byte(`{"ok":true,"channels":[{"id":"C0456","name":"triage"}]}`))
		return
	case "/api/conversations.history", "/api/conversations.replies":
		_, _ = w.Write([]byte(`{"ok":true,"messages":[]}`))
		return
	}
	f.method = strings.TrimPrefix(r.URL.Path, "/api/")
	_ = r.ParseForm()
	f.form = r.Form
	if strings.Contains(r.Header.Get("Content-Type"), "json") {
		var body map[string]any
		_ = json.NewDecoder(r.Body).Decode(&body)
		b, _ := json.Marshal(body)
		f.form = url.Values{"json": {string(b)}}
	}
	for k, v := range f.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/json")
	if f.status != 0 {
		w.WriteHeader(f.status)
	}
	_, _ = w.Write([]byte(f.answer))
}

func surface(t *testing.T) (*Surface, *fake) {
	t.Helper()
	f := &fake{answer: `{"ok":true,"channel":"C0456","ts":"1548261231.000200"}`}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return New(Options{Token: engine.NewSecret("xoxb-canary"), APIURL: server.URL + "/api", Client: server.Client()}), f
}

func card() prompts.Card { return corpus.Cards("en")[0].Card }

func TestPost(t *testing.T) {
	s, f := surface(t)
	p := engine.Place{Surface: "slack", Workspace: "T0123", Channel: "#triage", Thread: "C0456/1548261230.000100"}
	ref, err := s.Post(context.Background(), p, "", card())
	if err != nil || ref != "C0456/1548261231.000200" {
		t.Fatal(ref, err)
	}
	if f.method != "chat.postMessage" || f.form.Get("channel") != "C0456" || f.form.Get("thread_ts") != "1548261230.000100" || f.form.Get("unfurl_links") != "false" {
		t.Errorf("%s %v", f.method, f.form)
	}
	if !strings.Contains(f.form.Get("metadata"), `"key":"ask:r12/review"`) {
		t.Errorf("no key in the metadata: %s", f.form.Get("metadata"))
	}
	ref, err = s.Post(context.Background(), p, ref, card())
	if err != nil || ref != "C0456/1548261231.000200" || f.method != "chat.update" || f.form.Get("ts") != "1548261231.000200" || f.form.Get("channel") != "C0456" {
		t.Errorf("%s %s %v %v", ref, f.method, f.form, err)
	}
}

func TestPostErrors(t *testing.T) {
	s, f := surface(t)
	for said, code := range map[string]engine.Code{"not_in_channel": engine.Denied, "channel_not_found": engine.NotFound, "message_not_found": engine.NotFound,
		"invalid_auth": engine.Denied, "fatal_error": engine.Unavailable, "invalid_blocks": engine.Internal} {
		f.answer = `{"ok":false,"error":"` + said + `"}`
		_, err := s.Post(context.Background(), triage, "", card())
		if engine.CodeOf(err) != code {
			t.Errorf("%s gave %v, wanted %s", said, err, code)
		}
		if strings.Contains(err.Error(), "xoxb") {
			t.Errorf("the token is in %v", err)
		}
	}
	f.status, f.header = http.StatusTooManyRequests, http.Header{"Retry-After": {"7"}}
	_, err := s.Post(context.Background(), triage, "", card())
	if e := engine.AsError(err); e.Code != engine.Throttled || e.After != 7*time.Second {
		t.Errorf("429 gave %v after %v", err, e.After)
	}
	f.status, f.header, f.answer = http.StatusBadGateway, nil, "<html>"
	if _, err = s.Post(context.Background(), triage, "", card()); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("502 gave %v", err)
	}
	if _, err = s.Post(context.Background(), triage, "nonsense", card()); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("a broken reference gave %v", err)
	}
}

func TestSend(t *testing.T) {
	s, f := surface(t)
	in := recorded(t, "press.json")
	for _, x := range []struct {
		reply  bot.Reply
		method string
	}{{bot.Private{Card: card()}, "chat.postEphemeral"}, {bot.Shared{Card: card()}, "chat.postMessage"}, {bot.Dialog{Form: corpus.Forms("en")[0].Form}, "views.open"}} {
		a, err := Respond(in, x.reply)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Send(context.Background(), *a.Call, in.Place); err != nil || f.method != x.method {
			t.Errorf("%s: asked %s, %v", x.method, f.method, err)
		}
	}
	f.answer = `{"ok":false,"error":"expired_trigger_id"}`
	a, _ := Respond(in, bot.Dialog{Form: corpus.Forms("en")[0].Form})
	if err := s.Send(context.Background(), *a.Call, in.Place); engine.CodeOf(err) != engine.Invalid {
		t.Error(err)
	}
}

func TestGroups(t *testing.T) {
	s, f := surface(t)
	f.answer = `{"ok":true,"usergroups":[{"id":"S1","team_id":"T0123","handle":"triage","users":["U0AAA","U0BBB"]},{"id":"S2","team_id":"T0123","handle":"sales","users":["U0CCC"]}]}`
	asked := []string{"slack:T0123/@triage", "slack:T0123/@sales"}
	got, err := s.Groups(context.Background(), bot.Actor{Workspace: "T0123", User: "U0BBB"}, asked)
	if err != nil || len(got) != 1 || got[0] != "slack:T0123/@triage" {
		t.Errorf("%v %v", got, err)
	}
	if got, _ = s.Groups(context.Background(), bot.Actor{Workspace: "T0999", User: "U0BBB"}, asked); len(got) != 0 {
		t.Errorf("somebody of another workspace is in %v", got)
	}
}
