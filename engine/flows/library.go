package flows

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/check"
)

// Options say what a library works with. Store and Catalog are required.
type Options struct {
	Store   Store
	Catalog engine.Catalog
	Known   check.Known      // what the installation has; see check.Flow
	Now     func() time.Time // the clock; nil is time.Now
	Wake    func()           // called after each change: notices were raised, queued runs may go on; must not block
}

// Library is every flow of the installation. All methods are safe for concurrent use.
type Library struct {
	o        Options
	write    sync.Mutex // held by whoever changes flows
	index    atomic.Pointer[index]
	programs programs
}

// New loads every flow. The error is Unavailable when the store cannot be read. A stored text that no longer
// compiles is no error: its flow is there with its problems.
func New(ctx context.Context, o Options) (*Library, error) {
	if o.Store == nil || o.Catalog == nil {
		return nil, engine.E(engine.Invalid, "a library needs a store and a catalog").WithOp("flows.new")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wake == nil {
		o.Wake = func() {}
	}
	l := &Library{o: o}
	if l.o.Known.Flow == nil {
		l.o.Known.Flow = l.called
	}
	all, err := o.Store.Flows(ctx)
	if err != nil {
		return nil, engine.AsError(err)
	}
	x := &index{flows: map[string]*entry{}}
	for _, s := range all {
		x.flows[s.Head.Name] = l.entry(s, nil)
	}
	x.build()
	l.index.Store(x)
	return l, nil
}

// List gives the head of every flow, retired ones included, by name.
func (l *Library) List(context.Context) ([]engine.FlowHead, error) {
	x := l.index.Load()
	heads := make([]engine.FlowHead, 0, len(x.flows))
	for _, name := range x.names {
		heads = append(heads, x.flows[name].head)
	}
	return heads, nil
}

// Head gives one flow's head; NotFound, with the nearest name as hint.
func (l *Library) Head(_ context.Context, name string) (engine.FlowHead, error) {
	e, err := l.find(name)
	if err != nil {
		return engine.FlowHead{}, err
	}
	return e.head, nil
}

// Problems gives what check says about the flow's draft, or its live version when there is no draft; NotFound.
func (l *Library) Problems(_ context.Context, name string) (engine.Problems, error) {
	e, err := l.find(name)
	if err != nil {
		return nil, err
	}
	if e.draft != nil {
		return slices.Clone(e.draft.problems), nil
	}
	if e.live != nil {
		return slices.Clone(e.live.problems), nil
	}
	return nil, nil
}

// Source gives a text byte for byte. which is "draft", "live", a version number as in "3" or "@3", or "" for the draft
// when there is one and the live version otherwise. Errors: NotFound, Invalid (of which), Unavailable.
func (l *Library) Source(ctx context.Context, name, which string) ([]byte, error) {
	e, err := l.find(name)
	if err != nil {
		return nil, err
	}
	if which == "" {
		which = "live"
		if e.stored.Draft != nil {
			which = "draft"
		}
	}
	switch which {
	case "draft":
		if e.stored.Draft == nil {
			return nil, engine.E(engine.NotFound, "{flow} has no draft", "flow", name).WithHint("Its live version has no edits.")
		}
		return slices.Clone(e.stored.Draft), nil
	case "live":
		if e.stored.Live == nil {
			return nil, engine.E(engine.NotFound, "{flow} was never published", "flow", name).WithHint("It has a draft only.")
		}
		return slices.Clone(e.stored.Live.Source), nil
	}
	number := which
	if number[0] == '@' {
		number = number[1:]
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 {
		return nil, engine.E(engine.Invalid, `"{which}" is not a version`, "which", which).WithHint("Write draft, live or a number.")
	}
	v, err := l.version(ctx, e, n)
	if err != nil {
		return nil, err
	}
	return slices.Clone(v.Source), nil
}

func (l *Library) version(ctx context.Context, e *entry, n int64) (Version, error) {
	if v := e.stored.Live; v != nil && v.Number == n {
		return *v, nil
	}
	v, err := l.o.Store.Version(ctx, e.head.Name, n)
	if engine.CodeOf(err) == engine.NotFound {
		return v, engine.E(engine.NotFound, "{flow} has no version {version}", "flow", e.head.Name, "version", n).WithOp("flows.version")
	}
	return v, err
}

func (l *Library) find(name string) (*entry, error) {
	x := l.index.Load()
	if e := x.flows[name]; e != nil {
		return e, nil
	}
	return nil, unknownFlow(name, x.names)
}

func unknownFlow(name string, names []string) *engine.Error {
	err := engine.E(engine.NotFound, "no flow is called {flow}", "flow", name).WithOp("flows.find")
	if s := engine.Suggest(name, names); s != "" {
		err.Args["suggestion"] = s
		return err.WithHint("Did you mean {suggestion}?")
	}
	return err
}

// Drift lists the actions of the live version that mean something else in this program than when it was published,
// or are gone, sorted. NotFound when there is no such flow.
func (l *Library) Drift(_ context.Context, name string) ([]string, error) {
	e, err := l.find(name)
	if err != nil || e.stored.Live == nil {
		return nil, err
	}
	var moved []string
	for action, was := range e.stored.Live.Contracts {
		if a, ok := l.o.Catalog.Action(action); !ok || a.Contract != was {
			moved = append(moved, action)
		}
	}
	slices.Sort(moved)
	return moved, nil
}

func (l *Library) now() int64 { return engine.Millis(l.o.Now()) }
