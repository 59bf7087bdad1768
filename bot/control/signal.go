package control

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
)

// SignalIn tells an event to the flows that listen and the runs that wait.
type SignalIn struct {
	Event string          `json:"event"`
	Key   string          `json:"key,omitempty"`
	ID    string          `json:"id"` // tells one from its repetition
	Data  json.RawMessage `json:"data,omitempty"`
}

// SignalOut is whom it reached.
type SignalOut struct {
	Runs  []SignalRun `json:"runs"`
	Waits int         `json:"waits"` // runs that were waiting for it
}

// SignalRun is what became of it at one flow that listens.
type SignalRun struct {
	Result string `json:"result"` // as a webhook's: accepted, duplicate, skipped, sample, queued, failed
	Run    int64  `json:"run,omitempty"`
	Reason string `json:"reason,omitempty"`
}

func (s *server) tellEvent(ctx context.Context, in SignalIn) (SignalOut, error) {
	if s.Signal == nil {
		return SignalOut{}, engine.E(engine.Unavailable, "this server takes no signals").WithOp("control.signal")
	}
	return s.Signal(ctx, in)
}
