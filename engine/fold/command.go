package fold

import "github.com/bretelle/bretelle/engine"

// Command is what Apply wants done. The set is closed: Record, Do, Cancel, SetTimer, CancelTimer, Await, Unawait, Tell,
// Reply, Finish, those about other runs (callcommand.go) and those about gates (Acquire, Release).
// Commands are carried out in order, after the transaction that stores them; Record, SetTimer, CancelTimer,
// Await, Unawait, Tell and Finish are part of that transaction, as is the existence of a Do's task.
type Command interface{ command() }

// Record appends an entry to the journal, right after the entry that was applied. Its Seq and At are set.
type Record struct{ Entry engine.Entry }

// Do has a task performed: a call, or a probe when Task.Probe.
type Do struct{ Task engine.Task }

// Cancel ends what Do began and what is of no use any more: a task that has not begun must not be performed, one under way
// has its context cancelled, and none is taken up again after a restart. What became of it changes nothing.
type Cancel struct {
	Path    string
	Attempt int
	Probe   bool
}

// SetTimer has TimerFired fed to the run at At (milliseconds), or as soon after as possible. Setting a timer of
// the same ID replaces it.
type SetTimer struct {
	ID string
	At int64
}

// CancelTimer removes a timer; one that does not exist is no error.
type CancelTimer struct{ ID string }

// Await has WaitAnswered fed to the run for Path when something with Key comes, or has come before and was not taken by
// this run yet.
type Await struct {
	Key  string
	Path string
	From []string // groups whose members may answer; nil: anybody
}

// Unawait ends what Await began; a path that waits for nothing is no error.
type Unawait struct{ Path string }

// Tell raises a notice; ID, At, Flow, Run and Number are filled in by the runtime.
type Tell struct{ Notice engine.Notice }

// Reply is the answer to a signal. When its verdict is anything but Counted, the entry changed nothing and must
// not be committed.
type Reply struct{ Answer engine.Answer }

// Finish ends the run. No command follows it but Tell.
type Finish struct {
	State  engine.RunState
	Reason string
}

func (Record) command()      {}
func (Do) command()          {}
func (Cancel) command()      {}
func (SetTimer) command()    {}
func (CancelTimer) command() {}
func (Await) command()       {}
func (Unawait) command()     {}
func (Tell) command()        {}
func (Reply) command()       {}
func (Finish) command()      {}

// Values gives the payloads of earlier entries of the run. They are immutable, so reading them is pure.
type Values interface {
	// Value is the decoded Data of entry seq, as engine.DecodeJSON makes it; nil when it has none. An error stops
	// Apply, and nothing of it is committed.
	Value(seq int64) (any, error)
}
