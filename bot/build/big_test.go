package build

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts/corpus"
	"github.com/bretelle/bretelle/prompts/fields"
)

// Whatever a sender writes, an event's label is a few words.
func TestLabelsAreShort(t *testing.T) {
	for _, text := range append(corpus.Hostile(), strings.Repeat("x", 1<<20), strings.Repeat("é\u202e\u200b", 5000)) {
		e := engine.Event{Key: text, Trigger: "webhook.received", Data: map[string]any{"headers": map[string]any{"x-github-event": text},
			"body": map[string]any{"type": text, "action": text, "title": text}}}
		for _, e := range []engine.Event{e, {Key: text, Trigger: "t"}} {
			if got := Label(e); utf8.RuneCountInString(got) > 200 {
				t.Errorf("%d characters: %.80q", utf8.RuneCountInString(got), got)
			}
		}
	}
}

// A sample of a mebibyte with ten thousand values is offered like any other, be there ever so many of them.
func TestALargeSample(t *testing.T) {
	items := make([]any, 10_000)
	for i := range items {
		items[i] = map[string]any{fmt.Sprintf("field%d", i%300): strings.Repeat("v", 80)}
	}
	var events []engine.Event
	for i := range 50 {
		events = append(events, engine.Event{ID: fmt.Sprint(i), Data: map[string]any{"body": map[string]any{"title": "big", "items": items}}})
	}
	s := Sample(nil, &events[0], events[1:], nil)
	if n := len(fields.Insert(s, "en")); n == 0 || n > 500 {
		t.Errorf("%d are offered", n)
	}
	if f := fields.ConditionFields(fields.Condition{Sample: s, Lang: "en"}); len(f) == 0 {
		t.Error("no rows")
	}
}
