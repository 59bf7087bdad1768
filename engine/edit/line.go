package edit

import "github.com/bretelle/bretelle/engine"

// Completion is a word that may stand at the end of a line.
type Completion struct {
	Value string // the whole last word, as it would be typed
	Help  engine.Text
}

// Line is a flow in one line, which ParseLine reads back; without the newline. The error is Invalid and says which
// part has no one-line form.
func Line(source []byte) (string, error) {
	return "", engine.E(engine.Invalid, "this flow has no one-line form").WithOp("edit.Line")
}

// ParseLine makes a flow's text of its one-line form. The error is Invalid and says where; its Args hold "column".
func ParseLine(line string, c engine.Catalog) ([]byte, error) {
	return nil, engine.E(engine.Invalid, "this line is not a flow").WithOp("edit.ParseLine")
}

// Complete lists the words that may stand at the end of an unfinished line, best first.
func Complete(line string, c engine.Catalog) []Completion { return nil }
