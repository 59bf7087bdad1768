package build_test

import (
	"testing"

	"github.com/bretelle/bretelle/bot/build"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
)

// What is typed into the dialogs of throttle, dedupe and digest becomes the step, and what is not understood is said under
// its field.
func TestGateBlocks(t *testing.T) {
	words := build.Words{Lang: "en"}
	m := func(pairs ...any) (out edit.Map) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, edit.Pair{Key: pairs[i].(string), Value: pairs[i+1]})
		}
		return out
	}
	whole := m("digest", m("item", "{{ event.body.title }}", "at", "every weekday at 9:00", "most", 20, "per", "{{ event.body.team }}", "then", "skip"))
	for _, c := range []struct {
		step  edit.Map
		typed map[string]string
		want  edit.Map
	}{
		{m("throttle", m()), map[string]string{"rate": "10/m", "key": "event.body.customer"}, m("throttle", m("rate", "10/m", "per", "{{ event.body.customer }}"))},
		{m("dedupe", m()), map[string]string{"key": "event.body.order", "for": "1d", "mode": "skip"}, m("dedupe", m("key", "{{ event.body.order }}", "for", "1d", "then", "skip"))},
		{whole, map[string]string{}, whole},
		{m("digest", m()), map[string]string{"item": "event.body.title", "at": "every weekday at 9:00", "for": "", "most": "20", "key": "event.body.team", "mode": "skip"}, whole},
		{m("digest", m("items", "{{ event.a }}", "for", "1h")), map[string]string{"item": "event.b", "for": "2 hours", "mode": "stop"}, m("digest", m("items", "{{ event.b }}", "for", "2h"))},
		{m("digest", m("item", "x", "at", "every day at 9:00")), map[string]string{"at": "0 9 * * 1-5"}, m("digest", m("item", "x", "cron", "0 9 * * 1-5"))},
		{m("digest", m("item", "x", "cron", "0 9 * * 1-5")), map[string]string{"at": "every 5m"}, m("digest", m("item", "x", "at", "every 5m"))},
		{m("digest", m("item", "x", "every", "5m")), map[string]string{"at": "", "most": "7"}, m("digest", m("item", "x", "most", 7))},
		{m("digest", m("most", 3)), map[string]string{"item": `{"a": 1}`}, m("digest", m("most", 3, "item", map[string]any{"a": 1}))},
	} {
		got, bad := words.ReadBlock(c.step, words.BlockFacts(c.step), c.typed)
		if len(bad) > 0 || jsonText(t, got) != jsonText(t, c.want) {
			t.Errorf("%v with %v: %s %v", c.step, c.typed, jsonText(t, got), bad)
		}
	}
	for _, c := range []struct {
		step  edit.Map
		typed map[string]string
		wrong string
	}{
		{m("throttle", m()), map[string]string{}, "rate"},
		{m("dedupe", m("key", "x")), map[string]string{}, "for"},
		{m("digest", m("most", 2)), map[string]string{}, "item"},
		{m("digest", m("item", "x")), map[string]string{}, "at"},
		{m("digest", m("item", "x")), map[string]string{"at": "when the moon is full"}, "at"},
		{m("digest", m("item", "x", "at", "every day at 9:00")), map[string]string{"for": "1h"}, "for"},
		{m("digest", m("item", "x", "for", "1h")), map[string]string{"for": "soon"}, "for"},
		{m("digest", m("item", "x")), map[string]string{"most": "5000"}, "most"},
	} {
		if _, bad := words.ReadBlock(c.step, words.BlockFacts(c.step), c.typed); bad[c.wrong] == "" {
			t.Errorf("%v with %v: %v", c.step, c.typed, bad)
		}
	}
}

func jsonText(t *testing.T, m edit.Map) string {
	t.Helper()
	b, err := engine.EncodeJSON(edit.Plain(m))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
