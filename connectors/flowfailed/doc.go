// Package flowfailed is the connector "flow": the trigger flow.failed, which starts a flow when a run of another one
// fails, and the trigger flow.called of flows that others call (the engine makes their runs, called.go only declares it).
//
//	step.failed notice (committed with the failure) ──intake.Failures──▶ event of every flow that listens
//
// Why the notices: they are written in the transaction in which the step gave up, so that no failure is missed and none
// is told twice, whenever the program stops. A flow never gets its own failures, nor those of a flow that was started
// by them: the chain of flows that led to a failure travels with it.
package flowfailed
