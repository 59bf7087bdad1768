// Package build is the pure part of the builder: what a draft's text and its samples mean for cards and dialogs, and
// what a submission means for the text.
//
//	draft's text ─┐                    ┌─▶ schema of a step's dialog ──▶ prompts/fields
//	catalog ──────┼─▶ Draft ───────────┤
//	samples ──────┘                    └─▶ what is to do, what matches
//	submission ──▶ step as written ──▶ engine/edit operations
//
// Why it is apart from bot: nothing here knows who asks, where, or what is stored; the same text and the same answers
// give the same next text on every surface, byte for byte. A step's dialog asks for the step's own keys, nested as
// they are written ("with.title", "expire.after"), so there is no second model of a step that could say less than the
// text does: keys that the dialog does not know stay.
package build
