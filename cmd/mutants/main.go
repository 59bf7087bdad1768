package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

//go:embed survivors.txt
var survivors string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// settings are the command line.
type settings struct {
	tree, packages, results, only, cache string
	n, workers                           int
	seed                                 uint64
	span                                 time.Duration
	least                                float64
	list, again, json                    bool
}

func parse(args []string, to io.Writer) (settings, error) {
	var s settings
	f := flag.NewFlagSet("mutants", flag.ContinueOnError)
	f.SetOutput(to)
	f.StringVar(&s.tree, "tree", ".", "the module, a folder; it is only read")
	f.StringVar(&s.packages, "packages", "engine/fold,engine/local,storage/memory,storage/pack,storage/sqlite", "what is mutated")
	f.IntVar(&s.n, "n", 300, "how many that compile are tried")
	f.Uint64Var(&s.seed, "seed", 1, "which are drawn, and their order")
	f.IntVar(&s.workers, "j", 1, "how many are tried at once")
	f.DurationVar(&s.span, "for", 0, "start none after this long; 0 is no end")
	f.StringVar(&s.results, "results", "", "a file of what is already known, which what is found out is added to")
	f.BoolVar(&s.again, "again", false, "try those once more that survived according to -results, and no others")
	f.StringVar(&s.only, "only", "", "ids, by commas: only these, with what the failing test or the compiler said")
	f.StringVar(&s.cache, "cache", "", "a folder for the compiler's cache; without, a new one that is removed at the end: each mutant adds some 10 MB")
	f.Float64Var(&s.least, "least", 90, "percent that must be killed")
	f.BoolVar(&s.list, "list", false, "print those drawn, in order, compiled or not, and try none")
	f.BoolVar(&s.json, "json", false, "the report as JSON")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	switch {
	case f.NArg() > 0:
		return s, fmt.Errorf("%q is no option", f.Arg(0))
	case s.n < 1 || s.workers < 1 || s.span < 0:
		return s, errors.New("-n and -j are 1 or more, -for is not negative")
	case s.again && s.results == "":
		return s, errors.New("-again needs -results")
	}
	return s, nil
}

// run is the program. Exit codes: 0; 1 when a survivor is not known or too few were killed, or when it could not be
// found out; 2 for a wrong command line.
func run(ctx context.Context, args []string, out, progress io.Writer) int {
	s, err := parse(args, progress)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(progress, "error:", err)
		return 2
	}
	r, err := measure(ctx, s, out, progress)
	if err == nil && r != nil {
		if s.json {
			e := json.NewEncoder(out)
			e.SetIndent("", "  ")
			_ = e.Encode(r)
		} else {
			r.text(out)
		}
		if why := r.fails(s.least); why != "" {
			err = errors.New(why)
		}
	}
	if err != nil {
		fmt.Fprintln(progress, "error:", err)
		return 1
	}
	return 0
}

// measure lists, draws and tries. There is no report when there was only something to list.
func measure(ctx context.Context, s settings, out, progress io.Writer) (*report, error) {
	reasons, err := parseSurvivors(survivors)
	if err != nil {
		return nil, err
	}
	t, err := openTree(s.tree)
	if err != nil {
		return nil, err
	}
	all, err := t.mutants(ctx, strings.Split(s.packages, ","))
	if err != nil {
		return nil, err
	}
	order := drawn(all, s.seed)
	if s.only != "" {
		order, s.results = chosen(order, strings.Split(s.only, ",")), ""
		s.n = len(order)
	}
	if s.list {
		for i, m := range order[:min(s.n, len(order))] {
			fmt.Fprintf(out, "%4d %s %s\n", i+1, m.ID, m)
		}
		fmt.Fprintf(out, "%d in all\n", len(all))
		return nil, nil
	}
	results, err := readResults(s.results)
	if s.results != "" && err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if s.cache == "" {
		s.cache = dir + "/cache"
	}
	tr := newTrial(t, dir, s.cache)
	h := &hunt{settings: s, try: tr.try, results: results, progress: progress}
	if err := tr.gather(ctx, h.ahead(order)); err != nil {
		return nil, err
	}
	if err := h.all(ctx, order); err != nil {
		return nil, err
	}
	r := judge(order, results, reasons, s.n, s.seed)
	return &r, nil
}

func chosen(ms []mutant, ids []string) (out []mutant) {
	for _, m := range ms {
		for _, id := range ids {
			if m.ID == id {
				out = append(out, m)
			}
		}
	}
	return out
}
