package engine

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code says what the caller can do about an error. Codes are stable: they are stored, and shown in JSON.
type Code string

// The codes. Everything that is not an *Error counts as Internal.
const (
	Invalid     Code = "invalid"     // the input is wrong; Hint says how to mend it
	NotFound    Code = "not_found"   // no such thing (or none that the caller may see)
	Conflict    Code = "conflict"    // it exists already, or changed since it was read
	Denied      Code = "denied"      // the actor may not do this
	Unsigned    Code = "unsigned"    // who is asking could not be established (HTTP 401)
	TooLarge    Code = "too_large"   // over a stated limit
	Throttled   Code = "throttled"   // too many; After says when to come back
	Unavailable Code = "unavailable" // a resource is out of reach for now: disk, network, another process
	Timeout     Code = "timeout"     // no answer in the time allowed
	Refused     Code = "refused"     // the other side understood and said no (a 4xx)
	Unreadable  Code = "unreadable"  // the other side's answer could not be understood
	Unknown     Code = "unknown"     // it may or may not have happened
	Canceled    Code = "canceled"    // stopped on request
	Internal    Code = "internal"    // our own defect: shown to people as a reference only
)

// Error is the one error type that crosses package borders. Msg is English and doubles as the message id of
// the translation catalogue, gettext fashion; {name} in it is replaced by Args["name"]. Msg, Args and Hint are
// shown to people, so they never hold a secret; Err is for the log only.
type Error struct {
	Code  Code
	Op    string         // package and operation, "flows.publish"; for the log
	Msg   string         // what is wrong, without a full stop at the end
	Args  map[string]any // values for Msg and Hint
	Hint  string         // what to do about it, a sentence; may be empty
	After time.Duration  // for Throttled and Unavailable: not before; 0 is unknown
	Err   error          // the cause, never shown
}

// E makes an Error whose args are given as pairs: E(NotFound, "no flow is called {name}", "name", n).
func E(code Code, msg string, args ...any) *Error {
	return &Error{Code: code, Msg: msg, Args: Args(args...)}
}

// Args makes a map of name, value pairs; a trailing name without a value is left out.
func Args(pairs ...any) map[string]any {
	if len(pairs) < 2 {
		return nil
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if k, ok := pairs[i].(string); ok {
			m[k] = pairs[i+1]
		}
	}
	return m
}

// WithHint returns e with its hint set, for use where the error is made.
func (e *Error) WithHint(hint string) *Error { e.Hint = hint; return e }

// WithOp returns e with its operation set.
func (e *Error) WithOp(op string) *Error { e.Op = op; return e }

// Wrap returns e with its cause set.
func (e *Error) Wrap(err error) *Error { e.Err = err; return e }

// Error is the English message with its hint. It never includes Err: the text may reach people.
func (e *Error) Error() string {
	s := Fill(e.Msg, e.Args)
	if e.Hint != "" {
		s += ". " + Fill(e.Hint, e.Args)
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Fill replaces {name} in text by the arguments; unknown names stay as they are.
func Fill(text string, args map[string]any) string {
	if len(args) == 0 || !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '{')
		if i < 0 {
			break
		}
		j := strings.IndexByte(text[i:], '}')
		if j < 0 {
			break
		}
		b.WriteString(text[:i])
		if v, ok := args[text[i+1:i+j]]; ok {
			fmt.Fprint(&b, v)
		} else {
			b.WriteString(text[i : i+j+1])
		}
		text = text[i+j+1:]
	}
	b.WriteString(text)
	return b.String()
}

// CodeOf is the code of the first *Error in err's chain; Internal when there is none, "" when err is nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// AsError returns the first *Error in err's chain, or wraps err as Internal without showing its text.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: Internal, Msg: "Something went wrong on my side", Err: err}
}
