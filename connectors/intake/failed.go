package intake

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/bretelle/bretelle/connectors/flowfailed"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
)

// Failure is a failure as the store numbered it.
type Failure struct {
	N      int64 // grows with each failure, in the order of their commits
	Notice engine.Notice
}

// FailureLog is what the loop asks of the store.
type FailureLog interface {
	// Failures lists notices of kind step.failed with N > after, in order, at most limit. Unavailable.
	Failures(ctx context.Context, after int64, limit int) ([]Failure, error)
	// LastFailure is the greatest N there is; 0 when there is none. Unavailable.
	LastFailure(ctx context.Context) (int64, error)
}

// Failures hands failures of flows to the flows that listen (flow.failed). Each listener has a cursor in the log of
// notices, which is written with the failure itself: nothing is lost or told twice, whenever the program stops. A
// listener begins with what fails after it was published.
type Failures struct {
	Loop
	log FailureLog
	// started gives the event that a run was started with, and the kind of its trigger. NotFound, Unavailable.
	started func(ctx context.Context, run string) (kind string, data map[string]any, err error)
	wake    chan struct{}
}

// NewFailures makes the loop. started tells what started a run.
func NewFailures(l Loop, log FailureLog, started func(ctx context.Context, run string) (kind string, data map[string]any, err error)) *Failures {
	l.defaults()
	return &Failures{Loop: l, log: log, started: started, wake: make(chan struct{}, 1)}
}

// Wake has the log looked at soon: something may have failed, or a flow may listen now.
func (f *Failures) Wake() { poke(f.wake) }

// Run hands on until ctx ends.
func (f *Failures) Run(ctx context.Context) { f.turn(ctx, f.wake, f.Pass) }

// heard is a listener's cursor.
type heard struct {
	N int64 `json:"n"`
}

// batch bounds the failures handed on at once.
const batch = 100

// maxChain bounds how many flows may make one another fail.
const maxChain = 5

// Pass hands on everything there is; a time is when to try again what could not be stored.
func (f *Failures) Pass(ctx context.Context) time.Time {
	var again time.Time
	for _, t := range f.Flows.Triggers(flowfailed.Failed) {
		if !listens(t) {
			continue
		}
		for more := true; more && ctx.Err() == nil; {
			var err error
			if more, err = f.hand(ctx, t); err != nil {
				if engine.CodeOf(err) != engine.NotFound {
					f.Log.Warn("failures could not be handed on, trying again", "flow", t.Flow, "err", err)
				}
				again = f.Now().Add(badNap)
			}
		}
	}
	return again
}

// hand offers one batch to one listener, with the cursor behind it.
func (f *Failures) hand(ctx context.Context, t flows.Trigger) (more bool, err error) {
	b, err := f.Cursors.Cursor(ctx, t.ID)
	if err != nil {
		return false, err
	}
	var at heard
	if b == nil || json.Unmarshal(b, &at) != nil {
		if at.N, err = f.log.LastFailure(ctx); err != nil {
			return false, err
		}
		return false, f.offer(ctx, t, nil, at)
	}
	list, err := f.log.Failures(ctx, at.N, batch)
	if err != nil || len(list) == 0 {
		return false, err
	}
	var items []engine.Item
	for _, x := range list {
		at.N = x.N
		it, ok, err := f.item(ctx, t, x.Notice)
		if err != nil {
			return false, err
		}
		if ok {
			items = append(items, it)
		}
	}
	return len(list) == batch, f.offer(ctx, t, items, at)
}

func (f *Failures) offer(ctx context.Context, t flows.Trigger, items []engine.Item, at heard) error {
	cursor, err := json.Marshal(at)
	if err != nil {
		return err
	}
	_, err = f.Intake.Accept(ctx, engine.Batch{Trigger: t.ID, Items: items, Cursor: cursor, From: "failure"})
	return err
}

// item is a failure as an event; ok is false when it is not this listener's.
func (f *Failures) item(ctx context.Context, t flows.Trigger, n engine.Notice) (it engine.Item, ok bool, err error) {
	of, _ := t.With["flow"].(string)
	if n.Flow == t.Flow || of != "" && of != flowfailed.Any && of != n.Flow {
		return it, false, nil
	}
	chain, err := f.chain(ctx, n)
	if err != nil {
		return it, false, err
	}
	if slices.Contains(chain, t.Flow) || len(chain) > maxChain {
		f.Log.Warn("a failure was not handed on: flows would make one another fail without end", "flow", t.Flow, "failed", n.Flow, "run", n.Number)
		return it, false, nil
	}
	var d engine.FailedData
	if len(n.Data) > 0 && json.Unmarshal(n.Data, &d) != nil {
		d = engine.FailedData{} // it failed all the same
	}
	return engine.Item{Key: n.ID, Data: failedData(n, d, chain)}, true, nil
}

func failedData(n engine.Notice, d engine.FailedData, chain []string) map[string]any {
	m := map[string]any{"flow": n.Flow, "run": int(n.Number), "step": d.Step, "index": d.Index, "action": d.Action,
		"message": "", "code": "", "status": 0, "said": "", "place": n.Place.String()}
	names := make([]any, len(chain))
	for i, c := range chain {
		names[i] = c
	}
	m["chain"] = names
	if x := d.Failure; x != nil {
		m["message"], m["code"], m["status"], m["said"] = engine.Fill(x.Msg, x.Args), string(x.Code), x.Status, x.Said
	}
	return m
}

// chain is the flows whose failures led to this one, itself last.
func (f *Failures) chain(ctx context.Context, n engine.Notice) ([]string, error) {
	var chain []string
	kind, data, err := f.started(ctx, n.Run)
	switch {
	case engine.CodeOf(err) == engine.NotFound: // erased meanwhile
	case err != nil:
		return nil, err
	case kind == flowfailed.Failed:
		list, _ := data["chain"].([]any)
		for _, x := range list {
			if name, ok := x.(string); ok {
				chain = append(chain, name)
			}
		}
	}
	return append(chain, n.Flow), nil
}
