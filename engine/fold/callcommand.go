package fold

import (
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
)

// Call begins a run of another flow in the transaction that stores it. CallEnded is fed to this run when that run has
// ended, or, where Wait is false, is there; and when it cannot begin.
type Call struct {
	Path    string
	Run     string // id of the new run
	Flow    string
	Version int64 // 0: the published one
	Input   map[string]any
	Wait    bool
}

// Return tells the run that called this one how it has ended. It is part of the transaction, and told however often the
// program stops.
type Return struct {
	To   string // run
	Path string
	Head engine.CallHead
	Data json.RawMessage // what the flow gives; nil: nothing
}

// CancelRun cancels a run that this one called. It is part of the transaction, and carried out however often the program
// stops; a run that has ended is no error.
type CancelRun struct {
	Run    string
	Reason string
}

func (Call) command()      {}
func (Return) command()    {}
func (CancelRun) command() {}
