// Package enginetest is what every runtime must pass, over every store, with the real fold.
//
//	clock (moved by hand) ─┐
//	catalog (test.*) ──────┼─▶ World: library + runtime ──▶ Gate ──▶ the store of a Harness
//	performer (scripted) ──┘        one life of a process    counts commits, kills at the n-th
//
// A World is one installation. Its lives end by Kill, which is what SIGKILL leaves: nothing of the runtime
// reaches the store or the outside any more; the next life begins on the same data. A life is killed before or after
// a chosen commit, so that every point where a process can die is tried, and what the outside saw is counted.
//
// Whatever a test does, World.Verify then holds every run to the same rules: the journal has no gap, replaying it gives
// the stored state byte for byte, time never goes back, nothing follows the end.
package enginetest
