package connectors

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// SchemaOf derives a schema from a Go type. Fields are named by their json tag and described by these tags:
//
//	doc:"A sentence."  title:"Body"  format:"uri"  enum:"GET,POST"  default:"2xx"  required:"true"
//
// and how a dialog asks for them (engine.Schema) by these:
//
//	titles:"Read it,Change it"  example:"#triage"  only:"kind=a,b"  advanced:"true"
//
// Strings, integers, floats, booleans, slices, string-keyed maps (objects that allow any field; Items describes
// the values) and structs become what one expects; any is untyped.
func SchemaOf(t reflect.Type) *engine.Schema {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == reflect.TypeFor[json.RawMessage]() {
		return &engine.Schema{}
	}
	if t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return &engine.Schema{Type: "string"}
	}
	switch t.Kind() {
	case reflect.String:
		return &engine.Schema{Type: "string"}
	case reflect.Bool:
		return &engine.Schema{Type: "boolean"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &engine.Schema{Type: "integer"}
	case reflect.Float32, reflect.Float64:
		return &engine.Schema{Type: "number"}
	case reflect.Slice, reflect.Array:
		return &engine.Schema{Type: "array", Items: SchemaOf(t.Elem())}
	case reflect.Map:
		s := &engine.Schema{Type: "object", Open: true}
		if v := SchemaOf(t.Elem()); v.Typed() {
			s.Items = v
		}
		return s
	case reflect.Struct:
		s := &engine.Schema{Type: "object"}
		for i := range t.NumField() {
			if f, ok := fieldOf(t.Field(i)); ok {
				s.Fields = append(s.Fields, f)
			}
		}
		return s
	}
	return &engine.Schema{}
}

func fieldOf(f reflect.StructField) (engine.Field, bool) {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if !f.IsExported() || name == "-" || name == "" {
		return engine.Field{}, false
	}
	s := SchemaOf(f.Type)
	s.Doc, s.Title = f.Tag.Get("doc"), f.Tag.Get("title")
	if v := f.Tag.Get("format"); v != "" {
		s.Format = v
	}
	if v := f.Tag.Get("enum"); v != "" {
		s.Enum = strings.Split(v, ",")
	}
	if v, ok := f.Tag.Lookup("default"); ok {
		s.Default = defaultOf(s, v)
	}
	s.Required = f.Tag.Get("required") == "true"
	if v := f.Tag.Get("titles"); v != "" {
		s.Titles = strings.Split(v, ",")
	}
	if field, is, ok := strings.Cut(f.Tag.Get("only"), "="); ok {
		s.Only = &engine.Only{Field: field, Is: strings.Split(is, ",")}
	}
	s.Example, s.Advanced = f.Tag.Get("example"), f.Tag.Get("advanced") == "true"
	return engine.Field{Name: name, Schema: s}, true
}

// defaultOf reads a default: text for strings, JSON for the rest.
func defaultOf(s *engine.Schema, text string) any {
	if s.Type == "string" {
		return text
	}
	if v, err := engine.DecodeJSON([]byte(text)); err == nil {
		return v
	}
	return text
}

// contract is the canonical form of a schema for the contract hash: what a flow relies on, without the prose.
func contract(s *engine.Schema) any {
	if s == nil {
		return nil
	}
	m := map[string]any{"type": s.Type}
	if s.Format != "" {
		m["format"] = s.Format
	}
	if len(s.Enum) > 0 {
		m["enum"] = s.Enum
	}
	if s.Default != nil {
		m["default"] = s.Default
	}
	if s.Required {
		m["required"] = true
	}
	if s.Open {
		m["open"] = true
	}
	if s.Items != nil {
		m["items"] = contract(s.Items)
	}
	if len(s.Fields) > 0 {
		fields := make(map[string]any, len(s.Fields))
		for _, f := range s.Fields {
			fields[f.Name] = contract(f.Schema)
		}
		m["fields"] = fields
	}
	return m
}
