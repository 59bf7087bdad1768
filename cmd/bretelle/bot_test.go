package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/control"
)

// patience is how long a test waits for what should take milliseconds: machines are noisy.
const patience = time.Minute

// botProcess is the real program, run as a user would run it.
type botProcess struct {
	t       testing.TB
	program string // the binary; it is this test, acting as the program, but in benchmarks
	dir     string
	cfg     string // configuration directory: the master key lies there
	args    []string
	env     []string
	console string // http://127.0.0.1:…
	hooks   string
	login   string // the first admin's link, while there is one
	cmd     *exec.Cmd
	client  *control.Client // of the bot that runs
	exited  chan error
	mu      sync.Mutex
	logs    bytes.Buffer // standard error
	banner  bytes.Buffer // standard output
}

// newBot prepares a bot on new data; start runs it. It is killed when the test ends.
func newBot(t testing.TB, args ...string) *botProcess {
	t.Helper()
	base, err := os.MkdirTemp("", "bretelle")
	if err != nil {
		t.Fatal(err)
	}
	b := &botProcess{t: t, program: os.Args[0], dir: filepath.Join(base, "data"), cfg: filepath.Join(base, "cfg"), args: args}
	t.Cleanup(func() {
		b.kill()
		_ = os.RemoveAll(base)
	})
	return b
}

var (
	consoleLine = regexp.MustCompile(`(?m)^\s+Console\s+(http://[^/\s]+)(/login/\S+)?`)
	hooksLine   = regexp.MustCompile(`(?m)^\s+Webhooks\s+(http://[^/\s]+)/hooks/`)
	readyLine   = regexp.MustCompile(`(?m)^Ready in`)
)

// start runs the bot until it is ready, and fails the test when it is not.
func (b *botProcess) start(env ...string) {
	b.t.Helper()
	if err := b.tryStart(env...); err != nil {
		b.t.Fatalf("the bot does not start: %v\n%s\n%s", err, b.out(), b.log())
	}
}

// tryStart runs the bot until it is ready or has exited.
func (b *botProcess) tryStart(env ...string) error {
	args := append([]string{"--data", b.dir, "serve", "--listen", "127.0.0.1:0", "--hooks-listen", "127.0.0.1:0"}, b.args...)
	b.client = control.NewClient(b.dir) // a new one each time: connections to the bot before it are dead
	b.cmd = exec.Command(b.program, args...)
	b.cmd.Env = b.environ(env...)
	b.mu.Lock()
	b.banner.Reset()
	b.mu.Unlock()
	b.cmd.Stdout, b.cmd.Stderr = &locked{b: &b.banner, mu: &b.mu}, &locked{b: &b.logs, mu: &b.mu}
	if err := b.cmd.Start(); err != nil {
		return err
	}
	exited := make(chan error, 1)
	b.exited = exited
	cmd := b.cmd
	go func() { exited <- cmd.Wait() }()
	deadline := time.Now().Add(patience)
	for !readyLine.MatchString(b.out()) {
		select {
		case err := <-exited:
			exited <- err
			return fmt.Errorf("it exited: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not ready after %s", patience)
		}
	}
	out := b.out()
	if m := consoleLine.FindStringSubmatch(out); m != nil {
		b.console, b.login = m[1], ""
		if m[2] != "" {
			b.login = m[1] + m[2]
		}
	}
	if m := hooksLine.FindStringSubmatch(out); m != nil {
		b.hooks = m[1] + "/hooks/"
	}
	return nil
}

func (b *botProcess) environ(env ...string) []string {
	out := append(os.Environ(), asBot+"=1", "XDG_CONFIG_HOME="+b.cfg, "HOME="+filepath.Dir(b.cfg))
	return append(append(out, b.env...), env...)
}

// kill ends the bot as kill -9 does.
func (b *botProcess) kill() {
	if b.cmd == nil || b.cmd.Process == nil {
		return
	}
	_ = b.cmd.Process.Signal(syscall.SIGKILL)
	b.waitExit()
}

// stop ends the bot as its operator does, and gives how long it took.
func (b *botProcess) stop() time.Duration {
	began := time.Now()
	_ = b.cmd.Process.Signal(syscall.SIGTERM)
	b.waitExit()
	return time.Since(began)
}

func (b *botProcess) waitExit() {
	select {
	case err := <-b.exited:
		b.exited <- err
	case <-time.After(patience):
		b.t.Error("the bot does not exit")
	}
}

// dead reports whether the process is gone.
func (b *botProcess) dead() bool {
	select {
	case err := <-b.exited:
		b.exited <- err
		return true
	default:
		return false
	}
}

func (b *botProcess) out() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.banner.String()
}

func (b *botProcess) log() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.logs.String()
}

// locked is a buffer that a process writes while a test reads.
type locked struct {
	b  *bytes.Buffer
	mu *sync.Mutex
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// try runs a command of the same binary against the bot.
func (b *botProcess) try(stdin string, args ...string) (out string, code int) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.program, append([]string{"--data", b.dir}, args...)...)
	cmd.Env = append(b.environ(), "GORACE=atexit_sleep_ms=10") // under -race every process would sleep for a second before it ends
	cmd.Stdin = strings.NewReader(stdin)
	var buf bytes.Buffer
	cmd.Stdout, cmd.Stderr = &buf, &buf
	err := cmd.Run()
	if err != nil && cmd.ProcessState == nil {
		b.t.Fatal(err)
	}
	return buf.String(), cmd.ProcessState.ExitCode()
}

