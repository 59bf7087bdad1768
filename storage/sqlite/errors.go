package sqlite

import (
	"context"
	"errors"

	"github.com/bretelle/bretelle/engine"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// explain makes an error people can act on of what the disk, SQLite or the context said. What is an engine.Error
// already stays as it is.
func explain(dir, op string, err error) error {
	var e *engine.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return words(dir, err).WithOp("sqlite." + op).Wrap(err)
}

func words(dir string, err error) *engine.Error {
	code := 0
	var d *driver.Error
	if errors.As(err, &d) {
		code = d.Code() & 0xff
	}
	io := code == codes.SQLITE_IOERR || code == codes.SQLITE_CANTOPEN
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return engine.E(engine.Canceled, "it was stopped")
	case code == codes.SQLITE_CONSTRAINT:
		return engine.E(engine.Conflict, "it exists already")
	case code == codes.SQLITE_FULL, noSpace(err), io && full(dir):
		return engine.E(engine.Unavailable, "the disk is full: nothing more can be stored in {dir}", "dir", dir).
			WithHint("Make room there. I go on by myself once there is some.")
	case code == codes.SQLITE_READONLY, readOnly(err):
		return engine.E(engine.Unavailable, "{dir} cannot be written", "dir", dir).
			WithHint("Check who owns it, its permissions, and whether its disk is mounted read-only.")
	case code == codes.SQLITE_BUSY, code == codes.SQLITE_LOCKED:
		return engine.E(engine.Unavailable, "another program keeps the database in {dir} locked", "dir", dir).
			WithHint("Close what has it open, then try again.")
	case code == codes.SQLITE_CORRUPT, code == codes.SQLITE_NOTADB:
		return engine.E(engine.Unreadable, "the database in {dir} is damaged", "dir", dir).
			WithHint("Stop me and restore a backup.")
	case errors.Is(err, errClosed):
		return engine.E(engine.Unavailable, "I am shutting down, nothing more can be stored")
	}
	return engine.E(engine.Unavailable, "it could not be stored or read in {dir}", "dir", dir).
		WithHint("Try again in a moment. The log says more.")
}

var errClosed = errors.New("the store is closed")

// alone reports whether an error concerns one member only: an answer of ours, or a constraint. Anything else may
// have undone the whole transaction behind our back.
func alone(err error) bool {
	var e *engine.Error
	if errors.As(err, &e) {
		return e.Code != engine.Unavailable
	}
	var d *driver.Error
	return errors.As(err, &d) && d.Code()&0xff == codes.SQLITE_CONSTRAINT
}
