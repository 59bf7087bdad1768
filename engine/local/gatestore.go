package local

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
	"github.com/bretelle/bretelle/engine/gate"
)

// GateStore is what the runtime needs of storage for gates (R10). What a gate decides is decided in the transaction that
// asks: Accept and Commit carry the asks, and the end of a run frees what it held. What came of it is in the store, to be
// found by these queries, so that a crash before somebody heard of it loses nothing.
type GateStore interface {
	// Told lists what is to be told to runs and was not taken by them yet, oldest first.
	Told(ctx context.Context, limit int) ([]GateTold, error)

	// GatesDue lists gates whose Wake is ≤ now, at most limit; next is the first one's after those (0: none).
	GatesDue(ctx context.Context, now int64, limit int) (due []GateDue, next int64, err error)

	// GateTick lets time pass at a gate. With a rule, a gate that is not there is made, and one that is follows it from
	// now on. say makes notices of what follows, stored with it; it may be called more than once, and nil says nothing.
	// No such gate is no error.
	GateTick(ctx context.Context, g GateAsk, at int64, say func(gate.Out) []engine.Notice) error

	// GateAnswer does what people answered to the question of a gate, in one transaction with what say makes of it and the
	// audit. It is Conflict when that question is over.
	GateAnswer(ctx context.Context, a GateAnswer, say func(gate.Out) []engine.Notice) error

	// InLine lists what the first of a gate's line asked with.
	InLine(ctx context.Context, name string, limit int) ([]GateTold, error)

	// LastAdded is who added last to a digest, of those whose runs are still there; Path is empty.
	LastAdded(ctx context.Context, name string) (t GateTold, found bool, err error)

	// PutBreaker stores an open breaker, or forgets one that closed, with what people are told and the audit.
	PutBreaker(ctx context.Context, b Breaker, notices []engine.Notice, audit ...engine.AuditEntry) error

	// Breakers lists those that are open.
	Breakers(ctx context.Context) ([]Breaker, error)

	// Collected lists what a gathering gate has collected, in the order it came; last wants the event of the
	// last one alone.
	Collected(ctx context.Context, name string, limit int, last bool) ([]Collected, error)

	// Lined tells what queued runs wait for at gates; those that wait for none are not among them.
	Lined(ctx context.Context, runs []string) (map[string]engine.Line, error)
}

// GateAsk asks to pass a gate.
type GateAsk struct {
	Gate  string          `json:"gate"` // its name: equal names are one gate
	Flow  string          `json:"flow"`
	Label string          `json:"label,omitempty"` // what it is for, as people know it: the key
	Rule  gate.Rule       `json:"rule"`
	Path  string          `json:"path,omitempty"` // the step that asks; "" for a run that may begin when it is through
	Data  json.RawMessage `json:"data,omitempty"` // kept with who asks
}

// GateAnswer is what a person answered where a gate asked what is to become of its line.
type GateAnswer struct {
	Gate   string
	Op     gate.Op
	Reason string // why those end that are refused, printable
	Audit  []engine.AuditEntry
}

// What a run is told by a gate.
const (
	GateGranted = engine.GateGranted // the step at Path is through
	GateRefused = engine.GateRefused // the gate is full, and its rule says so
	GateJoined  = engine.GateJoined  // what the step at Path brought is added to a digest
	GateOusted  = "ousted"           // the run has to give way: it is to be cancelled, with Reason
)

// GateTold is something that a gate has to tell a run. It is listed until a Change of the run has its Path among Heard,
// or the run has ended.
type GateTold struct {
	Run    string
	Gate   string
	Path   string
	Tell   string // GateGranted, GateRefused, GateJoined or GateOusted
	Reason string // printable
	Data   json.RawMessage
}

// GateDue is a gate whose time has come.
type GateDue struct {
	Gate  string
	Flow  string
	Label string
	Rule  gate.Rule
	State gate.State
	Steps bool // steps of runs wait at it, not events
}

// Collected is an event that waits to become part of a run.
type Collected struct {
	Row     int64 // its place in line
	Trigger string
	Event   engine.Event
}

// GateTake says which of a gate's collected events a batch's only item stands for. The batch is refused with Conflict,
// whole, when one of them was taken meanwhile.
type GateTake struct {
	Gate   string
	Rows   []int64
	Joined bool    // only the last is what the run is about; those before are skipped, as joined by it
	Events []int64 // filled in by the store
}

// What names of gates begin with.
const (
	OrderGate   = "order:"   // runs of one key, one after the other
	SlotsGate   = "runs:"    // so many runs at once
	CollectGate = "collect:" // events of a trigger
	ExpectGate  = "expect:"  // counts the events of a flow
	// Steps ask these; engine/fold names them.
	BudgetGate = fold.BudgetGate
	// It keeps what breakers know, and nobody asks it.
	BreakerGate = "breaker:"
)
