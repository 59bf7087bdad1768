package discord_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/engine"
)

// torn is an inbox that fails, before or after what it does.
type torn struct {
	bot.Inbox
	mu     sync.Mutex
	before int // how many fail before anything is stored
	after  int // and after
	kept   []string
}

var errDisk = engine.E(engine.Unavailable, "no space left")

func (i *torn) Keep(ctx context.Context, surface, id string, payload json.RawMessage, at int64) (bool, error) {
	i.mu.Lock()
	before, after := i.before > 0, i.after > 0
	if before {
		i.before--
	} else if after {
		i.after--
	}
	i.kept = append(i.kept, string(payload))
	i.mu.Unlock()
	if before {
		return false, errDisk
	}
	fresh, err := i.Inbox.Keep(ctx, surface, id, payload, at)
	if after && err == nil {
		return false, errDisk
	}
	return fresh, err
}

// A message that could not be stored does not count as heard: it is sent again.
func TestInboxFails(t *testing.T) {
	w := newHost(t)
	inbox := &torn{}
	w.inbox = func(i bot.Inbox) bot.Inbox { inbox.Inbox = i; return inbox }
	w.listen()
	w.server.AwaitOpen()
	inbox.mu.Lock()
	inbox.before = 3
	inbox.mu.Unlock()
	for i := range 5 {
		w.server.Say(bob, lounge, fmt.Sprint(i))
	}
	var texts []string
	for _, in := range w.h.wait(t, 5) {
		texts = append(texts, in.Text)
	}
	slices.Sort(texts)
	if strings.Join(texts, "") != "01234" || w.server.Gateway().Identifies != 1 {
		t.Errorf("%v, %+v", texts, w.server.Gateway())
	}
}

// A press that could not be stored does not count, and says so.
func TestPressNotKept(t *testing.T) {
	w := newHost(t)
	inbox := &torn{}
	w.inbox = func(i bot.Inbox) bot.Inbox { inbox.Inbox = i; return inbox }
	w.listen()
	w.server.AwaitOpen()
	inbox.mu.Lock()
	inbox.before = 1
	inbox.mu.Unlock()
	c := w.server.Client(bob)
	c.Command("home")
	c.Until("I could not save your answer, so it does not count")
	if n := len(w.h.all()); n != 0 {
		t.Errorf("%d were handled", n)
	}
	c.Command("home")
	w.h.wait(t, 1)
	inbox.mu.Lock()
	defer inbox.mu.Unlock()
	for _, p := range inbox.kept {
		if strings.Contains(p, "token") {
			t.Errorf("an interaction's token is kept: %s", p)
		}
	}
}

