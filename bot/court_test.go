package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// court is a bot on the real runtime, library and SQLite: what a click does to a run is what the run says.
type court struct {
	t       *testing.T
	store   *sqlite.Store
	library *flows.Library
	runtime *local.Runtime
	bot     *bot.Bot
	slack   *crew
	discord *crew
	events  chan struct{}
	now     time.Time
	ids     map[string]string
	n       int
}

// crew is a surface that knows who is in its groups, by user.
type crew struct {
	*surface
	of   map[string][]string
	fail error
}

func (c *crew) Groups(_ context.Context, a bot.Actor, asked []string) ([]string, error) {
	if c.fail != nil {
		return nil, c.fail
	}
	var in []string
	for _, g := range asked {
		if slices.Contains(c.of[a.Workspace+"/"+a.User], g) {
			in = append(in, g)
		}
	}
	return in, nil
}

type idle struct{}

func (idle) Perform(context.Context, engine.Task) engine.Result {
	return engine.Result{Output: []byte(`{"ref":"m1","place":"#x"}`)}
}

type asRuns struct{ *local.Runtime }

func (r asRuns) List(ctx context.Context, flow string, states []engine.RunState, limit int) ([]engine.RunHead, error) {
	return r.Runs(ctx, local.RunQuery{Flow: flow, States: states, Limit: limit})
}
func (asRuns) Events(context.Context, string, int) ([]bot.Occurrence, error)      { return nil, nil }
func (asRuns) Recent(context.Context, string, int, int) ([]bot.Occurrence, error) { return nil, nil }

func newCourt(t *testing.T) *court {
	t.Helper()
	c := &court{t: t, now: time.Date(2026, 11, 23, 14, 21, 0, 0, time.UTC), events: make(chan struct{}, 1), ids: map[string]string{},
		slack: &crew{surface: newSurface("slack"), of: map[string][]string{}}, discord: &crew{surface: newSurface("discord")}}
	clock := func() time.Time { return c.now }
	var err error
	must := func(e error) {
		t.Helper()
		if e != nil {
			t.Fatal(e)
		}
	}
	c.store, err = sqlite.Open(t.Context(), sqlite.Options{Dir: filepath.Join(t.TempDir(), "data"), Now: clock})
	must(err)
	t.Cleanup(func() { _ = c.store.Close() })
	c.library, err = flows.New(t.Context(), flows.Options{Store: c.store, Catalog: newShop(), Now: clock})
	must(err)
	c.runtime, err = local.New(local.Options{Store: c.store, Flows: c.library, Performer: idle{}, Now: clock, Audit: c.store.Audit,
		Log: slog.New(slog.DiscardHandler), OnCommit: func() {
			select {
			case c.events <- struct{}{}:
			default:
			}
		}})
	must(err)
	must(c.runtime.Start(t.Context()))
	t.Cleanup(func() { _ = c.runtime.Close(context.Background()) })
	c.bot, err = bot.New(bot.Options{People: c.store, Outbox: c.store, Inbox: c.store, Audit: c.store, Runs: asRuns{c.runtime}, Flows: c.library,
		Surfaces: []bot.Surface{c.slack, c.discord, newSurface("console")}, Now: clock, Log: slog.New(slog.DiscardHandler)})
	must(err)
	return c
}

func (c *court) must(_ any, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *court) person(name string, role engine.Role, surfaces ...string) {
	c.t.Helper()
	p, err := c.bot.AddPerson(c.t.Context(), bot.Operator, name, role)
	c.must(p, err)
	if role == "" { // added as a viewer: somebody without any role has to be made one
		p.Role = engine.NoRole
		c.must(nil, c.store.SetPerson(c.t.Context(), p))
	}
	c.ids[name] = p.ID
	for _, s := range surfaces {
		at, user, _ := strings.Cut(s, "/")
		name, workspace, _ := strings.Cut(at, ":")
		c.must(nil, c.store.Link(c.t.Context(), engine.Identity{Surface: name, Workspace: workspace, User: user, Person: p.ID}))
	}
}

// flow publishes one with an approval under a policy.
func (c *court) flow(name, with string) {
	c.t.Helper()
	source := fmt.Sprintf(`flow: %[1]s
channel: "slack:T1/#triage"
notify: {approvals: ["slack:T1/#triage", "discord:G1/#triage"]}
trigger: {on: schedule.tick, with: {every: 1d}}
steps:
  - id: review
    ask: approval
    covers: [say]
    with: {title: "Post it?", edit: [say.text], %[2]s}
  - id: say
    do: chat.message.post
    with: {to: "slack:T1/#triage", text: "hello"}
`, name, with)
	_, err := c.library.Save(c.t.Context(), []byte(source), -1, "ann")
	c.must(nil, err)
	_, problems, err := c.library.Publish(c.t.Context(), name, "ann")
	if err != nil || problems.Bad() {
		c.t.Fatalf("%s: %v %v", source, problems, err)
	}
}

// ask starts a run by a person and waits for its question.
func (c *court) ask(flow, by string) engine.RunView {
	c.t.Helper()
	trigger, err := c.library.ManualTrigger(c.t.Context(), flow)
	c.must(nil, err)
	c.n++
	got, err := c.runtime.Accept(c.t.Context(), engine.Batch{Trigger: trigger, Manual: true, From: "person:" + c.ids[by],
		Items: []engine.Item{{Key: fmt.Sprint("k", c.n), Data: map[string]any{"body": map[string]any{}}}}})
	c.must(nil, err)
	v := c.until(got[0].Run, func(v engine.RunView) bool { return len(v.Asks) > 0 })
	if _, err := c.bot.Deliver(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	return v
}

func (c *court) until(run string, ok func(engine.RunView) bool) engine.RunView {
	c.t.Helper()
	late := time.After(time.Minute)
	for {
		v, err := c.runtime.Run(c.t.Context(), run)
		c.must(nil, err)
		if ok(v) {
			return v
		}
		select {
		case <-c.events:
		case <-late:
			c.t.Fatalf("run %+v", v)
		}
	}
}

// card is the question where somebody on a surface sees it.
func (c *court) card(on, run string) prompts.Card {
	c.t.Helper()
	s := c.slack
	if on == "discord" {
		s = c.discord
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if m.card.Key == "ask:"+run+"/review" {
			return m.card
		}
	}
	c.t.Fatalf("no card of %s; there are %v", run, s.keysLocked())
	return prompts.Card{}
}

func (c *court) press(a bot.Actor, tok string) (bot.Reply, error) {
	c.n++
	return c.bot.Handle(c.t.Context(), bot.In{ID: fmt.Sprint("d", c.n), Kind: bot.InPress, Actor: a, Token: tok,
		Place: engine.Place{Surface: a.Surface, Workspace: a.Workspace, Channel: "#triage"}})
}

func (c *court) rows() []engine.AuditEntry {
	c.t.Helper()
	rows, err := c.store.AuditEntries(c.t.Context(), 0, 100_000)
	c.must(nil, err)
	return rows
}
