package engine

// Schema describes a value: enough of JSON Schema to make dialogs, checks, plans and reference pages from one
// definition. A nil *Schema, or one with an empty Type, is untyped data: anything goes, nothing is checked.
type Schema struct {
	Type     string   `json:"type,omitempty"`   // string integer number boolean object array; "" is any
	Format   string   `json:"format,omitempty"` // uri email date (2026-03-01) date-time duration secret text (several lines) place person-or-group group flow table timezone cron json account
	Title    string   `json:"title,omitempty"`
	Doc      string   `json:"description,omitempty"` // one sentence, shown as help
	Default  any      `json:"default,omitempty"`
	Enum     []string `json:"enum,omitempty"`
	Fields   []Field  `json:"-"` // of an object, in the order people see them
	Items    *Schema  `json:"items,omitempty"`
	Open     bool     `json:"-"` // an object that allows fields beyond Fields
	Required bool     `json:"-"` // in an object: must be present

	// How a dialog asks for it. None of this is part of what a value may be.
	Titles   []string `json:"-"` // of Enum, as people read them, in its order; nil shows Enum itself
	Example  string   `json:"-"` // what an answer may look like
	Only     *Only    `json:"-"` // asked for only when another field says so; nil: always
	Advanced bool     `json:"-"` // rarely needed: asked for last
}

// Only says when a field is asked for: when the field beside it has one of the values.
type Only struct {
	Field string
	Is    []string
}

// Field is a named member of an object schema.
type Field struct {
	Name string
	*Schema
}

// Field finds a member by name; nil when there is none or s is untyped.
func (s *Schema) Field(name string) *Schema {
	if s == nil {
		return nil
	}
	for _, f := range s.Fields {
		if f.Name == name {
			return f.Schema
		}
	}
	return nil
}

// Typed reports whether s says anything about the value.
func (s *Schema) Typed() bool { return s != nil && s.Type != "" }

// SecretFormat is the Format of a field whose value is the name of a stored secret.
const SecretFormat = "secret"
