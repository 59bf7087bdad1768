package main

import (
	"os"
	"runtime/pprof"
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

// profileTo names the file that process writes a processor profile to, until it is stopped.
const profileTo = "BRETELLE_TEST_PROFILE"

func TestMain(m *testing.M) {
	if os.Getenv(asBot) != "" {
		stop := profiling(os.Getenv(profileTo))
		code := run(os.Args[1:], killing(os.Getenv(killAt)))
		stop()
		os.Exit(code)
	}
	testscript.Main(m, map[string]func(){"bretelle": func() { os.Exit(run(os.Args[1:], nil)) }})
}

func profiling(file string) (stop func()) {
	if file == "" || len(os.Args) < 4 || os.Args[3] != "serve" {
		return func() {}
	}
	f, err := os.Create(file)
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		panic(err)
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}
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
