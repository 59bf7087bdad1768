// Package event is the connector "event": the trigger event.emitted, what flows tell each other and what is signalled
// from a shell.
//
//	step of kind emit ─┐                      ┌─▶ a run of every flow that listens to the name
//	                   ├─▶ local.Runtime.Emit ┤
//	bretelle signal ───┘                      └─▶ every run that waits for the name and key
//
// Why a kind of its own and not a webhook: it never leaves the program, so it needs no signature, and its key tells
// one that is told again after a crash from a new one.
package event
