package build_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/build"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

// What is to do names steps by the numbers that the card gives them, also within blocks.
func TestTodoNumbersAsTheCardDoes(t *testing.T) {
	source := []byte(`flow: x
channel: "#x"
trigger: {on: form.submitted}
steps:
  - id: first
    if: "{{ true }}"
    then:
      - {id: yes, set: {a: "1"}}
    else:
      - {id: no, set: {a: "2"}}
  - id: last
    if: "{{ true }}"
    then:
      - {id: inner, set: {a: "3"}}
`)
	f, problems := flow.Parse(source)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	places, err := edit.Places(source)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"first": "step 1 first", "yes": "step 1a.1 yes", "no": "step 1b.1 no", "last": "step 2 last", "inner": "step 2.1 inner"} {
		todo := build.Words{Lang: "en"}.Todo(f, engine.Problems{{Where: id + ".set", Msg: "it is wrong"}}, places)
		if len(todo) != 1 {
			t.Fatalf("%s: %v", id, todo)
		}
		if got := prompts.T("en", todo[0].Text.Msg, todo[0].Text.Args); !strings.HasPrefix(got, want+": ") {
			t.Errorf("%s is called %q, wanted %q", id, got, want)
		}
	}
}
