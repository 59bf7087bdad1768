package sqlite

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/bretelle/bretelle/engine"
)

// inline is the greatest payload kept in a row, in bytes. Above it a file is cheaper than a long chain of pages.
const inline = 64 << 10

// blobs keeps large payloads as files named by their SHA-256: written and synced before the row that names them is
// committed, so that a committed row always has its file. A file without a row is harmless.
type blobs struct {
	dir string
	// using is held for reading from writing a file until its row is committed, for writing while files are
	// removed: a file must not vanish between the two.
	using sync.RWMutex
}

// payload is data as stored: in the row, or in a file.
type payload struct{ data, blob any }

// keep makes a payload of data; the caller holds using. nil stays nothing.
func (b *blobs) keep(data []byte) (payload, error) {
	if len(data) <= inline {
		return payload{data: text(data)}, nil
	}
	sum := sha256.Sum256(data)
	name := hex.EncodeToString(sum[:])
	if err := b.put(name, data); err != nil {
		return payload{}, err
	}
	return payload{blob: name}, nil
}

// put writes a file under its name, if it is not there yet: written, synced, then named.
func (b *blobs) put(name string, data []byte) error {
	path := b.path(name)
	dir := filepath.Dir(path)
	if info, err := os.Stat(path); err == nil && info.Size() == int64(len(data)) {
		return b.sync(dir) // whoever made it may not have come so far
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return err
	}
	return b.sync(dir)
}

// sync makes the names on the way to a file in dir durable.
func (b *blobs) sync(dir string) error {
	return errors.Join(syncDir(dir), syncDir(b.dir), syncDir(filepath.Dir(b.dir)))
}

func (b *blobs) path(name string) string { return filepath.Join(b.dir, name[:2], name) }

// load gives a payload's data. Unreadable when its file is gone or not what was written.
func (b *blobs) load(data []byte, blob string) ([]byte, error) {
	if blob == "" {
		return data, nil
	}
	damaged := engine.E(engine.Unreadable, "a stored payload is damaged or missing").
		WithHint("Restore the blobs directory from a backup.").WithOp("sqlite.blob")
	if len(blob) != 2*sha256.Size {
		return nil, damaged
	}
	out, err := os.ReadFile(b.path(blob))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, damaged.Wrap(err)
	}
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(out); hex.EncodeToString(sum[:]) != blob {
		return nil, damaged
	}
	return out, nil
}

// drop removes files; the caller holds using for writing and knows that no row names them.
func (b *blobs) drop(names []string) error {
	var errs []error
	for _, name := range names {
		if err := os.Remove(b.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(ignoreUnsupported(d.Sync()), d.Close())
}
