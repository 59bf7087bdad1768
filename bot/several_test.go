package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/storage/sqlite"
)

var ops = engine.Place{Surface: "discord", Workspace: "42", Channel: "#triage"}

// screen is a surface with switches; what people see on it, and in which order it came.
type screen struct {
	*surface
	pace    [2]bot.Rate
	hang    chan struct{} // not nil: Post waits for it, or for the end of its context
	hangs   int           // calls of Post that did
	told    chan string   // keys, as they are posted or edited
	order   []string      // keys of new messages
	uploads []string
	refuse  error // of uploads
	limits  prompts.Limits
	mu      sync.Mutex
}

func newScreen(name string) *screen {
	return &screen{surface: newSurface(name), told: make(chan string, 10_000), limits: prompts.Limits{Name: name}}
}

func (s *screen) Limits() prompts.Limits { return s.limits }

func (s *screen) hanging() int { s.mu.Lock(); defer s.mu.Unlock(); return s.hangs }

func (s *screen) set(f func()) { s.mu.Lock(); f(); s.mu.Unlock() }

func (s *screen) Post(ctx context.Context, p engine.Place, ref bot.Ref, c prompts.Card) (bot.Ref, error) {
	s.mu.Lock()
	hang := s.hang
	if hang != nil {
		s.hangs++
	}
	s.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	before := s.count("")
	got, err := s.surface.Post(ctx, p, ref, c)
	if err == nil {
		if s.count("") > before {
			s.set(func() { s.order = append(s.order, c.Key) })
		}
		s.told <- c.Key
	}
	return got, err
}

// paced is a screen with a pace; filing one that takes files.
type paced struct{ *screen }

func (s paced) Pace() (channel, workspace bot.Rate) { return s.pace[0], s.pace[1] }

type filing struct{ *screen }

func (s filing) Upload(_ context.Context, p engine.Place, key, text string, files ...bot.File) (bot.Ref, error) {
	if s.refuse != nil {
		return "", s.refuse
	}
	s.set(func() { s.uploads = append(s.uploads, p.Thread+" "+files[0].Name+" "+string(files[0].Data)) })
	return "file-1", nil
}

// several is a bot on a real database with two chat platforms and the console.
type several struct {
	*world
	db             *sqlite.Store
	dir            string
	slack, discord *screen
	console        *screen
	wrap           func(*screen) bot.Surface
	clock          sync.Mutex
}

func newSeveral(t testing.TB) *several {
	t.Helper()
	s := &several{world: newWorld(t), dir: t.TempDir(), slack: newScreen("slack"), discord: newScreen("discord"), console: newScreen("console")}
	s.wrap = func(s *screen) bot.Surface { return s }
	s.start()
	for _, name := range []string{"ann", "bob", "kim", "mia"} {
		p, err := s.bot.AddPerson(s.ctx, bot.Operator, name, engine.Admin)
		s.must(nil, err)
		s.ids[name] = p.ID
		for _, id := range []engine.Identity{{Surface: "slack", Workspace: "T1", User: "U-" + name, Person: p.ID}, {Surface: "discord", Workspace: "42", User: "D-" + name, Person: p.ID}} {
			s.must(nil, s.db.Link(s.ctx, id))
		}
	}
	s.must(s.bot.SetGroup(s.ctx, bot.Operator, "triage", []string{"bob", "kim"}, false))
	return s
}

func (s *several) time() time.Time { s.clock.Lock(); defer s.clock.Unlock(); return s.now }

func (s *several) pass(d time.Duration) { s.clock.Lock(); s.now = s.now.Add(d); s.clock.Unlock() }

// start opens the database and makes a bot, as a restart does.
func (s *several) start() {
	s.t.Helper()
	if s.db != nil {
		s.must(nil, s.db.Close())
	}
	db, err := sqlite.Open(s.ctx, sqlite.Options{Dir: s.dir, Now: s.time})
	s.must(nil, err)
	s.t.Cleanup(func() { _ = db.Close() })
	s.db = db
	s.bot, err = bot.New(bot.Options{People: db, Outbox: db, Inbox: db, Audit: db, Runs: s.runs, Flows: s.flows,
		Surfaces: []bot.Surface{s.wrap(s.slack), s.wrap(s.discord), s.console}, Now: s.time, Log: slog.New(slog.DiscardHandler)})
	s.must(nil, err)
}

