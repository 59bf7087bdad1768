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
// Steps hold steps: Step.Blocks lists them whatever the kind, each with the name it is known by.
//
//	if_3 ─┬─ if_3/then     kind ─┬─ kind/case1     all ── all/steps     safe ─┬─ safe/try
//	      └─ if_3/else           ├─ kind/case2                               ├─ safe/catch
//	                             └─ kind/else                                └─ safe/finally
//
// A form's declaration (FormFields, ReadForm) is read here too, once for everything that asks people to fill one in.
//
// What a flow means (references, schemas, gates) is the business of the package check.
package flow
