package slack_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
)

// A handler that takes too long over a dialog: the window says so, and then what came of it.
func TestSlowDialog(t *testing.T) {
	s, c, b, _ := live(t, false)
	bob := s.Client(slacktest.Bob)
	bob.Command("/flow new ticket")
	c.mu.Lock()
	c.gate = make(chan struct{})
	c.mu.Unlock()
	slack.Hurry(b.Surface)
	s.Settle(nil)
	bob.Save()
	if !strings.Contains(bob.Screen(), "One moment") {
		t.Errorf("nothing is said: %s", bob.Screen())
	}
	close(c.gate)
	bob.Until("the error comes", func() bool { return strings.Contains(bob.Screen(), "Write something") })
	bob.Set("name", "x")
	bob.Save()
	bob.Until("it is done", func() bool { return strings.Contains(bob.Screen(), "asks about x") })
}

// A submission that comes again gets the answer that it got; in another life it is told to look.
func TestSubmissionAgain(t *testing.T) {
	s, c, b, inbox := live(t, false)
	bob := s.Client(slacktest.Bob)
	bob.Command("/flow new ticket")
	p := bob.Submission()
	first := s.Deliver("interactive", p, true).Wait()
	again := s.Deliver("interactive", p, true).Wait()
	if !strings.Contains(string(first), "Write something") || string(first) != string(again) {
		t.Errorf("first %s, again %s", first, again)
	}
	if c.count("submit ") != 1 {
		t.Error("it was worked twice")
	}
	b.Stop()
	next := newClerk()
	s.Connect(next, inbox, quiet)
	if got := s.Deliver("interactive", p, true).Wait(); !strings.Contains(string(got), "I was restarted") || next.count("submit ") != 0 {
		t.Errorf("another life answers %s", got)
	}
}

// The page is shown when somebody looks, and made anew after something was pressed on it.
func TestHome(t *testing.T) {
	s, c, _, _ := live(t, false)
	bob := s.Client(slacktest.Bob)
	bob.OpenHome("messages")
	if c.count("home ") != 0 {
		t.Error("the tab of messages is not the page")
	}
	bob.OpenHome("home")
	if got := bob.HomeText(); !strings.Contains(got, "looked 1 times") {
		t.Fatalf("the page says %s", got)
	}
	bob.PressHome("Again")
	if got := bob.HomeText(); !strings.Contains(got, "looked 2 times") {
		t.Errorf("the page says %s", got)
	}
}

// A private answer in a channel that the bot is not in arrives, and the secret way back is in no log.
func TestWhisperElsewhere(t *testing.T) {
	var logged strings.Builder
	inbox, c := store(t), newClerk()
	s := held(t)
	b := s.Connect(c, inbox, func(o *slack.Options) {
		o.Log = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	s.AddChannel(slacktest.Team, "C0999", "elsewhere", slacktest.Bob)
	bob := s.Client(slacktest.Bob)
	bob.Channel = "C0999"
	bob.Command("/flow whisper")
	if s.Calls("response_url") != 1 || s.Calls("chat.postEphemeral") != 0 || !strings.Contains(bob.Screen(), "Done.") {
		t.Errorf("%d by response_url: %s", s.Calls("response_url"), bob.Screen())
	}
	s.Fault("response_url", slacktest.Fault{Status: 404})
	bob.Command("/flow whisper") // nothing else is left but the direct messages
	if n := s.Said("D"+slacktest.Bob, "Done."); n != 1 {
		t.Errorf("%d messages to bob alone", n)
	}
	s.Fault("chat.postMessage", slacktest.Fault{Error: "fatal_error"})
	bob.Command("/flow whisper")
	b.Stop()
	if got := logged.String(); !strings.Contains(got, "an answer did not arrive") || strings.Contains(got, "/back/") || strings.Contains(got, "xoxb-") {
		t.Errorf("logged %s", got)
	}
}

// R14: what nobody waits for is tried again when it could not be done now.
func TestTriedAgain(t *testing.T) {
	s, c, _, _ := live(t, false)
	c.mu.Lock()
	c.fail = engine.E(engine.Unavailable, "not now")
	c.mu.Unlock()
	s.Event(slacktest.Team, map[string]any{"type": "message", "user": slacktest.Bob, "channel": slacktest.Triage, "ts": "1700000000.000100", "text": "hello"}).Wait()
	s.Until("worked off", func() bool { return c.count("message hello") == 1 })
}

// Everything else that people do comes as what it is.
func TestKindsOfDeliveries(t *testing.T) {
	s, c, _, _ := live(t, false)
	bob := s.Client(slacktest.Bob)
	ts := bob.Say("hey <@"+slacktest.BotUser+"> look", "")
	bob.Say("below", ts)
	bob.React(ts, "eyes")
	bob.Shortcut(bot.ShortNew, "")
	bob.Shortcut(bot.ShortRun, ts)
	s.AddChannel(slacktest.Team, "C0777", "new", slacktest.BotUser)
	bob.Join("C0777")
	bob.Channel = "D" + slacktest.Bob
	s.AddDirect(slacktest.Team, slacktest.Bob)
	bob.Say("show pending", "")
	c.mu.Lock()
	defer c.mu.Unlock()
	var got []string
	for _, in := range c.ins {
		got = append(got, fmt.Sprintf("%s %q %s to me %v, under %v, author %s", in.Kind, in.Text, in.Value, in.ToMe, in.Place.Thread != "", in.Author.User))
	}
	want := []string{
		`message "hey look"  to me true, under false, author `,
		`message "below"  to me false, under true, author `,
		`react "" eyes to me false, under false, author U0BBB`,
		`short "" new_flow to me false, under false, author `,
		`short "hey <@U0BOT> look" run_on_message to me false, under false, author U0BBB`,
		`join ""  to me false, under false, author `,
		`message "show pending"  to me true, under false, author `,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}
