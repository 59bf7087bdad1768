package control

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// The socket is private from its first moment, also in a directory that others can enter and with no umask.
func TestSocketIsNeverOpenToOthers(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	dir := t.TempDir()
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			if info, err := os.Stat(filepath.Join(dir, socketName)); err == nil && info.Mode().Perm() != 0o600 {
				t.Errorf("it was %v", info.Mode())
				return
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	}()
	for range 300 {
		l, remove, err := listen(dir)
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		remove()
	}
	close(stop)
	<-done
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
