package edit_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
)

// texts are flows written in the ways people write them.
var texts = map[string]string{
	"usual": `# head
flow: usual   # its name

title: "Quoted: title"
channel: '#triage'
trigger:
  on: webhook.received   # a hook
  with: {path: p, sender: github}   # settings
  when: event.body.action == "opened" && steps.a.ok
# about limits
limits: {concurrency: 4}

steps:
  # first we ask
  - id: review
    ask: approval
    covers: [create, next]
    # who
    with:
      title: Really?
      by: {any: ["@ops"], need: 1}
      edit: [create.text, "next.body"]
    # trailing of review

  # --- a section ---

  # then create
  # in two lines
  - id: create # does it
    do: http.request
    with:
      method: POST
      body: |
        one {{ steps.create.x }}
        two # no comment

      json:
        - a: 1
        - {b: 2}
      note: folded
        over lines
    # end of create
  - if: "{{ steps.create.status == 1 && steps.review.ok }}"
    then:
      - id: tell
        do: chat.message.post
        with: {text: "x {{ steps['create'].body }}", to: "#a"}
    else: []
  - id: last
    set: {a: 1, b: "{{ vars.a }}"}
`,
	"flat dashes": "flow: x\ntrigger:\n    on: t\nsteps:\n- id: a\n  do: x\n-   id: b\n    do: y\n    with: { }\n\n- {id: c, do: z, with: {k: [1, 2,],},}\n",
	"in flow":     "{flow: x, trigger: {on: t, with: {p: 1,}}, # c\n steps: [{id: a, do: x},\n {id: b, if: steps.a.ok, then: [{id: c, stop: true}]} # e\n ,]}",
	"no newline":  "flow: x\ntrigger: {on: t}\nsteps:\n  - id: a\n    do: x\n  - id: b\n    do: y",
	"crlf":        "flow: x\r\n# c\r\ntrigger:\r\n  on: t\r\n\r\nsteps:\r\n  # a\r\n  - id: a\r\n    do: x\r\n    with:\r\n      t: |\r\n        l1\r\n        l2\r\n  - id: b # b\r\n    do: y\r\n",
	"empty list":  "flow: x\ntrigger: {on: t}\nsteps: [] # none yet\n",
	"no list":     "flow: x\ntrigger: {on: t}\nsteps: # none yet\n# the end\n",
	"none at all": "flow: x\n",
	"bom":         "\ufeffflow: x\ntrigger: {on: t}\nsteps: []\n",
	"json":        `{"flow":"x","trigger":{"on":"t","with":{"a":"b"}},"steps":[{"id":"a","do":"x"},{"id":"b","do":"y","with":{"z":null}}]}`,
	"tabs":        "flow: x\t# a\tcomment\ntrigger:\t{on: t}\nsteps:\n  - id: a\t#\tb\n    do: x\n    #\ttab\n  - id: b\n    do: 'it''s {{ steps.a.x }}'\n",
	"nested": `flow: n
trigger: {on: t}
steps:
  - id: loop
    each: {list: "{{ event.body }}"}
    steps:
      - id: choose
        switch: "{{ item.kind }}"
        cases:
          - is: a
            steps:
              - id: x1
                do: x
              # to x2
              - id: x2
                do: x
          - is: [b, c]
            steps: []
        else:
          - id: x3
            stop: true
      - id: careful
        try:
          - id: x4
            do: x
        catch:
          - id: x5
            do: x
            with:
              keep: |+
                text

        finally:
          - id: x6
            do: x
  - id: after
    do: x
    with:
      long: >-
        folded
        text {{ steps.x6.y }}
`,
	"unicode": "flow: x\ntitle: ünï → 😀 # é\ntrigger: {on: t}\nsteps:\n  - id: a\n    do: x\n    with: {\"ключ\": \"значение\", é: 😀}\n  - id: b\n    do: \"\\u00e9\"\n",
	"odd":     "---\nflow: x\nsteps:\n  - id: a\n    do: !!str x\n    with: &w {a: 1}\n  -\n    id: b\n    do: y\n    ? timeout\n    : 3s\n  - id: d\n    do: 2026-01-01\n    with:\n      n: 0x1f\n      big: 123456789012345678901234567890\n      f: 1.50\n      e: ''\n      z: ~\n      nothing:\ntrigger: {on: t, key: }\n",
}

