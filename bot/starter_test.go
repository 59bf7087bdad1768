package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// starters has the form of contacts and the command of rota.
type starters struct {
	t     *testing.T
	begun []bot.Begun
	err   error
}

func schema(t *testing.T, fields ...any) *engine.Schema {
	t.Helper()
	s, err := flow.FormSchema(fields)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *starters) Forms() []bot.Starter {
	return []bot.Starter{{Trigger: "f", Flow: "contacts", Title: "Contact us", About: "We answer within a day.", Fields: schema(s.t,
		map[string]any{"name": "email", "title": "E-mail", "type": "email", "required": true},
		map[string]any{"name": "size", "type": "choice", "options": []any{"small", "large"}, "default": "small"})}}
}

func (s *starters) Commands() []bot.Starter {
	return []bot.Starter{{Trigger: "c", Flow: "rota", Command: "oncall", About: "Who is on call", Usage: "WHO [DAY]", Fields: schema(s.t,
		map[string]any{"name": "who", "required": true}, map[string]any{"name": "day", "type": "date"})}}
}

func (s *starters) Arguments(x bot.Starter, line string) (map[string]any, *engine.Error) {
	words, given := strings.Fields(line), map[string]any{}
	for i, w := range words {
		if i >= len(x.Fields.Fields) {
			return nil, engine.E(engine.Invalid, `"{word}" is too much`, "word", w, "usage", x.Usage).WithHint("Write it like this: {usage}")
		}
		given[x.Fields.Fields[i].Name] = w
	}
	return given, nil
}

func (s *starters) Begin(_ context.Context, x bot.Starter, in bot.Begun) (engine.Receipt, map[string]*engine.Error, error) {
	if s.err != nil {
		return engine.Receipt{}, nil, s.err
	}
	values, wrong := flow.ReadForm(x.Fields, in.Given)
	if len(wrong) > 0 {
		return engine.Receipt{}, wrong, nil
	}
	in.Given = values
	s.begun = append(s.begun, in)
	return engine.Receipt{Outcome: engine.Accepted, Run: "r", Number: 12}, nil, nil
}

// listener keeps what is heard.
type listener struct{ heard []string }

func (l *listener) keep(ctx context.Context, what string, h bot.Heard) error {
	member, err := h.Member(ctx, "@triage")
	l.heard = append(l.heard, fmt.Sprint(what, " ", h.Person.Name, " ", h.In.Text, h.In.Value, " ", member))
	return err
}
func (l *listener) Said(ctx context.Context, h bot.Heard) error { return l.keep(ctx, "said", h) }
func (l *listener) Reacted(ctx context.Context, h bot.Heard) error {
	return l.keep(ctx, "reacted", h)
}

func (l *listener) Joined(ctx context.Context, h bot.Heard) error { return l.keep(ctx, "joined", h) }

type floods struct{ said []string }

func (f *floods) Answer(_ context.Context, trigger, answer, by string) error {
	if len(f.said) > 0 {
		return engine.E(engine.Conflict, "This was decided already")
	}
	f.said = append(f.said, trigger+" "+answer)
	return nil
}

func startersWorld(t *testing.T) (*world, *starters, *listener, *floods) {
	w, s, l, f := newWorld(t), &starters{t: t}, &listener{}, &floods{}
	for _, name := range []string{"contacts", "rota"} {
		w.flows.heads[name] = engine.FlowHead{Name: name, State: engine.FlowLive, Live: 1, Place: triage}
	}
	b, err := bot.New(bot.Options{People: w.store, Outbox: w.store, Inbox: w.store, Audit: w.audit, Runs: w.runs, Flows: w.flows,
		Surfaces: []bot.Surface{w.chat, w.cons}, Misfits: misfits, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler),
		Starters: s, Listener: l, Floods: f})
	if err != nil {
		t.Fatal(err)
	}
	w.bot = b
	return w, s, l, f
}

