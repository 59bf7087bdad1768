package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/bretelle/bretelle/bot/control"
)

// readyWait is how long a start is waited for, stopWait a stop (RELIABILITY, F-20).
const (
	readyWait = 60 * time.Second
	stopWait  = 10 * time.Second
)

// program is the binary under load. It is built once.
type program struct {
	path    string
	env     []string
	profile string // file for a processor profile; "": none
}

// build makes the program as `go build` does. With a profile it is the program inside its own test binary, which
// writes one when it is stopped; the program itself has no such door.
func build(ctx context.Context, dir, profile string) (program, error) {
	p := program{path: filepath.Join(dir, "bretelle"), profile: profile}
	args := []string{"build", "-o", p.path, "github.com/bretelle/bretelle/cmd/bretelle"}
	if profile != "" {
		abs, err := filepath.Abs(profile)
		if err != nil {
			return p, err
		}
		p.env = []string{"BRETELLE_TEST_AS_BOT=1", "BRETELLE_TEST_PROFILE=" + abs}
		args = []string{"test", "-c", "-o", p.path, "github.com/bretelle/bretelle/cmd/bretelle"}
	}
	if out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput(); err != nil {
		return p, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return p, nil
}

// bot is the program at work on a data directory of its own.
type bot struct {
	program
	base, dir string
	extra     []string // more arguments of serve
	hooks     string
	ready     time.Duration // how long the last start took
	cmd       *exec.Cmd
	client    *control.Client
	exited    chan struct{}
	logs      logs
}

// logs keeps the end of what the program wrote.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.b.Len() > 1<<20 {
		l.b.Reset()
	}
	return l.b.Write(p)
}

func (l *logs) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.b.String()
	return s[max(0, len(s)-2000):]
}

// newBot prepares a bot on new data below dir; remove takes everything away again.
func newBot(p program, dir string) (*bot, error) {
	base, err := os.MkdirTemp(dir, "bench")
	if err != nil {
		return nil, err
	}
	return &bot{program: p, base: base, dir: filepath.Join(base, "data")}, nil
}

func (b *bot) remove() {
	b.kill()
	_ = os.RemoveAll(b.base)
}

// environ has nothing of the caller's that could connect the program to anything.
func (b *bot) environ() []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "XDG_CONFIG_HOME=" + filepath.Join(b.base, "cfg"), "HOME=" + b.base}, b.env...)
}

var hooksLine = regexp.MustCompile(`^\s+Webhooks\s+(http://[^/\s]+/hooks/)`)

// start runs the program until it says that it is ready.
func (b *bot) start() error {
	b.client = control.NewClient(b.dir)
	b.cmd = exec.Command(b.path, append([]string{"--data", b.dir, "serve", "--listen", "127.0.0.1:0", "--hooks-listen", "127.0.0.1:0"}, b.extra...)...)
	b.cmd.Env, b.cmd.Stderr = b.environ(), &b.logs
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	b.cmd.Stdout = in
	began := time.Now()
	if err := errors.Join(b.cmd.Start(), in.Close()); err != nil {
		_ = out.Close()
		return err
	}
	b.exited = make(chan struct{})
	cmd, exited := b.cmd, b.exited
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	ready := make(chan string, 1)
	go func() {
		defer func() { _ = out.Close() }()
		hooks := ""
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if m := hooksLine.FindStringSubmatch(lines.Text()); m != nil {
				hooks = m[1]
			}
			if strings.HasPrefix(lines.Text(), "Ready in") {
				ready <- hooks
			}
		}
	}()
	select {
	case b.hooks = <-ready:
		b.ready = time.Since(began)
		return nil
	case <-exited:
		return fmt.Errorf("bretelle has exited:\n%s", b.logs.tail())
	case <-time.After(readyWait):
		b.kill()
		return fmt.Errorf("bretelle is not ready after %s:\n%s", readyWait, b.logs.tail())
	}
}

// kill ends it as kill -9 does.
func (b *bot) kill() {
	if b.cmd != nil && b.cmd.Process != nil {
		_ = b.cmd.Process.Kill()
		<-b.exited
	}
}

// stop ends it with SIGTERM and says how long that took.
func (b *bot) stop() (time.Duration, error) {
	began := time.Now()
	if err := b.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, err
	}
	select {
	case <-b.exited:
	case <-time.After(stopWait):
		b.kill()
		return stopWait, fmt.Errorf("bretelle was not gone %s after SIGTERM", stopWait)
	}
	if code := b.cmd.ProcessState.ExitCode(); code != 0 {
		return time.Since(began), fmt.Errorf("stopped, bretelle exits with %d:\n%s", code, b.logs.tail())
	}
	return time.Since(began), nil
}

func (b *bot) pid() int { return b.cmd.Process.Pid }

// cli runs one of the program's own commands.
func (b *bot) cli(stdin string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), readyWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.path, append([]string{"--data", b.dir}, args...)...)
	cmd.Env, cmd.Stdin = b.environ(), strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("bretelle %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// apply publishes flows.
func (b *bot) apply(texts ...string) error {
	for i, text := range texts {
		file := filepath.Join(b.base, fmt.Sprintf("flow%d.yaml", i))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
		if err := b.cli("", "flow", "apply", "-f", file, "--publish"); err != nil {
			return err
		}
	}
	return nil
}

// setUp adds a person and a channel and publishes flows.
func (b *bot) setUp(texts ...string) error {
	for _, args := range [][]string{{"person", "add", "ann", "--role", "admin"}, {"group", "set", "team", "ann"}, {"channel", "add", "#ops"}} {
		if err := b.cli("", args...); err != nil {
			return err
		}
	}
	return b.apply(texts...)
}

func (b *bot) ask(op string, in, out any) error {
	ctx, cancel := context.WithTimeout(context.Background(), readyWait)
	defer cancel()
	return b.client.Do(ctx, op, in, out)
}

// listed gives at most limit runs in the states, newest first.
func (b *bot) listed(limit int, states ...string) (out []control.RunOut, err error) {
	err = b.ask("run.list", control.RunIn{States: states, Limit: limit}, &out)
	return out, err
}

// settle waits until no run is at work any more.
func (b *bot) settle(most time.Duration) error {
	for end := time.Now().Add(most); ; {
		open, err := b.listed(1, "queued", "running")
		if err != nil || len(open) == 0 {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("run #%d is still %s after %s", open[0].Number, open[0].State, most)
		}
		<-time.After(5 * time.Millisecond)
	}
}
