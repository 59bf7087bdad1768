package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/storage/memory"
)

// world is a bot on a real store in memory, with a fake runtime, library and surface that have switches.
type world struct {
	t     testing.TB
	ctx   context.Context
	now   time.Time
	store *memory.Store
	audit *auditor
	runs  *runs
	flows *library
	chat  *surface // "slack", workspace T1
	cons  *surface // "console"
	bot   *bot.Bot
	seq   int
	ids   map[string]string // person ids by name
}

var triage = engine.Place{Surface: "slack", Workspace: "T1", Channel: "#triage"}
var general = engine.Place{Surface: "console", Channel: "#general"}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), now: time.Date(2026, 11, 23, 14, 21, 0, 0, time.UTC), store: memory.New(),
		runs: &runs{views: map[string]engine.RunView{}}, ids: map[string]string{}}
	w.store.Now = func() time.Time { return w.now }
	w.audit = &auditor{Auditor: w.store}
	w.flows = &library{heads: map[string]engine.FlowHead{"bug-triage": {Name: "bug-triage", State: engine.FlowLive, Live: 1, Place: triage, Trigger: "webhook.received"}}}
	w.chat, w.cons = newSurface("slack"), newSurface("console")
	b, err := bot.New(w.options())
	if err != nil {
		t.Fatal(err)
	}
	w.bot = b
	for name, role := range map[string]engine.Role{"ann": engine.Builder, "bob": engine.Viewer, "kim": engine.Viewer, "mia": engine.Admin, "vic": engine.Viewer} {
		w.person(name, role)
	}
	w.must(w.bot.SetGroup(w.ctx, bot.Operator, "triage", []string{"bob", "kim"}, false))
	return w
}

// options are those of the world's bot.
func (w *world) options() bot.Options {
	return bot.Options{People: w.store, Outbox: w.store, Inbox: w.store, Audit: w.audit, Runs: w.runs, Flows: w.flows,
		Surfaces: []bot.Surface{w.chat, w.cons}, Misfits: misfits, Mender: w.runs, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler)}
}

func (w *world) person(name string, role engine.Role) {
	w.t.Helper()
	p, err := w.bot.AddPerson(w.ctx, bot.Operator, name, role)
	if err != nil {
		w.t.Fatal(err)
	}
	w.ids[name] = p.ID
	if err := w.store.Link(w.ctx, engine.Identity{Surface: "slack", Workspace: "T1", User: "U-" + name, Person: p.ID}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) must(_ any, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) in(kind bot.InKind, who string) bot.In {
	w.seq++
	return bot.In{ID: fmt.Sprint("d", w.seq), Kind: kind, Place: triage, Actor: bot.Actor{Surface: "slack", Workspace: "T1", User: "U-" + who, Name: who}}
}

// say types a command.
func (w *world) say(who, text string) (bot.Reply, error) {
	in := w.in(bot.InCommand, who)
	in.Text = text
	return w.bot.Handle(w.ctx, in)
}

// text is what a reply or error says.
func (w *world) text(r bot.Reply, err error) string {
	w.t.Helper()
	if err != nil {
		return err.Error()
	}
	switch r := r.(type) {
	case bot.Private:
		return prompts.PlainCard(r.Card)
	case bot.Shared:
		return prompts.PlainCard(r.Card)
	case bot.Dialog:
		return "dialog " + r.Form.Title + "\n" + prompts.PlainForm(r.Form)
	case bot.FieldErrors:
		return fmt.Sprint("errors ", r.Errors)
	}
	return ""
}

// card is what stands on a surface under a key.
func (w *world) card(s *surface, key string) prompts.Card {
	w.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if m.card.Key == key {
			return m.card
		}
	}
	w.t.Fatalf("no card %q on %s; there are %v", key, s.name, s.keysLocked())
	return prompts.Card{}
}

func token(t testing.TB, c prompts.Card, verb string) string {
	t.Helper()
	for _, b := range c.Buttons {
		if b.ID == verb {
			return b.Token
		}
	}
	for _, m := range c.Menus {
		if m.ID == verb {
			return m.Token
		}
	}
	t.Fatalf("card %q has no %q", c.Key, verb)
	return ""
}

// here is somebody doing something with a token where it was shown.
func (w *world) here(kind bot.InKind, who, token string) bot.In {
	in := w.in(kind, who)
	in.Token = token
	if it, err := w.store.Intent(w.ctx, token); err == nil && it.On == engine.ConsoleSurface {
		in.Place, in.Actor = general, bot.Actor{Surface: it.On, User: w.ids[who], Name: who}
	}
	return in
}

func (w *world) press(who, token string) (bot.Reply, error) {
	in := w.here(bot.InPress, who, token)
	return w.bot.Handle(w.ctx, in)
}

func (w *world) choose(who, token, value string) (bot.Reply, error) {
	in := w.here(bot.InChoose, who, token)
	in.Value = value
	return w.bot.Handle(w.ctx, in)
}

func (w *world) submit(who, token string, fields map[string]string) (bot.Reply, error) {
	in := w.here(bot.InSubmit, who, token)
	in.Fields = fields
	return w.bot.Handle(w.ctx, in)
}

func (w *world) raise(kind engine.NoticeKind, topic, run, path string, data any) {
	w.t.Helper()
	w.seq++
	n := engine.Notice{ID: fmt.Sprintf("n%04d", w.seq), At: engine.Millis(w.now), Kind: kind, Topic: topic + ":" + run + "/" + path,
		Flow: "bug-triage", Run: run, Path: path, Place: triage}
	if v, ok := w.runs.views[run]; ok {
		n.Number = v.Number
	}
	if data != nil {
		n.Data, _ = json.Marshal(data)
	}
	if err := w.store.Raise(w.ctx, n); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) deliver() {
	w.t.Helper()
	if _, err := w.bot.Deliver(w.ctx); err != nil {
		w.t.Fatal(err)
	}
}

// ask puts run #12 before @triage and delivers the question.
func (w *world) ask(groups ...string) engine.RunView {
	w.t.Helper()
	v := w.asked(groups...)
	w.deliver()
	return v
}

// asked is ask without delivering.
func (w *world) asked(groups ...string) engine.RunView {
	w.t.Helper()
	if len(groups) == 0 {
		groups = []string{"@triage"}
	}
	plan := &engine.Plan{Flow: "bug-triage", Version: 1, Hash: strings.Repeat("7f3a91c2", 8), Steps: []engine.PlanStep{{ID: "ticket",
		Action: "http.request", Risk: engine.Write, Input: map[string]any{"method": "POST", "url": "https://tracker.example.org/tickets", "body": "Crash"}}}}
	v := engine.RunView{RunHead: engine.RunHead{ID: "run-12", Number: 12, Flow: "bug-triage", Version: 1, State: engine.RunWaiting, Started: engine.Millis(w.now)},
		Place: triage, Steps: []engine.StepView{{Path: "review", Kind: "ask", Index: 1, State: engine.StepWaiting}, {Path: "ticket", Kind: "do", Index: 2, Action: "http.request"}},
		Asks: []engine.AskView{{Path: "review", State: engine.CardOpen, Title: "Ticket for the crash?", Plan: plan, Revision: 1, Mode: "any",
			Groups: groups, Need: 1, Edit: []string{"ticket.body"}, Opened: engine.Millis(w.now)}}}
	w.runs.set(v)
	w.raise(engine.NoticeAsk, "ask", v.ID, "review", nil)
	return v
}
