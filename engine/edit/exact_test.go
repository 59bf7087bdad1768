package edit_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
)

const commented = `# one
flow: x # name
trigger: {on: t, with: {p: 1}} # starts

steps: # all of them
  # asks
  - id: review # who
    ask: approval
    covers: [next] # soon
    with:
      title: Really?
      # people
      by: {any: ["@a"], need: 1}
      edit: [next.text]

  # ---- part two ----

  # waits
  # a little
  - id: pause
    wait: {for: 1h} # an hour
    # that is all
  - id: tell
    do: chat.post
    with: {text: "{{ steps.review.by }} {{ steps['pause'].x + steps.pause }} pause"} # tells
    when: steps.review.decision == "approve" && "steps.review" != ""
# end
`

// Each edit changes the lines that it must change and no others.
func TestExactly(t *testing.T) {
	step := edit.Map{{"id", "make"}, {"do", "a.b"}, {"with", edit.Map{{"k", "v"}}}}
	for name, x := range map[string]struct {
		op   edit.Op
		diff string // lines gone (-) and come (+)
	}{
		"title":           {edit.SetTop{"title", "New: it"}, `+title: "New: it"`},
		"rename flow":     {edit.SetTop{"flow", "z"}, "-flow: x # name\n+flow: z # name"},
		"limits":          {edit.SetTop{"limits", edit.Map{{"concurrency", 4}}}, "+limits: {concurrency: 4}"},
		"trigger setting": {edit.SetTrigger{"t", edit.Map{{"p", 2}, {"q", "#x"}}}, "-trigger: {on: t, with: {p: 1}} # starts\n+trigger: {on: t, with: {p: 2, q: \"#x\"}} # starts"},
		"trigger when":    {edit.SetTriggerPart{"when", "{{ event.a }}"}, "-trigger: {on: t, with: {p: 1}} # starts\n+trigger: {on: t, with: {p: 1}, when: \"{{ event.a }}\"} # starts"},
		"add and resolve": {edit.AddStep{After: "pause", Step: step}, "-    covers: [next] # soon\n+    covers: [make] # soon\n-      edit: [next.text]\n+      edit: [make.text]\n+  - id: make\n+    do: a.b\n+    with:\n+      k: v"},
		"add after a do":  {edit.AddStep{After: "tell", Step: step}, "+  - id: make\n+    do: a.b\n+    with:\n+      k: v"},
		"add first":       {edit.AddStep{Step: step}, "+  - id: make\n+    do: a.b\n+    with:\n+      k: v"},
		"resolve":         {edit.ResolveNext{"review"}, "-    covers: [next] # soon\n+    covers: [tell] # soon\n-      edit: [next.text]\n+      edit: [tell.text]"},
		"remove":          {edit.RemoveStep{"pause"}, "-  # waits\n-  # a little\n-  - id: pause\n-    wait: {for: 1h} # an hour\n-    # that is all"},
		"remove first":    {edit.RemoveStep{"review"}, "-  # asks\n-  - id: review # who\n-    ask: approval\n-    covers: [next] # soon\n-    with:\n-      title: Really?\n-      # people\n-      by: {any: [\"@a\"], need: 1}\n-      edit: [next.text]"},
		"rename": {edit.RenameStep{"review", "check"}, "-  - id: review # who\n+  - id: check # who\n-    with: {text: \"{{ steps.review.by }} {{ steps['pause'].x + steps.pause }} pause\"} # tells\n" +
			"-    when: steps.review.decision == \"approve\" && \"steps.review\" != \"\"\n+    with: {text: \"{{ steps.check.by }} {{ steps['pause'].x + steps.pause }} pause\"} # tells\n+    when: steps.check.decision == \"approve\" && \"steps.review\" != \"\""},
		"rename two": {edit.RenameStep{"pause", "wait_2"}, "-  - id: pause\n+  - id: wait_2\n-    with: {text: \"{{ steps.review.by }} {{ steps['pause'].x + steps.pause }} pause\"} # tells\n" +
			"+    with: {text: \"{{ steps.review.by }} {{ steps['wait_2'].x + steps.wait_2 }} pause\"} # tells"},
		"replace one": {edit.ReplaceStep{"pause", edit.Map{{"id", "pause"}, {"wait", edit.Map{{"for", "2h"}}}}}, "-    wait: {for: 1h} # an hour\n+    wait: {for: 2h} # an hour"},
		"replace more": {edit.ReplaceStep{"review", edit.Map{{"id", "review"}, {"ask", "approval"}, {"covers", []any{"next", "tell"}},
			{"with", edit.Map{{"title", "Really\nreally?"}, {"by", edit.Map{{"any", []any{"@a"}}, {"need", 2}}}, {"edit", []any{"next.text"}}}}, {"expire", edit.Map{{"after", "3d"}}}}},
			"-    covers: [next] # soon\n+    covers: [next, tell] # soon\n-      title: Really?\n+      title: |-\n+        Really\n+        really?\n-      by: {any: [\"@a\"], need: 1}\n+      by: {any: [\"@a\"], need: 2}\n+    expire: {after: 3d}"},
	} {
		out := apply(t, commented, x.op)
		if got := lineDiff(commented, out); got != x.diff {
			t.Errorf("%s: got\n%s\nwanted\n%s\n---\n%s", name, got, x.diff, out)
		}
	}
	want := strings.Replace(strings.Replace(commented, "  # waits\n  # a little\n  - id: pause\n    wait: {for: 1h} # an hour\n    # that is all\n", "", 1),
		"# end\n", "  # waits\n  # a little\n  - id: pause\n    wait: {for: 1h} # an hour\n    # that is all\n# end\n", 1)
	if got := apply(t, commented, edit.MoveStep{"pause", 1}); got != want {
		t.Errorf("moved:\n%s", got)
	}
	if got := apply(t, want, edit.MoveStep{"pause", -1}); got != commented {
		t.Errorf("moved back:\n%s", got)
	}
	if got := apply(t, apply(t, commented, edit.AddStep{After: "tell", Step: step}), edit.RemoveStep{"make"}); got != commented {
		t.Errorf("added and removed:\n%s", got)
	}
}

