package bot_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// alone is a surface that can speak to one person.
type alone struct{ *surface }

func (alone) Direct(_ context.Context, a bot.Actor, _ engine.Place) (engine.Place, error) {
	return engine.Place{Surface: a.Surface, Workspace: a.Workspace, Channel: "D-" + a.User}, nil
}

// shortcuts are flows to run on a message.
type shortcuts struct {
	list []bot.Shortcut
	ran  []string
}

func (s *shortcuts) Shortcuts(engine.Place, bot.Ref) []bot.Shortcut { return s.list }
func (s *shortcuts) Short(_ context.Context, trigger string, h bot.Heard) (engine.Receipt, error) {
	line := fmt.Sprint(trigger, " ", h.In.ID, " ", h.In.Message, " ", h.In.Text, " by ", h.Person.Name, " of ", h.Author.Name, " in ", h.In.Place.Channel, h.In.Place.Thread)
	for _, had := range s.ran {
		if had == line {
			return engine.Receipt{Outcome: engine.Duplicate}, nil
		}
	}
	s.ran = append(s.ran, line)
	return engine.Receipt{Outcome: engine.Accepted, Run: "r", Number: 12}, nil
}

// taker hears everything and takes what says so.
type taker struct{ listener }

func (l *taker) Said(ctx context.Context, h bot.Heard) error {
	if strings.Contains(h.In.Text, "deploy") && h.Took != nil {
		h.Took()
	}
	return l.listener.Said(ctx, h)
}

func chatWorld(t *testing.T) (*world, *taker, *shortcuts) {
	w, l, s := newWorld(t), &taker{}, &shortcuts{}
	b, err := bot.New(bot.Options{People: w.store, Outbox: w.store, Inbox: w.store, Audit: w.audit, Runs: w.runs, Flows: w.flows,
		Surfaces: []bot.Surface{alone{w.chat}, alone{w.cons}}, Misfits: misfits, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler),
		Listener: l, Shortcuts: s})
	if err != nil {
		t.Fatal(err)
	}
	w.bot = b
	return w, l, s
}

// tell writes to the bot.
func (w *world) tell(who, text string, as ...func(*bot.In)) (bot.Reply, error) {
	in := w.in(bot.InMessage, who)
	in.Text, in.ToMe, in.Message = text, true, "C1/1.1"
	for _, f := range as {
		f(&in)
	}
	return w.bot.Handle(w.ctx, in)
}

func TestSpokenTo(t *testing.T) {
	w, l, _ := chatWorld(t)
	for _, x := range []struct {
		who, text, want string
		heard           int // times flows hear it
	}{
		{"ann", "pending", "Nothing waits for anybody", 1},
		{"ann", "/flow pending", "Nothing waits for anybody", 0},
		{"ann", "flow pending", "Nothing waits for anybody", 1},
		{"ann", "Runs", "No runs yet", 1},
		{"ann", "pendng", `I know no "/flow pendng". Did you mean /flow pending?`, 1},
		{"ann", "run", "FLOW is missing", 1},
		{"ann", "run bug-triage", "a message cannot open a window", 1},
		{"ann", "deploy the site", "", 1},
		{"ann", "good morning everybody", "Hello ann", 1},
		{"ann", "and how are you?", "", 1}, // once an hour
		{"bob", "thanks", "Hello bob", 1},
		{"eve", "pending", "I do not know you yet. Ask an admin for a code", 1},
		{"eve", "what are you?", "I do not know you yet. Ask an admin for a code", 1},
		{"eve", "hello?", "", 1},
		{"vic", "publish bug-triage", "You may look at flows here, but not change them", 1},
	} {
		was := len(l.heard)
		got := w.text(w.tell(x.who, x.text))
		if !strings.Contains(got, x.want) || x.want == "" && got != "" || len(l.heard)-was != x.heard {
			t.Errorf("%s: %q: heard %d times, got %q", x.who, x.text, len(l.heard)-was, got)
		}
	}
	w.now = w.now.Add(time.Hour)
	if got := w.text(w.tell("ann", "and how are you?")); !strings.Contains(got, "Hello ann") {
		t.Errorf("an hour later: %q", got)
	}
	for what, as := range map[string]func(*bot.In){"an app": func(in *bot.In) { in.Actor.Bot = true }} {
		was := len(l.heard)
		if r, err := w.tell("ann", "help", as); err != nil || r != (bot.Nothing{}) || len(l.heard) != was {
			t.Errorf("%s is answered: %#v %v", what, r, err)
		}
	}
	if got := w.text(w.tell("ann", "home", func(in *bot.In) { in.Actor.Guest = true })); !strings.Contains(got, "Guests of this workspace cannot use me") {
		t.Errorf("a guest: %q", got)
	}
}

