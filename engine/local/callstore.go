package local

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
)

// CallStore is what calls of flows need of storage; a part of Store.
type CallStore interface {
	// Mail lists what runs are told and have not taken yet, in the order it was said: of one run, or of all for "". limit
	// ≤ 0 is all.
	Mail(ctx context.Context, run string, limit int) ([]Mail, error)

	// Post stores, in one transaction, what several runs are told at once; what one was told already stays as it was.
	Post(ctx context.Context, mail []Mail) error

	// Calls lists the runs that steps of a run called, oldest first, by path; at most the first thousand.
	Calls(ctx context.Context, run string) (map[string][]engine.Callee, error)

	// Stalled lists runs that are running, wait for no timer of their steps ("limit:" are not theirs), and whose last entry
	// is older than before (milliseconds).
	Stalled(ctx context.Context, before int64, limit int) ([]Stalled, error)
}

// Start is a run that a change of another run begins.
type Start struct {
	Path    string // of the step that calls
	Trigger string // trigger id
	Flow    string
	Version int64
	Item    AcceptItem
}

// Mail is what one run has to tell another: an entry for it. It is stored with the change that says it, and gone with
// the change that takes it.
type Mail struct {
	Run  string // who is told
	ID   string // for this run, tells it from its repetition
	Kind engine.EntryKind
	Path string
	Head json.RawMessage
	Data json.RawMessage
	By   string // person id, of what a person says
}

// Stalled is a run that makes no progress.
type Stalled struct {
	Run     string
	Number  int64
	Flow    string
	Version int64
	Since   int64 // its last entry, milliseconds
}
