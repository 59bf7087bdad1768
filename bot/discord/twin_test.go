package discord_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/connectors/counterparttest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/storage/memory"
)

// listless answers for the twin what it cannot: which commands there are, before there are any.
type listless struct{}

func (listless) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/commands") {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader("[]")), Request: r}, nil
	}
	return http.DefaultTransport.RoundTrip(r)
}

// twin is a bot on a Discord that is not ours.
type twin struct {
	t       *testing.T
	real    *counterparttest.Node
	surface *discord.Surface
	h       *handler
	guild   string
	rooms   map[string]string // channel ids by name
	people  map[string]string // user ids by name
	token   string
}

func newTwin(t *testing.T) *twin {
	t.Helper()
	w := &twin{t: t, token: "Nzc1Nzk5NTc3NjA0NTIyMDU0.Gabcde.abcdefghijklmnopqrstuvwxyz", rooms: map[string]string{}, people: map[string]string{}, h: &handler{changed: make(chan struct{})}}
	w.real = counterparttest.Twin(t, w.token)
	var about struct {
		Rest, Guild     string
		Channels, Users []struct{ ID, Name, Username string }
	}
	w.real.Do(t, "about", nil, &about)
	w.guild = about.Guild
	for _, c := range about.Channels {
		w.rooms[c.Name] = c.ID
	}
	for _, u := range about.Users {
		w.people[u.Username] = u.ID
	}
	var err error
	w.surface, err = discord.New(discord.Options{Token: engine.NewSecret(w.token), APIURL: about.Rest + "/v10", Base: listless{}, // it has no version 9
		Live: discord.Live{Inbox: memory.New(), Log: slog.New(slog.NewTextHandler(t.Output(), nil))}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- w.surface.Listen(ctx, w.h) }()
	t.Cleanup(func() {
		end()
		if err := <-done; err != nil {
			t.Errorf("listening ended with %v", err)
		}
	})
	w.until("the gateway's session", func() bool {
		select {
		case err := <-done:
			t.Fatalf("it does not listen: %v", err)
		default:
		}
		l := w.surface.Links()
		return len(l) == 1 && l[0].Up
	})
	return w
}

// until waits until ok, at most twenty seconds.
func (w *twin) until(what string, ok func() bool) {
	w.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(time.Minute)
	defer late.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-late.C:
			w.t.Fatalf("%s: not within twenty seconds", what)
		}
	}
}

func (w *twin) place() engine.Place {
	return engine.Place{Surface: "discord", Workspace: w.guild, Channel: w.rooms["triage"]}
}

// does has bob do something in #triage and gives the interaction's id.
func (w *twin) does(name string, more map[string]any) string {
	w.t.Helper()
	q := map[string]any{"channel": w.rooms["triage"], "user": w.people["bob"], "guild": w.guild}
	for k, v := range more {
		q[k] = v
	}
	var out struct{ ID string }
	w.real.Do(w.t, name, q, &out)
	return out.ID
}

// answered waits for the answer to an interaction.
func (w *twin) answered(id string) (kind int, data string) {
	w.t.Helper()
	var a *struct {
		Type         int
		Data         *string
		Acknowledged bool
	}
	w.until("an answer to "+id, func() bool {
		w.real.Do(w.t, "answer", map[string]any{"id": id}, &a)
		return a != nil && a.Acknowledged
	})
	if a.Data != nil {
		data = *a.Data
	}
	return a.Type, data
}

type twinMessage struct {
	ID, Content string
	Embeds      []struct{ Title, Description string }
	Components  json.RawMessage
	Flags       int
}

