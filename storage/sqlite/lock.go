package sqlite

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// acquire locks the directory for this process. The lock goes with the process, however it ends; the number inside
// is for people only.
func acquire(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, explain(dir, "lock", err)
	}
	taken, err := lockFile(f)
	if err != nil {
		held, _ := io.ReadAll(io.LimitReader(f, 32))
		_ = f.Close()
		if !taken {
			return nil, explain(dir, "lock", err)
		}
		pid := strings.TrimSpace(string(held))
		if _, bad := strconv.Atoi(pid); bad != nil {
			pid = "?"
		}
		return nil, engine.E(engine.Conflict, "another Bretelle is running on this data (process {pid}, {dir})", "pid", pid,
			"dir", dir).WithOp("sqlite.open").WithHint("Use that one, stop it, or give this one another --data directory.")
	}
	if err = f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil && !noSpace(err) {
		_ = f.Close()
		return nil, explain(dir, "lock", err)
	}
	return f, nil
}

func release(f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Close()
}
