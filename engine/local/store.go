package local

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
)

// Store is what the runtime needs of storage. All methods are safe for concurrent use. Every error that is not
// listed is Unavailable (disk full, I/O): nothing was stored, and the caller may try again.
type Store interface {
	// Accept stores a batch in one transaction: for each item, in order, unless (Trigger, Key) was seen before, the
	// key, the event and, for Accepted and Queued, a new run with the next number and entry 1. An empty Key is
	// always new. The receipts have Duplicate, with the first one's run, where the key was seen.
	Accept(ctx context.Context, a Accepting) ([]engine.Receipt, error)

	// Number gives the number of a run to be accepted, for AcceptItem.Head. Unused takes one back that no run got, to be
	// given again.
	Number() int64
	Unused(number int64)

	// Commit applies one change to one run, whole or not at all. Conflict when the run's last entry is no longer
	// Expect; NotFound when there is no such run. Many changes may share one transaction, a failing one never
	// harms the others.
	Commit(ctx context.Context, c Change) error

	// Load reads a run and its last snapshot. NotFound when there is none.
	Load(ctx context.Context, run string) (Snapshot, error)

	// Entries reads journal entries from..from+limit-1 in order, with data; limit ≤ 0 reads to the end.
	Entries(ctx context.Context, run string, from int64, limit int) ([]engine.Entry, error)

	// Heads is Entries without the data, which is not read either.
	Heads(ctx context.Context, run string, from int64, limit int) ([]engine.Entry, error)

	// Ready lists runs in state queued that wait for no gate and whose flow is not paused, of each flow, or of flow alone
	// where it is not "", the oldest limit (≤ 0: all), in order.
	Ready(ctx context.Context, flow string, limit int) ([]ReadyRun, error)

	// Tasks lists every outstanding task, for start-up. Started tells that its attempt.started is committed.
	Tasks(ctx context.Context) ([]OpenTask, error)

	// Due lists timers with At ≤ now in order of At, at most limit; next is the At of the first one after those
	// (0: none).
	Due(ctx context.Context, now int64, limit int) (due []Timer, next int64, err error)

	// Arrive keeps what came for a key for ArrivalsKept. One that is kept already stays as it is, and fresh is false.
	Arrive(ctx context.Context, a Arrival) (fresh bool, err error)

	// Matches lists open waits with what came for their key and was not taken by their run yet, in the order it came.
	Matches(ctx context.Context, q MatchQuery) ([]Match, error)

	CallStore

	// RunID finds a run by its number; NotFound.
	RunID(ctx context.Context, number int64) (string, error)

	// Runs lists runs, newest first.
	Runs(ctx context.Context, q RunQuery) ([]engine.RunHead, error)

	// Events lists recent occurrences of a flow, newest first: what `/flow why` explains.
	Events(ctx context.Context, flow string, limit int) ([]StoredEvent, error)

	// Recent is Events that reads at most so many bytes of payloads: an event with which there would be more, and all
	// older ones, come without their Data.
	Recent(ctx context.Context, flow string, limit, most int) ([]StoredEvent, error)

	// Raise stores notices that belong to no run's change.
	Raise(ctx context.Context, notices ...engine.Notice) error

	// Restored tells whether a run was open when the backup was taken that this store was restored from, or was called
	// by one that was, and what its last entry was then; for "", whether there is any such run.
	Restored(ctx context.Context, run string) (seq int64, ok bool, err error)

	// Cleared lists ids of steps that a person approved in a run of that flow's version.
	Cleared(ctx context.Context, flow string, version int64) ([]string, error)

	GateStore
}

// ReadyRun is a run that may begin.
type ReadyRun struct{ Run, Flow string }

// Accepting is a batch after `when` and `key` were evaluated.
type Accepting struct {
	Trigger string // trigger id
	Flow    string
	Version int64 // published version; 0 for samples of a draft
	Cursor  json.RawMessage
	From    string
	Items   []AcceptItem
	Take    *GateTake // the events that the only item stands for
}

