package patch_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/patch"
)

func value(t testing.TB, text string) any {
	t.Helper()
	v, err := engine.DecodeJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAChangeKeepsEachOnesOwnData(t *testing.T) {
	for _, c := range []struct{ name, shown, typed, other, want string }{
		{"a member more", `{"json":{"title":"A"}}`, `{"json":{"title":"A","project":"WEB"}}`, `{"json":{"title":"B","n":12345678901234567}}`, `{"json":{"title":"B","n":12345678901234567,"project":"WEB"}}`},
		{"a member less", `{"a":1,"b":2}`, `{"b":2}`, `{"a":7,"b":8}`, `{"b":8}`},
		{"one less that is not there", `{"a":1}`, `{}`, `{"b":8}`, `{"b":8}`},
		{"in a text", `{"body":"{\"t\":\"A\"}"}`, `{"body":"{\"t\":\"A\",\"p\":1}"}`, `{"body":"{\"t\":\"B\"}"}`, `{"body":"{\"p\":1,\"t\":\"B\"}"}`},
		{"an item", `{"l":[1,{"x":2}]}`, `{"l":[1,{"x":3}]}`, `{"l":[5,{"x":6,"y":7}]}`, `{"l":[5,{"x":3,"y":7}]}`},
		{"a list that grew", `{"l":[1]}`, `{"l":[1,2]}`, `{"l":[9]}`, `{"l":[1,2]}`},
		{"another type", `{"a":{"b":1}}`, `{"a":"x"}`, `{"a":{"b":2}}`, `{"a":"x"}`},
		{"nothing", `{"a":1}`, `{"a":1}`, `{"a":2}`, `{"a":2}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			other := value(t, c.other)
			ops := patch.Diff(value(t, c.shown), value(t, c.typed))
			raw, err := json.Marshal(ops)
			if err != nil {
				t.Fatal(err)
			}
			got, err := patch.Apply(other, ops)
			if err != nil || !reflect.DeepEqual(got, value(t, c.want)) {
				t.Fatalf("%s gives %v, %v", raw, got, err)
			}
			if !reflect.DeepEqual(other, value(t, c.other)) {
				t.Error("the value itself was changed")
			}
		})
	}
}

func TestAChangeThatDoesNotFit(t *testing.T) {
	ops := patch.Diff(value(t, `{"l":[1,2]}`), value(t, `{"l":[1,3]}`))
	for _, other := range []string{`{"l":[1]}`, `{"l":"text"}`, `[]`} {
		if _, err := patch.Apply(value(t, other), ops); engine.CodeOf(err) != engine.Conflict {
			t.Errorf("%s: %v", other, err)
		}
	}
}

func FuzzDiff(f *testing.F) {
	f.Add(`{"a":[1,"{\"x\":1}"]}`, `{"a":[2,"{\"x\":2}"],"b":null}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		x, err1 := engine.DecodeJSON([]byte(a))
		y, err2 := engine.DecodeJSON([]byte(b))
		if err1 != nil || err2 != nil {
			return
		}
		ops := patch.Diff(x, y)
		z, err := patch.Apply(x, ops)
		if err != nil {
			t.Fatal(err)
		}
		if more := patch.Diff(z, y); len(more) != 0 {
			t.Fatalf("%v is left", more)
		}
	})
}
