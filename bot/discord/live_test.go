package discord_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// The whole loop: a command opens a dialog, what is wrong leads back to it by [Fix it], what is right makes a card whose
// button changes it. By the gateway, and with interactions over HTTP.
func TestLoop(t *testing.T) {
	for name, overHTTP := range map[string]bool{"gateway": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			w := newHost(t)
			s := w.build()
			place := engine.Place{Surface: "discord", Workspace: acme, Channel: theRoom}
			var at bot.Ref
			w.h.say = func(ctx context.Context, in bot.In) (bot.Reply, error) {
				switch {
				case in.Kind == bot.InCommand, in.Kind == bot.InPress && in.Token == "f0f0":
					f := ask("en")
					f.Fields[0].Value = in.Fields["reason"]
					return bot.Dialog{Form: f}, nil
				case in.Kind == bot.InSubmit && in.Fields["reason"] == "no":
					f := ask("en")
					f.Fields[0].Value, f.Fields[0].Error = "no", "Write a little more"
					return bot.FieldErrors{Form: f, Errors: map[string]string{"reason": "Write a little more"}}, nil
				case in.Kind == bot.InSubmit:
					var err error
					at, err = s.Post(ctx, place, "", cardOf("Asked: "+in.Fields["reason"], prompts.Button{ID: "approve", Label: "Approve", Token: "a1a1"}))
					return bot.Nothing{}, err
				case in.Kind == bot.InPress:
					if in.Message != at {
						return nil, fmt.Errorf("pressed on %s, not %s", in.Message, at)
					}
					_, err := s.Post(ctx, place, at, cardOf("Bob approved"))
					return bot.Nothing{}, err
				}
				return bot.Nothing{}, nil
			}
			w.listen()
			w.server.AwaitOpen()
			if overHTTP {
				entry, err := s.Handler(w.h)
				if err != nil {
					t.Fatal(err)
				}
				web := httptest.NewServer(entry)
				t.Cleanup(web.Close)
				w.server.Endpoint = web.URL
			}
			c := w.server.Client(bob)
			c.Command("edit", "flow", "bug-triage")
			c.Set("reason", "no")
			c.Save()
			c.Until("Write a little more")
			c.Press("Fix it")
			c.Set("reason", "because of the bug")
			c.Save()
			c.Until("Asked: because of the bug")
			c.Press("Approve")
			c.Until("Bob approved")
			if n := len(w.server.Messages(lounge)); strings.Contains(c.Screen(), "Asked:") || n > 3 {
				t.Errorf("the old card stands, or there are %d messages: %s", n, c.Screen())
			}
			if in := w.h.all()[0]; in.Place != place || in.Text != "/flow edit bug-triage" || in.Actor.User != bob || in.Actor.Lang != "en" {
				t.Errorf("%+v", in)
			}
			if got := c.Complete("show", "name", "bug"); len(got) != 1 || got[0] != "bug-triage" {
				t.Errorf("completion gave %v", got)
			}
		})
	}
}

// Messages, mentions, reactions, shortcuts and joins come as what they are.
func TestEvents(t *testing.T) {
	w := up(t)
	c := w.server.Client(bob)
	said := c.Say("hello <@" + w.server.App + "> there")
	in := w.h.wait(t, 1)[0]
	if in.Kind != bot.InMessage || !in.ToMe || in.Text != "hello there" || in.Place.Channel != theRoom || string(in.Message) != lounge+"/"+said {
		t.Errorf("%+v", in)
	}
	w.server.React(bob, said, "👍")
	if in = w.h.wait(t, 2)[1]; in.Kind != bot.InReact || in.Value != "+1" && in.Value != "thumbsup" || in.Author.User != bob {
		t.Errorf("%+v", in)
	}
	c.Shortcut(said)
	if in = w.h.wait(t, 3)[2]; in.Kind != bot.InShort || in.Value != bot.ShortRun || in.Author.User != bob || !strings.HasPrefix(in.Text, "hello") || in.Trigger == "" {
		t.Errorf("%+v", in)
	}
	w.server.AddMember(acme, discordtest.User{ID: "53908232506183699", Name: "kim"})
	if in = w.h.wait(t, 4)[3]; in.Kind != bot.InJoin || in.Place.Channel != "" || in.Place.Workspace != acme || in.Actor.Name != "kim" {
		t.Errorf("%+v", in)
	}
	w.server.Say(bob, w.server.Direct(bob), "psst")
	if in = w.h.wait(t, 5)[4]; !in.ToMe || in.Place.Workspace != discord.DirectMessages {
		t.Errorf("%+v", in)
	}
	w.server.Rename(lounge, "bugs")
	w.server.Say(bob, lounge, "now", discordtest.File{Name: "log.txt", Type: "text/plain", Data: []byte("x")})
	if in = w.h.wait(t, 6)[5]; in.Place.Channel != "#bugs" || in.ToMe || len(in.Files) != 1 || in.Files[0].Name != "log.txt" {
		t.Errorf("%+v", in)
	}
}

// What is said while sockets break arrives once and in order.
func TestCuts(t *testing.T) {
	w := up(t)
	const cuts = 100
	for i := range cuts {
		w.server.Say(bob, lounge, fmt.Sprint(2*i))
		w.server.Cut()
		w.server.Say(bob, lounge, fmt.Sprint(2*i+1))
		w.server.AwaitOpen()
	}
	got := w.h.wait(t, 2*cuts)
	for i, in := range got {
		if in.Text != fmt.Sprint(i) {
			t.Fatalf("the %dth is %q", i, in.Text)
		}
	}
	if g := w.server.Gateway(); len(got) != 2*cuts || g.Identifies != 1 || g.Resumes < cuts || g.Most > 2 {
		t.Errorf("%d deliveries, %+v", len(got), g)
	}
}

