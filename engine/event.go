package engine

import (
	"context"
	"encoding/json"
)

// Event is one occurrence of a trigger. Key is what makes it the same occurrence when it comes again.
type Event struct {
	ID      string `json:"id"`      // ours, UUIDv7
	Key     string `json:"key"`     // dedup key within the trigger; "" until decided by the trigger's default or key expression
	At      int64  `json:"at"`      // milliseconds UTC, when it was accepted
	Trigger string `json:"trigger"` // kind, "webhook.received"
	// Data holds the members that expressions see besides the above: body, headers, query, method, path. Header
	// names are lower case.
	Data map[string]any `json:"data"`
	// Kept holds, of a run that takes over results of an earlier one, what its steps gave, by step id.
	Kept map[string]any `json:"kept,omitempty"`
	// Undo holds, of a run that undoes an earlier one, what its steps send, in the order of StartHead.Undo.
	Undo []any `json:"undo,omitempty"`
	// Of is, of such a run, the event of the earlier one: what expressions see of id, key, time and trigger.
	Of *Origin `json:"of,omitempty"`
	// Depth is, of one that is collected, how many runs led to it: the run that it becomes a part of is as deep.
	Depth int `json:"depth,omitempty"`
}

// Origin is the event that a run began with which is run again.
type Origin struct {
	ID      string `json:"id"`
	Key     string `json:"key"`
	At      int64  `json:"at"`
	Trigger string `json:"trigger"`
}

// Item is one event offered to Accept.
type Item struct {
	Key  string         // the trigger's own dedup key; "" makes every delivery new unless the flow has a key expression
	Data map[string]any // see Event.Data
}

// Batch is what an intake loop offers at once: items and the cursor that goes with them.
type Batch struct {
	Trigger string // trigger id, see [TriggerID]
	Items   []Item
	Cursor  json.RawMessage // stored with the items in one transaction; nil leaves it as it is
	From    string          // who or what offers it, for the audit: "webhook", "person:<id>", "schedule"
	// Baseline remembers the items' keys as seen and does nothing else with them: the first look of a poll (R13).
	Baseline bool
	// Sample keeps the items as samples of the flow's draft and starts nothing, whatever the flow's state.
	Sample bool
	Manual bool // started by hand: no `when`, no dedup by the trigger's or the flow's key, marked as manual
	Depth  int  // how many runs led to it, by calls and emissions
	// Once, with Manual, names the delivery that asks for it: one that is handled again after a crash gets the receipt
	// of its run, as Duplicate. "" makes every call new.
	Once string
}

// Outcome of one item of a batch.
type Outcome string

// What Accept did with an item. The names are the webhook's JSON results (CONTRACTS, "Events").
const (
	Accepted  Outcome = "accepted"  // a run was created
	Duplicate Outcome = "duplicate" // the key was seen before; Run is the first one's, if it made a run
	Skipped   Outcome = "skipped"   // `when` was false; Reason says which part
	Sampled   Outcome = "sample"    // the flow is a draft: kept as a sample
	Queued    Outcome = "queued"    // the flow is paused: a run was created and waits
	Seen      Outcome = "seen"      // a baseline: its key is remembered, nothing else
	Collected Outcome = "collected" // it waits for others, or for quiet, and becomes a run with them (trigger: batch, debounce)
	Broken    Outcome = "failed"    // `when` or `key` could not be evaluated: kept, alerted, can be run again
)

// Receipt is Accept's answer for one item; it is durable when Accept returns without error.
type Receipt struct {
	Outcome Outcome
	Event   string // event id
	Run     string // run id; "" when there is none
	Number  int64  // run number; 0 when there is none
	Reason  string // for Skipped and Broken, one printable sentence
	Begun   bool   // the run's first steps are stored with it
	Waits   bool   // the run is accepted, and waits until the flow's limits let it begin
}

// Intake is the one door in (R6): webhook, poll, schedule, chat, emit and /flow run use nothing else.
type Intake interface {
	// Accept takes a batch whole or not at all. Errors: NotFound when the trigger is gone, Unavailable when it
	// could not be stored, in which case nothing was taken.
	Accept(ctx context.Context, b Batch) ([]Receipt, error)
}
