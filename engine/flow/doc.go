// Package flow reads the text of a flow into a syntax tree in which every value knows its place.
//
//	YAML bytes ──limits──▶ yaml.Node ──walk──▶ *Flow
//	                          │         │
//	                          └─────────┴──▶ engine.Problems, all of them, with line and column
//
// The text is the truth: Flow.Source is what was read, byte for byte, and exporting gives it back. The tree is
// walked by hand instead of decoded into structs, for three reasons: every value and every expression keeps its
// position in the file, also inside block scalars; integers too long for int64 stay the digits that were written;
// and all problems are reported together, with what was probably meant.
//
// Anchors and aliases are refused: a flow is read by people in chat, value by value, and a value that stands
// elsewhere helps nobody there. With them go alias bombs and cycles.
//
// What a flow means (references, schemas, gates) is the business of the package check.
package flow
