package flows

import (
	"context"
	"maps"
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/check"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/fold"
)

// Trigger is what a flow listens to, with what is needed to take an event of it.
type Trigger struct {
	ID      string
	Flow    string
	Kind    string         // "webhook.received"
	With    map[string]any // its settings
	State   engine.FlowState
	Version int64 // the live one; 0 when never published
	Place   engine.Place
	Editor  string        // person id of who published the version, or wrote the draft
	Program *fold.Program // the live version's, or the draft's when never published; nil when it does not compile
}

// index is every flow at one moment. It is never changed once it is in use.
type index struct {
	flows    map[string]*entry
	names    []string // sorted
	triggers map[string]*Trigger
	byKind   map[string][]*Trigger // in the order of flow names
}

// entry is one flow. It is never changed once it is in an index.
type entry struct {
	stored  Stored
	head    engine.FlowHead
	live    *text
	draft   *text
	trigger *Trigger // nil when retired, or when there is no telling
}

// text is a parsed and checked text.
type text struct {
	flow     *flow.Flow // nil when the text is no map
	program  *fold.Program
	problems engine.Problems
}

// read parses, checks and compiles.
func (l *Library) read(source []byte) *text {
	f, problems := flow.Parse(source)
	t := &text{flow: f, problems: problems}
	if f == nil {
		return t
	}
	if problems.Bad() {
		_, t.problems = check.Source(source, l.o.Catalog, l.o.Known) // all findings at once
		return t
	}
	program, more := fold.Compile(f, l.o.Catalog)
	t.program = program
	known := check.Flow(f, l.o.Catalog, l.o.Known)
	t.problems = merge(problems, known, more)
	return t
}

// merge joins findings, each once, in the order of the text.
func merge(lists ...engine.Problems) engine.Problems {
	var all engine.Problems
	seen := map[string]bool{}
	for _, ps := range lists {
		for _, p := range ps {
			if key := p.Where + "\x00" + p.String(); !seen[key] {
				seen[key] = true
				all = append(all, p)
			}
		}
	}
	all.Sort()
	return all
}

// entry reads a stored flow. draft, when given, is the draft's text, read already.
func (l *Library) entry(s Stored, draft *text) *entry {
	e := &entry{stored: s, head: s.Head}
	if s.Live != nil {
		e.live = l.read(s.Live.Source)
		if e.live.program != nil {
			l.programs.put(versionKey{s.Head.Name, s.Live.Number}, e.live.program)
		}
	}
	if s.Draft != nil {
		if e.draft = draft; draft == nil {
			e.draft = l.read(s.Draft)
		}
	}
	e.trigger = l.trigger(e)
	return e
}

func (l *Library) trigger(e *entry) *Trigger {
	t, editor := e.live, e.stored.DraftBy
	if e.stored.Live != nil {
		editor = e.stored.Live.By
	} else {
		t = e.draft
	}
	if e.head.State == engine.FlowRetired || t == nil || t.flow == nil {
		return nil
	}
	id, with, err := l.identify(e.head.Name, t.flow)
	if err != nil {
		return nil
	}
	return &Trigger{
		ID: id, Flow: e.head.Name, Kind: t.flow.Trigger.On, With: with, State: e.head.State, Version: e.head.Live,
		Place: t.flow.Channel, Editor: editor, Program: t.program,
	}
}

// identify gives a flow's trigger id and plain settings. The error is Invalid: there is no such kind of trigger.
func (l *Library) identify(name string, f *flow.Flow) (string, map[string]any, error) {
	kind, ok := l.o.Catalog.Trigger(f.Trigger.On)
	if !ok {
		return "", nil, engine.E(engine.Invalid, "no trigger is called {kind}", "kind", f.Trigger.On)
	}
	with, _ := f.Trigger.With.Plain().(map[string]any)
	identity := map[string]any{}
	for _, field := range kind.Identity {
		if v, ok := with[field]; ok {
			identity[field] = v
		}
	}
	id, err := engine.TriggerID(name, kind.Name, identity)
	return id, with, err
}

// with is the index with one flow replaced.
func (x *index) with(e *entry) *index {
	y := &index{flows: maps.Clone(x.flows)}
	y.flows[e.head.Name] = e
	y.build()
	return y
}

// without is the index with one flow gone.
func (x *index) without(name string) *index {
	y := &index{flows: maps.Clone(x.flows)}
	delete(y.flows, name)
	y.build()
	return y
}

func (x *index) build() {
	x.names = slices.Sorted(maps.Keys(x.flows))
	x.triggers, x.byKind = map[string]*Trigger{}, map[string][]*Trigger{}
	for _, name := range x.names {
		if t := x.flows[name].trigger; t != nil {
			x.triggers[t.ID] = t
			x.byKind[t.Kind] = append(x.byKind[t.Kind], t)
		}
	}
}

// Trigger finds a trigger by its id; ok is false when there is none, or its flow is retired.
func (l *Library) Trigger(id string) (t Trigger, ok bool) {
	if found := l.index.Load().triggers[id]; found != nil {
		return *found, true
	}
	return Trigger{}, false
}

// Find finds the trigger of a kind whose setting field is value: webhook.received, path, "bugs". Where several have it,
// the first by name of flow. ok is false when there is none.
func (l *Library) Find(kind, field, value string) (t Trigger, ok bool) {
	for _, found := range l.index.Load().byKind[kind] {
		if s, is := found.With[field].(string); is && s == value {
			return *found, true
		}
	}
	return Trigger{}, false
}

// addressFields are the settings that make a trigger an address of its own, as that of a webhook or a command in chat:
// where one is part of a kind's identity, one value belongs to one flow (CONTRACTS, "Events").
func addressFields() []string { return []string{"path", "command"} }

// taken looks for another flow that has f's address, live or in its draft. Retired flows have none.
func (l *Library) taken(name string, f *flow.Flow) error {
	address, ok := l.address(f)
	if !ok {
		return nil
	}
	x := l.index.Load()
	for _, other := range x.names {
		e := x.flows[other]
		if other == name || e.head.State == engine.FlowRetired {
			continue
		}
		for _, t := range []*text{e.live, e.draft} {
			if t == nil || t.flow == nil || t.flow.Trigger.On != f.Trigger.On {
				continue
			}
			if a, ok := l.address(t.flow); ok && a == address {
				return engine.E(engine.Conflict, "{path} belongs to the flow {other}", "path", address, "other", other).
					WithOp("flows.taken").WithHint("Choose another path, or retire {other}.")
			}
		}
	}
	return nil
}

func (l *Library) address(f *flow.Flow) (string, bool) {
	kind, ok := l.o.Catalog.Trigger(f.Trigger.On)
	if !ok {
		return "", false
	}
	for _, field := range addressFields() {
		if slices.Contains(kind.Identity, field) {
			s, ok := f.Trigger.With.Get(field).Plain().(string)
			return s, ok && s != ""
		}
	}
	return "", false
}

// ManualTrigger gives the trigger id that starting the flow by hand goes through. Errors: NotFound; Invalid when the
// flow is retired or its text does not say what starts it.
func (l *Library) ManualTrigger(_ context.Context, name string) (string, error) {
	e, err := l.find(name)
	if err != nil {
		return "", err
	}
	switch {
	case e.trigger != nil:
		return e.trigger.ID, nil
	case e.head.State == engine.FlowRetired:
		return "", engine.E(engine.Invalid, "{flow} is retired", "flow", name).WithHint("Resume it first.")
	}
	return "", engine.E(engine.Invalid, "{flow} cannot be started: its text has errors", "flow", name).WithHint("Check it and apply it again.")
}
