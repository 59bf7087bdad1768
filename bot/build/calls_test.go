package build_test

import (
	"testing"

	"github.com/bretelle/bretelle/engine/edit"
)

// TestCallsInDialogs: what a dialog shows of a step, sent back as it is, changes nothing; what is typed becomes the step.
func TestCallsInDialogs(t *testing.T) {
	m := func(pairs ...any) (out edit.Map) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, edit.Pair{Key: pairs[i].(string), Value: pairs[i+1]})
		}
		return out
	}
	event := m("event", m("name", "order-paid", "key", "{{ steps.order.id }}"), "for", "2d")
	hours := m("until", "working_hours", "hours", "Mon-Fri 08:00-18:00", "holidays", []any{"12-25"})
	for _, c := range []struct {
		step  edit.Map
		typed map[string]string
		want  edit.Map
	}{
		{m("call", m("flow", "enrich", "version", 3, "with", m("a", 1), "wait", false)), map[string]string{}, m("call", m("flow", "enrich", "version", 3, "with", m("a", 1), "wait", false))},
		{m("call", m()), map[string]string{"flow": "enrich", "given": "email: {{ event.body.email }}\nn: 3", "mode": "wait", "version": ""},
			m("call", m("flow", "enrich", "with", m("email", "{{ event.body.email }}", "n", 3)))},
		{m("call", m("flow", "enrich", "wait", false, "version", 2)), map[string]string{"mode": "wait", "version": ""}, m("call", m("flow", "enrich"))},
		{m("emit", m("event", "a", "key", "k", "data", m("x", 1))), map[string]string{"event": "order.paid", "key": "", "given": ""}, m("emit", m("event", "order.paid"))},
		{m("emit", m()), map[string]string{"event": "a", "key": "event.body.id"}, m("emit", m("event", "a", "key", "{{ event.body.id }}"))},
		{m("wait", event), map[string]string{}, m("wait", event)},
		{m("wait", m("for", "1d")), map[string]string{"mode": "event", "event": "order-paid", "key": "steps.order.id", "for": "2d"}, m("wait", event)},
		{m("wait", hours), map[string]string{}, m("wait", hours)},
		{m("wait", m()), map[string]string{"mode": "hours", "hours": "Mon-Fri 08:00-18:00", "holidays": "12-25"}, m("wait", hours)},
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
		{m("call", m()), map[string]string{}, "flow"},
		{m("call", m("flow", "a")), map[string]string{"version": "new"}, "version"},
		{m("emit", m()), map[string]string{"event": "Order Paid"}, "event"},
		{m("wait", m()), map[string]string{"mode": "event", "event": "a"}, "key"},
		{m("wait", m()), map[string]string{"mode": "hours", "hours": "always"}, "hours"},
	} {
		if _, bad := words.ReadBlock(c.step, words.BlockFacts(c.step), c.typed); bad[c.wrong] == "" {
			t.Errorf("%v with %v: %v", c.step, c.typed, bad)
		}
	}
}