// A dialog that a message asked for is opened by a button, which is nobody else's.
func TestADialogForAMessage(t *testing.T) {
	w, _, _ := chatWorld(t)
	r, err := w.tell("ann", "run bug-triage")
	p, ok := r.(bot.Private)
	if !ok || err != nil {
		t.Fatalf("%#v %v", r, err)
	}
	tok := token(t, p.Card, "line")
	if _, err := w.press("mia", tok); engine.CodeOf(err) != engine.Denied {
		t.Errorf("somebody else's: %v", err)
	}
	d, ok := mustReply(w.press("ann", tok)).(bot.Dialog)
	if !ok {
		t.Fatalf("%#v", d)
	}
	if got := w.text(w.submit("ann", d.Form.Token, map[string]string{"event": `{"a":1}`})); got != "Run #13 of bug-triage has started" {
		t.Errorf("got %q", got)
	}
}

func TestRunOnAMessage(t *testing.T) {
	w, _, s := chatWorld(t)
	w.flows.heads["secret"] = engine.FlowHead{Name: "secret", Live: 1, Place: engine.Place{Surface: "slack", Workspace: "T1", Channel: "#hr"}}
	short := func(who string, value string) (bot.Reply, error) {
		in := w.in(bot.InShort, who)
		in.Value, in.Message, in.Text, in.Place.Thread = value, "C1/5.5", "it crashes", "5.0"
		in.Author = bot.Actor{Surface: "slack", Workspace: "T1", User: "U-bob"}
		return w.bot.Handle(w.ctx, in)
	}
	if got := w.text(short("ann", bot.ShortRun)); !strings.Contains(got, "No flow that you may run takes a message here") {
		t.Errorf("none: %q", got)
	}
	s.list = []bot.Shortcut{{Trigger: "t1", Flow: "bug-triage", Title: "Make it a ticket"}, {Trigger: "gone", Flow: "gone"}}
	if got := w.text(short("ann", bot.ShortRun)); got != "Run #12 of bug-triage has started" || len(s.ran) != 1 || !strings.Contains(s.ran[0], "C1/5.5 it crashes by ann of bob in #triage5.0") {
		t.Errorf("one: %q %q", got, s.ran)
	}
	s.list = append(s.list, bot.Shortcut{Trigger: "t2", Flow: "secret", Title: "Secret"}, bot.Shortcut{Trigger: "t3", Flow: "bug-triage", Draft: true})
	s.ran = nil
	d, ok := mustReply(short("ann", bot.ShortRun)).(bot.Dialog)
	if !ok || len(d.Form.Fields) != 1 || len(d.Form.Fields[0].Options) != 3 {
		t.Fatalf("%#v", d)
	}
	if got := w.text(w.submit("ann", d.Form.Token, map[string]string{"flow": "t2"})); !strings.Contains(got, "has started") {
		t.Errorf("got %q", got)
	}
	if got := w.text(w.submit("ann", d.Form.Token, map[string]string{"flow": "t2"})); got != "You have sent this already" || len(s.ran) != 1 {
		t.Errorf("sent twice: %q %q", got, s.ran)
	}
	if e, ok := mustReply(w.submit("ann", d.Form.Token, map[string]string{"flow": "t9"})).(bot.FieldErrors); !ok || e.Errors["flow"] == "" {
		t.Errorf("a flow that is not offered: %#v", e)
	}
	if _, err := w.submit("mia", d.Form.Token, map[string]string{"flow": "t2"}); engine.CodeOf(err) != engine.Denied {
		t.Errorf("somebody else's dialog: %v", err)
	}
	if got := w.text(short("vic", bot.ShortRun)); !strings.Contains(got, "No flow that you may run") || strings.Contains(got, "New flow") {
		t.Errorf("a viewer: %q", got)
	}
	for _, value := range []string{bot.ShortRun, bot.ShortNew} {
		if _, err := short("eve", value); engine.CodeOf(err) != engine.Unsigned {
			t.Errorf("a stranger: %v", err)
		}
	}
}