func (s *several) raised(kind engine.NoticeKind, topic, run, path string) {
	s.t.Helper()
	s.seq++
	s.must(nil, s.db.Raise(s.ctx, engine.Notice{ID: fmt.Sprintf("s%05d", s.seq), At: engine.Millis(s.time()), Kind: kind, Topic: topic + ":" + run + "/" + path,
		Flow: "bug-triage", Run: run, Path: path, Place: triage}))
}

// question is a run that asks in both places.
func (s *several) question(number int64) engine.RunView {
	v := engine.RunView{RunHead: engine.RunHead{ID: fmt.Sprint("run-", number), Number: number, Flow: "bug-triage", Version: 1, State: engine.RunWaiting},
		Place: triage, Notify: engine.Notify{Approvals: []engine.Place{triage, ops}},
		Asks: []engine.AskView{{Path: "review", State: engine.CardOpen, Title: "Ticket?", Revision: 1, Mode: "any", Groups: []string{"@triage"}, Need: 1, Opened: 1}}}
	s.runs.set(v)
	return v
}

func (s *several) decided(v engine.RunView, who, via string) engine.RunView {
	v.Asks = append([]engine.AskView(nil), v.Asks...)
	a := &v.Asks[0]
	a.State, a.Decision, a.DecidedBy, a.DecidedAt, a.Via = engine.CardDecided, "approve", s.ids[who], engine.Millis(s.time()), via
	s.runs.set(v)
	return v
}

func (s *several) ask(number int64) engine.RunView {
	v := s.question(number)
	s.raised(engine.NoticeAsk, "ask", v.ID, "review")
	return v
}

func (s *several) deliver() int64 {
	s.t.Helper()
	next, err := s.bot.Deliver(s.ctx)
	s.must(nil, err)
	return next
}

func reads(x *screen, w *world, key string) string { return prompts.PlainCard(w.card(x.surface, key)) }

func TestEveryPlaceAsksAndEveryCopyIsRewritten(t *testing.T) {
	s := newSeveral(t)
	v := s.ask(12)
	s.deliver()
	const key = "ask:run-12/review"
	if s.slack.count(key) != 1 || s.discord.count(key) != 1 {
		t.Fatalf("%d and %d cards", s.slack.count(key), s.discord.count(key))
	}
	s.decided(v, "bob", "slack")
	s.raised(engine.NoticeAskMoved, "ask", v.ID, "review")
	s.deliver()
	here, there := reads(s.slack, s.world, key), reads(s.discord, s.world, key)
	if !strings.Contains(here, "bob approved at 14:21") || strings.Contains(here, "from Slack") {
		t.Errorf("Slack says %q", here)
	}
	if !strings.Contains(there, "bob approved at 14:21, from Slack") {
		t.Errorf("Discord says %q", there)
	}
	if len(s.slack.messages[0].card.Buttons)+len(s.discord.messages[0].card.Buttons) > 2 {
		t.Error("what cannot work any more is still there to be pressed")
	}
}

// A place that the policy names gets its copy even when another one stands already.
func TestNewPlacesAppear(t *testing.T) {
	s := newSeveral(t)
	v := s.question(12)
	v.Notify = engine.Notify{}
	s.runs.set(v)
	s.raised(engine.NoticeAsk, "ask", v.ID, "review")
	s.deliver()
	v.Asks[0].In = []engine.Place{ops}
	s.runs.set(v)
	s.raised(engine.NoticeAskMoved, "ask", v.ID, "review")
	s.deliver()
	if s.slack.count("ask:") != 1 || s.discord.count("ask:") != 1 {
		t.Errorf("%d and %d cards", s.slack.count("ask:"), s.discord.count("ask:"))
	}
}

