package build_test

import (
	"testing"

	"github.com/bretelle/bretelle/engine/edit"
)

// TestLanesInDialogs: what a dialog shows of a loop or a parallel, sent back as it is, changes nothing; what is typed
// becomes the step.
func TestLanesInDialogs(t *testing.T) {
	m := func(pairs ...any) (out edit.Map) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, edit.Pair{Key: pairs[i].(string), Value: pairs[i+1]})
		}
		return out
	}
	steps := []any{m("stop", "x")}
	both := m("parallel", m("join", 2, "losers", "finish", "branches", m("one", steps, "two", []any{}, "three", []any{})))
	rows := m("each", m("list", "{{ event.rows }}", "parallel", 10, "batch", 50, "on_failure", m("most", 3)), "steps", steps)
	for _, c := range []struct {
		step  edit.Map
		typed map[string]string
		want  edit.Map
	}{
		{both, map[string]string{}, both},
		{both, map[string]string{"branches": "one\nfour\n", "join": "all", "losers": "cancel"},
			m("parallel", m("branches", m("one", steps, "four", []any{})))},
		{m("parallel", m()), map[string]string{"branches": "a\nb", "join": "any"}, m("parallel", m("branches", m("a", []any{}, "b", []any{}), "join", "any"))},
		{rows, map[string]string{}, rows},
		{rows, map[string]string{"atonce": "", "batch": "", "mayfail": "all"}, m("each", m("list", "{{ event.rows }}", "on_failure", "continue"), "steps", steps)},
		{m("while", m()), map[string]string{"cond": "vars.more", "most": "20", "as": "page"}, m("while", m("cond", "{{ vars.more }}", "most", 20, "as", "page"))},
	} {
		got, bad := words.ReadBlock(c.step, words.BlockFacts(c.step), c.typed)
		if len(bad) > 0 || !edit.Equal(got, c.want) {
			t.Errorf("%v with %v: %v %v", c.step, c.typed, got, bad)
		}
	}
	for _, c := range []struct {
		step  edit.Map
		typed map[string]string
		wrong string
	}{
		{m("parallel", m()), map[string]string{}, "branches"},
		{m("while", m("cond", "{{ vars.x }}")), map[string]string{}, "most"},
		{rows, map[string]string{"atonce": "many"}, "atonce"},
		{rows, map[string]string{"mayfail": "-1"}, "mayfail"},
	} {
		if _, bad := words.ReadBlock(c.step, words.BlockFacts(c.step), c.typed); bad[c.wrong] == "" {
			t.Errorf("%v with %v: %v", c.step, c.typed, bad)
		}
	}
}