// lineDiff lists lines that are gone and that came, in the order of the texts; lines that only moved are not seen.
func lineDiff(a, b string) string {
	x, y := strings.SplitAfter(a, "\n"), strings.SplitAfter(b, "\n")
	var out []string
	for len(x) > 0 || len(y) > 0 {
		switch {
		case len(x) > 0 && len(y) > 0 && x[0] == y[0]:
			x, y = x[1:], y[1:]
		case len(x) > 0 && !contains(y, x[0]):
			if strings.TrimSpace(x[0]) != "" {
				out = append(out, "-"+strings.TrimSuffix(x[0], "\n"))
			}
			x = x[1:]
		case len(y) > 0:
			if strings.TrimSpace(y[0]) != "" {
				out = append(out, "+"+strings.TrimSuffix(y[0], "\n"))
			}
			y = y[1:]
		default:
			x = x[1:]
		}
	}
	return strings.Join(out, "\n")
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func TestBlocks(t *testing.T) {
	src := apply(t, texts["nested"],
		edit.AddStep{In: "choose/case:1", Step: edit.Map{{"id", "n1"}, {"stop", true}}},
		edit.AddStep{In: "choose/case1", After: "x1", Step: edit.Map{{"id", "n2"}, {"stop", true}}},
		edit.AddStep{In: "careful/catch", After: "x5", Step: edit.Map{{"id", "n3"}, {"stop", true}}},
		edit.AddStep{In: "loop/steps", After: "careful", Step: edit.Map{{"id", "n4"}, {"stop", true}}},
		edit.AddStep{In: "choose/else", Step: edit.Map{{"id", "n5"}, {"stop", true}}},
		edit.AddStep{In: "careful/try", Step: edit.Map{{"id", "n6"}, {"if", "{{ true }}"}, {"then", []any{edit.Map{{"stop", "x"}, {"id", "n7"}}}}}},
		edit.AddStep{In: "n6/else", Step: edit.Map{{"stop", true}, {"id", "n8"}}},
		edit.RemoveStep{"x5"}, edit.MoveStep{"x2", -5})
	f, problems := flow.Parse([]byte(src))
	if problems.Bad() {
		t.Fatal(problems, src)
	}
	var ids []string
	f.Walk(func(s *flow.Step) { ids = append(ids, s.ID) })
	if got := strings.Join(ids, " "); got != "loop choose x2 x1 n2 n1 n5 x3 careful n6 n7 n8 x4 n3 x6 n4 after" {
		t.Errorf("%s\n%s", got, src)
	}
	places, err := edit.Places([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	var in []string
	for _, p := range places {
		in = append(in, p.In+"="+p.ID)
	}
	if got := strings.Join(in, " "); got != "=loop loop/steps=choose choose/case:0=x2 choose/case:0=x1 choose/case:0=n2 choose/case:1=n1 choose/else=n5 choose/else=x3 loop/steps=careful "+
		"careful/try=n6 n6/then=n7 n6/else=n8 careful/try=x4 careful/catch=n3 careful/finally=x6 loop/steps=n4 =after" {
		t.Error(got)
	}
	if !strings.Contains(src, "              # to x2\n              - id: x2\n                do: x\n              - id: x1\n") {
		t.Errorf("the comment did not move along:\n%s", src)
	}
}

// The ids of steps without one are those that the parser makes.
func TestMadeIDs(t *testing.T) {
	src := "flow: x\ntrigger: {on: t}\nsteps:\n  - stop: a\n  - if: event.a\n    else: [{stop: b}]\n    then:\n      - do: a.b\n      - id: do_6\n        stop: c\n  - do: a.b\n  - try: [{set: {a: 1}}]\n    catch: []\n"
	f, problems := flow.Parse([]byte(src))
	if problems.Bad() {
		t.Fatal(problems)
	}
	places, err := edit.Places([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	f.Walk(func(s *flow.Step) {
		if i >= len(places) || places[i].ID != s.ID || places[i].Kind != string(s.Kind) {
			t.Errorf("%d: %q, wanted %q", i, places[i].ID, s.ID)
		}
		i++
	})
	if i != len(places) {
		t.Error(i, len(places))
	}
}

func TestRefused(t *testing.T) {
	for name, x := range map[string]struct {
		src  string
		op   edit.Op
		code engine.Code
	}{
		"not YAML":       {"a: b: c", edit.SetTop{"title", "x"}, engine.Invalid},
		"alias":          {"flow: &a x\ntitle: *a\n", edit.SetTop{"title", "x"}, engine.Invalid},
		"key twice":      {"flow: x\nflow: y\n", edit.SetTop{"title", "x"}, engine.Invalid},
		"no step":        {commented, edit.RemoveStep{"paus"}, engine.NotFound},
		"no block":       {commented, edit.AddStep{In: "review/then2", Step: edit.Map{{"stop", true}}}, engine.NotFound},
		"wrong block":    {texts["nested"], edit.AddStep{In: "loop/steps", After: "x1", Step: edit.Map{{"stop", true}}}, engine.NotFound},
		"taken":          {commented, edit.AddStep{Step: edit.Map{{"id", "tell"}, {"stop", true}}}, engine.Conflict},
		"taken inside":   {commented, edit.AddStep{Step: edit.Map{{"if", "a"}, {"then", []any{edit.Map{{"id", "tell"}, {"stop", true}}}}}}, engine.Conflict},
		"taken, rename":  {commented, edit.RenameStep{"tell", "review"}, engine.Conflict},
		"taken, replace": {commented, edit.ReplaceStep{"tell", edit.Map{{"id", "review"}, {"stop", true}}}, engine.Conflict},
		"no text":        {commented, edit.SetTop{"title", "\xff"}, engine.Invalid},
		"odd value":      {commented, edit.SetTop{"title", struct{}{}}, engine.Invalid},
		"twice":          {commented, edit.SetTop{"limits", edit.Map{{"a", 1}, {"a", 2}}}, engine.Invalid},
		"long key":       {commented, edit.SetTop{"limits", edit.Map{{strings.Repeat("k", 2000), 1}}}, engine.Invalid},
		"steps":          {commented, edit.SetTop{"steps", nil}, engine.Invalid},
		"part":           {commented, edit.SetTriggerPart{"on", "x"}, engine.Invalid},
		"no trigger":     {"flow: x\n", edit.SetTriggerPart{"when", "x"}, engine.Invalid},
		"too long":       {commented, edit.SetTop{"title", strings.Repeat("x", flow.MaxSource)}, engine.TooLarge},
		"empty step":     {commented, edit.AddStep{}, engine.Invalid},
	} {
		if _, err := edit.Apply([]byte(x.src), x.op); engine.CodeOf(err) != x.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The largest text there may be is edited in the time of a few readings.
func TestLargeText(t *testing.T) {
	var b strings.Builder
	b.WriteString("flow: x\ntrigger: {on: t}\nsteps:\n")
	for i := 0; b.Len() < flow.MaxSource-2000 && i < 480; i++ {
		b.WriteString("  # step\n  - id: s" + strings.Repeat("x", i%7) + "_" + string(rune('a'+i%26)) + strings.Repeat("y", i/26) + "\n    do: a.b\n    with:\n      text: |\n")
		b.WriteString(strings.Repeat("        some words of the event and more of them, too\n", 8))
	}
	src := b.String()
	places, err := edit.Places([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	id := places[len(places)/2].ID
	out := apply(t, src, edit.MoveStep{id, 3}, edit.RemoveStep{places[0].ID}, edit.SetTop{"title", "big"}, edit.RenameStep{id, "other"})
	if len(out) < len(src)-1000 {
		t.Error(len(src), len(out))
	}
}
