package slack_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/bot/slack/slackspec"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// clerk is a handler that does what the whole loop needs: a command opens a dialog, a wrong field is said, a card
// stands, a click edits it. It counts what it was told.
type clerk struct {
	mu      sync.Mutex
	surface *slack.Surface
	ref     bot.Ref
	came    map[string]int // by kind and what was said
	ids     map[string]int
	ins     []bot.In
	gate    chan struct{} // nil: open
	fail    error
}

func newClerk() *clerk { return &clerk{came: map[string]int{}, ids: map[string]int{}} }

func (c *clerk) Options(context.Context, bot.In) ([]prompts.Option, error) { return nil, nil }

func (c *clerk) form(name string) prompts.Form {
	return prompts.Form{Key: "f", Token: "token-f", Title: "New ticket", Submit: "Save", Lang: "en", Fields: []prompts.Field{{Name: "name", Label: "Name", Kind: prompts.FieldLine, Value: name}}}
}

func (c *clerk) Handle(ctx context.Context, in bot.In) (bot.Reply, error) {
	c.mu.Lock()
	gate := c.gate
	c.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.fail; err != nil {
		c.fail = nil
		return nil, err
	}
	c.came[string(in.Kind)+" "+in.Text]++
	c.ids[in.ID]++
	c.ins = append(c.ins, in)
	switch in.Kind {
	case bot.InCommand:
		if strings.HasSuffix(in.Text, "whisper") {
			return bot.Private{Card: prompts.Say(prompts.Ctx{}, "Done.")}, nil
		}
		return bot.Dialog{Form: c.form("")}, nil
	case bot.InPress:
		if in.Message == "home" {
			return bot.Nothing{}, nil
		}
		if in.Value == bot.FormAgain {
			return bot.Dialog{Form: c.form("as it was")}, nil
		}
		_, err := c.surface.Post(ctx, in.Place, c.ref, line("approved by "+in.Actor.User))
		return bot.Nothing{}, err
	case bot.InSubmit:
		if in.Fields["name"] == "" {
			f := c.form("")
			f.Fields[0].Error = "Write something"
			return bot.FieldErrors{Errors: map[string]string{"name": "Write something"}, Form: f}, nil
		}
		card := line("asks about " + in.Fields["name"])
		card.Buttons = []prompts.Button{{ID: "approve", Label: "Approve", Token: "token-approve"}}
		ref, err := c.surface.Post(ctx, in.Place, "", card)
		c.ref = ref
		return bot.Nothing{}, err
	case bot.InHome:
		card := line(fmt.Sprintf("looked %d times", c.came["home "]))
		card.Buttons = []prompts.Button{{ID: "again", Label: "Again", Token: "token-again"}}
		return bot.Home{Cards: []prompts.Card{card}}, nil
	}
	return bot.Nothing{}, nil
}

func (c *clerk) count(what string) int { c.mu.Lock(); defer c.mu.Unlock(); return c.came[what] }

// most is how often one delivery was worked at most, and how many there were.
func (c *clerk) most() (most, all int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.ids {
		most = max(most, n)
	}
	return most, len(c.ids)
}

func line(text string) prompts.Card {
	return prompts.Card{Key: "k", Title: prompts.Line{{Text: text}}, Text: text}
}

func store(t testing.TB) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), sqlite.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func quiet(o *slack.Options) { o.Log = slog.New(slog.DiscardHandler) }

// live is a Slack with a clerk behind the bot.
func live(t *testing.T, http bool) (*slacktest.Server, *clerk, *slacktest.Connected, *sqlite.Store) {
	t.Helper()
	inbox, c := store(t), newClerk()
	s := held(t)
	s.Check = slackspec.Checker(t)
	connect := s.Connect
	if http {
		connect = s.ConnectHTTP
	}
	b := connect(c, inbox, quiet)
	c.mu.Lock()
	c.surface = b.Surface
	c.mu.Unlock()
	if !http {
		s.Until("two sockets", func() bool { return s.Open() == 2 })
	}
	return s, c, b, inbox
}

