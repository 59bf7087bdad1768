// Package check finds what is wrong with a flow before it runs.
//
//	bytes ──flow.Parse──▶ tree ─┬─ trigger: settings, key, when      ┐
//	                            ├─ with: each value against its schema │
//	     engine.Catalog ────────┼─ expressions: compiled, references   ├──▶ engine.Problems
//	     Known (accounts …) ────┼─ asks: covers, edit, by, expire      │
//	                            └─ order: gates, unreachable steps    ┘
//
// It does no I/O: what lives in storage comes in as the lookups of [Known]. The same findings appear in the
// command line, in dialogs and before publishing, so each says where (line and column of the text), what, and what
// to do.
//
// Steps stand in blocks, and references are judged by them: a branch is apart from its neighbour, what is inside a loop
// has one result a round, a catch knows error, a round knows its element and index.
//
// Env says which names an expression may use and what is known about them. Checking and compiling use the same
// one, so that what has been checked compiles.
package check
