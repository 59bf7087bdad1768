package flow

import (
	"reflect"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/calendar"
)

// Same says that two steps are written alike, wherever they stand in their texts: what one has done the other would have
// done. Steps within them count.
func Same(a, b *Step) bool {
	if a == nil || b == nil {
		return a == b
	}
	return alike(reflect.ValueOf(a), reflect.ValueOf(b))
}

// whereabouts are the parts of a tree that say where something stands, not what it says; and times, beside which their
// text stands.
var whereabouts = []reflect.Type{reflect.TypeFor[calendar.Schedule](), reflect.TypeFor[engine.Pos](), reflect.TypeFor[places](), reflect.TypeFor[origin]()}

func alike(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() {
		return false
	}
	if !a.IsValid() {
		return true
	}
	if a.Type() != b.Type() {
		return false
	}
	for _, t := range whereabouts {
		if a.Type() == t {
			return true
		}
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return alike(a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if !alike(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !alike(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		if a.Len() != b.Len() {
			return false
		}
		for it := a.MapRange(); it.Next(); {
			if y := b.MapIndex(it.Key()); !y.IsValid() || !alike(it.Value(), y) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}
