package build_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/build"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
)

type none struct{}

func (none) Action(string) (*engine.Action, bool)       { return nil, false }
func (none) Trigger(string) (*engine.TriggerKind, bool) { return nil, false }
func (none) Names() []string                            { return nil }
func (none) TriggerNames() []string                     { return nil }

var words = build.Words{Lang: "en"}

// step reads a step as a flow's text has it.
func step(t testing.TB, text string) edit.Map {
	t.Helper()
	s, err := edit.Step([]byte("flow: a\ntrigger: {on: x}\nsteps:\n  - "+text+"\n"), "s")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// read is a step after its dialog came back with typed, by whichever dialog it has.
func read(s edit.Map, typed map[string]string) (edit.Map, map[string]string) {
	if s.Text("ask") != "" {
		return words.ReadAsk(s, words.AskFacts(s, nil, none{}, groups), typed)
	}
	return words.ReadBlock(s, words.BlockFacts(s), typed)
}

var groups = []prompts.Option{{Value: "@triage", Label: "@triage (3 people)"}, {Value: "@ops", Label: "@ops (1 person)"}}

// shown is what stands in the fields of a step's dialog.
func shown(s edit.Map) map[string]string {
	out := map[string]string{}
	var fields []prompts.Field
	if s.Text("ask") != "" {
		fields = prompts.AskFields(prompts.Ctx{}, words.AskFacts(s, nil, none{}, groups), prompts.Filled{})
	} else {
		fields = prompts.BlockFields(prompts.Ctx{}, words.BlockFacts(s), prompts.Filled{})
	}
	for _, f := range fields {
		out[f.Name] = f.Value
	}
	return out
}

func text(m edit.Map) string {
	b, _ := json.Marshal(edit.Plain(m))
	return string(b)
}

// A dialog that is sent back as it was shown changes nothing, whatever the step says that no dialog asks.
func TestWhatIsLeftAloneStays(t *testing.T) {
	for _, s := range []string{
		`{id: s, ask: approval, covers: [a, b], with: {title: "Go {{ event.id }}?", by: {any: ["@triage"]}, edit: [a.text], not: [requester]}, remind: 4h, expire: {after: 3d, then: stop}}`,
		`{id: s, ask: approval, with: {title: "Go?", by: {all: ["@triage", "@ops"], need: 2}}}`,
		`{id: s, ask: choice, with: {title: "Which?", options: [small, {value: l, label: Large}], by: {any: ["@ops"]}}, expire: {after: 1d, then: skip}}`,
		`{id: s, ask: form, with: {title: "Details", fields: [{name: reason, title: "Why?"}, {name: n, type: number}], by: {any: ["@ops"]}}}`,
		`{id: s, ask: form, with: {title: "Details", fields: [{name: reason, help: "long", required: true}], by: {any: ["@ops"]}}}`,
		`{id: s, switch: "{{ event.body.size }}", cases: [{is: small, steps: []}, {is: [a, b], steps: [{id: x, stop: true}]}], else: []}`,
		`{id: s, each: {list: "{{ event.body.items }}", as: one}, steps: []}`,
		`{id: s, each: {list: [1, 2]}, steps: []}`,
		`{id: s, wait: {for: 10m}}`,
		`{id: s, wait: {until: "2026-03-01T09:00:00+01:00"}}`,
		`{id: s, wait: {reply: {to: "{{ steps.post.ref }}", from: ["@ops"]}, for: 2d}}`,
		`{id: s, set: {total: "{{ 1 + 2 }}", name: Ann, n: 7, list: [1, 2], yes: true, quoted: "7"}}`,
		`{id: s, stop: true}`, `{id: s, stop: "No reason"}`,
		`{id: s, try: [], catch: []}`,
	} {
		was := step(t, s)
		now, bad := read(was, shown(was))
		if len(bad) > 0 || !edit.Equal(was, now) {
			t.Errorf("%s\ngives %s\n%v", s, text(now), bad)
		}
		now, bad = words.Common(was, "s", map[string]string{"id": "s", "when": "", "on_error": "retry"})
		if len(bad) > 0 || !edit.Equal(was, now) {
			t.Errorf("%s\nafter the common fields %s %v", s, text(now), bad)
		}
	}
}

func TestWhatIsTypedIsWritten(t *testing.T) {
	for _, x := range []struct {
		step  string
		typed []string
		want  string // JSON of the step, or "field: what is wrong"
	}{
		{`{id: s, ask: approval}`, []string{"title", "Go?", "who", "@triage (3 people)", "covers", "next", "after", "3d", "then", "deny", "need", "2"},
			`{"ask":"approval","covers":["next"],"expire":{"after":"3d","then":"deny"},"id":"s","with":{"by":{"any":["@triage"],"need":2},"title":"Go?"}}`},
		{`{id: s, ask: approval}`, []string{"title", "Go?", "who", "triage, ops"}, `{"ask":"approval","id":"s","with":{"by":{"any":["@triage","@ops"]},"title":"Go?"}}`},
		{`{id: s, ask: approval}`, []string{"title", "", "who", "@ops"}, "title: This is needed."},
		{`{id: s, ask: approval}`, []string{"title", "Go?", "who", ""}, "who: This is needed."},
		{`{id: s, ask: approval}`, []string{"title", "Go?", "who", "@ops", "need", "none"}, "need: Write how many people, from 1 to 100."},
		{`{id: s, ask: approval}`, []string{"title", "Go?", "who", "@ops", "after", "soon"}, "after: "},
		{`{id: s, ask: approval, expire: {after: 3d, then: stop}}`, []string{"title", "Go?", "who", "@ops", "after", ""}, `{"ask":"approval","id":"s","with":{"by":{"any":["@ops"]},"title":"Go?"}}`},
		{`{id: s, ask: choice}`, []string{"title", "Which?", "who", "@ops", "options", "small\nl: Large one"},
			`{"ask":"choice","id":"s","with":{"by":{"any":["@ops"]},"options":["small",{"label":"Large one","value":"l"}],"title":"Which?"}}`},
		{`{id: s, ask: choice}`, []string{"title", "Which?", "who", "@ops", "options", ""}, "options: This is needed."},
		{`{id: s, ask: form}`, []string{"title", "D", "who", "@ops", "fields", "reason: Why? (lines)\namount"},
			`{"ask":"form","id":"s","with":{"by":{"any":["@ops"]},"fields":[{"name":"reason","title":"Why?","type":"lines"},{"name":"amount"}],"title":"D"}}`},
		{`{id: s, ask: form}`, []string{"title", "D", "who", "@ops", "fields", "{{{"}, "fields: I cannot read"},
		{`{id: s, switch: ""}`, []string{"on", "event.body.size", "cases", "small\na, b"}, `{"cases":[{"is":"small","steps":[]},{"is":["a","b"],"steps":[]}],"id":"s","switch":"{{ event.body.size }}"}`},
		{`{id: s, switch: ""}`, []string{"on", "", "cases", "a"}, "on: This is needed."},
		{`{id: s, each: {}, steps: []}`, []string{"list", "event.body.items", "as", "one"}, `{"each":{"as":"one","list":"{{ event.body.items }}"},"id":"s","steps":[]}`},
		{`{id: s, each: {}, steps: []}`, []string{"list", "nonsense"}, "list: A list is needed here"},
		{`{id: s, wait: {}}`, []string{"mode", "for", "for", "3d"}, `{"id":"s","wait":{"for":"3d"}}`},
		{`{id: s, wait: {}}`, []string{"mode", "for", "for", "later"}, "for: "},
		{`{id: s, wait: {}}`, []string{"mode", "reply", "reply", "steps.post.ref", "from", "ops", "for", "2d"}, `{"id":"s","wait":{"for":"2d","reply":{"from":["@ops"],"to":"{{ steps.post.ref }}"}}}`},
		{`{id: s, set: {}}`, []string{"values", "a: 1\nb: {{ event.id }}\nc: text: more"}, `{"id":"s","set":{"a":1,"b":"{{ event.id }}","c":"text: more"}}`},
		{`{id: s, set: {}}`, []string{"values", "nonsense"}, "values: I cannot read"},
		{`{id: s, stop: true}`, []string{"reason", "Too old"}, `{"id":"s","stop":"Too old"}`},
		{`{id: s, stop: Why}`, []string{"reason", ""}, `{"id":"s","stop":true}`},
	} {
		typed := map[string]string{}
		for i := 0; i+1 < len(x.typed); i += 2 {
			typed[x.typed[i]] = x.typed[i+1]
		}
		got, bad := read(step(t, x.step), typed)
		if field, words, wrong := strings.Cut(x.want, ": "); wrong && x.want[0] != '{' {
			if !strings.HasPrefix(bad[field], words) || bad[field] == "" {
				t.Errorf("%s %v: %v, wanted %s", x.step, x.typed, bad, x.want)
			}
			continue
		}
		if text(got) != x.want || len(bad) > 0 {
			t.Errorf("%s %v\ngives  %s %v\nwanted %s", x.step, x.typed, text(got), bad, x.want)
		}
	}
}

func TestWhatEveryStepIsAsked(t *testing.T) {
	was := step(t, `{id: s, do: http.request, retry: {max: 2}}`)
	got, bad := words.Common(was, "s", map[string]string{"id": "other", "when": "event.body.urgent", "on_error": "continue"})
	if want := `{"do":"http.request","id":"other","on_error":"continue","retry":{"max":2},"when":"{{ event.body.urgent }}"}`; text(got) != want || len(bad) > 0 {
		t.Errorf("got %s %v", text(got), bad)
	}
	if _, bad := words.Common(was, "s", map[string]string{"id": "Not an id", "when": "{{ event."}); bad["id"] == "" || bad["when"] == "" {
		t.Errorf("got %v", bad)
	}
	if build.Tries(was) != 2 || build.OnError(step(t, `{id: s, do: a.b, on_error: {then: ask}}`)) != "ask" {
		t.Error("what a step says of its failure is read otherwise")
	}
}

func FuzzReadStep(f *testing.F) {
	f.Add(uint8(0), "title", "Go?", "who", "@x")
	f.Add(uint8(2), "fields", "a: b (lines)", "after", "3d")
	f.Add(uint8(5), "mode", "reply", "reply", "{{")
	kinds := []string{`{id: s, ask: approval}`, `{id: s, ask: choice}`, `{id: s, ask: form}`, `{id: s, switch: ""}`, `{id: s, each: {}, steps: []}`, `{id: s, wait: {}}`, `{id: s, set: {}}`, `{id: s, stop: true}`}
	f.Fuzz(func(t *testing.T, kind uint8, a, av, b, bv string) {
		was := step(t, kinds[int(kind)%len(kinds)])
		now, bad := read(was, map[string]string{a: av, b: bv})
		next, _ := words.Common(now, "s", map[string]string{a: av, b: bv})
		if len(bad) > 0 {
			return
		}
		again, bad := read(next, shown(next))
		if len(bad) == 0 && !edit.Equal(next, again) {
			t.Errorf("%s\nleft alone becomes\n%s", text(next), text(again))
		}
	})
}
