package fold_test

import (
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// testCatalog has one action of each temper.
type testCatalog map[string]*engine.Action

func newCatalog() testCatalog {
	in := &engine.Schema{Type: "object", Open: true, Fields: []engine.Field{{Name: "x", Schema: &engine.Schema{}}}}
	c := testCatalog{}
	for _, a := range []engine.Action{
		{Name: "t.read", Risk: engine.Read, Repeat: true},
		{Name: "t.put", Risk: engine.Write, Repeat: true},
		{Name: "t.write", Risk: engine.Write},
		{Name: "t.probed", Risk: engine.Write, Probe: true},
		{Name: "t.send", Risk: engine.Send},
		{Name: "t.destroy", Risk: engine.Destroy, Repeat: true},
	} {
		a.Title, a.In = a.Name, in
		if a.Name == "t.write" || a.Name == "t.probed" {
			a.Undo = func(in map[string]any, _ any) (engine.Inverse, bool) {
				return engine.Inverse{Action: "t.put", With: map[string]any{"x": in["x"]}}, true
			}
		}
		c[a.Name] = &a
	}
	return c
}

func (c testCatalog) Action(name string) (*engine.Action, bool) { a, ok := c[name]; return a, ok }

func (c testCatalog) Trigger(name string) (*engine.TriggerKind, bool) {
	if name != "test.fired" && name != flow.Called {
		return nil, false
	}
	return &engine.TriggerKind{Name: name}, true
}

func (c testCatalog) Names() []string {
	var out []string
	for n := range c {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

func (c testCatalog) TriggerNames() []string { return []string{"test.fired"} }
