package check_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/check"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/engine/flow"
)

var update = flag.Bool("update", false, "rewrite the wanted parts of testdata")

var unfilled = regexp.MustCompile(`(^|[^{]){[a-z]+}`)

func known() check.Known {
	return check.Known{
		Account: func(name string) bool { return name == "pascal" },
		Secret:  func(name string) bool { return strings.HasPrefix(name, "contact") },
		Group:   func(name string) bool { return name == "@sales" || name == "@triage" },
		Flow:    called,
	}
}

// called are the flows that others call.
func called(name string, version int64) (*flow.Flow, error) {
	if version > 2 {
		return nil, engine.E(engine.NotFound, "{flow} has no version {version}", "flow", name, "version", version)
	}
	text := map[string]string{
		"enrich": `flow: enrich
trigger: {on: flow.called, with: {input: {email: {type: string, required: true}, n: integer}}}
steps: [{id: a, set: {x: 1}}]
output: {score: "{{ len(event.input.email) }}"}`,
		"listens": `flow: listens
trigger: {on: webhook.received, with: {path: a, sender: github}}
steps: [{id: a, set: {x: 1}}]`,
		"circle": `flow: circle
trigger: {on: flow.called}
steps: [{call: {flow: enrich}}, {call: {flow: caller}}]`,
	}[name]
	switch {
	case name == "unborn":
		return nil, engine.E(engine.Conflict, "it is not published")
	case text == "":
		return nil, engine.E(engine.NotFound, "no flow is called {flow}", "flow", name)
	}
	f, _ := flow.Parse([]byte(text))
	return f, nil
}

// TestSource checks every testdata/*.txtar: in.yaml gives want, one problem a line.
func TestSource(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil || len(a.Files) == 0 {
				t.Fatalf("%s: %v", file, err)
			}
			_, problems := check.Source(a.Files[0].Data, newCatalog(), known())
			var b strings.Builder
			for _, p := range problems {
				fmt.Fprintf(&b, "%s [%s]\n", p, p.Where)
				if unfilled.MatchString(p.String()) {
					t.Errorf("an argument is missing: %s", p)
				}
				if p.Pos.Line == 0 {
					t.Errorf("no position: %s", p)
				}
			}
			got := b.String()
			if *update {
				a.Files = append(a.Files[:1], txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if len(a.Files) != 2 || got != string(a.Files[1].Data) {
				t.Errorf("got:\n%s\nrun with -update and review, if this is right", got)
			}
		})
	}
}

// TestCheckedCompiles: what has been checked without an error compiles with the environment that the fold uses.
func TestCheckedCompiles(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	c, compiled := newCatalog(), 0
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f, problems := check.Source(a.Files[0].Data, c, known())
		if problems.Bad() {
			continue
		}
		f.Walk(func(s *flow.Step) {
			env, ok := check.EnvAt(f, c, s.ID)
			if !ok {
				t.Errorf("%s: there is no step %s", file, s.ID)
			}
			for _, src := range sources(s) {
				compiled++
				if _, err := expr.Compile(src, env); err != nil {
					t.Errorf("%s: %s: %v", file, s.ID, err)
				}
			}
		})
	}
	if compiled < 20 {
		t.Errorf("only %d expressions", compiled)
	}
}

func sources(s *flow.Step) []string {
	var out []string
	if s.When != nil {
		out = append(out, s.When.Source)
	}
	if s.If != nil {
		out = append(out, s.If.Cond.Source)
	}
	var values func(v *flow.Value)
	values = func(v *flow.Value) {
		if v == nil {
			return
		}
		for _, g := range v.Segments {
			if g.Expr {
				out = append(out, g.Text)
			}
		}
		for _, p := range v.Map {
			values(p.Value)
		}
		for _, x := range v.List {
			values(x)
		}
	}
	values(s.With)
	values(s.Stop)
	if s.Ask != nil {
		values(s.Ask.Title)
	}
	if s.Wait != nil {
		values(s.Wait.For)
	}
	for _, a := range s.Set {
		values(a.Value)
	}
	return out
}

func TestEnvNames(t *testing.T) {
	f, problems := flow.Parse([]byte(contact(t)))
	if problems.Bad() {
		t.Fatal(problems)
	}
	env := check.Env(f, newCatalog(), f.Steps[:2])
	steps := env.Roots["steps"]
	if steps.Field("greet") == nil || steps.Field("contact") != nil || steps.Field("greet").Field("id") == nil {
		t.Errorf("steps: %+v", steps)
	}
	if _, ok := check.TriggerEnv(f, newCatalog()).Roots["steps"]; ok {
		t.Error("there are no steps at the trigger")
	}
	for _, path := range []string{"id", "key", "at", "trigger", "body", "headers"} {
		if env.Roots["event"].Field(path) == nil {
			t.Errorf("event.%s is not known", path)
		}
	}
}

// TestTreesByHand: trees that Parse would not make give problems, not panics.
func TestTreesByHand(t *testing.T) {
	for _, f := range []*flow.Flow{
		{},
		{Steps: []*flow.Step{{}, {Kind: flow.KindDo}, {Kind: flow.KindAsk, Ask: &flow.Ask{Covers: []string{""}, Edit: []string{""}}}, {Kind: flow.KindIf, If: &flow.If{}}, {Kind: flow.KindWait, Wait: &flow.Wait{}}}},
		{Trigger: flow.Trigger{On: "webhook.received", When: &flow.Cond{}}, Steps: []*flow.Step{{ID: "a", Kind: flow.KindStop, With: &flow.Value{Segments: []flow.Segment{{}}}}}},
	} {
		check.Flow(f, newCatalog(), check.Known{})
	}
}

// FuzzSource: no panic, and every finding has a place and words.
func FuzzSource(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(a.Files[0].Data)
	}
	c := newCatalog()
	f.Fuzz(func(t *testing.T, text []byte) {
		_, problems := check.Source(text, c, known())
		for _, p := range problems {
			if p.Msg == "" || p.Pos.Line < 0 {
				t.Errorf("%+v", p)
			}
		}
	})
}

func contact(tb testing.TB) string {
	tb.Helper()
	a, err := txtar.ParseFile("testdata/contact.txtar")
	if err != nil {
		tb.Fatal(err)
	}
	return string(a.Files[0].Data)
}

func BenchmarkSource(b *testing.B) {
	src, c := []byte(contact(b)), newCatalog()
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := check.Source(src, c, check.Known{}); problems.Bad() {
			b.Fatal(problems)
		}
	}
}

var _ engine.Catalog = catalog{}