func (w *world) homeOf(who string, as ...func(*bot.In)) []prompts.Card {
	w.t.Helper()
	in := w.in(bot.InHome, who)
	in.Place.Channel = ""
	for _, f := range as {
		f(&in)
	}
	h, ok := mustReply(w.bot.Handle(w.ctx, in)).(bot.Home)
	if !ok || len(h.Cards) == 0 {
		w.t.Fatalf("no home: %#v", h)
	}
	return h.Cards
}

func TestHome(t *testing.T) {
	w, _, _ := chatWorld(t)
	w.ask()
	w.fail(14, 422)
	cards := w.homeOf("bob", func(in *bot.In) { in.Actor.Lang = "fr" })
	if len(cards) != 3 || cards[0].Lang != "fr" || cards[1].Lang != "fr" || !strings.Contains(prompts.PlainCard(cards[0]), "bug-triage") {
		t.Fatalf("%+v", cards)
	}
	for i, want := range []string{"bug-triage", "Ticket for the crash?", "project is required"} {
		if got := prompts.PlainCard(cards[i]); !strings.Contains(got, want) {
			t.Errorf("card %d: %q", i, got)
		}
	}
	if got := len(w.homeOf("vic")); got != 2 { // not asked, but sees what fails
		t.Errorf("%d cards for a viewer", got)
	}
	tok := token(t, cards[1], "approve")
	if _, err := w.press("kim", tok); engine.CodeOf(err) != engine.Denied {
		t.Errorf("a button of somebody's page is theirs: %v", err)
	}
	w.must(w.press("bob", tok))
	if len(w.runs.signals) != 1 || w.runs.signals[0].Path != "review" {
		t.Errorf("%+v", w.runs.signals)
	}
	if n, _ := w.store.OpenCards(w.ctx, engine.Place{}, 100); len(n) != 3 { // the question, the alert, its line
		t.Logf("%d open", len(n))
	}
	// The same as one card.
	if got := w.text(w.say("bob", "/flow home")); !strings.Contains(got, "1 flow") || !strings.Contains(got, "Waits for you") || !strings.Contains(got, "Fails") {
		t.Errorf("got %q", got)
	}
	for who, as := range map[string]func(*bot.In){"eve": func(*bot.In) {}, "bob": func(in *bot.In) { in.Actor.Guest = true }, "kim": func(in *bot.In) { in.Actor.Bot = true }} {
		cards := w.homeOf(who, as)
		if got := prompts.PlainCard(cards[0]); len(cards) != 1 || strings.Contains(got, "bug-triage") || len(cards[0].Buttons) != 0 {
			t.Errorf("%s sees %q", who, got)
		}
	}
}

// Who has a role for one channel alone has a page with what they may see; who has none anywhere has not.
func TestHomeOfAChannelsRole(t *testing.T) {
	w, _, _ := chatWorld(t)
	w.flows.heads["other"] = engine.FlowHead{Name: "other", State: engine.FlowLive, Live: 1, Place: general}
	w.must(w.bot.SetRole(w.ctx, bot.Operator, "vic", engine.NoRole, ""))
	if got := prompts.PlainCard(w.homeOf("vic")[0]); !strings.Contains(got, "You may not see flows here") {
		t.Errorf("without a role: %q", got)
	}
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, "slack:T1/#triage", ""))
	w.must(w.bot.SetRole(w.ctx, bot.Operator, "vic", engine.Runner, "slack:T1/#triage"))
	if got := prompts.PlainCard(w.homeOf("vic")[0]); !strings.Contains(got, "bug-triage") || strings.Contains(got, "other") {
		t.Errorf("with one for the channel: %q", got)
	}
}

// However much there is, the page stays small.
func TestHomeIsBounded(t *testing.T) {
	w, _, _ := chatWorld(t)
	for i := range 60 {
		name := fmt.Sprintf("flow-%02d", i)
		w.flows.heads[name] = engine.FlowHead{Name: name, State: engine.FlowLive, Live: 1, Place: triage}
		v := engine.RunView{RunHead: engine.RunHead{ID: fmt.Sprint("r", i), Number: int64(100 + i), Flow: name, State: engine.RunWaiting}, Place: triage,
			Asks: []engine.AskView{{Path: "a", State: engine.CardOpen, Title: "Now?", Mode: "any", Groups: []string{"@triage"}, Need: 1}}}
		w.runs.set(v)
	}
	for n := int64(12); n < 30; n++ {
		w.fail(n, int(400+n))
	}
	blocks := 0
	for _, c := range w.homeOf("bob") {
		blocks += len(c.Blocks) + 3
		for _, b := range c.Blocks {
			if f, ok := b.(prompts.Facts); ok {
				blocks += len(f.Facts) / 10
			}
		}
	}
	if blocks > 100 {
		t.Errorf("%d blocks", blocks)
	}
}

