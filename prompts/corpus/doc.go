// Package corpus is one of every card and form, in every state and both languages, for golden files: all renderers
// draw the same list, so that a card that one surface cannot show is noticed when it is made.
//
//	Cards, Forms ──▶ prompts.Fit ──▶ console · Slack · Discord ──▶ testdata/*.golden, validated
//
// Why a package and not a test file: three packages of tests read it, and test files cannot be imported.
package corpus