// cli runs a command that must succeed.
func (b *botProcess) cli(args ...string) string {
	b.t.Helper()
	out, code := b.try("", args...)
	if code != 0 {
		b.t.Fatalf("bretelle %s: exit %d\n%s", strings.Join(args, " "), code, out)
	}
	return out
}

// jsonOf runs a command with --json and reads what it prints.
func (b *botProcess) jsonOf(into any, args ...string) {
	b.t.Helper()
	out := b.cli(append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), into); err != nil {
		b.t.Fatalf("bretelle %s --json: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// secret stores a secret from standard input.
func (b *botProcess) secret(name, value string, args ...string) {
	b.t.Helper()
	if out, code := b.try(value, append([]string{"secret", "set", name}, args...)...); code != 0 {
		b.t.Fatalf("secret set %s: %s", name, out)
	}
}

// apply publishes a flow from its text.
func (b *botProcess) apply(text string) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "flow.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.cli("flow", "apply", "-f", file, "--publish")
}

// runJSON is a run as `run show --json` prints it (CONTRACTS, "JSON of the command line").
type runJSON struct {
	Number  int64      `json:"number"`
	ID      string     `json:"id"`
	Flow    string     `json:"flow"`
	State   string     `json:"state"`
	Version int64      `json:"version"`
	Steps   []stepJSON `json:"steps"`
}

type stepJSON struct {
	Path     string          `json:"path"`
	State    string          `json:"state"`
	Attempts int             `json:"attempts"`
	Input    json.RawMessage `json:"input"`
	Output   json.RawMessage `json:"output"`
	Error    *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Hint    string `json:"hint"`
	} `json:"error"`
}

func (b *botProcess) run(number int64) runJSON {
	b.t.Helper()
	var r runJSON
	if err := b.ask("run.show", control.RunIn{Number: number}, &r); err != nil {
		b.t.Fatalf("run show %d: %v", number, err)
	}
	return r
}

func (b *botProcess) runs() []runJSON {
	b.t.Helper()
	var r []runJSON
	b.jsonOf(&r, "run", "list")
	return r
}

// await polls until a run is in one of the states.
func (b *botProcess) await(number int64, states ...string) runJSON {
	b.t.Helper()
	var r runJSON
	eventually(b.t, func() bool {
		r = b.run(number)
		for _, s := range states {
			if r.State == s {
				return true
			}
		}
		return false
	}, func() string { return fmt.Sprintf("run #%d is %s, wanted %v\n%s", number, r.State, states, b.log()) })
	return r
}

// eventually polls until ok, and fails with what why says after patience.
func eventually(t testing.TB, ok func() bool, why func() string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		if ok() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(why())
		}
		<-time.After(20 * time.Millisecond)
	}
}

// cardJSON is a card as `chat --json` prints it.
type cardJSON struct {
	ID      string `json:"id"`
	Place   string `json:"place"`
	Thread  string `json:"thread"`
	Title   string `json:"title"`
	Text    string `json:"text"`
	State   string `json:"state"`
	Buttons []struct {
		ID    string `json:"id"`
		Label string `json:"label"`
	} `json:"buttons"`
}

func (c cardJSON) offers(button string) bool {
	for _, b := range c.Buttons {
		if b.ID == button {
			return true
		}
	}
	return false
}

// cards lists the cards in a place.
func (b *botProcess) cards(as, place string) []cardJSON {
	b.t.Helper()
	var c []cardJSON
	if err := b.ask("chat.cards", control.ChatIn{As: as, In: place}, &c); err != nil {
		b.t.Fatalf("the cards in %s as %s: %v", place, as, err)
	}
	return c
}

// ask carries out an operation over the control socket, as the commands do, without the price of a process: what tests
// look at again and again is read in this way.
func (b *botProcess) ask(op string, in, out any) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return b.client.Do(ctx, op, in, out)
}

// card waits for a card whose text contains every one of words, and gives it.
func (b *botProcess) card(as, place string, words ...string) cardJSON {
	b.t.Helper()
	var found cardJSON
	eventually(b.t, func() bool {
		for _, c := range b.cards(as, place) {
			if containsAll(c.Text, words) {
				found = c
				return true
			}
		}
		return false
	}, func() string { return fmt.Sprintf("no card in %s says %q:\n%s", place, words, b.transcript(as, place)) })
	return found
}

func (b *botProcess) transcript(as, place string) string {
	var s strings.Builder
	for _, c := range b.cards(as, place) {
		fmt.Fprintf(&s, "[%s] %s\n", c.State, c.Text)
	}
	return s.String()
}

func containsAll(s string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

// receiver is the outside service that flows call: it answers as told and remembers every request.
type receiver struct {
	URL string
	mu  sync.Mutex
	got []request
	// Answer decides each request; nil answers 201 with {"id": <number>}.
	answer func(n int, w http.ResponseWriter, r *http.Request, body []byte)
}

type request struct {
	Method, Path, Key, Body string
	Header                  http.Header
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	rc := &receiver{}
	rc.URL = serveLocal(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		rc.mu.Lock()
		rc.got = append(rc.got, request{r.Method, r.URL.Path, r.Header.Get("Idempotency-Key"), string(body), r.Header.Clone()})
		n, answer := len(rc.got), rc.answer
		rc.mu.Unlock()
		if answer != nil {
			answer(n, w, r, body)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"id": %d}`, n)
	}))
	return rc
}

func (rc *receiver) requests() []request {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	return append([]request(nil), rc.got...)
}

// set changes the answer from now on.
func (rc *receiver) set(answer func(n int, w http.ResponseWriter, r *http.Request, body []byte)) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	rc.answer = answer
}