func TestOwnCommand(t *testing.T) {
	w, s, _, _ := startersWorld(t)
	for _, typed := range []string{"/oncall bob 2026-05-01", "/flow oncall bob 2026-05-01"} {
		if got := w.text(w.say("ann", typed)); got != "Run #12 of rota has started" {
			t.Errorf("%s: %q", typed, got)
		}
	}
	if len(s.begun) != 2 || s.begun[0].Given["who"] != "bob" || s.begun[0].By != w.ids["ann"] || s.begun[0].Text != "bob 2026-05-01" || s.begun[0].Key == s.begun[1].Key || s.begun[0].Place != triage {
		t.Errorf("%+v", s.begun)
	}
	if got := w.text(w.say("vic", "/oncall bob")); !strings.Contains(got, "not start") {
		t.Errorf("a viewer: %q", got)
	}
	if got := w.text(w.say("nobody", "/oncall bob")); !strings.HasPrefix(got, "I do not know you yet") {
		t.Errorf("a stranger: %q", got)
	}
	if got := w.text(w.say("ann", "/oncall a 2026-05-01 c")); !strings.Contains(got, `"c" is too much. Write it like this: /oncall WHO [DAY]`) {
		t.Errorf("too much: %q", got)
	}
	// What is missing is asked for; what is wrong is said under its field.
	r, err := w.say("ann", "/oncall")
	d, ok := r.(bot.Dialog)
	if err != nil || !ok || d.Form.Title != "/oncall" || len(d.Form.Fields) != 2 || d.Form.Fields[0].Error != "" {
		t.Fatalf("%+v %v", r, err)
	}
	r, err = w.submit("ann", d.Form.Token, map[string]string{"who": "", "day": "tomorrow"})
	e, ok := r.(bot.FieldErrors)
	if err != nil || !ok || e.Errors["who"] == "" || !strings.Contains(e.Errors["day"], "is not a date") || e.Form.Fields[1].Value != "tomorrow" {
		t.Fatalf("%+v %v", r, err)
	}
	if got := w.text(w.submit("ann", d.Form.Token, map[string]string{"who": "kim", "day": ""})); got != "Run #12 of rota has started" {
		t.Errorf("%q", got)
	}
	r, err = w.say("ann", "/oncall bob tomorrow")
	if d, ok = r.(bot.Dialog); err != nil || !ok || d.Form.Fields[0].Value != "bob" || d.Form.Fields[1].Error == "" {
		t.Errorf("%+v %v", r, err)
	}
	s.err = engine.E(engine.Unavailable, "the disk is full")
	if got := w.text(w.say("ann", "/oncall bob")); !strings.Contains(got, "disk is full") {
		t.Errorf("%q", got)
	}
	o, err := w.bot.Options(w.ctx, func() bot.In { in := w.in(bot.InCommand, "ann"); in.Text = "/on"; return in }())
	if err != nil || len(o) != 1 || o[0].Value != "/oncall " {
		t.Errorf("%+v %v", o, err)
	}
	if o, err = w.bot.Options(w.ctx, func() bot.In { in := w.in(bot.InCommand, "ann"); in.Text = "/flow on"; return in }()); err != nil || len(o) != 1 || o[0].Value != "/flow oncall" {
		t.Errorf("%+v %v", o, err)
	}
	if o, err = w.bot.Options(w.ctx, func() bot.In { in := w.in(bot.InCommand, "vic"); in.Text = "/on"; return in }()); err != nil || len(o) != 0 {
		t.Errorf("%+v %v", o, err)
	}
}

func TestForms(t *testing.T) {
	w, s, _, _ := startersWorld(t)
	r, err := w.say("ann", "/flow form contacts")
	d, ok := r.(bot.Dialog)
	if err != nil || !ok || d.Form.Title != "Contact us" || len(d.Form.Fields) != 2 {
		t.Fatalf("%+v %v", r, err)
	}
	if got := w.text(w.submit("ann", d.Form.Token, map[string]string{"email": "a@example.org", "size": "large"})); got != "Run #12 of contacts has started" {
		t.Errorf("%q", got)
	}
	// A posted button opens the form for whoever presses it, again and again.
	r, err = w.say("ann", "/flow form contacts post")
	posted, ok := r.(bot.Shared)
	if err != nil || !ok || !strings.Contains(posted.Card.Text, "within a day") {
		t.Fatalf("%+v %v", r, err)
	}
	button := token(t, posted.Card, "start")
	w.person("rue", engine.Runner)
	var tokens []string
	for _, who := range []string{"rue", "ann", "rue"} {
		r, err = w.press(who, button)
		d, ok := r.(bot.Dialog)
		if err != nil || !ok || d.Form.Token == button {
			t.Fatalf("%s: %+v %v", who, r, err)
		}
		tokens = append(tokens, d.Form.Token)
		if got := w.text(w.submit(who, d.Form.Token, map[string]string{"email": who + "@example.org"})); got != "Run #12 of contacts has started" {
			t.Errorf("%s: %q", who, got)
		}
	}
	if tokens[0] == tokens[1] || len(s.begun) != 4 || s.begun[1].By != w.ids["rue"] || s.begun[1].Given["size"] != "small" {
		t.Errorf("%v %+v", tokens, s.begun)
	}
	if got := w.text(w.press("vic", button)); !strings.Contains(got, "not start") {
		t.Errorf("a viewer: %q", got)
	}
	if got := w.text(w.say("ann", "/flow form bug-triage")); !strings.Contains(got, "bug-triage has no form") {
		t.Errorf("%q", got)
	}
	if got := w.text(w.say("ann", "/flow form contacts now")); !strings.Contains(got, `"now" is too much`) {
		t.Errorf("%q", got)
	}
}

