package control

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

const (
	socketName = "control.sock"
	// pointerName is a file that names the socket where the data directory's own path is too long for one.
	pointerName = "control.path"
	// pathMost is what every system takes as a socket's path: sun_path is 104 bytes on macOS and BSD, 108 on Linux.
	pathMost = 103
)

// listen opens the socket of a data directory. The caller holds the directory's lock, so a socket that is there
// already is left over from a process that died.
func listen(dir string) (l net.Listener, remove func(), err error) {
	path, pointer := filepath.Join(dir, socketName), filepath.Join(dir, pointerName)
	bad := func(err error) (net.Listener, func(), error) {
		return nil, nil, engine.E(engine.Unavailable, "the control socket {path} cannot be opened", "path", path).
			WithOp("control.listen").Wrap(err)
	}
	if err := os.Remove(pointer); err != nil && !errors.Is(err, os.ErrNotExist) {
		return bad(err)
	}
	private := ""
	if len(path) > pathMost {
		if private, err = os.MkdirTemp("", "bretelle-"); err != nil {
			return bad(err)
		}
		path = filepath.Join(private, socketName)
		if err := os.WriteFile(pointer, []byte(path+"\n"), 0o600); err != nil {
			return bad(err)
		}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return bad(err)
	}
	if l, err = net.Listen("unix", path); err != nil {
		return bad(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return bad(err)
	}
	return l, func() {
		_ = os.Remove(pointer)
		_ = os.Remove(path)
		if private != "" {
			_ = os.Remove(private)
		}
	}, nil
}

// socketOf finds the socket of a data directory.
func socketOf(dir string) string {
	if b, err := os.ReadFile(filepath.Join(dir, pointerName)); err == nil {
		return strings.TrimSpace(string(b))
	}
	return filepath.Join(dir, socketName)
}

// dial connects to the bot of a data directory; Unavailable, in words for whoever typed the command, when none runs.
func dial(ctx context.Context, dir string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socketOf(dir))
	if err != nil {
		return nil, engine.E(engine.Unavailable, "no bretelle is running on {dir}", "dir", dir).
			WithHint("Start it with: bretelle --data {dir}").Wrap(err)
	}
	return conn, nil
}
