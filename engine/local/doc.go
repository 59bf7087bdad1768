// Package local is the embedded runtime: it feeds entries to the fold, stores what the fold decided in one
// transaction, and only then carries it out.
//
//	Accept ──▶ Store.Accept ──▶ ready ─┐
//	Signal ────────────────────────────┤            ┌─▶ tasks ──▶ Performer ─┐
//	Store.Due ──▶ timers ──────────────┼─▶ feed ────┤                        │
//	                                   │  load      └─▶ notices: OnCommit    │
//	                                   │  Apply                              │
//	                                   │  Commit (Conflict: again)           │
//	                                   └──────────── outcome ◀───────────────┘
//
// Why it looks like this:
//
//   - A waiting run is a row (R9): the runtime keeps no goroutine for it, only a bounded cache of states of runs that
//     moved lately. The store is the truth; whenever something fails, the cached state is forgotten and read again.
//   - Entries of one run are fed one at a time, under a lock of the run that exists while somebody holds it. Runs do
//     not wait for each other, so their commits meet in the store, which groups them.
//   - Nothing happens outside before it is stored. A task exists from the commit that commands it; one whose call
//     must not be repeated blindly has its intent stored first (R7); its outcome is offered to the store until it is
//     taken, and the call is never made again meanwhile.
//   - A new run begins with its acceptance where it can (begin.go): its first steps are stored in the same transaction,
//     and the intent of a call with the change that commands it, once a place for the call is kept. So nothing but the
//     call itself stands between the intent and the outcome, and a run costs two commits instead of four.
//   - Everything waits on channels. The timer loop sleeps until the next timer, at most a minute, so that a clock that
//     was set is noticed (clock.go): it is compared with one that nobody sets. After a jump forwards, or a sleep of the
//     machine, expiries and time limits go by the old time for some minutes, so that a clock that is put right has ended
//     nothing.
//
// Runs that call each other: a run that a step calls begins in the transaction of the caller's change (calls.go); what
// one run has to tell another (it has ended, it is no longer wanted) is mail, written with the change that says it and
// removed with the change of the run that takes it (mail.go):
//
//	caller   step.started ── Commit: change + Start ─────────────────▶ waits ◀── Commit: call.ended − Mail ── deliver
//	                                      │                                                                    ▲
//	called                                └▶ run.started … run.ended ── Commit: change + Mail ─────────────────┘
//
// Who has to wait for a gate is decided in the store, inside Accept and Commit; gates.go only follows: it tells runs what
// gates decided, lets time pass at them, and makes runs of what was collected. It asks the store for all of that, so that
// a crash between a decision and its hearing loses nothing. The end of a run frees what it held in the same transaction,
// so that no run that is gone holds a place. Limits of accounts are kept in memory (tasks.go): calls die with the process.
//
// Where to look: emit.go tells events, stalled.go finds runs that stand still, feed.go is the loop per entry, change.go turns commands into one change, tasks.go performs (line.go: in
// which order, so that a service that hangs holds up only what reaches for it),
// ready.go starts queued runs, timers.go fires timers, wait.go brings what runs wait for by key, intake.go is the one door in, read.go shows runs
// (past.go: what only the journal says, read a page at a time, however long the run is).
package local
