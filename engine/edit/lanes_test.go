package edit_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
)

const branched = `flow: t
trigger: {on: webhook.received, with: {path: p}}
steps:
  - id: both
    parallel:
      join: any
      branches:
        one:                            # the first
          - {id: a, do: http.request, with: {url: "https://x.example"}}
        two: []
  - id: pages
    while: {cond: steps.a.more, most: 3}
    steps:
      - {id: b, set: {x: "{{ steps.a.status }}"}}
`

// Branches are places for steps like any other, and a rename finds what they say.
func TestStepsInBranches(t *testing.T) {
	src := apply(t, branched, edit.AddStep{In: "both/two", Step: edit.Map{{"id", "c"}, {"stop", "x"}}})
	src = apply(t, src, edit.AddStep{In: "both/one", After: "a", Step: edit.Map{{"id", "d"}, {"set", edit.Map{{"y", "{{ steps.a.status }}"}}}}})
	src = apply(t, src, edit.RenameStep{ID: "a", To: "first"})
	f, problems := flow.Parse([]byte(src))
	if problems.Bad() {
		t.Fatalf("%s\n%s", problems, src)
	}
	var ids []string
	f.Walk(func(s *flow.Step) { ids = append(ids, s.ID) })
	if got := strings.Join(ids, " "); got != "both first d c pages b" {
		t.Errorf("the steps are %s\n%s", got, src)
	}
	for _, want := range []string{"# the first", "steps.first.more", "{{ steps.first.status }}"} {
		if !strings.Contains(src, want) {
			t.Errorf("%q is not there\n%s", want, src)
		}
	}
	if strings.Contains(src, "steps.a.") {
		t.Errorf("the old name is left\n%s", src)
	}
	places, err := edit.Places([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range places {
		if p.ID == "c" && p.In != "both/two" || p.ID == "b" && p.In != "pages/steps" {
			t.Errorf("%s is in %s", p.ID, p.In)
		}
	}
}
