package enginetest

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// Catalog is the scripted catalog: one action for each way of being dangerous or repeatable, one trigger with an
// address and one without.
func Catalog() engine.Catalog {
	c := catalog{actions: map[string]*engine.Action{}, triggers: map[string]*engine.TriggerKind{}}
	for _, a := range []engine.Action{
		{Name: "test.thing.read", Risk: engine.Read, Repeat: true},
		{Name: "test.thing.put", Risk: engine.Write, Repeat: true},
		{Name: "test.thing.create", Risk: engine.Write},
		{Name: "test.thing.order", Risk: engine.Write, Probe: true},
		{Name: "test.mail.send", Risk: engine.Send},
		{Name: "test.thing.delete", Risk: engine.Destroy, Repeat: true},
	} {
		a.Title, a.Doc = "Do "+a.Name, "Does what the test says."
		a.In = &engine.Schema{Type: "object", Open: true}
		a.Contract = "contract of " + a.Name
		c.actions[a.Name] = &a
	}
	for _, t := range []engine.TriggerKind{
		{Name: "webhook.received", Identity: []string{"path"}},
		{Name: "test.ticked", Identity: []string{"every"}},
		{Name: "flow.called"},
		{Name: "event.emitted", Identity: []string{"event"}},
	} {
		t.Title, t.Doc = "On "+t.Name, "Happens when the test says."
		t.With = &engine.Schema{Type: "object", Open: true}
		c.triggers[t.Name] = &t
	}
	return c
}

type catalog struct {
	actions  map[string]*engine.Action
	triggers map[string]*engine.TriggerKind
}

func (c catalog) Action(name string) (*engine.Action, bool) { a, ok := c.actions[name]; return a, ok }
func (c catalog) Trigger(name string) (*engine.TriggerKind, bool) {
	t, ok := c.triggers[name]
	return t, ok
}
func (c catalog) Names() []string        { return slices.Sorted(maps.Keys(c.actions)) }
func (c catalog) TriggerNames() []string { return slices.Sorted(maps.Keys(c.triggers)) }

// Clock is moved by hand. Safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock stands at a fixed instant.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

// Now reads it.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Add moves it, backwards too.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set moves it to an instant in milliseconds.
func (c *Clock) Set(ms int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = engine.Time(ms)
}
