package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// built is the program as go build makes it, or this test binary when it shall be profiled.
func built(b *testing.B) string {
	b.Helper()
	if os.Getenv(profileTo) != "" {
		return os.Args[0]
	}
	program := filepath.Join(b.TempDir(), "bretelle")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

func (b *botProcess) listedIn(states ...string) []runJSON {
	b.t.Helper()
	var r []runJSON
	args := []string{"run", "list", "--limit", "1"}
	for _, s := range states {
		args = append(args, "--state", s)
	}
	b.jsonOf(&r, args...)
	return r
}
