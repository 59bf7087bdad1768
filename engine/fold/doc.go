// Package fold is the only interpreter of flows: Compile once per version, then Apply once per entry that comes
// from outside. Apply is a pure function of (program, state, values, entry); everything that touches the world is a
// Command for somebody else to carry out.
//
//	          entry (run.started, step.done, ask.voted, timer.fired, …)
//	            │
//	            ▼
//	State ──▶ Apply ──▶ Commands: Record  what was decided, as further entries
//	  ▲         │                 Do      call or probe an action
//	  └─────────┘                 SetTimer, CancelTimer, Await, Unawait, Call, Return, CancelRun, Tell, Reply, Finish
//
// Why a fold and not a program: a run that waits is a row, not a goroutine (R9); replaying its journal gives its
// state again, byte for byte (R4); and a crash between two entries loses nothing, because nothing lives between
// them. Hence the rules of this package, which a test enforces: no clock (time comes with the entry), no
// randomness (jitter is a hash of run, path and attempt), no map order, no I/O, no goroutines.
//
// An entry that changes nothing (a late click, an outcome of an ended run) is answered by a Reply that does not
// count, and must not be committed: the journal holds only what mattered.
//
// Steps stand in blocks: those of the flow, of a branch, of a loop's round, of a try. The open ones of a lane are a stack
// of frames:
//
//	Frames   ""            all/steps at all[3]/     safe/try at all[3]/      kind/case2 at all[3]/
//	          │                  │                        │                        │
//	          ▼ last step        ▼ last step              ▼ last step              ▼ last step
//	         end of run    round.done, next round   finally, else done       on with the block around it
//	                                                      ▲
//	                       a failure closes frames ───────┘ until a catch takes it (try.go)
//
// A branch of a parallel, and a round of a loop that has several under way, is a lane with a stack of its own; the step
// that opened it waits in the lane above. So the frames of a run are a tree, and an entry finds the lane of its step from
// the step's path alone, whatever else is under way:
//
//	""  ── both ──┬── both/crm    ── frames        join: a lane is through ──▶ value, losers cancelled, "" goes on
//	              └── both/mail   ── each ──┬── each[0]/  ── frames
//	                                        └── each[1]/  ── frames       a failure leaves a lane ──▶ lost
//
// Why the run's own lane stays State.Frames: a run without other lanes has the state it always had, and those that an
// earlier program parked go on.
//
// A run may begin with results of an earlier one: run again from a step, or moved to another version (again.go, inherit.go).
//
//	#12  first ─ second ─ ✗ third          StartHead.Again {run: #12, kept: [first second]}, values in the event
//	       │       │        └ cancelled in the transaction
//	       ▼       ▼          that begins #15
//	#15  kept    kept      third ─ …
//
// Why a run that moves is a new one and does not change its program in the middle: a journal is replayed by one program,
// from its first entry to its last, and frames that one version opened need not exist in another. So what is taken over is
// only what is true in both, results, and when a wait ends that is the same in both; everything else (questions, other
// timers, branches) begins anew. A run that takes back another one (undo.go) is a run of the same version, whose steps are the inverse calls in its first entry.
//
// What a round came to goes into the journal with its round.done entry, each pointing to the one before, and is
// forgotten by the state (loop.go): a loop's state is as small in its last round as in its first.
//
// Where to look: program.go compiles, apply.go dispatches, step.go walks, call.go knows what is retried and what is
// unknown, gate.go, ask.go and edit.go know approvals, question.go choices and forms,
// lane.go the lanes, loop.go, while.go, round.go, parallel.go and try.go the blocks,
// cut.go what is not done twice when a block that was cut short is tried again, wait.go replies, events and
// working hours, throttle.go and digest.go the steps that count and collect, callflow.go runs that call runs, emit.go what is told, limit.go what takes too long, view.go shows a run.
package fold