// The process dies after a delivery was stored and before it was worked on: the next one does it, once.
func TestCrashAfterKeep(t *testing.T) {
	w := newHost(t)
	inbox := &torn{}
	w.inbox = func(i bot.Inbox) bot.Inbox { inbox.Inbox = i; return inbox }
	w.listen()
	w.server.AwaitOpen()
	hung := make(chan struct{})
	w.h.say = func(ctx context.Context, _ bot.In) (bot.Reply, error) {
		select { // this life never ends it
		case <-hung:
		case <-ctx.Done():
		}
		return nil, ctx.Err()
	}
	w.server.Say(bob, lounge, "first")
	w.server.Say(bob, lounge, "second")
	w.h.wait(t, 1)
	w.server.Await("both are kept", func(discordtest.Gateway) bool {
		left, err := w.store.Unworked(t.Context(), "discord", 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(left) < 2 {
			w.server.AskBeat() // something to wait for
		}
		return len(left) == 2
	})
	other := &handler{changed: make(chan struct{})}
	dead := w.stop
	w.kill()
	t.Cleanup(func() { close(hung); _ = dead() })
	w.surface, w.stop, w.h = nil, nil, other
	w.server.Cut()
	w.listen()
	w.server.AwaitOpen()
	w.server.Again("MESSAGE_CREATE")
	w.server.Say(bob, lounge, "third")
	got := other.wait(t, 3)
	if got[0].Text != "first" || got[1].Text != "second" || got[2].Text != "third" {
		t.Errorf("%+v", got)
	}
}

// An interaction that is sent again by a resume is not done when its person saw that nothing came, and done once
// otherwise.
func TestInteractionAgain(t *testing.T) {
	w := newHost(t)
	now := time.Now()
	var mu sync.Mutex
	w.server.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	w.h.say = func(context.Context, bot.In) (bot.Reply, error) { return bot.Private{Card: cardOf("Done it")}, nil }
	w.listen()
	w.server.AwaitOpen()
	c := w.server.Client(bob)
	c.Command("home")
	c.Until("Done it")
	w.server.Again("INTERACTION_CREATE")
	w.server.HalfOpen()
	command := map[string]any{"name": "flow", "type": 1, "options": []any{map[string]any{"type": 1, "name": "home"}}}
	late := w.server.Act(bob, lounge, 2, command, "")
	mu.Lock()
	now = now.Add(4 * time.Second)
	mu.Unlock()
	soon := w.server.Act(bob, lounge, 2, command, "")
	w.server.Cut()
	if a := w.server.Answer(soon); a == nil || a["type"] != 5.0 {
		t.Errorf("the second one was answered with %v", a)
	}
	w.server.Say(bob, lounge, "x")
	for _, in := range w.h.wait(t, 3) {
		if strings.HasPrefix(in.Trigger, late.ID) {
			t.Error("what came too late was done")
		}
	}
}

// Faults of the API around an answer: one that got lost arrives; twice and too late are taken quietly.
func TestAnswerFaults(t *testing.T) {
	w := newHost(t)
	w.h.say = func(context.Context, bot.In) (bot.Reply, error) { return bot.Private{Card: cardOf("Here")}, nil }
	w.listen()
	w.server.AwaitOpen()
	c := w.server.Client(bob)
	for _, f := range []discordtest.Fault{{Lost: true}, {Status: 502}} {
		f.Route, f.Times = "POST /interactions/", 1
		w.server.Fail(f)
		c.Command("home")
	}
	heal := w.server.Fail(discordtest.Fault{Route: "POST /interactions/", Status: 404, Code: 10062, Times: 1})
	defer heal()
	calls := func() (n int) {
		for _, q := range w.server.Requests() {
			if strings.Contains(q, "/callback") {
				n++
			}
		}
		return n
	}
	before := calls()
	w.server.Act(bob, lounge, 2, map[string]any{"name": "flow", "type": 1, "options": []any{map[string]any{"type": 1, "name": "home"}}}, "")
	w.h.wait(t, 3)
	until(t, "Discord knows nothing of it", func() bool { return calls() > before }) // else the next one would be refused instead
	c.Command("home")
	if n := len(w.server.Messages(lounge)); n != 3 {
		t.Errorf("%d answers stand", n)
	}
}

// What a message asks for is answered to its author alone; what nobody asked is not answered.
func TestMessageAnswers(t *testing.T) {
	w := newHost(t)
	w.h.say = func(_ context.Context, in bot.In) (bot.Reply, error) {
		switch in.Text {
		case "/flow home":
			return bot.Private{Card: cardOf("At home")}, nil
		case "/flow form":
			return bot.Dialog{Form: ask("en")}, nil
		case "panic":
			panic("a defect")
		case "post":
			return bot.Shared{Card: cardOf("For all")}, nil
		}
		return nil, engine.E(engine.Denied, "You may not").Wrap(errors.New("x"))
	}
	w.listen()
	w.server.AwaitOpen()
	c := w.server.Client(bob)
	c.Say("panic")
	c.Say("chatter")
	c.Say("/flow home")
	c.Until("At home")
	c.Say("<@" + w.server.App + "> please")
	c.Until("You may not")
	c.Say("/flow form")
	c.Until("[Open it now]")
	c.Say("post")
	c.Until("For all")
	if n := len(w.server.Messages(w.server.Direct(bob))); n != 3 {
		t.Errorf("%d messages to bob alone", n)
	}
	if n := len(w.server.Messages(lounge)); n != 7 {
		t.Errorf("%d messages in the room", n)
	}
}

// A hundred events a second for a while, presses among them, while handlers are slow: every press is answered in time,
// every message heard once.
func TestAcknowledged(t *testing.T) {
	w := newHost(t)
	w.h.say = func(ctx context.Context, in bot.In) (bot.Reply, error) {
		if in.Kind == bot.InMessage {
			_ = soon(ctx, time.Hour)
		}
		return bot.Nothing{}, nil
	}
	w.listen()
	w.server.AwaitOpen()
	const n = 200
	var acts []*discordtest.Interaction
	for i := range n {
		w.server.Say(bob, lounge, fmt.Sprint(i))
		acts = append(acts, w.server.Act(bob, lounge, 2, map[string]any{"name": "flow", "type": 1, "options": []any{map[string]any{"type": 1, "name": "home"}}}, ""))
	}
	var took []time.Duration
	for _, a := range acts {
		if w.server.Answer(a) == nil {
			t.Fatal("a command was not answered")
		}
		took = append(took, w.server.Took(a))
	}
	slices.Sort(took)
	if p99 := took[n*99/100]; *discord.Long && p99 > 3*time.Second {
		t.Errorf("answers took %v at p99", p99)
	} else {
		t.Logf("%d events at once: answers took %v at p50, %v at p99", 2*n, took[n/2], p99)
	}
	if got := w.h.wait(t, 2*n); len(got) != 2*n {
		t.Errorf("%d deliveries", len(got))
	}
}

// An answer that comes after Discord has let go of the interaction goes to the person's direct messages.
func TestTooLateToFollow(t *testing.T) {
	w := newHost(t)
	s := w.build()
	s.Hurry(20*time.Millisecond, soon)
	now := time.Now()
	var mu sync.Mutex
	w.server.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	more := make(chan struct{})
	w.h.say = answering(func() { <-more }, "At home")
	w.listen()
	w.server.AwaitOpen()
	c := w.server.Client(bob)
	c.Command("home")
	mu.Lock()
	now = now.Add(16 * time.Minute)
	mu.Unlock()
	close(more)
	c.Until("This message is asleep")
	if s := c.Screen(); strings.Contains(s, "At home") {
		t.Error(s)
	}
}
