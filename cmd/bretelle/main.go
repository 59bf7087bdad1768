package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/engine"
)

// version of the program.
const version = "0.1.0"

// Exit codes (DESIGN, section 10).
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() { os.Exit(run(os.Args[1:], nil)) }

// run is the program. tweak, when set, changes what a bot is started with: tests set its clock, and kill it at a commit.
func run(args []string, tweak func(*settings)) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	k, err := kong.New(&c, kong.Name("bretelle"), kong.Description("A chat-ops automation bot. Without a command it serves."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		return exitFailed
	}
	parsed, err := k.Parse(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: %s\nTry: bretelle --help\n", err)
		return exitUsage
	}
	dir, err := dataDir(c.Data)
	if err != nil {
		return explain(os.Stderr, err)
	}
	e := &env{ctx: ctx, dir: dir, in: os.Stdin, out: os.Stdout, err: os.Stderr, client: control.NewClient(dir), tweak: tweak}
	if err := parsed.Run(e); err != nil {
		return explain(os.Stderr, err)
	}
	return exitOK
}

// env is what every command has.
type env struct {
	ctx      context.Context
	dir      string // the data directory, absolute
	in       io.Reader
	out, err io.Writer
	client   *control.Client
	tweak    func(*settings) // nil, but in tests
}

// usage is an error in how a command was written.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

// errTold is a failure that was printed already.
var errTold = errors.New("told")

// dataDir is the data directory: given, or $XDG_DATA_HOME/bretelle, or ~/.local/share/bretelle.
func dataDir(given string) (string, error) {
	dir := given
	if dir == "" {
		base := os.Getenv("XDG_DATA_HOME")
		if base == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return "", engine.E(engine.Invalid, "there is no home directory to keep data in").WithHint("Give one with --data DIR.").Wrap(err)
			}
			base = filepath.Join(home, ".local", "share")
		}
		dir = filepath.Join(base, "bretelle")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", engine.E(engine.Invalid, "{dir} is not a directory's name", "dir", dir).Wrap(err)
	}
	return abs, nil
}

// short is a path as people write it.
func short(path string) string {
	home, err := os.UserHomeDir()
	if err == nil && home != "/" && strings.HasPrefix(path, home+string(filepath.Separator)) {
		return "~" + strings.TrimPrefix(path, home)
	}
	return path
}
