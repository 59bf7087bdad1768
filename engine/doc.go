// Package engine holds the words that every other package shares: flows' facts, runs, journal entries,
// signals, notices, errors, secrets. It imports nothing of ours and does no I/O, so that storage, connectors,
// prompts and bot can all speak of the same things without knowing each other.
//
//	outside event          click, timer, outcome                 people
//	     │                        │                                ▲
//	     ▼                        ▼                                │ Notice
//	Batch ──Intake.Accept──▶  Entry ──▶ fold.Apply ──▶ commands ───┤
//	                           ▲  (pure)                           │ Task
//	                           │                                   ▼
//	                           └────────── Result ◀──────── Performer.Perform
//
// The sub-packages are the machine itself:
//
//	expr    one expression: compiled, fenced, explained
//	flow    the YAML text of a flow and its syntax tree; check
//	plan    what a step would do, as a value with a hash
//	fold    Compile and Apply, the only interpreter
//	flows   drafts, versions, publishing, triggers: the life of a flow
//	local   the embedded runtime: Apply on a Store, tasks, timers, crash recovery
//
// A trigger's occurrence is an [Event]. A line of a run's journal is an [Entry]; DESIGN's sketch calls both
// "event", and two words keep them apart in code.
package engine