// shows waits for a message in #triage that fits.
func (w *twin) shows(what string, fits func(m twinMessage, all string) bool) twinMessage {
	w.t.Helper()
	var found twinMessage
	w.until(what, func() bool {
		var list []json.RawMessage
		w.real.Do(w.t, "messages", map[string]any{"channel": w.rooms["triage"]}, &list)
		for _, raw := range list {
			var m twinMessage
			if json.Unmarshal(raw, &m) == nil && fits(m, string(raw)) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

func twinCard(text string, buttons ...prompts.Button) prompts.Card {
	return prompts.Card{Key: "k-" + text, Title: prompts.Line{{Text: text}}, Text: text, State: engine.CardOpen, Buttons: buttons}
}

// Discord through its twin: the gateway, commands registered in bulk, a command, private answers, a deferred one that is
// edited, buttons, dialogs, completion; what it refuses (an interaction answered twice, one that is not there) is told
// apart.
func TestAgainstTwin(t *testing.T) {
	w := newTwin(t)
	var slow chan struct{}
	w.h.say = func(_ context.Context, in bot.In) (bot.Reply, error) {
		switch {
		case in.Kind == bot.InCommand && strings.HasPrefix(in.Text, "/flow help"):
			return bot.Private{Card: twinCard("Only you")}, nil
		case in.Kind == bot.InCommand && strings.HasPrefix(in.Text, "/flow list"):
			<-slow
			return bot.Private{Card: twinCard("It took a while")}, nil
		case in.Kind == bot.InPress:
			return bot.Dialog{Form: prompts.Form{Token: "form-1", Title: "Why?", Submit: "Send", Fields: []prompts.Field{{Name: "why", Label: "Why", Kind: prompts.FieldText}}}}, nil
		case in.Kind == bot.InSubmit:
			return bot.Private{Card: twinCard("Because " + in.Fields["why"])}, nil
		}
		return bot.Nothing{}, nil
	}

	t.Run("registration", func(t *testing.T) {
		w.t = t
		if err := w.surface.Register(t.Context(), discord.Registrations{Command: "flow", Commands: bot.Commands(), Guilds: []string{w.guild}}); err != nil {
			t.Fatal(err)
		}
		var there []struct{ Name string }
		w.real.Do(t, "commands", nil, &there)
		if !strings.Contains(fmt.Sprint(there), "{flow}") {
			t.Errorf("it knows the commands %v", there)
		}
	})
	t.Run("command", func(t *testing.T) {
		w.t = t
		kind, _ := w.answered(w.does("slash", map[string]any{"name": "flow", "options": []any{map[string]any{"name": "help", "type": 1}}}))
		if kind != 4 && kind != 5 {
			t.Errorf("answered with type %d", kind)
		}
		w.shows("a private answer", func(m twinMessage, all string) bool { return strings.Contains(all, "Only you") && m.Flags&64 != 0 })
	})
	t.Run("deferred", func(t *testing.T) {
		w.t = t
		slow = make(chan struct{})
		id := w.does("slash", map[string]any{"name": "flow", "options": []any{map[string]any{"name": "list", "type": 1}}})
		kind, _ := w.answered(id) // nothing else comes until slow is closed
		close(slow)
		if kind != 5 {
			t.Errorf("what takes long is answered with type %d first", kind)
		}
		w.shows("the answer that was waited for", func(_ twinMessage, all string) bool { return strings.Contains(all, "It took a while") })
	})
	t.Run("card", func(t *testing.T) {
		w.t = t
		card := twinCard("Ticket?", prompts.Button{ID: "approve", Label: "Approve", Token: "tok-1"})
		ref, err := w.surface.Post(t.Context(), w.place(), "", card)
		if err != nil {
			t.Fatal(err)
		}
		m := w.shows("the card", func(_ twinMessage, all string) bool { return strings.Contains(all, "Ticket?") })
		var button string
		for _, part := range strings.Split(string(m.Components), `"custom_id":"`)[1:] {
			button, _, _ = strings.Cut(part, `"`)
		}
		kind, data := w.answered(w.does("click", map[string]any{"message": m.ID, "id": button}))
		var dialog struct {
			ID string `json:"custom_id"`
		}
		if err := json.Unmarshal([]byte(data), &dialog); err != nil || kind != 9 || dialog.ID == "" {
			t.Fatalf("a button that opens a dialog is answered with type %d: %s", kind, data)
		}
		kind, _ = w.answered(w.does("submit", map[string]any{"id": dialog.ID, "fields": []any{map[string]any{"customId": "why", "value": "it is so"}}}))
		if kind != 4 && kind != 5 {
			t.Errorf("a dialog is answered with type %d", kind)
		}
		w.shows("what was typed", func(_ twinMessage, all string) bool { return strings.Contains(all, "Because it is so") })
		card.Buttons, card.State, card.Text = nil, engine.CardDecided, "Ticket made"
		card.Title = prompts.Line{{Text: "Ticket made"}}
		if again, err := w.surface.Post(t.Context(), w.place(), ref, card); err != nil || again != ref {
			t.Errorf("the edit gives %s, was %s: %v", again, ref, err)
		}
		w.shows("the edited card", func(x twinMessage, all string) bool { return x.ID == m.ID && strings.Contains(all, "Ticket made") })
		if _, err := w.surface.Post(t.Context(), w.place(), bot.Ref(w.rooms["triage"]+"/1"), card); engine.CodeOf(err) != engine.NotFound {
			t.Errorf("an edit of what is not there: %v", err)
		}
	})
	t.Run("twice, and none", func(t *testing.T) {
		w.t = t
		in := bot.In{Place: w.place(), Trigger: "1/none/" + w.guild}
		if err := w.surface.Answer(t.Context(), in, discord.Respond(bot.In{Kind: bot.InCommand}, bot.Private{Card: twinCard("Late")})); engine.CodeOf(err) != engine.Conflict && engine.CodeOf(err) != engine.NotFound {
			t.Errorf("an interaction that is not there: %v", err)
		}
		got := w.h.all()
		in = got[0]
		err := w.surface.Answer(t.Context(), in, discord.Respond(in, bot.Private{Card: twinCard("Twice")}))
		if engine.CodeOf(err) != engine.Conflict || strings.Contains(fmt.Sprint(err), "token-") {
			t.Errorf("answered twice: %v", err)
		}
	})
	t.Run("completion", func(t *testing.T) {
		w.t = t
		id := w.does("interact", map[string]any{"type": 4, "data": map[string]any{"id": "1", "name": "flow", "type": 1,
			"options": []any{map[string]any{"name": "show", "type": 1, "options": []any{map[string]any{"name": "flow", "type": 3, "value": "bug", "focused": true}}}}}})
		if kind, data := w.answered(id); kind != 8 || data != "" && !strings.Contains(data, "bug-triage") {
			t.Errorf("a completion is answered with type %d: %s", kind, data)
		}
	})
}
