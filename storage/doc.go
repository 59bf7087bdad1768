// Package storage keeps what the rest must not forget. Its sub-packages are two stores of one contract, the suite
// that holds both to it, and the vault:
//
//	engine/local.Store ─┐
//	engine/flows.Store ─┤                        ┌─ sqlite   one file, one writer, group commit
//	bot.People … Inbox ─┼── storagetest.Store ───┤
//	vault.Records ──────┘   (what all ask for)   └─ memory   maps behind one lock, for tests
//
//	vault: seals secrets before a store sees them
//
// The interfaces belong to those who consume them (R3). This package itself holds what both stores must decide
// alike, byte for byte: what entry 1 of a run is, how the audit is chained, what a draft changes of a flow, how
// "there is no such run" is worded. It has no state and does no I/O.
package storage
