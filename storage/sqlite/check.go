package sqlite

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// Check has SQLite look at every page and index of the file; it takes about a second for each gigabyte. The error is
// Unreadable when something is damaged, with SQLite's words as its cause, else what kept it from looking.
func (s *Store) Check(ctx context.Context) error {
	var said string
	// Not prepared for good like other queries: it is asked once in a while, by a person.
	if err := s.readers.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&said); err != nil {
		return explain(s.dir, "check", err)
	}
	if said == "ok" {
		return nil
	}
	return engine.E(engine.Unreadable, "the database in {dir} is damaged", "dir", s.dir).
		WithHint("Stop me and restore a backup.").WithOp("sqlite.check").Wrap(errDamage(said))
}

// damaged says that what one run did cannot be read; nil for no error. The runs beside it can.
func damaged(run int64, err error) error {
	if err == nil {
		return nil
	}
	return engine.E(engine.Unreadable, "what run #{number} did cannot be read: its part of the database is damaged", "number", run).
		WithHint("The other runs are not touched by that. A backup may still have it.").WithOp("sqlite.journal").Wrap(err)
}

// errDamage is what SQLite's integrity check says.
type errDamage string

func (e errDamage) Error() string { return string(e) }
