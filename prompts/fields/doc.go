// Package fields makes dialog fields of schemas, and typed text into values again.
//
//	engine.Schema ─┐                        ┌─▶ []prompts.Field   what a dialog shows
//	edit.Map ──────┼── leaves, in order ────┤
//	Sample ────────┘   (a.b, only, defaults)└─▶ edit.Map, errors  what typed text means (Read)
//
//	Sample ──▶ Insert   every value of it as an option       condition rows ⇄ expression source
//	       └─▶ Preview  what a text gives with it
//
// Why it is apart from prompts: a card needs no schema and no expressions, and prompts stays what it is, words and
// shapes. Why both directions live in one package: what Form shows, Read must take back unchanged. A field that was
// left alone keeps the value that was stored, byte for byte; one that the dialog did not show keeps it too.
//
// Everything here is a pure function of its arguments. Text from a sample or from a person is only ever text.
package fields
