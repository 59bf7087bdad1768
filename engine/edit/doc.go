// Package edit changes the text of a flow the way a careful person would: only what was asked for.
//
//	source ──read──▶ tree of Maps ──────── the change ───▶ the tree that must come out
//	   │                                                            │ equal?
//	   └──── places of nodes ──▶ bytes cut out and put in ──read──▶ tree
//
// Nothing that reads YAML and writes it again keeps comments, blank lines and quotes byte for byte, so the text is
// never written anew: the places of nodes say which bytes a change concerns, and all others stay. What is put in
// has one form for one value, so that the same edits give the same bytes on every surface.
//
// YAML has more ways to write a thing than a patch can foresee. Therefore each change is done twice, on the text
// and on the tree, and the changed text is read again: where it does not say what the tree says, a larger part is
// written anew, and in the end the edit is refused rather than the flow damaged.
//
// The package reads and writes the words of the flow language but does not judge them: drafts are edited while they
// are wrong. It also knows the one-line form, Line and ParseLine.
package edit