func TestNoChange(t *testing.T) {
	for name, src := range texts {
		top, err := edit.Top([]byte(src))
		if err != nil {
			t.Fatal(name, err)
		}
		places, err := edit.Places([]byte(src))
		if err != nil {
			t.Fatal(name, err)
		}
		var ops []edit.Op
		for _, p := range places {
			step, err := edit.Step([]byte(src), p.ID)
			if err != nil {
				t.Fatal(err)
			}
			ops = append(ops, edit.ReplaceStep{ID: p.ID, Step: step}, edit.MoveStep{ID: p.ID}, edit.RenameStep{ID: p.ID, To: p.ID})
		}
		for _, p := range top {
			if p.Key != "steps" && p.Key != "trigger" {
				ops = append(ops, edit.SetTop(p))
			}
		}
		if on, with, when, key, err := edit.Trigger([]byte(src)); err != nil {
			t.Fatal(err)
		} else if on != "" {
			ops = append(ops, edit.SetTrigger{On: on, With: with}, edit.SetTriggerPart{Part: "key", Value: key})
			if when != "" {
				ops = append(ops, edit.SetTriggerPart{Part: "when", Value: when})
			}
		}
		if out := apply(t, src, ops...); out != src && name != "odd" {
			t.Errorf("%s: changed\n%q\n%q", name, src, out)
		}
	}
}

// Any op on any text does just that to the tree. Ops that are refused, Invalid, are counted: they may be few.
func TestOpsDoWhatTheySay(t *testing.T) {
	tried, refused := 0, map[string]int{}
	for name, src := range texts {
		for seed := range uint64(6) {
			r := rand.New(rand.NewPCG(seed, 7))
			text := src
			for range 12 {
				op, want := anOp(t, r, text)
				if op == nil {
					continue
				}
				tried++
				out, err := edit.Apply([]byte(text), op)
				if err != nil {
					if c := engine.CodeOf(err); c != engine.Invalid && c != engine.Conflict {
						t.Fatalf("%s: %#v: %v", name, op, err)
					}
					refused[fmt.Sprintf("%T %.150s", op, err)]++
					if testing.Verbose() && seed < 8 {
						t.Logf("%s %#v %v", name, op, err)
					}
					continue
				}
				got, err := edit.Top(out)
				if err != nil {
					t.Fatalf("%s: %#v: %v\n%s\n%s", name, op, err, text, out)
				}
				if want != nil && !edit.Equal(got, want) {
					t.Fatalf("%s: %#v\n%s\n---\n%s\n%v\n%v", name, op, text, out, got, want)
				}
				again, err := edit.Apply([]byte(text), op)
				if err != nil || string(again) != string(out) {
					t.Fatalf("%s: not the same twice: %#v", name, op)
				}
				if strings.Contains(src, "\r\n") && strings.Count(string(out), "\n") != strings.Count(string(out), "\r\n") {
					t.Fatalf("%s: mixed line ends: %#v\n%q", name, op, out)
				}
				text = string(out)
			}
		}
	}
	n := 0
	for what, k := range refused {
		n += k
		t.Logf("refused %d: %s", k, what)
	}
	if n*50 > tried {
		t.Errorf("%d of %d refused", n, tried)
	}
}

