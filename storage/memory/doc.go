// Package memory is a store without a disk: maps behind one lock. It keeps the contract of package sqlite, proven by
// the same suite, so that other packages' tests run in microseconds and mean the same. Nothing survives the process.
//
//	caller ──▶ lock ──▶ check everything ──▶ change the maps ──▶ unlock
//
// Whole or not at all holds because every method checks before it changes anything. Values are copied on the way
// in and out: a caller that keeps a slice cannot reach into the store.
package memory
