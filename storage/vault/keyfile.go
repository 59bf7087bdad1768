package vault

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// The environment variables that name the master key (CONTRACTS, "Environment").
const (
	EnvKey     = "BRETELLE_MASTER_KEY"
	EnvKeyFile = "BRETELLE_MASTER_KEY_FILE"
)

// KeyPath is where the key of an installation lies by default: in the user's configuration directory, away from the
// data it opens.
func KeyPath(configDir, installation string) string {
	safe := installation != "" && strings.Trim(installation, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
	if !safe {
		sum := sha256.Sum256([]byte(installation))
		installation = hex.EncodeToString(sum[:8])
	}
	return filepath.Join(configDir, "bretelle", installation+".key")
}

// LoadKey finds the master key: in BRETELLE_MASTER_KEY, in the file that BRETELLE_MASTER_KEY_FILE names, else in the
// file at path, which is made (created is true) when there is none. Errors: Invalid for something that is no key,
// NotFound when the named file is missing, Denied when others can read the file, Unavailable when the disk does not
// play along.
func LoadKey(env func(string) string, path string) (k Key, created bool, err error) {
	if text := env(EnvKey); text != "" {
		k, err = ParseKey(text)
		return k, false, err
	}
	if named := env(EnvKeyFile); named != "" {
		k, err = ReadKey(named)
		return k, false, err
	}
	k, err = ReadKey(path)
	if engine.CodeOf(err) != engine.NotFound {
		return k, false, err
	}
	k = NewKey()
	return k, true, WriteKey(path, k)
}

// ReadKey reads a key file. Errors as LoadKey's.
func ReadKey(path string) (Key, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, engine.E(engine.NotFound, "there is no key file {path}", "path", path).Wrap(err)
	}
	if err != nil {
		return Key{}, unreadable(path, err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return Key{}, unreadable(path, err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return Key{}, engine.E(engine.Denied, "others can read the key file {path}", "path", path).
			WithHint("Run: chmod 600 {path}")
	}
	b, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return Key{}, unreadable(path, err)
	}
	k, err := ParseKey(string(b))
	if err != nil {
		return Key{}, engine.E(engine.Invalid, "{path} does not hold a master key (32 bytes in base64)", "path", path).
			WithHint("Put your copy back, or the recovery text.").Wrap(err)
	}
	return k, nil
}

// WriteKey writes a key file that only its owner can read, whole or not at all, in place of one that is there.
func WriteKey(path string, k Key) error {
	dir := filepath.Dir(path)
	err := os.MkdirAll(dir, 0o700)
	if err != nil {
		return unreadable(path, err)
	}
	tmp, err := os.CreateTemp(dir, ".key-*") // 0600
	if err != nil {
		return unreadable(path, err)
	}
	_, err = tmp.WriteString(k.Text() + "\n")
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return unreadable(path, err)
	}
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync() // a new key must outlive a power cut as the data it opens does; not every system can
		_ = d.Close()
	}
	return nil
}

func unreadable(path string, err error) error {
	return engine.E(engine.Unavailable, "the key file {path} cannot be used", "path", path).
		WithHint("Check who owns it and its directory.").Wrap(err)
}
