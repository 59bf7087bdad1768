//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// alone makes a program the head of its own group, so that what it starts ends with it; and bounds its memory, because
// a loop that never ends may also grow.
func alone(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	if sh, err := exec.LookPath("sh"); err == nil {
		c.Args = append([]string{"sh", "-c", `ulimit -v 4000000; exec "$0" "$@"`, c.Path}, c.Args[1:]...)
		c.Path = sh
	}
}
