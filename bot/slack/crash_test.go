package slack_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
)

// A crash between keeping and working: the next life works it, once, and what needed a live trigger is offered.
func TestCrashAfterKeep(t *testing.T) {
	s, c, b, inbox := live(t, false)
	c.gate = make(chan struct{})
	s.Settle(nil)
	bob := s.Client(slacktest.Bob)
	bob.Command("/flow new ticket") // acknowledged, the handler hangs
	bob.Command("/flow whisper")
	d := s.Event(slacktest.Team, map[string]any{"type": "message", "user": slacktest.Bob, "channel": slacktest.Triage, "ts": "1700000000.000100", "text": "hello"})
	d.Wait()
	b.Kill()
	next := newClerk()
	b = s.Connect(next, inbox, quiet)
	next.mu.Lock()
	next.surface = b.Surface
	next.mu.Unlock()
	bob.Until("the dialog is offered", func() bool { return strings.Contains(bob.Screen(), "Open it now") })
	bob.Until("the private answer came", func() bool { return strings.Contains(bob.Screen(), "Done.") })
	d.Again().Wait()
	if err := b.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if most, all := next.most(); most != 1 || all != 3 {
		t.Errorf("%d deliveries, one of them %d times", all, most)
	}
	bob.Press("Open it now")
	bob.Until("the dialog", func() bool { return strings.Contains(bob.Screen(), "as it was") })
	if s.Calls("views.open") != 1 {
		t.Error("a dead trigger was tried")
	}
}

// A crash before keeping: nothing was acknowledged, so Slack sends it again, and it is worked once.
func TestCrashBeforeKeep(t *testing.T) {
	inbox, c := store(t), newClerk()
	s := held(t)
	s.AckWait = 50 * time.Millisecond
	broken := &full{Inbox: inbox, left: 2}
	s.Connect(c, broken, quiet)
	s.Event(slacktest.Team, map[string]any{"type": "message", "user": slacktest.Bob, "channel": slacktest.Triage, "ts": "1700000000.000100", "text": "hello"}).Wait()
	s.Until("worked off", func() bool { return c.count("message hello") == 1 })
	if s.Counters().Retries < 2 {
		t.Error("it was acknowledged without being kept")
	}
}

// full is an inbox whose disk is full for a while.
type full struct {
	bot.Inbox
	mu    sync.Mutex
	left  int
	after bool // what it could not keep stands in it all the same
}

func (f *full) Keep(ctx context.Context, surface, id string, payload json.RawMessage, at int64) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left--; f.left >= 0 {
		if f.after {
			if _, err := f.Inbox.Keep(ctx, surface, id, payload, at); err != nil {
				return false, err
			}
		}
		return false, engine.E(engine.Unavailable, "The disk is full")
	}
	return f.Inbox.Keep(ctx, surface, id, payload, at)
}

// Keeping may fail after the fact: it is not acknowledged, comes again, and is worked off though it is known.
func TestKeptAllTheSame(t *testing.T) {
	c := newClerk()
	s := held(t)
	s.AckWait = 50 * time.Millisecond
	s.Connect(c, &full{Inbox: store(t), left: 1, after: true}, quiet)
	s.Event(slacktest.Team, map[string]any{"type": "message", "user": slacktest.Bob, "channel": slacktest.Triage, "ts": "1700000000.000100", "text": "hello"}).Wait()
	s.Until("worked off", func() bool { return c.count("message hello") == 1 })
}

// A person whose press could not be stored is told so.
func TestDiskFull(t *testing.T) {
	c := newClerk()
	s := held(t)
	s.AckWait = time.Hour
	b := s.Connect(c, &full{Inbox: store(t), left: 1}, quiet)
	s.Until("two sockets", func() bool { return s.Open() == 2 })
	s.Settle(nil)
	bob := s.Client(slacktest.Bob)
	s.Deliver("slash_commands", bob.Typed("/flow whisper"), false)
	bob.Until("it is said", func() bool { return strings.Contains(bob.Screen(), "I could not save your answer") })
	b.Stop()
}

// What was left for longer than a response_url lives goes into the direct messages.
func TestLeftForLong(t *testing.T) {
	s, c, b, inbox := live(t, false)
	c.gate = make(chan struct{})
	s.Settle(nil)
	bob := s.Client(slacktest.Bob)
	bob.Command("/flow whisper")
	bob.Command("/flow new ticket")
	b.Kill()
	s.Pass(31 * time.Minute)
	s.Connect(newClerk(), inbox, quiet, func(o *slack.Options) { o.Now = s.Now })
	bob.Until("both came to bob alone", func() bool {
		return s.Said("D"+slacktest.Bob, "Done.") == 1 && s.Said("D"+slacktest.Bob, "Open it now") == 1
	})
	if n := s.Calls("response_url") + s.Calls("chat.postEphemeral") + s.Calls("views.open"); n != 0 {
		t.Errorf("%d tries of what cannot work any more", n)
	}
}
