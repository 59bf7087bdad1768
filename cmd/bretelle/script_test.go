package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// Scripts run the binary as people do. Beside testscript's own words they have
//
//	serve [args]     starts the bot on $DATA, waits until it is ready, sets $CONSOLE, $HOOKS and $LOGIN
//	halt [CODE]      sends SIGTERM and checks the exit code (0) and that it took less than ten seconds
//	crash            sends SIGKILL
//	get URL          prints what the URL answers, as stdout
//	status N CMD…    runs a command and checks its exit code
//	taken NAME       takes a port of this machine and sets $NAME to its address
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("DATA", e.WorkDir+"/data")
			e.Setenv("HOME", e.WorkDir+"/home")
			e.Setenv("XDG_CONFIG_HOME", e.WorkDir+"/config")
			e.Setenv("BRETELLE_DATA", e.WorkDir+"/data")
			e.Values[servedKey{}] = &served{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serveScript, "halt": haltScript, "crash": crashScript, "get": getScript, "taken": takenScript, "status": statusScript,
		},
	})
}

type (
	servedKey struct{}
	served    struct {
		cmd *exec.Cmd
		out bytes.Buffer // what follows the banner
		err bytes.Buffer
		eof chan struct{}
	}
)

func of(ts *testscript.TestScript) *served { return ts.Value(servedKey{}).(*served) }

var urls = map[string]*regexp.Regexp{
	"CONSOLE": regexp.MustCompile(`Console +(http://[^/]+)`),
	"LOGIN":   regexp.MustCompile(`Console +(http://\S+)`),
	"HOOKS":   regexp.MustCompile(`Webhooks +(http://[^/]+)`),
}

func serveScript(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("use exec for a bot that must not start")
	}
	s := of(ts)
	*s = served{eof: make(chan struct{})}
	s.cmd = exec.Command("bretelle", append([]string{"--listen", "127.0.0.1:0", "--hooks-listen", "127.0.0.1:0"}, args...)...)
	path, err := exec.LookPath("bretelle")
	for _, dir := range strings.Split(ts.Getenv("PATH"), ":") {
		if _, bad := os.Stat(dir + "/bretelle"); bad == nil {
			path, err = dir+"/bretelle", nil
			break
		}
	}
	ts.Check(err)
	s.cmd.Path, s.cmd.Err = path, nil
	for _, name := range []string{"PATH", "HOME", "XDG_CONFIG_HOME", "BRETELLE_DATA", "TMPDIR", "BRETELLE_MASTER_KEY"} {
		s.cmd.Env = append(s.cmd.Env, name+"="+ts.Getenv(name))
	}
	s.cmd.Stderr = &s.err
	out, err := s.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(s.cmd.Start())
	ts.Defer(func() { _ = s.cmd.Process.Kill(); <-s.eof; _ = s.cmd.Wait() })
	lines, banner, ready := bufio.NewScanner(out), strings.Builder{}, false
	for !ready && lines.Scan() {
		banner.WriteString(lines.Text() + "\n")
		ready = strings.HasPrefix(lines.Text(), "Ready in ")
	}
	go func() { defer close(s.eof); _, _ = io.Copy(&s.out, out) }()
	if !ready {
		<-s.eof
		_ = s.cmd.Wait()
		ts.Fatalf("the bot did not start: %s%s", banner.String(), s.err.String())
	}
	for name, re := range urls {
		if m := re.FindStringSubmatch(banner.String()); m != nil {
			ts.Setenv(name, m[1])
		}
	}
	_, err = ts.Stdout().Write([]byte(banner.String()))
	ts.Check(err)
}

func haltScript(ts *testscript.TestScript, _ bool, args []string) {
	s, want := of(ts), 0
	if len(args) > 0 {
		want = int(args[0][0] - '0')
	}
	began := time.Now()
	ts.Check(s.cmd.Process.Signal(syscall.SIGTERM))
	<-s.eof
	_ = s.cmd.Wait() // the exit code is looked at below
	if took := time.Since(began); took > 10*time.Second {
		ts.Fatalf("stopping took %s", took)
	}
	if got := s.cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d, want %d: %s", got, want, s.err.String())
	}
	if strings.Contains(s.err.String(), "panic") || strings.Contains(s.err.String(), "level=ERROR") {
		ts.Fatalf("the log: %s", s.err.String())
	}
	ts.Logf("%s", s.err.String())
}

func crashScript(ts *testscript.TestScript, _ bool, _ []string) {
	s := of(ts)
	ts.Check(s.cmd.Process.Kill())
	<-s.eof
	_ = s.cmd.Wait() // killed
}

func getScript(ts *testscript.TestScript, neg bool, args []string) {
	r, err := http.Get(args[0])
	ts.Check(err)
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	ts.Check(err)
	if (r.StatusCode >= 400) != neg {
		ts.Fatalf("%s answered %s: %s", args[0], r.Status, b)
	}
	_, err = ts.Stdout().Write(b)
	ts.Check(err)
}

func takenScript(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
	ts.Setenv(args[0], l.Addr().String())
}

func statusScript(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	got := 0
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if want := int(args[0][0] - '0'); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
