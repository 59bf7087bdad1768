package storage

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
)

// Drafted is a flow's head after a draft was saved. Until the first publication the head is the draft's; after it
// the head is the live version's, and the draft only marks it.
func Drafted(old *engine.FlowHead, d flows.Draft) engine.FlowHead {
	if old == nil {
		h := d.Head
		h.State, h.Live, h.Draft, h.Changed = engine.FlowDraft, 0, true, d.At
		if h.Owner == "" {
			h.Owner = d.By
		}
		return h
	}
	h := *old
	if h.Live == 0 {
		h.Title, h.Place, h.Trigger = d.Head.Title, d.Head.Place, d.Head.Trigger
	}
	h.Draft, h.Changed = true, d.At
	return h
}

// Published is a flow's head after its draft became a version. A paused flow stays paused: publishing is no
// answer to why somebody paused it.
func Published(h engine.FlowHead, p flows.Publishing) engine.FlowHead {
	h.Title, h.Place, h.Trigger = p.Head.Title, p.Head.Place, p.Head.Trigger
	h.Live++
	h.Draft, h.Changed = false, p.At
	if h.State != engine.FlowPaused {
		h.State = engine.FlowLive
	}
	return h
}

// NoFlow says that there is no such flow.
func NoFlow(name string) error {
	return engine.E(engine.NotFound, "no flow is called {name}", "name", name)
}

// DraftMoved says that a draft is not what the caller saw.
func DraftMoved(name string) error {
	return engine.E(engine.Conflict, "the draft of {name} has changed since you read it", "name", name).
		WithHint("Look at it again, then repeat your change.")
}

// LiveMoved says that the live version is not the one the caller saw.
func LiveMoved(name string) error {
	return engine.E(engine.Conflict, "another version of {name} went live since you looked", "name", name).
		WithHint("Look at it again, then repeat your change.")
}

// NoVersion says that a flow has no such version.
func NoVersion(name string, version int64) error {
	return engine.E(engine.NotFound, "{name} has no version {version}", "name", name, "version", version)
}