// AcceptItem is one event of a batch and what is to become of it if it is new.
type AcceptItem struct {
	Event   engine.Event   // ID, Key, At, Trigger (kind) and Data are set
	Outcome engine.Outcome // Accepted, Skipped, Sampled, Queued, Broken or Seen, of which only the key is kept
	Reason  string
	Run     string           // id for the new run, when Accepted or Queued
	Head    engine.StartHead // for entry 1; Number is filled in by the store when it is 0, else it is one that Number gave
	Notices []engine.Notice  // stored only when the item is new

	// First and Start, when set, are entry 1 as FirstEntry makes it and what it led to, for a run that may begin at once.
	// They are stored together, and the receipt says Begun, unless the flow was paused meanwhile: then the run is queued as
	// if Start were nil.
	First *engine.Entry
	Start *Change
	// Gates are asked in this order before the run may begin: where one makes it wait, the next is asked when it is
	// through. One that refuses makes the item Skipped, and Head.Queued is set of one that waits.
	Gates  []GateAsk
	Gather *GateAsk // of Collected: the gate that keeps it
	Count  string   // the gate that counts it, where so many are expected
}

// Change is what one Apply did to one run.
type Change struct {
	Run          string
	Expect       int64          // the run's last entry before the change
	Entries      []engine.Entry // Expect+1, Expect+2, …
	State        []byte         // snapshot after the last entry; nil keeps the one that is stored, or none once the run has ended
	Status       engine.RunState
	Reason       string        // of a final status
	At           int64         // when; becomes Ended for a final status
	AddTasks     []engine.Task // replaces one of the same Path and Attempt
	DropTasks    []TaskRef     // one that does not exist is no error
	StartTask    *TaskRef      // mark as started (attempt.started is among Entries); it may be one of AddTasks
	SetTimers    []Timer
	CancelTimers []string // ids
	AddWaits     []Wait   // replaces one of the same path
	DropWaits    []string // paths; one that waits for nothing is no error
	Starts       []Start  // runs that this change begins: flows that it calls
	Mail         []Mail   // what it tells other runs, or this one; one that was said already stays as it was
	TookMail     string   // id of the mail of this run that this change takes; one that does not exist is no error
	Took         *Took    // the arrival that this change uses up for the run
	Notices      []engine.Notice
	Cleared      []string // step ids that a person approved: remembered for flow and version
	Audit        []engine.AuditEntry
	Asks         []GateAsk // by steps; what each came to is among Told
	Leaves       []string  // paths of steps that give back what they hold or wait for
	Heard        []string  // paths of steps that have taken what they were told
}

// TaskRef names a task of the run.
type TaskRef struct {
	Path    string
	Attempt int
	Probe   bool
}

// OpenTask is an outstanding task.
type OpenTask struct {
	Task    engine.Task
	Started bool
}

// Timer of a run.
type Timer struct {
	Run string
	ID  string
	At  int64
}

// Snapshot is a run as stored.
type Snapshot struct {
	Head  engine.RunHead
	Seq   int64  // last entry; 1 for a run that was only accepted
	State []byte // may be older than Seq: the entries since then lead from it to the state. nil: from the first entry on
}

// RunQuery filters Runs. Zero fields do not filter.
type RunQuery struct {
	Flow   string
	States []engine.RunState
	Before int64 // run number; 0 from the newest
	// Text finds runs by words of their event and their dedup key, all of which have to be there; "ann*" is every word
	// that begins so. A run is found some seconds after it came.
	Text  string
	Limit int // ≤ 0 is 50; at most 1000
}

// StoredEvent is an occurrence and what became of it.
type StoredEvent struct {
	Event   engine.Event
	Flow    string
	Outcome engine.Outcome
	Reason  string
	Run     string
	Number  int64
	Line    *engine.Line // its run waits; filled in by Runtime.Events
}
