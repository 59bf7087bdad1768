package engine

// MostPlaces bounds a list of places in a flow's notify.
const MostPlaces = 8

// Notify says where a version of a flow wants its messages, beyond its channel. Empty lists are the flow's channel.
type Notify struct {
	Approvals []Place `json:"approvals,omitempty"` // questions: approvals, choices, forms, unknown outcomes
	Alerts    []Place `json:"alerts,omitempty"`    // what fails, and is mended
	Results   []Place `json:"results,omitempty"`   // how runs end
	// Fallback is where a question goes that could be posted nowhere for After milliseconds. The zero place and 0 are
	// the installation's: the operator's channel, DefaultFallback.
	Fallback Place `json:"fallback,omitzero"`
	After    int64 `json:"after,omitempty"` // milliseconds
}

// DefaultFallback is how long a question waits for a surface before it is asked elsewhere, in milliseconds.
const DefaultFallback = 15 * 60 * 1000
