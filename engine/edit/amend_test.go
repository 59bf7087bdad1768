package edit_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/patch"
)

const amendFlow = `flow: f
trigger: {on: webhook.received, with: {path: f, sender: unsigned}}
steps:
  - id: ticket
    do: http.request
    with:
      method: POST # as the tracker wants it
      json: {title: "{{ event.body.title }}"}
      body: '{"t": "{{ event.body.title }}"}'
      query: "{{ event.query }}"
`

func TestAmend(t *testing.T) {
	member := func(keys ...string) (path []patch.Part) {
		for _, k := range keys {
			path = append(path, patch.Part{In: patch.InMap, Key: k})
		}
		return path
	}
	text := append(member("body"), patch.Part{In: patch.InText}, patch.Part{In: patch.InMap, Key: "project"})
	for _, c := range []struct {
		name string
		op   patch.Op
		want string // in the text; "!" and what the refusal says
	}{
		{"a member", patch.Op{Path: member("json", "project"), Set: "WEB"}, `project: WEB`},
		{"inside a text", patch.Op{Path: text, Set: "WEB"}, `{"project":"WEB","t":"{{ event.body.title }}"}`},
		{"a field", patch.Op{Path: member("method"), Set: "PUT"}, "method: PUT # as the tracker wants it"},
		{"a map that is new", patch.Op{Path: member("headers", "x-a"), Set: "1"}, "headers:"},
		{"one less", patch.Op{Path: member("query"), Unset: true}, ""},
		{"what is worked out", patch.Op{Path: member("json", "title"), Set: "Crash"}, "!works out json.title"},
		{"in what is worked out", patch.Op{Path: member("query", "a"), Set: 1}, "!works out query.a"},
		{"looks like an expression", patch.Op{Path: member("json", "a"), Set: "{{ x }}"}, "!looks like an expression"},
	} {
		t.Run(c.name, func(t *testing.T) {
			step, err := edit.Step([]byte(amendFlow), "ticket")
			if err != nil {
				t.Fatal(err)
			}
			next, err := edit.Amend(step, []patch.Op{c.op})
			if why, no := strings.CutPrefix(c.want, "!"); no {
				if engine.CodeOf(err) != engine.Conflict || !strings.Contains(engine.AsError(err).Error(), why) {
					t.Fatalf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			out, err := edit.Apply([]byte(amendFlow), edit.ReplaceStep{ID: "ticket", Step: next})
			if err != nil || !strings.Contains(string(out), c.want) || !strings.Contains(string(out), "as the tracker wants it") {
				t.Errorf("got %v\n%s", err, out)
			}
			if c.op.Unset && strings.Contains(string(out), "query") {
				t.Errorf("it is still there:\n%s", out)
			}
		})
	}
}
