package connectors

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// Catalog is every action and trigger of a set of connectors. It is immutable and implements engine.Catalog.
type Catalog struct {
	connectors   []Connector
	actions      map[string]*Action
	triggers     map[string]*engine.TriggerKind
	names        []string
	triggerNames []string
}

var _ engine.Catalog = (*Catalog)(nil)

// NewCatalog checks and lists connectors. The error is Internal: a connector breaks the rules for names (lower
// case, the connector's own name first, at most two further parts, no name twice) or lacks something every action
// must have.
func NewCatalog(cs ...Connector) (*Catalog, error) {
	cat := &Catalog{actions: map[string]*Action{}, triggers: map[string]*engine.TriggerKind{}}
	grammar := regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,2}$`)
	seen := map[string]bool{}
	for _, c := range cs {
		if seen[c.Name] {
			return nil, defect("connector {name} is there twice", c.Name)
		}
		seen[c.Name] = true
		cat.connectors = append(cat.connectors, c)
		for _, a := range c.Actions {
			switch {
			case !grammar.MatchString(a.Name) || !strings.HasPrefix(a.Name, c.Name+"."):
				return nil, defect("action {name} is not named service.object.verb", a.Name)
			case cat.actions[a.Name] != nil:
				return nil, defect("action {name} is there twice", a.Name)
			case a.Run == nil || a.In == nil || a.Risk == 0:
				return nil, defect("action {name} lacks Run, In or Risk", a.Name)
			}
			if a.Contract == "" {
				h, err := contractHash(&a.Action)
				if err != nil {
					return nil, defect("action {name} has a schema that JSON cannot hold", a.Name).Wrap(err)
				}
				a.Contract = h
			}
			cat.actions[a.Name] = &a
			cat.names = append(cat.names, a.Name)
		}
		for _, t := range c.Triggers {
			if !grammar.MatchString(t.Name) || !strings.HasPrefix(t.Name, c.Name+".") {
				return nil, defect("trigger {name} is not named service.what", t.Name)
			}
			if cat.triggers[t.Name] != nil {
				return nil, defect("trigger {name} is there twice", t.Name)
			}
			cat.triggers[t.Name] = &t
			cat.triggerNames = append(cat.triggerNames, t.Name)
		}
	}
	slices.Sort(cat.names)
	slices.Sort(cat.triggerNames)
	return cat, nil
}

func defect(msg, name string) *engine.Error {
	return engine.E(engine.Internal, msg, "name", name).WithOp("connectors.NewCatalog")
}

// contractHash covers what a published flow relies on: name, fields, types and risk, not the prose.
func contractHash(a *engine.Action) (string, error) {
	b, err := engine.EncodeJSON(map[string]any{
		"name": a.Name, "in": contract(a.In), "out": contract(a.Out), "risk": a.Risk, "repeat": a.Repeat,
		"account": a.Account, "by_input": a.Traits != nil,
	})
	if err != nil {
		return "", err
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:]), nil
}

// Action finds an action by its full name.
func (c *Catalog) Action(name string) (*engine.Action, bool) {
	if a, ok := c.actions[name]; ok {
		return &a.Action, true
	}
	return nil, false
}

// Trigger finds a trigger kind by its full name.
func (c *Catalog) Trigger(name string) (*engine.TriggerKind, bool) {
	t, ok := c.triggers[name]
	return t, ok
}

// Names lists all actions, sorted.
func (c *Catalog) Names() []string { return slices.Clone(c.names) }

// TriggerNames lists all trigger kinds, sorted.
func (c *Catalog) TriggerNames() []string { return slices.Clone(c.triggerNames) }

// Connectors lists what the catalogue was made of, in the order given.
func (c *Catalog) Connectors() []Connector { return slices.Clone(c.connectors) }
