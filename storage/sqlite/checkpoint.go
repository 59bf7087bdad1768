package sqlite

import (
	"context"
	"os"
	"path/filepath"
)

// longLog is the size of the log, in bytes, at which the writer stops to have it emptied. SQLite begins the log anew
// by itself only at a moment when nobody reads it; under constant reading that moment never comes.
const longLog = 16 << 20

// checkpoint empties the log when it has become long. It waits for those who are reading (not for those who come
// meanwhile: they read the database itself), at most the busy timeout. What fails is tried again once the log has
// grown by as much again: the log only costs room, everything in it is stored. While a backup is under way, which reads
// for long, nothing is waited for.
func (w *writer) checkpoint(ctx context.Context) {
	info, err := os.Stat(filepath.Join(w.store.dir, File+"-wal"))
	if err != nil || info.Size() < w.nextCheck || w.conn == nil || w.store.copying.now.Load() > 0 {
		return
	}
	var busy, frames, moved int
	err = w.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	w.nextCheck = longLog
	if err != nil || busy != 0 {
		w.nextCheck += info.Size()
	}
}
