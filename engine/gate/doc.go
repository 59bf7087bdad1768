// Package gate decides who may pass where only so many may: limits of flows, throttles, budgets, and what is collected
// before it is let through. It is the small fold of DESIGN's R10: pure, so that the store can run it inside the
// transaction that asks, and a property test can hold it to its promises.
//
//	  ask ──▶ ┌────────┐ ──▶ Through   holds a place until it leaves (slots) or for a while (rate)
//	leave ──▶ │ Apply  │ ──▶ Waits     the line: one row each in the store, first come first served
//	 quit ──▶ │ State  │ ──▶ Refused   Full says drop
//	 tick ──▶ └────────┘ ──▶ Admit n   of the line's first
//	                         Wake      when a tick is wanted
//
// Digests collect what runs bring, for the first of them (digest.go); breakers hold calls back (breaker.go).
//
// Why the line is not in the state: a gate may have 100,000 waiting, and each op must cost the same as with one. The
// state only counts; "the first of the line" is a look into an index. So the state is a few numbers, whatever happens.
package gate
