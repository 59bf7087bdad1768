package expr

import (
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// Every function's example gives its result: the list is documentation and test at once.
func TestFunctionExamples(t *testing.T) {
	for _, f := range Functions() {
		x, err := Compile(f.Example, Env{})
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		v, err := x.Eval(Input{})
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		b, err := engine.EncodeJSON(v)
		if err != nil || string(b) != f.Result {
			t.Errorf("%s: got %s, want %s", f.Name, b, f.Result)
		}
		if f.Doc == "" || f.Signature == "" {
			t.Errorf("%s has no words", f.Name)
		}
	}
}
