package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

func itoa(n int) string { return strconv.Itoa(n) }

// FlowState says whether a flow takes events.
type FlowState string

// States of a flow.
const (
	FlowDraft   FlowState = "draft"   // never published: events become samples
	FlowLive    FlowState = "live"    // events start runs
	FlowPaused  FlowState = "paused"  // events queue
	FlowRetired FlowState = "retired" // its address answers 404; history stays
)

// FlowHead is a flow as lists show it.
type FlowHead struct {
	Name    string    `json:"name"`
	Title   string    `json:"title,omitempty"`
	State   FlowState `json:"state"`
	Live    int64     `json:"live,omitempty"`  // published version; 0 when none
	Draft   bool      `json:"draft,omitempty"` // there are edits that are not live
	Place   Place     `json:"place"`
	Owner   string    `json:"owner,omitempty"` // person id of who made it
	Trigger string    `json:"trigger"`         // kind
	Changed int64     `json:"changed"`
}

// TriggerID is a trigger's identity: flow, kind and the identity fields of its settings in canonical JSON.
// Editing other fields keeps cursor, seen keys and address.
func TriggerID(flow, kind string, identity map[string]any) (string, error) {
	b, err := EncodeJSON([]any{flow, kind, identity})
	if err != nil {
		return "", err
	}
	h := sha256.Sum256(b)
	return flow + ":" + kind + ":" + hex.EncodeToString(h[:6]), nil
}
