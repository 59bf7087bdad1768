package build

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
)

// Undo is how a step says that it is taken back, in one line; asked is false where its dialog does not ask for it: of what
// changes nothing, and of what cannot stand in a line.
func Undo(step edit.Map, c engine.Catalog) (line string, asked bool) {
	a, ok := c.Action(step.Text("do"))
	if _, there := step.Look("undo"); !there && (!ok || a.Risk <= engine.Read) {
		return "", false
	}
	line, err := edit.CallLine(sub(step, "undo"))
	return line, err == nil
}

// ReadUndo puts what was typed about the undo of a step into it; bad says in the reader's language what is wrong.
func (w Words) ReadUndo(step edit.Map, c engine.Catalog, typed map[string]string) (_ edit.Map, bad map[string]string) {
	stood, asked := Undo(step, c)
	r := &reading{w: w, typed: typed, bad: map[string]string{}}
	v, ok := r.got(prompts.UndoName, stood)
	if !asked || !ok {
		return step, nil
	}
	call, err := edit.ParseCall(strings.ReplaceAll(v, "\n", " "), c)
	switch {
	case err != nil:
		r.wrong(prompts.UndoName, w.say(err))
	case call == nil:
		step = step.Without("undo")
	default:
		step = step.With("undo", call)
	}
	return step, r.bad
}
