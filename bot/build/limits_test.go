package build_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/build"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
)

const limited = `flow: orders
# how it starts
trigger:
  on: webhook.received # from the shop
  debounce: {for: 30s} # they send twice
limits:
  # the shop bears no more
  concurrency: 2
  budget: {send: 50/h, destroy: 0}
steps:
  - stop: true # end
`

// parsed are the problems of a text by the field they stand under.
func parsed(source []byte, field func(string) string) string {
	_, problems := flow.Parse(source)
	var out []string
	for _, p := range problems {
		if p.Severity == engine.SevError {
			out = append(out, field(p.Where)+": "+engine.Fill(p.Msg, p.Args))
		}
	}
	return strings.Join(out, "; ")
}

// Each field of the limits' dialog is written into the text, an emptied one is gone from it, and what is wrong the
// parser says of that field.
func TestReadLimits(t *testing.T) {
	for _, x := range []struct{ name, typed, has, hasNot, wrong string }{
		{"concurrency", "3", "  # the shop bears no more\n  concurrency: 3\n", "concurrency: 2", ""},
		{"concurrency", "", "limits:", "concurrency", ""},
		{"concurrency", "0", "", "", "concurrency: a whole number from 1 to 1000 is expected here"},
		{"concurrency", "many", "", "", "concurrency: a whole number from 1 to 1000 is expected here"},
		{"per", "event.body.customer", `per: "{{ event.body.customer }}"`, "", ""},
		{"when_full", "coalesce", "when_full: coalesce", "", ""},
		{"when_full", "burn", "", "", `when_full: "burn" is not possible here`},
		{"order", "{{ event.body.order }}", `order: "{{ event.body.order }}"`, "", ""},
		{"time", "2 hours", "time: 2h", "", ""},
		{"time", "soon", "", "", `time: "soon" is not a duration`},
		{"budget.send", "", "budget: {destroy: 0}", "50/h", ""},
		{"budget.send", "20/d", "budget: {send: 20/d, destroy: 0}", "", ""},
		{"budget.destroy", "5", "", "", `budget.destroy: "5" does not say in which time`},
		{"budget.write", "a lot", "", "", `budget.write: "a lot" is not a budget`},
		{"budget.read", "0", "read: 0", "", ""},
	} {
		top, err := edit.Top([]byte(limited))
		if err != nil {
			t.Fatal(err)
		}
		d := build.LimitFacts(top)
		was, _ := top.Get("limits").(edit.Map)
		next, bad := build.Words{}.ReadLimits(was, d, map[string]string{x.name: x.typed})
		if len(bad) > 0 {
			t.Errorf("%s %q: %v", x.name, x.typed, bad)
		}
		got, err := edit.Apply([]byte(limited), edit.SetTop{Key: "limits", Value: next})
		if err != nil {
			t.Fatal(err)
		}
		judge(t, x.name+" "+x.typed, string(got), x.has, x.hasNot, x.wrong, build.LimitField)
	}
	top, _ := edit.Top([]byte(limited))
	d := build.LimitFacts(top)
	if d.Concurrency != "2" || d.Budget["send"] != "50/h" || d.Budget["destroy"] != "0" || d.Time != "" {
		t.Errorf("the dialog shows %+v", d)
	}
	empty := map[string]string{"concurrency": "", "budget.send": "", "budget.destroy": ""}
	was, _ := top.Get("limits").(edit.Map)
	if next, _ := (build.Words{}).ReadLimits(was, d, empty); len(next) != 0 {
		t.Errorf("emptied, there still is %v", next)
	}
}

func judge(t *testing.T, name, got, has, hasNot, wrong string, field func(string) string) {
	t.Helper()
	if says := parsed([]byte(got), field); says != wrong {
		t.Errorf("%s: the parser says %q, want %q in\n%s", name, says, wrong, got)
	}
	if !strings.Contains(got, has) || hasNot != "" && strings.Contains(got, hasNot) {
		t.Errorf("%s: wants %q and not %q in\n%s", name, has, hasNot, got)
	}
	for _, comment := range []string{"# how it starts", "# from the shop", "# end"} {
		if !strings.Contains(got, comment) {
			t.Errorf("%s: %q is gone from\n%s", name, comment, got)
		}
	}
}

// What a trigger collects is one of three ways; the way that was left is gone from the text, and what both know is kept.
func TestReadCollect(t *testing.T) {
	for _, x := range []struct {
		typed              map[string]string
		has, hasNot, wrong string
	}{
		{map[string]string{"mode": "each"}, "", "debounce", ""},
		{map[string]string{"mode": "debounce", "for": "1 minute", "until": "5m"}, "debounce: {for: 1m, most: 5m} # they send twice", "batch", ""},
		{map[string]string{"mode": "debounce", "for": "1m", "until": "5s"}, "", "", `until: "most" is shorter than "for"`},
		{map[string]string{"mode": "debounce", "for": ""}, "", "", "for: it does not say how long to wait"},
		{map[string]string{"mode": "batch"}, "for: 30s", "debounce", ""},
		{map[string]string{"mode": "batch", "for": "", "most": "20", "per": "event.body.shop"}, "most: 20", "for:", ""},
		{map[string]string{"mode": "batch", "most": "2000"}, "", "", "most: a whole number from 1 to 1000 is expected here"},
		{map[string]string{"mode": "batch", "for": "", "most": ""}, "", "", "for: it does not say how long to wait"},
		{map[string]string{"at_least": "2", "every": "1 day"}, "at_least: 2", "", ""},
		{map[string]string{"at_least": "2"}, "", "", "every: it does not say in which time"},
		{map[string]string{"every": "5s"}, "", "", "every: this is shorter than a minute"},
		{map[string]string{"at_least": "few", "every": "1d"}, "", "", "at_least: a whole number from 1 to 1000000 is expected here"},
	} {
		top, err := edit.Top([]byte(limited))
		if err != nil {
			t.Fatal(err)
		}
		ops, bad := build.Words{}.ReadCollect(top, build.CollectFacts(top), x.typed)
		if len(bad) > 0 {
			t.Errorf("%v: %v", x.typed, bad)
		}
		got, err := edit.Apply([]byte(limited), ops...)
		if err != nil {
			t.Fatal(err)
		}
		judge(t, fmt.Sprint(x.typed), string(got), x.has, x.hasNot, x.wrong, build.CollectField)
	}
}

// What a flow gives back is written as lines, and an emptied field takes it away.
func TestReadOutput(t *testing.T) {
	top, _ := edit.Top([]byte("flow: x\noutput:\n  score: 3\n"))
	if got := build.Output(top); got != "score: 3" {
		t.Errorf("it shows %q", got)
	}
	for _, x := range []struct{ typed, wrong string }{{"score: {{ event.body.n }}", ""}, {"", ""}, {"no name", "I cannot read"}} {
		v, moved, wrong := (build.Words{}).ReadOutput(top, map[string]string{"output": x.typed})
		if !moved || !strings.HasPrefix(wrong, x.wrong) || x.wrong == "" && wrong != "" || (v == nil) != (x.typed == "") && x.wrong == "" {
			t.Errorf("%q: %v %v %q", x.typed, v, moved, wrong)
		}
	}
	if _, moved, _ := (build.Words{}).ReadOutput(top, map[string]string{"output": "score: 3"}); moved {
		t.Error("what stood there is taken for a change")
	}
}
