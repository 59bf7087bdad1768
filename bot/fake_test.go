package bot_test

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

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
	looked  [][2]int // the bounds of each Recent
	broken  error
	again   []engine.AgainAsk
	undone  []string
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

func (r *runs) PlanUndo(_ context.Context, run, step string) (engine.UndoPlan, error) {
	v, err := r.Run(context.Background(), run)
	return engine.UndoPlan{Old: v.RunHead, Step: step, Steps: []engine.UndoStep{{Path: "ticket", Action: "http.request", Line: "DELETE it"}}}, err
}

func (r *runs) RunUndo(_ context.Context, run, _, _ string) (engine.Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.undone = append(r.undone, run)
	return engine.Receipt{Outcome: engine.Accepted, Run: "run-15", Number: 15}, nil
}

func (r *runs) PlanAgain(_ context.Context, ask engine.AgainAsk) (engine.AgainPlan, error) {
	v, err := r.Run(context.Background(), ask.Run)
	return engine.AgainPlan{Old: v.RunHead, From: ask.From, Version: cmp.Or(ask.Version, 2), Seq: 7}, err
}

func (r *runs) RunAgain(_ context.Context, ask engine.AgainAsk, seq int64, _, _ string) (engine.Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.again = append(r.again, ask)
	return engine.Receipt{Outcome: engine.Accepted, Run: "run-14", Number: 14}, nil
}

// SignalAll is each of them, as the real one says it: once for an id.
func (r *runs) SignalAll(_ context.Context, id string, list []engine.Signal) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken != nil {
		return r.broken
	}
	for _, s := range list {
		s.Source = id
		r.signals = append(r.signals, s)
	}
	return nil
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

func (r *runs) Recent(_ context.Context, _ string, limit, most int) ([]bot.Occurrence, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looked = append(r.looked, [2]int{limit, most})
	return r.events[:min(limit, len(r.events))], nil
}

// misfits is an action that wants an address in full.
func misfits(_ string, in map[string]any) map[string]*engine.Error {
	bad := map[string]*engine.Error{}
	if url, _ := in["url"].(string); url == "" {
		bad["url"] = engine.E(engine.Invalid, `"{field}" is missing`, "field", "url")
	} else if !strings.HasPrefix(url, "https://") {
		bad["url"] = engine.E(engine.Invalid, `"{url}" is not a web address`, "url", url).WithHint("Write it whole: https://host/path.")
	}
	return bad
}

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

func (s *surface) Name() string                                    { return s.name }
func (s *surface) Limits() prompts.Limits                          { return prompts.Limits{Name: s.name} }
func (s *surface) Listen(ctx context.Context, _ bot.Handler) error { <-ctx.Done(); return nil }
func (s *surface) Groups(context.Context, bot.Actor, []string) ([]string, error) {
	return s.groups, nil
}

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