// The whole loop: slash, dialog, field error, card, click, card edited.
func TestWholeLoop(t *testing.T) {
	for name, http := range map[string]bool{"sockets": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			s, _, _, _ := live(t, http)
			bob := s.Client(slacktest.Bob)
			bob.Command("/flow new ticket")
			bob.Save()
			if got := bob.Screen(); !strings.Contains(got, "Write something") {
				t.Fatalf("no error under the field: %s", got)
			}
			bob.Set("name", "the crash")
			bob.Save()
			ann := s.Client(slacktest.Ann)
			ann.Press("Approve")
			if got := bob.Screen(); !strings.Contains(got, "approved by U0AAA") || strings.Contains(got, "asks about") {
				t.Errorf("the card was not edited: %s", got)
			}
			if n := s.Calls("chat.postMessage"); n != 1 {
				t.Errorf("%d messages", n)
			}
		})
	}
}

// The same delivery over two sockets, and again after its acknowledgement, is one.
func TestDeliveredTwice(t *testing.T) {
	s, c, _, _ := live(t, false)
	s.Twice(true)
	bob := s.Client(slacktest.Bob)
	bob.Command("/flow new ticket")
	bob.Set("name", "x")
	bob.Save()
	bob.Press("Approve")
	d := s.Event(slacktest.Team, map[string]any{"type": "message", "user": slacktest.Bob, "channel": slacktest.Triage, "ts": "1700000000.000100", "text": "hello"})
	d.Wait()
	d.Again().Wait()
	s.Until("the message is worked off", func() bool { return c.count("message hello") > 0 })
	if err := c.surface.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if most, all := c.most(); most != 1 || all != 4 {
		t.Errorf("%d deliveries, one of them %d times", all, most)
	}
}

// F-10: 100 cuts and lost acknowledgements lose nothing and double nothing.
func TestHundredCuts(t *testing.T) {
	s, c, _, _ := live(t, false)
	s.AckWait = 300 * time.Millisecond
	const many = 100
	var all []*slacktest.Delivery
	for i := range many {
		if i%3 == 0 {
			s.LoseAcks(1)
		}
		all = append(all, s.Event(slacktest.Team, map[string]any{"type": "message", "user": slacktest.Bob, "channel": slacktest.Triage,
			"ts": fmt.Sprintf("1700000000.%06d", i), "text": fmt.Sprint("m", i)}))
		s.Until("a socket", func() bool { return s.Open() > 0 })
		s.Cut()
	}
	for _, d := range all {
		d.Wait()
	}
	s.Until("all are worked off", func() bool { _, n := c.most(); return n == many })
	if err := c.surface.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if most, n := c.most(); most != 1 || n != many {
		t.Errorf("%d of %d messages, one of them %d times", n, many, most)
	}
	if k := s.Counters(); k.Most > 2 || k.Opened < many || *long && k.LongestDown > 5*time.Second {
		t.Errorf("%d sockets at once, %d opened, none for %v", k.Most, k.Opened, k.LongestDown)
	}
}

// A socket that died without a word is noticed, one that never greets too; deliveries take the other.
func TestHalfOpen(t *testing.T) {
	s, c, _, _ := live(t, false)
	s.AckWait = 100 * time.Millisecond
	s.Half()
	s.Until("it is noticed", func() bool { return s.Halves() == 0 && s.Open() == 2 })
	s.Half()
	d := s.Event(slacktest.Team, map[string]any{"type": "message", "user": slacktest.Bob, "channel": slacktest.Triage, "ts": "1700000000.000100", "text": "hello"})
	d.Wait()
	s.HalfNext(1)
	s.Cut()
	s.Until("both are noticed", func() bool { return s.Halves() == 0 && s.Open() == 2 })
	s.Until("worked off", func() bool { return c.count("message hello") == 1 })
}

// "refresh_requested" hands over: never more than two sockets, never long without.
func TestRefresh(t *testing.T) {
	s, c, _, _ := live(t, false)
	for i, reason := range []string{"warning", "refresh_requested", "refresh_requested", "warning"} {
		was := s.Counters().Opened
		s.Refresh(reason)
		s.Until("another socket", func() bool { return s.Counters().Opened > was && s.Open() == 2 })
		s.Event(slacktest.Team, map[string]any{"type": "message", "user": slacktest.Bob, "channel": slacktest.Triage, "ts": fmt.Sprintf("1700000000.%06d", i), "text": "hello"}).Wait()
	}
	s.Until("worked off", func() bool { return c.count("message hello") == 4 })
	if k := s.Counters(); k.Most > 2 || *long && k.LongestDown > time.Second {
		t.Errorf("%d sockets at once, none for %v", k.Most, k.LongestDown)
	}
}

