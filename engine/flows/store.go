package flows

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// Store is what the life of a flow needs of storage. Errors as in engine/local's Store.
type Store interface {
	// Flows reads every flow with its live and draft text: the library keeps them in memory.
	Flows(ctx context.Context) ([]Stored, error)

	// SaveDraft makes or replaces the draft of a flow, making the flow when it is new. Conflict when base is not
	// the revision of the current draft (0: there is none, or the caller does not care when base < 0).
	SaveDraft(ctx context.Context, d Draft, base int64) (Stored, error)

	// Publish makes the current draft the next version, live, and forgets the draft, in one transaction with the
	// audit entry. Conflict when the draft's revision is no longer rev. With a Source of its own it makes that text the
	// next version instead, and the draft stays as it is; then Conflict when the live version is no longer Rev.
	Publish(ctx context.Context, p Publishing) (Stored, error)

	// SetState pauses, resumes or retires a flow, with its audit entry.
	SetState(ctx context.Context, c StateChange) (Stored, error)

	// DropDraft forgets a draft, with its audit entry; a flow that was never published goes with it. Conflict when the
	// draft's revision is no longer rev, NotFound when there is no such flow.
	DropDraft(ctx context.Context, name string, rev int64, by string, at int64) error

	// Versions lists every version without its text, newest first.
	Versions(ctx context.Context, name string) ([]Version, error)

	// Version reads the text of one version; NotFound.
	Version(ctx context.Context, name string, version int64) (Version, error)
}

// Stored is a flow as stored.
type Stored struct {
	Head     engine.FlowHead
	Live     *Version // nil when never published
	Draft    []byte   // nil when there is none
	DraftRev int64
	DraftBy  string
	DraftAt  int64 // when it was last saved
	// DraftBase is the version that was live when the draft was begun; 0 when none was.
	DraftBase int64
}

// Version is one immutable published text.
type Version struct {
	Flow      string
	Number    int64
	Source    []byte
	By        string // person id of who published it
	At        int64
	Contracts map[string]string // action name → contract hash when it was published
}

// Draft is an edited text.
type Draft struct {
	Head   engine.FlowHead // Name, Title, Place, Trigger, Owner
	Source []byte
	By     string
	At     int64
}

// Publishing is a draft becoming a version.
type Publishing struct {
	Name      string
	Rev       int64
	By        string
	At        int64
	Head      engine.FlowHead // Title, Place, Trigger of the new version
	Contracts map[string]string
	Notices   []engine.Notice
	// Source, when set, is published instead of the draft; Rev is then the live version it is to follow.
	Source []byte
}

// StateChange pauses, resumes or retires a flow.
type StateChange struct {
	Name    string
	State   engine.FlowState
	By      string
	At      int64
	Notices []engine.Notice
}
