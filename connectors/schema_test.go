package connectors_test

import (
	"reflect"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// How a dialog asks stands in tags too, and is no part of what a value may be.
func TestSchemaOfSaysHowToAsk(t *testing.T) {
	type in struct {
		Kind string `json:"kind" enum:"a,b" titles:"First,Second"`
		More string `json:"more" only:"kind=b" advanced:"true" example:"x"`
	}
	s := connectors.SchemaOf(reflect.TypeFor[in]())
	if k := s.Field("kind"); !reflect.DeepEqual(k.Titles, []string{"First", "Second"}) || k.Only != nil || k.Advanced {
		t.Errorf("%+v", k)
	}
	if m := s.Field("more"); !reflect.DeepEqual(m.Only, &engine.Only{Field: "kind", Is: []string{"b"}}) || !m.Advanced || m.Example != "x" {
		t.Errorf("%+v", m)
	}
}