// What happened while no socket was open comes when there is one.
func TestAway(t *testing.T) {
	c, inbox := newClerk(), store(t)
	s := held(t)
	d := s.Event(slacktest.Team, map[string]any{"type": "message", "user": slacktest.Bob, "channel": slacktest.Triage, "ts": "1700000000.000100", "text": "hello"})
	b := s.Connect(c, inbox, quiet)
	d.Wait()
	s.Until("worked off", func() bool { return c.count("message hello") == 1 })
	b.Stop()
	if err := b.Ended(); err != nil {
		t.Errorf("a graceful end gave %v", err)
	}
	if s.Open() != 0 {
		t.Error("sockets are left open")
	}
}

// Unknown events are acknowledged, and frames that are none do not hurt.
func TestUnknownFrames(t *testing.T) {
	s, c, _, _ := live(t, false)
	for _, frame := range []string{`{"type":"hello"}`, `{`, `[]`, `{"type":"no_such_type","envelope_id":"e-x","payload":{}}`, `"x"`, `null`} {
		s.Raw(frame)
	}
	s.Event(slacktest.Team, map[string]any{"type": "no_such_event_of_slack", "x": 1}).Wait()
	s.Event(slacktest.Team, map[string]any{"type": "message", "subtype": "message_changed", "channel": slacktest.Triage, "ts": "1700000000.000100"}).Wait()
	s.Deliver("interactive", map[string]any{"type": "block_actions", "actions": []any{}}, false).Wait()
	s.Deliver("interactive", map[string]any{"type": "no_such_interaction"}, true).Wait()
	if _, n := c.most(); n != 0 {
		t.Errorf("%d were worked off", n)
	}
}

// A token that is refused ends listening, with what to do.
func TestRefusedToken(t *testing.T) {
	s := held(t)
	b := s.Connect(newClerk(), store(t), quiet, func(o *slack.Options) { o.App = engine.NewSecret("xapp-canary") })
	err := b.Ended()
	if engine.CodeOf(err) != engine.Denied || !strings.Contains(engine.AsError(err).Hint, "SLACK_APP_TOKEN") || strings.Contains(err.Error(), "canary") {
		t.Errorf("%v", err)
	}
	if l := b.Links(); len(l) == 0 || l[0].Up || l[0].Why == nil {
		t.Errorf("links say %+v", l)
	}
}

// When Slack is away, or asks to wait, the bot comes back by itself.
func TestSlackAway(t *testing.T) {
	s := held(t)
	s.Fault("apps.connections.open", slacktest.Fault{Status: 503, Times: 3})
	s.CutNext(4)
	b := s.Connect(newClerk(), store(t), quiet)
	s.Until("two sockets", func() bool { return s.Open() == 2 })
	s.Until("the link is up", func() bool { l := b.Links(); return slices.ContainsFunc(l, func(x bot.Link) bool { return x.Up }) })
	s.Fault("apps.connections.open", slacktest.Fault{Status: 429, RetryAfter: 1, Times: 1})
	s.Cut()
	s.Until("two sockets again", func() bool { return s.Open() == 2 })
}

// What is said in a channel is worked off in the order in which a socket brought it.
func TestOrder(t *testing.T) {
	inbox, c := store(t), newClerk()
	s := held(t)
	b := s.Connect(c, inbox, quiet, func(o *slack.Options) { o.Sockets = 1 })
	s.Until("a socket", func() bool { return s.Open() == 1 })
	const many = 60
	var all []*slacktest.Delivery
	for i := range many {
		all = append(all, s.Event(slacktest.Team, map[string]any{"type": "message", "user": slacktest.Bob, "channel": slacktest.Triage,
			"ts": fmt.Sprintf("1700000000.%06d", i), "text": fmt.Sprintf("m%03d", i)}))
	}
	for _, d := range all {
		d.Wait()
	}
	if err := b.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.ins) != many || !slices.IsSortedFunc(c.ins, func(a, b bot.In) int { return strings.Compare(a.Text, b.Text) }) {
		t.Errorf("%d messages, in another order: %s", len(c.ins), c.ins[0].Text)
	}
}
