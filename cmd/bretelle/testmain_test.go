package main

import (
	"os"
	"os/signal"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/bretelle/bretelle/storage/sqlite"
)

// asBot makes the test binary be the program: end-to-end tests start it as a process of its own.
const asBot = "BRETELLE_TEST_AS_BOT"

// killAt, "before 7" or "after 7", kills that process at its 7th COMMIT, as kill -9 does; "after 7 since FILE" at the 7th
// once that file is there.
const killAt = "BRETELLE_TEST_KILL_AT"

// profileTo names the file that process writes a processor profile to, until it is stopped.
const profileTo = "BRETELLE_TEST_PROFILE"

// clockAt names a file that says how many milliseconds that process's clock is ahead; SIGUSR1 has it read again.
const clockAt = "BRETELLE_TEST_CLOCK"

// ahead gives a bot a clock that tests set, and wakes the bot when they do.
func ahead(s *settings, file string) {
	if file == "" {
		return
	}
	var offset atomic.Int64
	read := func() {
		if b, err := os.ReadFile(file); err == nil {
			n, _ := strconv.ParseInt(string(b), 10, 64) // a file that is not there yet, or empty, is no time ahead
			offset.Store(n)
		}
	}
	read()
	s.now = func() time.Time { return time.Now().Add(time.Duration(offset.Load()) * time.Millisecond) }
	s.wired = func(a *app) {
		told := make(chan os.Signal, 1)
		signal.Notify(told, syscall.SIGUSR1)
		go func() {
			for range told {
				read()
				a.wake()
			}
		}()
	}
}

func TestMain(m *testing.M) {
	if os.Getenv(asBot) != "" {
		stop := profiling(os.Getenv(profileTo))
		code := run(os.Args[1:], func(s *settings) {
			s.store = killing(os.Getenv(killAt))
			ahead(s, os.Getenv(clockAt))
		})
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
	number, file, _ := strings.Cut(number, " since ")
	n, err := strconv.Atoi(number)
	if err != nil {
		panic(err)
	}
	armed, first := file == "", 0
	return func(o *sqlite.Options) {
		o.Commit = func(i int, w string) {
			if !armed {
				if _, err := os.Stat(file); err != nil {
					return
				}
				armed, first = true, i-1
			}
			if i-first == n && w == when {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {} // the signal is on its way
			}
		}
	}
}
