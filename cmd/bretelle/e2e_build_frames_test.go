package main

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/bot/discord/discordspec"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/bot/slack/slackspec"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
)

// inside is a bot in this process, with a chat platform beside the console. Its commands are the program's own.
type inside struct {
	*bench
	*serving
	surface bot.Surface       // nil: what env says
	env     map[string]string // of platforms
	ahead   atomic.Int64      // of the real clock, the bot's; nanoseconds
}

func newInside(t *testing.T) *inside {
	t.Helper()
	x := &inside{bench: &bench{t: t, b: newBot(t), rc: newReceiver(t)}}
	t.Setenv("XDG_CONFIG_HOME", x.b.cfg)
	x.bench.restart = x.again
	return x
}

// open starts the bot with a platform.
func (x *inside) open(s bot.Surface) {
	x.bench.t.Helper()
	x.surface = s
	x.begin()
	x.bench.t.Cleanup(func() {
		if err := x.serving.stop(); err != nil {
			x.bench.t.Error(err)
		}
	})
	x.people()
}

func (x *inside) begin() {
	t := x.bench.t
	t.Helper()
	s := settings{dir: x.b.dir, batch: 64, command: "flow", log: slog.New(slog.DiscardHandler), now: x.clock, getenv: func(name string) string { return x.env[name] }}
	if x.surface != nil {
		s.surfaces = []bot.Surface{x.surface}
	}
	a, err := newApp(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	x.serving = &serving{app: a}
	if err := x.serving.open("127.0.0.1:0", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if err := x.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	x.b.hooks, x.b.console = base(x.hooksOn)+"/hooks/", base(x.consoleOn)
	x.b.client = control.NewClient(x.b.dir)
}

func (x *inside) clock() time.Time { return time.Now().Add(time.Duration(x.ahead.Load())) }

// again is the bot started anew on the same data.
func (x *inside) again() {
	x.bench.t.Helper()
	if err := x.serving.stop(); err != nil {
		x.bench.t.Fatal(err)
	}
	x.begin()
}

// link says who of us a platform's user is.
func (x *inside) link(name, surface, workspace, user string) {
	t := x.bench.t
	t.Helper()
	all, err := x.store.Persons(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if p.Name == name {
			if err := x.store.Link(t.Context(), engine.Identity{Surface: surface, Workspace: workspace, User: user, Person: p.ID}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// action is the name that an action's setting has in a dialog.
func action(field string) string {
	switch field {
	case "method", "url", "json", "allow_private", "to", "text":
		return "with." + field
	}
	return field
}

// slackHands are ann's, in Slack.
type slackHands struct {
	*slacktest.Client
	x *inside
}

func (h slackHands) New(flow string) { h.x.bench.t.Helper(); h.Command("/flow new " + flow) }
func (h slackHands) Set(field, value string) {
	h.x.bench.t.Helper()
	h.Client.Set(action(field), value)
}
func (h slackHands) Value(field string) string { return h.Client.Value(action(field)) }
func (h slackHands) Act(name string)           { h.x.bench.t.Helper(); h.Client.Press(labels[name]) }
func (h slackHands) Press(name string)         { h.x.bench.t.Helper(); h.Client.Press(labels[name]) }
func (h slackHands) Choose(menu, option string) {
	h.x.bench.t.Helper()
	h.Client.Choose(labels[menu], option)
}
func (h slackHands) Restarted() { h.Meet(h.x.bot) }
func (h slackHands) Insert(field, label, path string) {
	h.x.bench.t.Helper()
	if field != "title" { // a question's dialog has one field only that takes text: nothing to choose
		h.Client.Set("into", action(field))
	}
	h.Client.Set("insert", path)
}

// Issue 3: "Bug triage is built from nothing by dialogs alone on all three surfaces (… Slack and Discord by frames until
// their live connections exist), by tests that send only what each platform would send and respect its limits (Slack:
// 3 s triggers, stack of 3, view_submission errors …). The resulting YAML is the same to the byte."
func TestBuildBugTriageInSlack(t *testing.T) {
	x := newInside(t)
	c := slacktest.New(t, nil)
	c.Team, c.User, c.Strict, c.Check = "T0123", "U0AAA", true, slackspec.Checker(t)
	x.open(c.Connect())
	x.link("ann", "slack", c.Team, c.User)
	h := slackHands{c, x}
	h.Restarted()

	c.Late = true // Slack gives up on the first dialog
	c.Command("/flow new bug-triage")
	x.says(h, "Slack closed the window before I could open it.")
	c.Press("Open it now")
	c.Set("title", "typed and never sent")
	c.Close()

	x.publishTriage(h, x.buildTriage(h))
}

// discordHands are ann's, in Discord.
type discordHands struct {
	*discordtest.Client
	x *inside
}

func (h discordHands) New(flow string) { h.x.bench.t.Helper(); h.Command("new", "name", flow) }
func (h discordHands) Set(field, value string) {
	h.x.bench.t.Helper()
	h.Client.Set(action(field), value)
}
func (h discordHands) Value(field string) string {
	h.x.bench.t.Helper()
	return h.Client.Value(action(field))
}
func (h discordHands) Act(name string)   { h.x.bench.t.Helper(); h.Client.Press(name) }
func (h discordHands) Press(name string) { h.x.bench.t.Helper(); h.Client.Press(labels[name]) }
func (h discordHands) Choose(menu, option string) {
	h.x.bench.t.Helper()
	h.Client.Choose(labels[menu], option)
}
func (h discordHands) Restarted() { h.Meet(h.x.bot) }
func (h discordHands) Insert(field, label, path string) {
	h.x.bench.t.Helper()
	if field != "title" { // a question's dialog has one field only that takes text: nothing to choose
		h.Client.Set("into", action(field))
	}
	h.Client.Set("insert", path)
}

// Issue 3, as above: "Discord: five inputs, no dialog from a dialog, 25 options".
func TestBuildBugTriageInDiscord(t *testing.T) {
	x := newInside(t)
	c := discordtest.New(t, nil)
	c.Strict, c.Check = true, discordspec.Checker(t)
	x.open(c.Connect())
	x.link("ann", "discord", c.Guild, c.User)
	h := discordHands{c, x}
	h.Restarted()
	secret := x.buildTriage(h)

	h.Press("add") // a step is begun and left alone for longer than dialogs are kept
	h.Set("what", "http.request")
	h.Save()
	x.ahead.Store(int64(8 * 24 * time.Hour))
	c.Wait(8 * 24 * 60)
	c.Press("Fill in 1/4")
	x.says(h, "This message is asleep", "Your draft is safe: /flow edit bug-triage")
	c.Command("edit", "flow", "bug-triage")
	x.publishTriage(h, secret)
}
