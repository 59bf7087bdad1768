// Package sqlite keeps everything in one SQLite file, bretelle.db, with large payloads as files beside it.
//
//	Accept ─┐ member ┐                   BEGIN IMMEDIATE
//	Commit ─┼────────┼─▶ queue ─▶ writer ─ SAVEPOINT m … RELEASE m    (each member)
//	Settle ─┘        ┘            (one)    COMMIT  ── one fsync ──▶ bretelle.db-wal
//	Load, Runs, … ─────────────▶ readers (a pool of read-only connections)
//
// Why one writer: SQLite has one anyway, and a queue in front of it turns waiting into grouping. While a COMMIT
// waits for the disk, others arrive; they share the next one. A member that fails is undone alone; a COMMIT that
// fails is the failure of all its members, and nothing of theirs is stored.
//
// Why write transactions never see a caller's context: a statement that is cancelled inside a transaction undoes
// the transaction silently, and what follows commits by itself. So a caller that goes away does not stop a write
// that has begun; the answer just has nobody to read it.
//
// Why the writer empties the log itself once it is long (checkpoint.go): SQLite does so only when nobody reads.
//
// A long life: Sweep forgets by class in transactions of a few rows (sweep.go, auditkeep.go for the audit, whose chain
// says how far it was forgotten, orphans.go for files that no row names),
// Shrink gives the room back to the disk (vacuum.go), Index makes runs findable by their words soon after they came
// (words.go). Why runs are forgotten by their numbers and not by an index of times: every run would pay for that index.
//
// Backup copies one moment into one file while all goes on (backup.go); Restore makes a directory of it (restore.go) and
// marks what must not be repeated (restored.go): the rule stands there and in engine/local/restored.go.
//
// What a run costs. Measured with webhook, set, if, http.request; processor time of the whole program and bytes of
// database a run, each with what came before it:
//
//	seven rows of entries, seven of payloads, an event of its own; four commits     0.88 ms  2460 B
//	a row of journal for each commit, squeezed (package pack); no row for an event
//	that its run says; accept, first steps and the intent of the call one commit     0.62 ms  1070 B
//	members guarded by savepoints only once one has failed                          0.57 ms
//	plain JSON by hand, an event laid out once for each Apply                       0.52 ms
//
// Of a run on its way no snapshot is stored but every 64 entries: the entries since then lead from it to the state. What
// did not pay: a garbage collector that waits twice as long (6 % less time, 25 MiB more). What is left is a connection
// for each call (0.1 ms), which is one on purpose: see package connectors, wire.go.
//
// A file lock keeps a second process off the directory. A full or read-only disk makes writes fail as Unavailable,
// with words that say so, and they work again as soon as the disk does.
package sqlite