// A restart resumes the session: what was said meanwhile is heard.
func TestRestart(t *testing.T) {
	w := up(t)
	w.server.Say(bob, lounge, "before")
	w.h.wait(t, 1)
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.server.Say(bob, lounge, "meanwhile")
	w.listen()
	if got := w.h.wait(t, 2); got[1].Text != "meanwhile" {
		t.Errorf("%+v", got)
	}
	if g := w.server.Gateway(); g.Identifies != 1 || g.Resumes != 1 {
		t.Errorf("%+v", g)
	}
	_ = w.stop()
	w.server.Forget()
	w.listen()
	w.server.Await("a new session", func(g discordtest.Gateway) bool { return g.Identifies == 2 && g.Open > 0 })
	for k, v := range w.kept.now() {
		if strings.Contains(v, w.server.Token) {
			t.Errorf("the token is kept in %s", k)
		}
	}
}

// A socket that takes everything and says nothing is noticed by its heartbeat.
func TestHalfOpen(t *testing.T) {
	w := newHost(t)
	w.server.Beat = 30 * time.Millisecond
	w.listen()
	w.server.AwaitOpen()
	w.server.HalfOpen()
	w.server.Say(bob, lounge, "is anybody there?")
	if got := w.h.wait(t, 1); got[0].Text != "is anybody there?" {
		t.Error(got)
	}
	if l := w.surface.Links(); len(l) != 1 || !l[0].Up || l[0].Why != nil {
		t.Errorf("%+v", l)
	}
}

// Requests to come back, sessions that are not valid, duplicates, garbage and close codes: nothing is lost or twice.
func TestGatewayManners(t *testing.T) {
	w := up(t)
	n := 0
	say := func() {
		t.Helper()
		n++
		w.server.Say(bob, lounge, fmt.Sprint("m", n))
		if got := w.h.wait(t, n); len(got) != n || got[n-1].Text != fmt.Sprint("m", n) {
			t.Fatalf("%d: %+v", n, got)
		}
	}
	again := func(resumes, identifies int) {
		t.Helper()
		w.server.Await(fmt.Sprintf("%d resumes, %d identifies", resumes, identifies), func(g discordtest.Gateway) bool {
			return g.Resumes == resumes && g.Identifies == identifies && g.Open > 0
		})
		say()
	}
	say()
	w.server.Again("MESSAGE_CREATE")
	w.server.Raw("{")
	w.server.Raw(`{"op":0,"t":"MESSAGE_CREATE","s":"x"}`)
	w.server.AskBeat()
	say()
	w.server.AskReconnect()
	again(1, 1)
	w.server.Invalidate(true)
	again(2, 1)
	w.server.Invalidate(false)
	again(2, 2)
	w.server.Close(4000)
	again(3, 2)
	w.server.Close(4009)
	again(3, 3)
	heal := w.server.Fail(discordtest.Fault{Route: "GET /gateway/bot", Status: 503, Times: 3})
	defer heal()
	w.server.Forget()
	w.server.Cut()
	again(3, 4)
	if g := w.server.Gateway(); g.Beats == 0 || g.Most > 2 {
		t.Errorf("%+v", g)
	}
}

// What only a person can help ends the listening and names what to do.
func TestDenied(t *testing.T) {
	for code, hint := range map[int]string{4004: "discord.com/developers", 4014: "Server Members Intent", 4013: "newer version"} {
		w := newHost(t)
		w.server.Refuse = code
		w.build()
		err := w.surface.Listen(t.Context(), w.h)
		if e := engine.AsError(err); e.Code != engine.Denied || !strings.Contains(e.Hint, hint) {
			t.Errorf("%d gave %v, %q", code, err, e.Hint)
		}
		if g := w.server.Gateway(); g.Refused > 1 {
			t.Errorf("%d: %d tries", code, g.Refused)
		}
	}
}

// A slow handler: the answer is deferred in time and follows; a dialog cannot follow, so a button opens it.
func TestSlow(t *testing.T) {
	w := newHost(t)
	s := w.build()
	s.Hurry(20*time.Millisecond, soon)
	w.server.Now = clock()
	more := make(chan struct{})
	slow := true
	w.h.say = func(_ context.Context, in bot.In) (bot.Reply, error) {
		if slow {
			<-more
		}
		if in.Text == "/flow home" {
			return bot.Private{Card: cardOf("At home")}, nil
		}
		if in.Text == "/flow undo" {
			return nil, engine.E(engine.Conflict, "Nothing to undo")
		}
		return bot.Dialog{Form: ask("en")}, nil
	}
	w.listen()
	w.server.AwaitOpen()
	c := w.server.Client(bob)
	c.Command("home")
	more <- struct{}{}
	c.Until("At home")
	c.Command("undo")
	more <- struct{}{}
	c.Until("Nothing to undo")
	c.Command("edit", "flow", "bug-triage")
	more <- struct{}{}
	c.Until("Discord closed the window before I could open it.")
	slow = false
	c.Press("Open it now")
	c.Set("reason", "x")
}

// clock is a time that stands still.
func clock() func() time.Time {
	at := time.Now()
	return func() time.Time { return at }
}

// answering says something privately, after wait.
func answering(wait func(), text string) func(context.Context, bot.In) (bot.Reply, error) {
	return func(context.Context, bot.In) (bot.Reply, error) {
		wait()
		return bot.Private{Card: cardOf(text)}, nil
	}
}
