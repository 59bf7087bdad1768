package connectors

import (
	"reflect"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

type shape struct {
	Name   string            `json:"name" title:"Name" doc:"A name." required:"true"`
	Kind   string            `json:"kind,omitempty" enum:"red,green" default:"red" doc:"A colour."`
	Many   int64             `json:"many,omitempty" default:"3"`
	Ratio  float64           `json:"ratio,omitempty"`
	On     *bool             `json:"on,omitempty"`
	Tags   []string          `json:"tags,omitempty" format:"text"`
	Labels map[string]string `json:"labels,omitempty"`
	Any    any               `json:"any,omitempty"`
	Place  engine.Place      `json:"place,omitempty" format:"place"`
	Inner  []struct {
		Deep any `json:"deep,omitempty"`
	} `json:"inner,omitempty"`
	Hidden string
	Gone   string `json:"-"`
}

func TestSchemaOf(t *testing.T) {
	s := SchemaOf(reflect.TypeFor[shape]())
	if got := strings.Join(fieldNames(s), " "); got != "name kind many ratio on tags labels any place inner" {
		t.Errorf("fields %s", got)
	}
	want := map[string]string{"name": "string", "kind": "string", "many": "integer", "ratio": "number", "on": "boolean",
		"tags": "array", "labels": "object", "any": "", "place": "string", "inner": "array"}
	for name, kind := range want {
		if f := s.Field(name); f.Type != kind {
			t.Errorf("%s is %q, wanted %q", name, f.Type, kind)
		}
	}
	if f := s.Field("name"); !f.Required || f.Doc != "A name." || f.Title != "Name" {
		t.Errorf("name: %+v", f)
	}
	if f := s.Field("kind"); f.Default != "red" || !reflect.DeepEqual(f.Enum, []string{"red", "green"}) {
		t.Errorf("kind: %+v", f)
	}
	if s.Field("many").Default != 3 || !s.Field("labels").Open || s.Field("tags").Items.Type != "string" || s.Field("place").Format != "place" {
		t.Error("many, labels, tags or place")
	}
}

func TestFit(t *testing.T) {
	s := SchemaOf(reflect.TypeFor[shape]())
	got, err := Fit(s, map[string]any{"name": 5, "many": 4.0, "on": nil, "tags": []any{true, 1.5, "x"}, "labels": map[string]any{"a": 1},
		"inner": []any{map[string]any{"deep": 1 << 60}}}, "")
	want := map[string]any{"name": "5", "kind": "red", "many": 4, "tags": []any{"true", "1.5", "x"}, "labels": map[string]any{"a": "1"},
		"inner": []any{map[string]any{"deep": 1 << 60}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v %v", got, err)
	}
	typed, bad := decodeAs[shape](got)
	if bad != nil || typed.Inner[0].Deep != 1<<60 || typed.Many != 4 || typed.Tags[0] != "true" {
		t.Errorf("decoded %+v %v", typed, bad)
	}
	for text, in := range map[string]any{
		`"name" is missing`:                              map[string]any{},
		`"nmae" is not a field`:                          map[string]any{"nmae": 1},
		`Did you mean "name"?`:                           map[string]any{"nmae": 1},
		`"kind" cannot be "gren". Did you mean "green"?`: map[string]any{"name": "x", "kind": "gren"},
		`Allowed are red, green.`:                        map[string]any{"name": "x", "kind": "something"},
		`"many" must be a whole number`:                  map[string]any{"name": "x", "many": 1.5},
		`"tags[1]" must be text`:                         map[string]any{"name": "x", "tags": []any{"a", []any{}}},
		`"inner[0].deeep" is not a field`:                map[string]any{"name": "x", "inner": []any{map[string]any{"deeep": 1}}},
		`"on" must be true or false`:                     map[string]any{"name": "x", "on": "yes"},
		`"with" must be a set of named values`:           []any{},
	} {
		if _, err := Fit(s, in, ""); err == nil || err.Code != engine.Invalid || !strings.Contains(err.Error(), text) {
			t.Errorf("%v: got %v, wanted %s", in, err, text)
		}
	}
}

func TestCatalogRefusesRuleBreakers(t *testing.T) {
	good := act("write", engine.Write, nil2)
	change := func(f func(*Action)) Action { a := good; f(&a); return a }
	for name, cs := range map[string][]Connector{
		"twice the connector": {{Name: "test"}, {Name: "test"}},
		"twice the action":    {{Name: "test", Actions: []Action{good, good}}},
		"foreign name":        {{Name: "other", Actions: []Action{good}}},
		"capitals":            {{Name: "test", Actions: []Action{change(func(a *Action) { a.Name = "test.Write" })}}},
		"four parts":          {{Name: "test", Actions: []Action{change(func(a *Action) { a.Name = "test.a.b.c" })}}},
		"no risk":             {{Name: "test", Actions: []Action{change(func(a *Action) { a.Risk = 0 })}}},
		"no run":              {{Name: "test", Actions: []Action{change(func(a *Action) { a.Run = nil })}}},
		"odd trigger":         {{Name: "test", Triggers: []engine.TriggerKind{{Name: "x"}}}},
		"twice the trigger":   {{Name: "test", Triggers: []engine.TriggerKind{{Name: "test.x"}, {Name: "test.x"}}}},
	} {
		if _, err := NewCatalog(cs...); engine.CodeOf(err) != engine.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestContract pins what a published flow relies on: the words may change, the rest may not unseen.
func TestContractHash(t *testing.T) {
	hash := func(change func(*Action)) string {
		a := act("write", engine.Write, nil2)
		a.In = SchemaOf(reflect.TypeFor[shape]())
		change(&a)
		cat, err := NewCatalog(Connector{Name: "test", Actions: []Action{a}})
		if err != nil {
			t.Fatal(err)
		}
		e, ok := cat.Action("test.write")
		if !ok || len(e.Contract) != 64 {
			t.Fatalf("contract %q", e.Contract)
		}
		return e.Contract
	}
	base := hash(func(*Action) {})
	if base != hash(func(a *Action) { a.Doc, a.Title, a.In.Field("name").Doc = "New.", "New", "New." }) {
		t.Error("words change the contract")
	}
	for name, change := range map[string]func(*Action){
		"risk":     func(a *Action) { a.Risk = engine.Send },
		"repeat":   func(a *Action) { a.Repeat = true },
		"type":     func(a *Action) { a.In.Field("name").Type = "integer" },
		"required": func(a *Action) { a.In.Field("kind").Required = true },
		"enum":     func(a *Action) { a.In.Field("kind").Enum = []string{"red"} },
		"default":  func(a *Action) { a.In.Field("kind").Default = "green" },
		"inner":    func(a *Action) { a.In.Field("inner").Items.Fields = nil },
	} {
		if hash(change) == base {
			t.Errorf("%s does not change the contract", name)
		}
	}
}

func TestUndoRoundTrip(t *testing.T) {
	a := Act[odd, odd]{Name: "undo", Risk: engine.Write, Run: nil2,
		Undo: func(in, out odd) (engine.Inverse, bool) {
			return engine.Inverse{Action: "test.redo", With: map[string]any{"value": out.Value}}, true
		}}.Action("test")
	if inv, ok := a.Undo(map[string]any{}, map[string]any{"value": 7}); !ok || inv.Action != "test.redo" || inv.With["value"] != 7 {
		t.Errorf("%v %v", inv, ok)
	}
	if _, ok := a.Undo(map[string]any{"unheard of": 1}, map[string]any{}); ok {
		t.Error("what does not fit the action is undone")
	}
}