// One surface hangs: the other is served and rewritten meanwhile, and the hanging one gets what is true in the end.
func TestAHangingSurfaceHoldsUpNobody(t *testing.T) {
	s := newSeveral(t)
	release := make(chan struct{})
	s.slack.hang = release
	ctx, stop := context.WithCancel(s.ctx)
	done := make(chan error)
	go func() { done <- s.bot.Run(ctx) }()
	wait := func(x *screen, prefix string) {
		t.Helper()
		late := time.After(time.Minute)
		for {
			select {
			case key := <-x.told:
				if strings.HasPrefix(key, prefix) {
					return
				}
			case <-late:
				t.Fatalf("%s never heard of %s", x.name, prefix)
			}
		}
	}
	v := s.ask(12)
	s.bot.Wake()
	wait(s.discord, "ask:")
	s.decided(v, "kim", "discord")
	s.raised(engine.NoticeAskMoved, "ask", v.ID, "review")
	s.bot.Wake()
	wait(s.discord, "ask:")
	if n := s.slack.count(""); n != 0 {
		t.Fatalf("%d messages on the surface that hangs", n)
	}
	s.slack.set(func() { s.slack.hang = nil })
	close(release)
	wait(s.slack, "ask:") // the question that was under way
	wait(s.slack, "ask:") // its end
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := reads(s.slack, s.world, "ask:run-12/review"); !strings.Contains(got, "kim approved") || s.slack.count("") != 1 {
		t.Errorf("got %q", got)
	}
}

func unreachable(engine.Place) error { return engine.E(engine.Unavailable, "no answer") }

// A surface is down for a while, with restarts in the middle: nothing is lost, the order is kept, nobody else waits.
func TestAnOutageLosesNothing(t *testing.T) {
	s := newSeveral(t)
	s.slack.fail = unreachable
	var keys []string
	for n := int64(1); n <= 20; n++ {
		v := s.ask(n)
		keys = append(keys, "ask:"+v.ID+"/review")
		if n%3 == 0 {
			s.decided(v, "bob", "discord")
			s.raised(engine.NoticeAskMoved, "ask", v.ID, "review")
		}
		s.deliver()
		if s.discord.count("ask:") != int(n) {
			t.Fatalf("Discord has %d of %d", s.discord.count("ask:"), n)
		}
		s.pass(7 * time.Second)
		if n%4 == 0 {
			s.start()
		}
	}
	s.pass(time.Minute)
	s.deliver()
	if n := s.console.count("outage:slack"); n != 1 || !strings.Contains(reads(s.console, s.world, s.console.order[0]), "Slack cannot be reached since 14:21; 20 notices wait") {
		t.Errorf("the operator was told %d times: %q", n, s.console.order)
	}
	s.pass(12 * time.Hour)
	s.start()
	s.deliver()
	if s.console.count("ask:") != 0 {
		t.Error("questions that stand on Discord were asked again elsewhere")
	}
	s.slack.fail = nil
	s.pass(time.Minute)
	s.deliver()
	if got := strings.Join(s.slack.order, " "); got != strings.Join(keys, " ") {
		t.Errorf("the order is %s", got)
	}
	for n := 3; n <= 20; n += 3 {
		if got := reads(s.slack, s.world, fmt.Sprintf("ask:run-%d/review", n)); !strings.Contains(got, "bob approved") {
			t.Errorf("#%d: %q", n, got)
		}
	}
	if got := reads(s.console, s.world, s.console.order[0]); !strings.Contains(got, "can be reached again") || s.console.count("outage:") != 1 {
		t.Errorf("the operator reads %q", got)
	}
}

