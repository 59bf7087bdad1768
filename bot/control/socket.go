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
	// birthPrefix begins the name of the directory that the socket is made in; birthMost is how much that adds to a path.
	birthPrefix = "bretelle-"
	birthMost   = len(birthPrefix) + 10 + 1
)

// listen opens the socket of a data directory. The caller holds the directory's lock, so a socket that is there
// already is left over from a process that died. It is born in a directory of its own, which nobody else may enter, and
// moved to its place when it is private itself.
func listen(dir string) (l net.Listener, remove func(), err error) {
	path, pointer := filepath.Join(dir, socketName), filepath.Join(dir, pointerName)
	bad := func(err error) (net.Listener, func(), error) {
		return nil, nil, engine.E(engine.Unavailable, "the control socket {path} cannot be opened", "path", path).
			WithOp("control.listen").Wrap(err)
	}
	if err := os.Remove(pointer); err != nil && !errors.Is(err, os.ErrNotExist) {
		return bad(err)
	}
	parent := dir
	if len(path)+birthMost > pathMost {
		parent = ""
	}
	private, err := os.MkdirTemp(parent, birthPrefix)
	if err != nil {
		return bad(err)
	}
	born := filepath.Join(private, socketName)
	if l, err = bind(born); err != nil {
		_ = os.RemoveAll(private)
		return bad(err)
	}
	if parent == "" { // it stays there
		path = born
		err = os.WriteFile(pointer, []byte(path+"\n"), 0o600)
	} else if err = os.Rename(born, path); err == nil {
		err = os.Remove(private)
	}
	if err != nil {
		_ = l.Close()
		_ = os.RemoveAll(private)
		return bad(err)
	}
	return l, func() {
		_ = os.Remove(pointer)
		_ = os.Remove(path)
		_ = os.Remove(private)
	}, nil
}

func bind(path string) (net.Listener, error) {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // it moves
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
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
