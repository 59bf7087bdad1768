package slack_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/connectors/counterparttest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// bearer moves the token from the form, where the SDK puts it, to the header, the only place where emulate reads it.
type bearer struct{ token string }

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return http.DefaultTransport.RoundTrip(r)
}

// emulated is a Slack that is not ours, with a surface for each of two tokens: one that may everything, one that may
// only read channels.
type emulated struct {
	t          *testing.T
	url        string
	all, least *slack.Surface
}

func newEmulated(t *testing.T) *emulated {
	t.Helper()
	token := func(name string, scopes ...string) map[string]any {
		return map[string]any{"token": name, "user": "ann", "app_id": "A1", "type": "bot", "scopes": scopes}
	}
	e := &emulated{t: t}
	e.url = counterparttest.Emulate(t, map[string]any{"slack": map[string]any{"strict_scopes": true,
		"users":    []any{map[string]any{"name": "ann"}},
		"channels": []any{map[string]any{"name": "triage"}},
		"tokens":   []any{token("xoxb-all", "chat:write", "channels:read", "groups:read", "im:write", "users:read"), token("xoxb-least", "channels:read")},
	}}).URL + "/api/"
	surface := func(token string) *slack.Surface {
		return slack.New(slack.Options{Token: engine.NewSecret(token), APIURL: e.url, Client: &http.Client{Transport: bearer{token}}})
	}
	e.all, e.least = surface("xoxb-all"), surface("xoxb-least")
	return e
}

// ask calls a method beside the surfaces, as another program would.
func (e *emulated) ask(method string, form url.Values, out any) {
	e.t.Helper()
	r, err := http.NewRequest(http.MethodPost, e.url+method, strings.NewReader(form.Encode()))
	if err != nil {
		e.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := (&http.Client{Transport: bearer{"xoxb-all"}}).Do(r)
	if err != nil {
		e.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(b, out)
	}
	if err != nil {
		e.t.Fatalf("%s: %v %s", method, err, b)
	}
}

func (e *emulated) trigger(view string) string {
	e.t.Helper()
	form := url.Values{}
	if view != "" {
		form.Set("view_id", view)
	}
	var out struct {
		ID string `json:"trigger_id"`
	}
	e.ask("views.generateTriggerId", form, &out)
	if out.ID == "" {
		e.t.Fatal("no trigger")
	}
	return out.ID
}

// channel is the id of #triage.
func (e *emulated) channel() string {
	e.t.Helper()
	var out struct {
		Channels []struct{ ID, Name string }
	}
	e.ask("conversations.list", nil, &out)
	for _, c := range out.Channels {
		if c.Name == "triage" {
			return c.ID
		}
	}
	e.t.Fatalf("no #triage in %+v", out)
	return ""
}

func aDialog(title string) *slackgo.ModalViewRequest {
	v := slack.Modal(prompts.Form{Token: "token", Title: title, Submit: "Save", Fields: []prompts.Field{{Name: "name", Label: "Name", Kind: prompts.FieldText}}},
		engine.Place{Surface: "slack", Channel: "C1"})
	return &v
}

// Windows, as a Slack that is not ours sees ours: opened by a trigger once and in time, pushed, updated unless they have
// changed meanwhile; what it refuses is told apart.
func TestWindowsAgainstEmulate(t *testing.T) {
	e := newEmulated(t)
	p := engine.Place{Surface: "slack", Channel: "C1"}
	open := slack.Call{Method: "views.open", Trigger: e.trigger(""), View: aDialog("First")}
	late := slack.Call{Method: "views.open", Trigger: e.trigger(""), View: aDialog("Late")}
	made := time.Now()
	if err := e.all.Send(t.Context(), open, p); err != nil {
		t.Fatalf("views.open: %v", err)
	}
	if err := e.all.Send(t.Context(), open, p); engine.CodeOf(err) != engine.Invalid {
		t.Errorf("a trigger used before: %v", err)
	}
	var opened struct {
		View struct{ ID, Hash string }
	}
	view, err := json.Marshal(aDialog("Second"))
	if err != nil {
		t.Fatal(err)
	}
	e.ask("views.open", url.Values{"trigger_id": {e.trigger("")}, "view": {string(view)}}, &opened)
	if opened.View.ID == "" {
		t.Fatalf("it opens no window of ours: %+v", opened)
	}
	update := slack.Call{Method: "views.update", ViewID: opened.View.ID, Hash: opened.View.Hash, View: aDialog("Third")}
	if err := e.all.Send(t.Context(), update, p); err != nil {
		t.Errorf("views.update: %v", err)
	}
	if err := e.all.Send(t.Context(), update, p); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("an update of an older state: %v", err)
	}
	push := slack.Call{Method: "views.push", Trigger: e.trigger(opened.View.ID), View: aDialog("Upon")}
	if err := e.all.Send(t.Context(), push, p); err != nil {
		t.Errorf("views.push: %v", err)
	}
	gone := slack.Call{Method: "views.update", ViewID: "V0", View: aDialog("Gone")}
	if err := e.all.Send(t.Context(), gone, p); engine.CodeOf(err) != engine.Invalid {
		t.Errorf("an update of a window that is not there: %v", err)
	}
	<-time.After(time.Until(made.Add(4100 * time.Millisecond))) // it counts whole seconds
	if err := e.all.Send(t.Context(), late, p); engine.CodeOf(err) != engine.Invalid || !strings.Contains(err.Error(), "closed the window") {
		t.Errorf("a trigger that is too old: %v", err)
	}
}

// Messages, as a Slack that is not ours takes them; a missing scope is told apart, and no token is in what is said.
func TestMessagesAgainstEmulate(t *testing.T) {
	e := newEmulated(t)
	p := engine.Place{Surface: "slack", Channel: e.channel()}
	card := prompts.Card{Key: "k1", Title: prompts.Line{{Text: "Ticket for <!channel>?"}}, Text: "Ticket?", State: engine.CardOpen,
		Buttons: []prompts.Button{{ID: "approve", Label: "Approve", Token: "t1"}}}
	ref, err := e.all.Post(t.Context(), p, "", card)
	if err != nil || ref == "" {
		t.Fatalf("post: %q %v", ref, err)
	}
	card.Buttons, card.State = nil, engine.CardDecided
	again, err := e.all.Post(t.Context(), p, ref, card)
	if err != nil || again != ref {
		t.Errorf("edit: %q, was %q: %v", again, ref, err)
	}
	if _, err := e.all.Post(t.Context(), p, bot.Ref(p.Channel+"/1.000001"), card); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("an edit of what is not there: %v", err)
	}
	_, err = e.least.Post(t.Context(), p, "", card)
	if engine.CodeOf(err) != engine.Denied || strings.Contains(err.Error(), "xoxb") {
		t.Errorf("without chat:write: %v", err)
	}
}
