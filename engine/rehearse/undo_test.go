package rehearse_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine/rehearse"
)

// How a step is taken back is tried with the answer that is assumed: what it would send, or why it could not.
func TestUndoIsTried(t *testing.T) {
	src := strings.Replace(bugs, "  - id: ticket\n", "  - id: ticket\n    undo: {do: test.thing.put, with: {name: \"gone {{ result.id }}\"}}\n", 1)
	if src == bugs {
		t.Fatal("no such step any more")
	}
	r := run(t, src, event("opened"), rehearse.Options{Rehearser: &outside{}})
	d := did(t, r, "ticket")
	if d.Undo == nil || d.Undo.Why != nil || d.Undo.With["name"] != "gone 7" {
		t.Errorf("%+v", d.Undo)
	}
	if d := did(t, r, "tell"); d.Undo != nil {
		t.Errorf("nothing says how it is undone: %+v", d.Undo)
	}
	src = strings.Replace(src, "gone {{ result.id }}", "gone {{ result.id + 'x' }}", 1)
	if d := did(t, run(t, src, event("opened"), rehearse.Options{Rehearser: &outside{}}), "ticket"); d.Undo == nil || d.Undo.Why == nil {
		t.Errorf("a wrong expression: %+v", d.Undo)
	}
}
