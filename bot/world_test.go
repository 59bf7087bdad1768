package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
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
	b, err := bot.New(bot.Options{People: w.store, Outbox: w.store, Inbox: w.store, Audit: w.audit, Runs: w.runs, Flows: w.flows,
		Surfaces: []bot.Surface{w.chat, w.cons}, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler)})
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
		return "dialog " + r.Form.Title
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

func (w *world) press(who, token string) (bot.Reply, error) {
	in := w.in(bot.InPress, who)
	in.Token = token
	return w.bot.Handle(w.ctx, in)
}

func (w *world) choose(who, token, value string) (bot.Reply, error) {
	in := w.in(bot.InChoose, who)
	in.Token, in.Value = token, value
	return w.bot.Handle(w.ctx, in)
}

func (w *world) submit(who, token string, fields map[string]string) (bot.Reply, error) {
	in := w.in(bot.InSubmit, who)
	in.Token, in.Fields = token, fields
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
	w.deliver()
	return v
}

type auditor struct {
	bot.Auditor
	mu   sync.Mutex
	rows []engine.AuditEntry
}

func (a *auditor) Audit(_ context.Context, rows ...engine.AuditEntry) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rows = append(a.rows, rows...)
	return nil
}

func (a *auditor) last() engine.AuditEntry {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.rows[len(a.rows)-1]
}

// runs is a runtime that answers as told.
type runs struct {
	mu      sync.Mutex
	views   map[string]engine.RunView
	answer  func(engine.Signal) (engine.Answer, error) // nil: counted
	signals []engine.Signal
	batches []engine.Batch
	events  []bot.Occurrence
	broken  error
}

func (r *runs) set(v engine.RunView) { r.mu.Lock(); r.views[v.ID] = v; r.mu.Unlock() }

func (r *runs) Accept(_ context.Context, b engine.Batch) ([]engine.Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken != nil {
		return nil, r.broken
	}
	r.batches = append(r.batches, b)
	return []engine.Receipt{{Outcome: engine.Accepted, Run: "run-13", Number: 13}}, nil
}

func (r *runs) Signal(_ context.Context, s engine.Signal) (engine.Answer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken != nil {
		return engine.Answer{}, r.broken
	}
	r.signals = append(r.signals, s)
	if r.answer != nil {
		return r.answer(s)
	}
	return engine.Answer{Verdict: engine.Counted, Decided: true}, nil
}

func (r *runs) Run(_ context.Context, id string) (engine.RunView, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v, ok := r.views[id]; ok {
		return v, nil
	}
	return engine.RunView{}, engine.E(engine.NotFound, "no such run")
}

func (r *runs) RunID(_ context.Context, n int64) (string, error) {
	for id, v := range r.views {
		if v.Number == n {
			return id, nil
		}
	}
	return "", engine.E(engine.NotFound, "no such run")
}

func (r *runs) List(_ context.Context, flow string, states []engine.RunState, _ int) ([]engine.RunHead, error) {
	var out []engine.RunHead
	for _, v := range r.views {
		ok := len(states) == 0
		for _, s := range states {
			ok = ok || s == v.State
		}
		if ok && (flow == "" || flow == v.Flow) {
			out = append(out, v.RunHead)
		}
	}
	return out, nil
}

func (r *runs) Events(context.Context, string, int) ([]bot.Occurrence, error) { return r.events, nil }

// library is a library of flows.
type library struct {
	heads  map[string]engine.FlowHead
	source string
	did    []string
}

func (l *library) List(context.Context) ([]engine.FlowHead, error) {
	var out []engine.FlowHead
	for _, h := range l.heads {
		out = append(out, h)
	}
	return out, nil
}

func (l *library) Head(_ context.Context, name string) (engine.FlowHead, error) {
	if h, ok := l.heads[name]; ok {
		return h, nil
	}
	return engine.FlowHead{}, engine.E(engine.NotFound, "no flow is called {name}", "name", name)
}

func (l *library) Source(context.Context, string, string) ([]byte, error) {
	return []byte(l.source), nil
}

func (l *library) Publish(_ context.Context, name, by string) (engine.FlowHead, engine.Problems, error) {
	l.did = append(l.did, "publish "+name)
	return l.heads[name], nil, nil
}

func (l *library) SetState(_ context.Context, name string, s engine.FlowState, by string) (engine.FlowHead, error) {
	l.did = append(l.did, string(s)+" "+name)
	h := l.heads[name]
	h.State = s
	l.heads[name] = h
	return h, nil
}

func (l *library) ManualTrigger(_ context.Context, name string) (string, error) {
	return name + ":manual", nil
}

// surface keeps messages in memory; posting a key again in a place edits it, as real ones do.
type surface struct {
	name     string
	mu       sync.Mutex
	messages []*message
	posts    int
	fail     func(p engine.Place) error
	groups   []string
}

type message struct {
	ref   bot.Ref
	place engine.Place
	card  prompts.Card
	edits int
}

func newSurface(name string) *surface { return &surface{name: name} }

func (s *surface) Name() string                                        { return s.name }
func (s *surface) Limits() prompts.Limits                              { return prompts.Limits{Name: s.name} }
func (s *surface) Listen(ctx context.Context, _ bot.Handler) error     { <-ctx.Done(); return nil }
func (s *surface) Groups(context.Context, bot.Actor) ([]string, error) { return s.groups, nil }

func (s *surface) Post(_ context.Context, p engine.Place, ref bot.Ref, c prompts.Card) (bot.Ref, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		if err := s.fail(p); err != nil {
			return "", err
		}
	}
	s.posts++
	for _, m := range s.messages {
		if m.ref == ref || ref == "" && m.card.Key == c.Key && m.place == p {
			m.card, m.edits = c, m.edits+1
			return m.ref, nil
		}
	}
	m := &message{ref: bot.Ref(fmt.Sprint(s.name, "-", len(s.messages)+1)), place: p, card: c}
	s.messages = append(s.messages, m)
	return m.ref, nil
}

func (s *surface) keysLocked() (keys []string) {
	for _, m := range s.messages {
		keys = append(keys, m.card.Key)
	}
	return keys
}

func (s *surface) count(prefix string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if strings.HasPrefix(m.card.Key, prefix) {
			n++
		}
	}
	return n
}