func TestHearing(t *testing.T) {
	w, _, l, _ := startersWorld(t)
	hear := func(kind bot.InKind, who, text string, change func(*bot.In)) {
		in := w.in(kind, who)
		in.Text = text
		if change != nil {
			change(&in)
		}
		if r, err := w.bot.Handle(w.ctx, in); err != nil || r != (bot.Nothing{}) {
			t.Errorf("%+v %v", r, err)
		}
	}
	hear(bot.InMessage, "bob", "hello", nil)
	hear(bot.InMessage, "nobody", "hello", nil)
	hear(bot.InMessage, "bob", "beep", func(in *bot.In) { in.Actor.Bot = true })
	hear(bot.InMessage, "bob", "guest", func(in *bot.In) { in.Actor.Guest = true })
	hear(bot.InReact, "ann", "", func(in *bot.In) { in.Value = "eyes" })
	want := "said bob hello true|said  hello false|said  guest false|reacted ann eyes false"
	if got := strings.Join(l.heard, "|"); got != want {
		t.Errorf("%q", got)
	}
}

func TestFloodCard(t *testing.T) {
	w, _, _, f := startersWorld(t)
	d := engine.PollData{Trigger: "contacts:feed.item:1", What: "https://example.org/feed?key=secret", Count: 82, Most: 25, Titles: []string{"One"}, Since: 5}
	w.raise(engine.NoticeFlood, "poll:x", "", "", d)
	w.deliver()
	c := w.card(w.chat, "flood:"+d.Trigger+":5")
	if !strings.Contains(c.Text, "82 items are new at once at example.org/feed") || strings.Contains(c.Text, "secret") || !strings.Contains(c.Text, "One") {
		t.Errorf("%s", c.Text)
	}
	take := token(t, c, "flood-take")
	if r, err := w.press("ann", take); err != nil || r != (bot.Nothing{}) || len(f.said) != 1 || f.said[0] != d.Trigger+" take" {
		t.Errorf("%+v %v %v", r, err, f.said)
	}
	if got := w.text(w.press("vic", take)); !strings.Contains(got, "not") {
		t.Errorf("a viewer: %q", got)
	}
	if got := w.text(w.press("ann", take)); !strings.Contains(got, "decided already") {
		t.Errorf("%q", got)
	}
	d.Mended, d.Taken, d.By = true, true, w.ids["ann"]
	w.raise(engine.NoticeFlood, "poll:x", "", "", d)
	w.deliver()
	if c = w.card(w.chat, "flood:"+d.Trigger+":5"); !strings.Contains(c.Text, "ann let them start runs") || len(c.Buttons) != 0 {
		t.Errorf("%s", c.Text)
	}
	p := engine.PollData{Trigger: "t", What: "https://example.org/feed", Count: 3, Since: 7, Next: 9, Failure: &engine.Failure{Class: engine.Garbled,
		Code: engine.Unreadable, Msg: "{peer} sent a web page where a feed was expected", Args: engine.Args("peer", "example.org")}}
	w.raise(engine.NoticePoll, "poll:t", "", "", p)
	w.deliver()
	if c = w.card(w.chat, "poll:t:7"); !strings.Contains(c.Text, "a web page where a feed") || len(c.Buttons) != 1 {
		t.Errorf("%s %+v", c.Text, c.Buttons)
	}
	p.Mended, p.Failure = true, nil
	w.raise(engine.NoticePoll, "poll:t", "", "", p)
	w.deliver()
	if c = w.card(w.chat, "poll:t:7"); !strings.Contains(c.Text, "can be read again") {
		t.Errorf("%s", c.Text)
	}
}
