package connectors

import (
	"context"
	"errors"

	"github.com/bretelle/bretelle/engine"
)

// Fault is an attempt that did not succeed, as an error. Call's methods return it; an action returns it unchanged,
// or makes its own with Fail.
type Fault struct {
	engine.Failure
	Err error // the cause, for the log only
}

// Fail makes a Fault; args are name, value pairs as in engine.E.
func Fail(class engine.FailureClass, code engine.Code, msg string, args ...any) *Fault {
	return &Fault{Failure: engine.Failure{Class: class, Code: code, Msg: msg, Args: engine.Args(args...)}}
}

// WithHint returns f with its hint set.
func (f *Fault) WithHint(hint string) *Fault { f.Hint = hint; return f }

func (f *Fault) wrap(err error) *Fault { f.Err = err; return f }

// Error is the English message, without the cause.
func (f *Fault) Error() string { return f.Failure.Error().Error() }

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }

// failureOf sorts any error into a failure. sent says whether anything may have left this machine; what is not
// known to have stayed here is never called not sent.
func failureOf(err error, sent bool) engine.Failure {
	var f *Fault
	if errors.As(err, &f) {
		return f.Failure
	}
	var e *engine.Error
	switch {
	case errors.As(err, &e):
	case errors.Is(err, context.DeadlineExceeded):
		e = engine.E(engine.Timeout, "There was no answer in the time allowed")
	case errors.Is(err, context.Canceled):
		e = engine.E(engine.Canceled, "This was stopped")
	default:
		e = engine.AsError(err)
	}
	return engine.Failure{Class: classOf(e.Code, sent), Code: e.Code, Msg: e.Msg, Args: e.Args, Hint: e.Hint,
		After: e.After.Milliseconds()}
}

func classOf(code engine.Code, sent bool) engine.FailureClass {
	switch code {
	case engine.Throttled:
		return engine.Busy
	case engine.Unsigned:
		return engine.Unauthorized
	case engine.Unreadable:
		return engine.Garbled
	case engine.Refused:
		return engine.Rejected
	case engine.Unknown:
		return engine.Unsure
	}
	if sent {
		switch code {
		case engine.Invalid, engine.NotFound, engine.Conflict, engine.TooLarge, engine.Denied:
			return engine.Rejected
		}
		return engine.Unsure
	}
	switch code {
	case engine.Denied:
		return engine.Forbidden
	case engine.Unavailable, engine.Timeout, engine.Canceled:
		return engine.NotSent
	}
	return engine.BadInput
}
