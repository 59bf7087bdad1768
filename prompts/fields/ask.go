package fields

import (
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/prompts"
)

// Ask is what a dialog is made from.
type Ask struct {
	Schema *engine.Schema // of an object; a map without declared members is the one field "value"
	Values edit.Map       // as written in the flow
	Prefix string         // before every field's name: "with."
	Sample *Sample        // for previews and for what no sample has; nil: none
	// Choices are the known values of a format ("place", "secret", "timezone"); nil, or a nil answer, has it typed.
	Choices func(format string) []prompts.Option
	Lang    string
	// Expressions says that a value may hold {{ … }}. Settings of a trigger may not.
	Expressions bool

	Typed  map[string]string // what a person typed so far, by field name; nil on the first opening
	Errors map[string]string // what Read found, by field name
}

// Sample is an event that was kept, with the answers that steps are assumed to give.
type Sample struct {
	Label string
	Roots map[string]any // "event", "steps", "vars", "flow", "run", "item"
	Env   expr.Env       // what is declared; a zero Env declares nothing and allows every root
	Zone  *time.Location // the flow's time zone; nil is UTC
	// More are the roots of the other samples. What one of them has is not missing.
	More []map[string]any
}

// Bounds of what a dialog takes.
const (
	maxTyped = 64 << 10 // bytes of one answer
	maxDepth = 32       // levels of a structured answer
	maxFlat  = 3        // levels of declared objects that become fields of their own
)

// leaf is one thing asked for.
type leaf struct {
	name   string   // of the field, prefix included
	path   []string // of the value, in Values
	schema *engine.Schema
	only   []condition // all must hold
	acts   bool        // decides about others
}

// condition is an Only with the leaf's name that decides.
type condition struct {
	name   string
	is     []string
	schema *engine.Schema
	path   []string
}

// leaves are the fields in the order they are asked: the advanced ones last.
func (a Ask) leaves() []leaf {
	s := orAny(a.Schema)
	if len(s.Fields) == 0 {
		if s.Type == "object" && !s.Open {
			return nil
		}
		return []leaf{{name: a.Prefix + "value", schema: &engine.Schema{Type: "object", Open: true, Title: s.Title, Doc: s.Doc, Items: s.Items}}}
	}
	var out []leaf
	a.collect(&out, s, nil, nil, false)
	decides := map[string]bool{}
	for _, l := range out {
		for _, c := range l.only {
			decides[c.name] = true
		}
	}
	sorted := make([]leaf, 0, len(out))
	for _, advanced := range []bool{false, true} {
		for _, l := range out {
			if l.schema.Advanced == advanced {
				l.acts = decides[l.name]
				sorted = append(sorted, l)
			}
		}
	}
	return sorted
}

func (a Ask) collect(out *[]leaf, s *engine.Schema, path []string, only []condition, advanced bool) {
	for _, f := range s.Fields {
		x := orAny(f.Schema)
		p := append(path[:len(path):len(path)], f.Name)
		conds := only
		if o := x.Only; o != nil {
			by := append(path[:len(path):len(path)], o.Field)
			conds = append(only[:len(only):len(only)], condition{name: a.name(by), is: o.Is, schema: orAny(s.Field(o.Field)), path: by})
		}
		if a.flat(x, p) {
			a.collect(out, x, p, conds, advanced || x.Advanced)
			continue
		}
		if advanced && !x.Advanced {
			y := *x
			y.Advanced = true
			x = &y
		}
		*out = append(*out, leaf{name: a.name(p), path: p, schema: x, only: conds})
	}
}

// flat reports whether an object's members are fields of their own. One that is written as an expression, or is no
// map, is one field; so is an open one deep inside. Members that are not declared have no field, and stay.
func (a Ask) flat(s *engine.Schema, path []string) bool {
	if s.Type != "object" || len(s.Fields) == 0 || s.Open && len(path) > 1 || len(path) >= maxFlat {
		return false
	}
	v, there := get(a.Values, path)
	if !there || v == nil {
		return true
	}
	_, ok := v.(edit.Map)
	return ok
}

func (a Ask) name(path []string) string { return a.Prefix + strings.Join(path, ".") }

func orAny(s *engine.Schema) *engine.Schema {
	if s == nil {
		return &engine.Schema{}
	}
	return s
}

// asked reports whether a leaf is asked for, with what is typed so far.
func (a Ask) asked(l leaf) bool {
	for _, c := range l.only {
		if !c.holds(a.now(c)) {
			return false
		}
	}
	return true
}

func (c condition) holds(value string) bool {
	for _, is := range c.is {
		if is == value {
			return true
		}
	}
	return false
}

// now is what the deciding field says: typed, else stored, else its default.
func (a Ask) now(c condition) string {
	v, typed := a.Typed[c.name]
	if typed {
		v = choice(c.schema, v)
	} else {
		v = a.stored(c)
	}
	if c.schema.Type == "boolean" && v == "" {
		return "false"
	}
	return v
}

func (a Ask) stored(c condition) string {
	if v, ok := get(a.Values, c.path); ok && v != nil {
		return shown(c.schema, v)
	}
	if c.schema.Default != nil {
		return shown(c.schema, c.schema.Default)
	}
	return ""
}

// choice is the value of an Enum that a text means: the value itself, or its title.
func choice(s *engine.Schema, typed string) string {
	t := strings.TrimSpace(typed)
	if s.Type == "boolean" {
		if b, ok := truth(t); ok {
			if b {
				return "true"
			}
			return "false"
		}
	}
	for _, e := range s.Enum {
		if e == t {
			return e
		}
	}
	for i, e := range s.Enum {
		if strings.EqualFold(e, t) || i < len(s.Titles) && strings.EqualFold(s.Titles[i], t) {
			return e
		}
	}
	return t
}

func truth(t string) (value, ok bool) {
	switch strings.ToLower(t) {
	case "true", "yes", "on", "1", "oui", "y":
		return true, true
	case "false", "no", "off", "0", "non", "n":
		return false, true
	}
	return false, false
}
