// Package flows is the life of a flow: drafts, versions, publishing, triggers.
//
//	text ──Apply──▶ draft ──Publish──▶ version 1, 2, 3 … (immutable)
//	                  │                   │ the last one is live
//	                  ▼                   ▼
//	               samples          live ⇄ paused ──▶ retired
//
// The library keeps every flow's head, live version and draft in memory, compiled, in one immutable index that is
// swapped after the store has committed: readers never wait, and never see what is not stored. Versions that are no
// longer live are compiled when a run of theirs moves, and a bounded number of them is kept.
//
// A draft may be wrong: it is kept with its problems, so that nothing a person wrote is lost. Only publishing asks
// for a text without errors. A version, once published, is compiled for as long as it has runs; the hashes of the
// actions it was published with tell when a newer program means something else by the same names (see Drift).
package flows
