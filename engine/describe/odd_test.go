package describe_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/bretelle/bretelle/engine/describe"
	"github.com/bretelle/bretelle/engine/flow"
)

// Whatever was typed has words, on one line.
func FuzzCondition(f *testing.F) {
	for _, s := range []string{`event.body.a == "x" && any(event.b, .c > 1)`, `!(a?.b[0] in [1, "2"]) || len(x) == 0`, `a ? b : {"c": #}`, "x |", `none(a, all(#, .b == nil))`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		got := describe.Condition(source).String()
		if strings.TrimSpace(got) == "" || strings.ContainsAny(got, "\n\r") {
			t.Errorf("%q: %q", source, got)
		}
	})
}

// Drafts are shown while they are wrong: every part of a tree may be missing.
func TestUnfinishedFlows(t *testing.T) {
	files, err := filepath.Glob("../flow/testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no texts", err)
	}
	var last *flow.Flow
	for _, name := range files {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range a.Files {
			f, _ := flow.Parse(x.Data)
			if f == nil {
				continue
			}
			_ = describe.Trigger(f, catalog{}).String()
			_ = describe.Powers(f, catalog{})
			f.Walk(func(s *flow.Step) {
				if describe.Step(s, catalog{}).String() == "" {
					t.Errorf("%s: no words for %q", name, s.ID)
				}
				_ = describe.Note(s, nil)
			})
			if last != nil {
				_ = describe.Changes(last, f, catalog{})
			}
			last = f
		}
	}
	if got := describe.Changes(nil, last, catalog{}); got != nil {
		t.Error(got)
	}
}