// anOp is a random op with the tree that must come out; nil for want where the op itself says so.
func anOp(t *testing.T, r *rand.Rand, text string) (edit.Op, edit.Map) {
	t.Helper()
	top, err := edit.Top([]byte(text))
	if err != nil {
		t.Fatal(err, text)
	}
	places, err := edit.Places([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var p edit.Place
	if len(places) > 0 {
		p = places[r.IntN(len(places))]
	}
	switch k := r.IntN(9); {
	case k == 0:
		key := []string{"title", "channel", "timezone", "limits", "strange key", "flow"}[r.IntN(6)]
		v := aValue(r, 2)
		if v == nil {
			return edit.SetTop{Key: key}, top.Without(key)
		}
		return edit.SetTop{Key: key, Value: v}, top.With(key, v)
	case k == 1:
		trigger, _ := top.Get("trigger").(edit.Map)
		with, _ := aMap(r, 2).(edit.Map)
		on := aText(r)
		want := trigger.With("on", on).Without("with")
		if len(with) > 0 {
			want = want.With("with", with)
		}
		return edit.SetTrigger{On: on, With: with}, top.With("trigger", want)
	case k == 2:
		trigger, _ := top.Get("trigger").(edit.Map)
		v := aText(r)
		return edit.SetTriggerPart{Part: "when", Value: v}, top.With("trigger", trigger.With("when", v))
	case k == 3 || len(places) == 0:
		step := aStep(r, fmt.Sprintf("n%d", r.IntN(1_000_000)))
		if len(places) == 0 {
			if old, _ := top.Get("steps").([]any); len(old) > 0 {
				return edit.AddStep{Step: step}, nil
			}
			return edit.AddStep{Step: step}, top.With("steps", []any{step})
		}
		op := edit.AddStep{In: p.In, Step: step}
		if r.IntN(2) == 0 {
			op.After = p.ID
			if p.Step.Get("covers") != nil {
				return op, nil
			}
		}
		return op, nil
	case k == 4:
		return edit.RemoveStep{ID: p.ID}, nil
	case k == 5:
		return edit.MoveStep{ID: p.ID, By: r.IntN(5) - 2}, nil
	case k == 6:
		return edit.RenameStep{ID: p.ID, To: fmt.Sprintf("r%d", r.IntN(1_000_000))}, nil
	case k == 7:
		step := aStep(r, p.ID)
		return edit.ReplaceStep{ID: p.ID, Step: step}, nil
	default:
		step := slices.Clone(p.Step)
		with, _ := step.Get("with").(edit.Map)
		switch r.IntN(4) {
		case 0:
			step = step.With("with", with.With(aText(r), aValue(r, 2)))
		case 1:
			step = step.With("timeout", "5m")
		case 2:
			if len(with) > 0 {
				step = step.With("with", with.Without(with[r.IntN(len(with))].Key))
			}
		case 3:
			if len(with) > 0 {
				step = step.With("with", with.With(with[r.IntN(len(with))].Key, aValue(r, 3)))
			}
		}
		return edit.ReplaceStep{ID: p.ID, Step: step}, nil
	}
}

func aStep(r *rand.Rand, id string) edit.Map {
	s := edit.Map{{"id", id}, {"do", "some.action"}, {"with", aMap(r, 3)}}
	if r.IntN(3) == 0 {
		s = s.With("when", "{{ event.body.x }}")
	}
	if r.IntN(4) == 0 {
		s = edit.Map{{"id", id}, {"if", "{{ true }}"}, {"then", []any{edit.Map{{"id", id + "_in"}, {"stop", true}}}}, {"else", []any{}}}
	}
	return s
}

func aMap(r *rand.Rand, depth int) any {
	m := edit.Map{}
	for range r.IntN(4) {
		m = m.With(aText(r), aValue(r, depth-1))
	}
	return m
}

func aValue(r *rand.Rand, depth int) any {
	k := r.IntN(9)
	if depth <= 0 && k > 5 {
		k -= 4
	}
	switch k {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return r.IntN(2000) - 1000
	case 3:
		return float64(r.IntN(100000)) / 64
	case 4, 5:
		return aText(r)
	case 6:
		return aMap(r, depth)
	}
	var list = []any{}
	for range r.IntN(4) {
		list = append(list, aValue(r, depth-1))
	}
	return list
}

var words = []string{"a", "true", "null", "~", "12", "-", "- x", "a: b", "a #b", "#triage", "@x", "{{ event.body.x }}", "x {{ steps.create.y }} \"q\"", "it's",
	"both ' and \"", "back\\slash", "two\nlines", "two\nlines\n", "ends\n\n", "\nstarts", " space", "space ", "tab\tin", "é😀", "\u00a0nbsp", "\u2028", "\u0085x", "\x01", "yes", "on",
	"1e3", "0x1f", "2026-01-01", "http://x/y?z=1", "a,b", "[x]", "{x}", "?", "? x", ":", "a:", "!t", "&a", "*a", "%", "`", "|", ">", "---", "...", "'", "\"", "", " ", "\t", "1:20", ".5",
	"=", "<<", "\r", "\r\n", "l1\n  l2\n\tl3\n\nl5", "l1\n \nl2", "a\n# no comment", "a\n---\nb", "\ufeff", "123456789012345678901234567890", "007", "+1", "-1", "1_0", ".inf", ".NaN", "0.1", "-.5", "x\ttab #c"}

func aText(r *rand.Rand) string { return words[r.IntN(len(words))] }
