package main

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/bretelle/bretelle/storage/sqlite"
)

// asBot makes the test binary be the program: end-to-end tests start it as a process of its own.
const asBot = "BRETELLE_TEST_AS_BOT"

// killAt, "before 7" or "after 7", kills that process at its 7th COMMIT, as kill -9 does.
const killAt = "BRETELLE_TEST_KILL_AT"

func TestMain(m *testing.M) {
	if os.Getenv(asBot) != "" {
		os.Exit(run(os.Args[1:], killing(os.Getenv(killAt))))
	}
	testscript.Main(m, map[string]func(){"bretelle": func() { os.Exit(run(os.Args[1:], nil)) }})
}

func killing(at string) func(*sqlite.Options) {
	when, number, ok := strings.Cut(at, " ")
	if !ok {
		return nil
	}
	n, err := strconv.Atoi(number)
	if err != nil {
		panic(err)
	}
	return func(o *sqlite.Options) {
		o.Commit = func(i int, w string) {
			if i == n && w == when {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {} // the signal is on its way
			}
		}
	}
}