func TestFailover(t *testing.T) {
	s := newSeveral(t)
	s.slack.fail, s.discord.fail = unreachable, unreachable
	v := s.question(12)
	v.Notify.Fallback, v.Notify.After = engine.Place{Surface: "console", Channel: "#ops"}, (10 * time.Minute).Milliseconds()
	s.runs.set(v)
	s.raised(engine.NoticeAsk, "ask", v.ID, "review")
	s.deliver()
	s.pass(9*time.Minute + 59*time.Second)
	s.start()
	next := s.deliver()
	if s.console.count("ask:") != 0 {
		t.Fatal("it was asked elsewhere too soon")
	}
	if at := engine.Millis(s.time()) + 1000; next > at {
		t.Errorf("the next look is %d ms late", next-at)
	}
	s.pass(time.Second)
	s.deliver()
	const key = "ask:run-12/review"
	if got := reads(s.console, s.world, key); !strings.Contains(got, "I could not ask in slack:T1/#triage since 14:21 UTC") {
		t.Fatalf("the fallback reads %q", got)
	}
	s.deliver()
	s.slack.fail, s.discord.fail = nil, nil
	s.pass(time.Minute)
	s.deliver()
	if s.slack.count(key) != 1 || s.discord.count(key) != 1 || s.console.count(key) != 1 {
		t.Fatalf("%d, %d and %d cards", s.slack.count(key), s.discord.count(key), s.console.count(key))
	}
	s.decided(v, "kim", "console")
	s.raised(engine.NoticeAskMoved, "ask", v.ID, "review")
	s.deliver()
	for _, x := range []*screen{s.slack, s.discord, s.console} {
		if got := reads(x, s.world, key); !strings.Contains(got, "kim approved") {
			t.Errorf("%s says %q", x.name, got)
		}
	}
}

// The default: the operator's channel after a quarter of an hour. What is decided meanwhile is asked nowhere else.
func TestFailoverByDefault(t *testing.T) {
	s := newSeveral(t)
	s.slack.fail, s.discord.fail = unreachable, unreachable
	v := s.ask(12)
	s.ask(13)
	s.deliver()
	s.decided(v, "bob", "")
	s.raised(engine.NoticeAskMoved, "ask", v.ID, "review")
	s.pass(14 * time.Minute)
	s.deliver()
	if s.console.count("ask:") != 0 {
		t.Fatal("too soon")
	}
	s.pass(time.Minute)
	s.deliver()
	if got := s.console.count("ask:"); got != 1 || s.console.count("ask:run-13") != 1 {
		t.Errorf("%d questions", got)
	}
}

// Every place refuses: the question is asked elsewhere at once, and here as soon as somebody let the bot in.
func TestRefusedEverywhere(t *testing.T) {
	s := newSeveral(t)
	s.discord.fail = unreachable
	s.slack.fail = func(engine.Place) error { return engine.E(engine.Denied, "I am not in #triage") }
	s.ask(12)
	s.deliver()
	if s.console.count("ask:") != 0 {
		t.Error("Discord may still answer")
	}
	s.discord.fail = s.slack.fail
	s.pass(time.Minute)
	s.deliver()
	if s.console.count("ask:") != 1 {
		t.Fatal("nobody is asked")
	}
	s.slack.fail = nil
	s.pass(time.Hour)
	s.deliver()
	if s.slack.count("ask:") != 1 {
		t.Error("whoever invited the bot still sees no question")
	}
}

// One call fails and the next would not: what comes after it in its channel waits all the same, other channels do not,
// also across a restart.
func TestOneFailureKeepsTheOrder(t *testing.T) {
	s := newSeveral(t)
	failed := false
	s.slack.fail = func(p engine.Place) error {
		if p == triage && !failed {
			failed = true
			e := engine.E(engine.Unavailable, "a hiccup")
			e.After = 3 * time.Second
			return e
		}
		return nil
	}
	s.ask(12)
	s.ask(13)
	s.deliver()
	s.start()
	s.ask(15)
	other := triage
	other.Channel = "#other"
	v := s.question(14)
	v.Notify.Approvals = []engine.Place{other}
	s.runs.set(v)
	s.raised(engine.NoticeAsk, "ask", v.ID, "review")
	s.deliver()
	if got := strings.Join(s.slack.order, " "); got != "ask:run-14/review" {
		t.Errorf("before it is due: %s", got)
	}
	s.pass(3 * time.Second)
	s.deliver()
	if got := strings.Join(s.slack.order, " "); got != "ask:run-14/review ask:run-12/review ask:run-13/review ask:run-15/review" {
		t.Errorf("the order is %s", got)
	}
}
