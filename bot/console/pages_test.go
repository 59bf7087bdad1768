package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/console"
	"github.com/bretelle/bretelle/engine"
)

// The names that a page sends along are short; what is not is refused before it is stored (RELIABILITY, A-3).
func TestNamesFromPagesAreShort(t *testing.T) {
	w := newWorld(t)
	b, _ := w.login("Ann", engine.Admin)
	for _, name := range []string{"id", "thread", "token", "message"} {
		if status, body := b.post("/c/general/press", name, strings.Repeat("x", 300)); status != http.StatusUnprocessableEntity {
			t.Errorf("a long %s: %d %s", name, status, body)
		}
	}
	if n := len(w.bot.deeds()); n != 0 {
		t.Errorf("the bot was given %d deeds", n)
	}
}

// The page of a run asks the bot who may see it, so that a browser shows what chat does.
func TestRunPageAsksForTheRight(t *testing.T) {
	var asked []string
	var deny error
	w := newWorld(t, func(o *console.Options) {
		o.Run = func(_ context.Context, person string, number int64) (engine.RunView, error) {
			asked = append(asked, fmt.Sprint(person, " ", number))
			if deny != nil {
				return engine.RunView{}, deny
			}
			return engine.RunView{RunHead: engine.RunHead{ID: "r", Number: number, Flow: "bugs", State: engine.RunDone}}, nil
		}
	})
	b, p := w.login("Vic", engine.Viewer)
	p.Role = engine.NoRole // the bot may know of a role for one flow
	w.must(w.store.SetPerson(t.Context(), p))
	if status, body := b.get("/run/12"); status != http.StatusOK || !strings.Contains(body, "bugs #12") {
		t.Errorf("%d %s", status, body)
	}
	deny = engine.E(engine.Denied, "You may not see flows here")
	if status, body := b.get("/run/12"); status != http.StatusForbidden || strings.Contains(body, "bugs") {
		t.Errorf("%d %s", status, body)
	}
	if want := []string{p.ID + " 12", p.ID + " 12"}; !slices.Equal(asked, want) {
		t.Errorf("asked %v", asked)
	}
}

// What somebody said stays said: an id that is used again, when it is remembered no more, writes no other message over it.
func TestAnOldIdChangesNoMessage(t *testing.T) {
	w := newWorld(t)
	_, p := w.login("Ann", engine.Admin)
	say := func(id, channel, text string) {
		_, err := w.console.Act(t.Context(), bot.In{ID: id, Kind: bot.InMessage, Text: text, Place: place(channel), Actor: bot.Actor{User: p.ID}})
		w.must(err)
	}
	say("one", "#general", "I deny it")
	for i := range 2048 {
		say(fmt.Sprint("more ", i), "#triage", "filler")
	}
	say("one", "#general", "I approved it")
	say("one", "#triage", "I deny it")
	list, err := w.store.LastMessages(t.Context(), place("#general"), 10)
	w.must(err)
	var got []string
	for _, m := range list {
		got = append(got, m.Text)
	}
	if !slices.Equal(got, []string{"I deny it", "I approved it"}) {
		t.Errorf("#general holds %q", got)
	}
}

// What a page shows of outside looks like what it is: nothing turns the direction or hides (R15; RELIABILITY, A-8).
func TestPagesShowHiddenCharacters(t *testing.T) {
	const evil = "pay\u202eevil\u200b"
	quoted := json.RawMessage(`{"x":"` + evil + `"}`)
	w := newWorld(t, func(o *console.Options) {
		o.Run = func(context.Context, string, int64) (engine.RunView, error) {
			return engine.RunView{RunHead: engine.RunHead{ID: "r", Number: 1, Flow: "bugs", Reason: evil, Key: evil}, Title: evil,
				Event:   &engine.Event{Data: map[string]any{"body": evil}},
				History: []engine.EntryBrief{{Path: "a", By: evil}},
				Steps: []engine.StepView{{Path: "a", Line: evil, Reason: evil, Input: quoted, Output: quoted,
					Failure: &engine.Failure{Msg: "{x}", Args: engine.Args("x", evil)}}}}, nil
		}
	})
	b, p := w.login("Ann", engine.Admin)
	_, err := w.console.Act(t.Context(), bot.In{Kind: bot.InMessage, Text: evil, Place: place("#general"), Actor: bot.Actor{User: p.ID}})
	w.must(err)
	for _, path := range []string{"/c/general", "/run/1"} {
		status, body := b.get(path)
		if status != http.StatusOK || !strings.Contains(body, "⟨U&#43;202E⟩") {
			t.Errorf("%s: %d does not show it", path, status)
		}
		if i := strings.IndexAny(body, "\u202e\u200b"); i >= 0 {
			t.Errorf("%s holds it: %q", path, body[max(0, i-80):i+10])
		}
	}
}

// The cookie is out of reach of scripts and of other sites' forms, and travels over HTTPS only where that is what the
// console is called by. A link to a run that stands in chat finds its reader logged in, so it is not Strict.
func TestSessionCookie(t *testing.T) {
	for _, secure := range []bool{false, true} {
		w := newWorld(t, func(o *console.Options) { o.Secure = secure })
		p, b := w.person("Ann", engine.Admin), w.browser()
		resp, err := b.c.PostForm(w.server.URL+"/login/"+w.link(p.ID), nil)
		w.must(err)
		_ = resp.Body.Close()
		if len(resp.Cookies()) != 1 {
			t.Fatalf("%d cookies", len(resp.Cookies()))
		}
		c := resp.Cookies()[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure != secure || c.Path != "/" || c.Domain != "" || len(c.Value) < 32 {
			t.Errorf("secure %v: %+v", secure, c)
		}
	}
}
