package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"

	"github.com/bretelle/bretelle/engine"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date, forward only. A database of a newer version is refused: an older program
// would not understand what it finds.
func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true),
		goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return err
	}
	has, want, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if has > want {
		return engine.E(engine.Unreadable, "this data was written by a newer Bretelle (schema {has}, I know {want})",
			"has", has, "want", want).WithHint("Start the newer version, or restore a backup from before.")
	}
	_, err = p.Up(ctx)
	return err
}

// knownSchema is the schema that this program brings databases up to.
func knownSchema() (int64, error) {
	files, err := migrations.ReadDir("migrations")
	if err != nil || len(files) == 0 {
		return 0, err
	}
	number, _, _ := strings.Cut(files[len(files)-1].Name(), "_")
	return strconv.ParseInt(number, 10, 64)
}
