package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// settings are the command line.
type settings struct {
	options
	bin, profile     string
	names            []string
	command          string
	repeat           int
	json, md, strict bool
}

// run is the program. Exit codes: 0; 1 when something was lost, doubled or went wrong (with -strict also when a target
// was missed); 2 for a wrong command line.
func run(ctx context.Context, args []string, out, progress io.Writer) int {
	s, err := parse(args, progress)
	if err != nil {
		fmt.Fprintln(progress, "error:", err)
		return 2
	}
	r, err := measure(ctx, s, progress)
	if r != nil {
		switch {
		case s.json:
			e := json.NewEncoder(out)
			e.SetIndent("", "  ")
			_ = e.Encode(r)
		case s.md:
			r.markdown(out)
		default:
			r.text(out)
		}
	}
	if err == nil && r.Tally.Lost+r.Tally.Doubled+r.Tally.Stray > 0 {
		err = fmt.Errorf("%d runs were lost, %d doubled, %d calls belong to no delivery", r.Tally.Lost, r.Tally.Doubled, r.Tally.Stray)
	}
	if err == nil && s.strict && r.Missed > 0 {
		err = fmt.Errorf("%d targets were missed", r.Missed)
	}
	if err != nil {
		fmt.Fprintln(progress, "error:", err)
		return 1
	}
	return 0
}

func parse(args []string, to io.Writer) (s settings, err error) {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(to)
	var names string
	list := []string{"all"}
	for _, x := range scenarios() {
		list = append(list, x.name)
	}
	f.StringVar(&names, "scenario", "run", "what to measure, one or several by comma: "+strings.Join(list, ", "))
	f.DurationVar(&s.lasts, "for", 10*time.Second, "how long a stretch of load lasts")
	f.Int64Var(&s.runs, "n", 0, "runs of a stretch, instead of -for")
	f.IntVar(&s.flight, "c", 64, "runs in flight at once")
	f.IntVar(&s.kills, "kill", 25, "how often the bot is killed in the scenario kill")
	f.Int64Var(&s.parked, "parked", 100_000, "approvals that wait in the scenario parked")
	f.Int64Var(&s.history, "history", 1_000_000, "runs behind the scenario history")
	f.IntVar(&s.repeat, "repeat", 1, "measure so often, on new data each time, and give medians (parked and history: once)")
	f.StringVar(&s.dir, "dir", os.TempDir(), "where data directories are made: the disk that is measured")
	f.StringVar(&s.bin, "bin", "", "the program; it is built when none is given")
	f.StringVar(&s.profile, "profile", "", "write a processor profile of the bot to a file")
	f.BoolVar(&s.json, "json", false, "print JSON")
	f.BoolVar(&s.md, "md", false, "print a table in Markdown")
	f.BoolVar(&s.strict, "strict", false, "exit with 1 when a target is missed")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	s.command = strings.TrimSpace("go run ./cmd/bench " + strings.Join(args, " "))
	switch {
	case f.NArg() > 0:
		return s, fmt.Errorf("%q is not understood", f.Arg(0))
	case s.lasts <= 0 || s.lasts > 10*time.Minute:
		return s, fmt.Errorf("-for is from 1ns to 10m")
	case s.runs < 0 || s.runs > mostDeliveries/4 || s.parked < 1 || s.parked > 1_000_000 || s.history < 0 || s.history > 5_000_000:
		return s, fmt.Errorf("-n is at most %d, -parked 1000000, -history 5000000", mostDeliveries/4)
	case s.flight < 1 || s.flight > 1024 || s.kills < 0 || s.kills > 1000 || s.repeat < 1 || s.repeat > 100:
		return s, fmt.Errorf("-c is from 1 to 1024, -kill from 0 to 1000, -repeat from 1 to 100")
	case s.bin != "" && s.profile != "":
		return s, fmt.Errorf("-profile needs a program that is built for it: leave -bin out")
	}
	s.names = strings.Split(names, ",")
	if names == "all" {
		s.names = list[1:]
	}
	for _, n := range s.names {
		if !slices.Contains(list[1:], n) {
			return s, fmt.Errorf("there is no scenario %q: %s", n, strings.Join(list, ", "))
		}
	}
	return s, nil
}

// measure carries the scenarios out. What was measured before an error is given too.
func measure(ctx context.Context, s settings, progress io.Writer) (*report, error) {
	place, err := os.MkdirTemp(s.dir, "bench")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(place) }()
	p := program{path: s.bin}
	if s.bin == "" {
		if p, err = build(ctx, place, s.profile); err != nil {
			return nil, err
		}
	}
	r := newReport(describe(s.dir), s.command, scale{int64(s.flight), s.parked, s.history})
	s.dir = place
	for _, x := range scenarios() {
		if !slices.Contains(s.names, x.name) {
			continue
		}
		times := s.repeat
		if x.once {
			times = 1
		}
		for i := range times {
			b := &bench{options: s.options, program: p, out: figures{}, say: func(format string, args ...any) {
				fmt.Fprintf(progress, "%s %d/%d: %s\n", x.name, i+1, times, fmt.Sprintf(format, args...))
			}}
			err := x.run(ctx, b)
			r.add(b)
			if err != nil {
				return r.done(), fmt.Errorf("%s: %w", x.name, err)
			}
		}
	}
	return r.done(), nil
}