// In their language, and their clock: their own setting, else what the surface says.
func TestTheReadersZone(t *testing.T) {
	w, _, _ := chatWorld(t)
	w.ask()
	for zone, want := range map[string]string{"": "14:21", "Europe/Zurich": "15:21", "Nowhere/AtAll": "14:21"} {
		in := w.in(bot.InCommand, "bob")
		in.Text, in.Actor.Zone = "/flow pending", zone
		if got := w.text(w.bot.Handle(w.ctx, in)); !strings.Contains(got, want) {
			t.Errorf("%q: %q", zone, got)
		}
	}
	p := mustPerson(w, "bob")
	p.Timezone, p.Lang = "Asia/Tokyo", "fr"
	w.must(nil, w.store.SetPerson(w.ctx, p))
	in := w.in(bot.InCommand, "bob")
	in.Text, in.Actor.Zone, in.Actor.Lang = "/flow pending", "Europe/Zurich", "en"
	if got := w.text(w.bot.Handle(w.ctx, in)); !strings.Contains(got, "23:21") || !strings.Contains(got, "chose") {
		t.Errorf("their own setting counts: %q", got)
	}
}

// A token is bound to whom and where it was shown, and to nothing that can be guessed: each byte of it changed, it is
// nothing.
func TestTokensAreBound(t *testing.T) {
	w, _, _ := chatWorld(t)
	w.ask()
	tok := token(t, w.card(w.chat, "ask:run-12/review"), "approve")
	for i := range tok {
		for _, c := range []byte{tok[i] ^ 1, tok[i] ^ 0x20, '0', 0} {
			if c == tok[i] {
				continue
			}
			forged := tok[:i] + string([]byte{c}) + tok[i+1:]
			if _, err := w.press("bob", forged); engine.CodeOf(err) != engine.Conflict {
				t.Fatalf("%q: %v", forged, err)
			}
		}
	}
	for _, forged := range []string{"", tok[:len(tok)-1], tok + "0", strings.ToUpper(tok), hex.EncodeToString([]byte(tok)), "run-12", "ask:run-12/review"} {
		if _, err := w.press("bob", forged); forged != tok && engine.CodeOf(err) != engine.Conflict {
			t.Fatalf("%q: %v", forged, err)
		}
	}
	if a := w.audit.last(); a.What != "press.refused" || !strings.Contains(a.Detail, "unknown_token") {
		t.Errorf("%+v", a)
	}
	// Bob is known on Discord too, and has the token from Slack.
	w.must(nil, w.store.Link(w.ctx, engine.Identity{Surface: "discord", Workspace: "G1", User: "D-bob", Person: w.ids["bob"]}))
	in := w.in(bot.InPress, "bob")
	in.Token, in.Actor = tok, bot.Actor{Surface: "discord", Workspace: "G1", User: "D-bob"}
	if _, err := w.bot.Handle(w.ctx, in); engine.CodeOf(err) != engine.Denied {
		t.Errorf("from another surface: %v", err)
	}
	if a := w.audit.last(); a.What != "press.refused" || !strings.Contains(a.Detail, "foreign_token") || a.Actor != w.ids["bob"] {
		t.Errorf("%+v", a)
	}
	in.Actor = bot.Actor{Surface: "slack", Workspace: "T2", User: "U-bob"}
	if _, err := w.bot.Handle(w.ctx, in); engine.CodeOf(err) != engine.Unsigned {
		t.Errorf("from another workspace: %v", err)
	}
	// The private answer of one is not for another, whoever they are.
	p := mustReply(w.say("ann", "/flow show bug-triage")).(bot.Private)
	pause := token(t, p.Card, "pause")
	if _, err := w.press("mia", pause); engine.CodeOf(err) != engine.Denied || len(w.flows.did) != 0 {
		t.Errorf("an admin with ann's button: %v", err)
	}
	w.must(w.press("ann", pause))
	// Its button, after the run went on to another text, is too late, and nothing else.
	if len(w.runs.signals) != 0 {
		t.Errorf("%d signals", len(w.runs.signals))
	}
}
