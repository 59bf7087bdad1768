package slack_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// A redirect is not followed: what is asked holds the token, as a form too.
func TestRedirected(t *testing.T) {
	var asked atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked.Add(1) }))
	defer elsewhere.Close()
	for _, status := range []int{302, 307, 308} {
		here := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, status)
		}))
		s := slack.New(slack.Options{Token: engine.NewSecret("xoxb-1"), APIURL: here.URL + "/api"})
		p := engine.Place{Surface: "slack", Workspace: slacktest.Team, Channel: slacktest.Triage}
		if _, err := s.Post(t.Context(), p, "", line("hello")); engine.CodeOf(err) != engine.Unavailable {
			t.Errorf("%d: %v", status, err)
		}
		here.Close()
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

// hanging is a handler that hangs at one person's commands until it is let go.
type hanging struct {
	clerk
	at  string
	let chan struct{}
}

func (h *hanging) Handle(ctx context.Context, in bot.In) (bot.Reply, error) {
	if in.Actor.User == h.at {
		select {
		case <-h.let:
		case <-ctx.Done():
		}
	}
	return bot.Private{Card: prompts.Say(prompts.Ctx{}, "Done.")}, nil
}

// Something that hangs over one person's command does not hold up the others in its channel.
func TestOthersDoNotWait(t *testing.T) {
	s := held(t)
	h := &hanging{at: slacktest.Ann, let: make(chan struct{})}
	s.Connect(h, store(t), quiet)
	s.Until("two sockets", func() bool { return s.Open() == 2 })
	s.Settle(nil)
	ann, bob := s.Client(slacktest.Ann), s.Client(slacktest.Bob)
	s.Deliver("slash_commands", ann.Typed("/flow whisper"), false).Wait()
	s.Deliver("slash_commands", bob.Typed("/flow whisper"), false).Wait()
	bob.Until("bob is answered", func() bool { return strings.Contains(bob.Screen(), "Done.") })
	close(h.let)
	ann.Until("ann is answered", func() bool { return strings.Contains(ann.Screen(), "Done.") })
}

// Who speaks to the bot is told what went wrong; who does not is not.
func TestMessageRefused(t *testing.T) {
	s, c, _, _ := live(t, false)
	bob := s.Client(slacktest.Bob)
	for _, text := range []string{"chatter", "<@" + slacktest.BotUser + "> please"} {
		c.mu.Lock()
		c.fail = engine.E(engine.Denied, "You may not do this")
		c.mu.Unlock()
		bob.Say(text, "")
		if told := strings.Contains(bob.Screen(), "You may not do this"); told != (text != "chatter") {
			t.Errorf("%s: told %v", text, told)
		}
	}
}

// What is typed into a dialog does not stand in the inbox, not even while it is handled.
func TestTypedIsNotKept(t *testing.T) {
	s, c, b, inbox := live(t, false)
	bob := s.Client(slacktest.Bob)
	bob.Command("/flow new ticket")
	bob.Set("name", "typed words")
	slack.Hurry(b.Surface)
	c.mu.Lock()
	c.gate = make(chan struct{})
	c.mu.Unlock()
	s.Settle(nil)
	bob.Save() // the handler hangs
	left, err := inbox.Unworked(t.Context(), "slack", 10)
	if err != nil || len(left) != 1 || strings.Contains(string(left[0].Payload), "typed words") {
		t.Errorf("kept: %+v, %v", left, err)
	}
	b.Kill()
	next := s.Connect(newClerk(), inbox, quiet)
	if err := next.Settle(t.Context()); err != nil {
		t.Error(err)
	}
	s.Until("it is done with", func() bool {
		left, err = inbox.Unworked(t.Context(), "slack", 10)
		return err == nil && len(left) == 0
	})
}
