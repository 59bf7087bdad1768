// Package rehearse runs a flow without doing anything: the dry run of a draft.
//
//	text ─► fold.Compile ─► Program.Apply ◄──────────────┐
//	event ───────────────────┘   │ commands              │ entries
//	                             ├─ Do ──► sample answer given for the step, else Rehearser (reads are made,
//	                             │         writes are refused and answered with the action's sample) ──┤
//	                             ├─ ask open ──► approved by made-up persons, choices by the first one ┤
//	                             └─ timers ───► the clock jumps to the first one ──────────────────────┘
//
// Why it is the real interpreter: what a dry run says must be what a run does. So nothing here knows what a step
// means: the fold decides, this package only plays the outside (people, clock, services) and keeps the journal in
// memory. That nothing leaves the machine is not this package's promise but the Rehearser's (R12).
package rehearse
