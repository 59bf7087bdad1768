package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// writing measures what part of the bot's processor time its one writer takes. The writer is no thread of its own, so
// it cannot be seen from outside: a processor profile of the same load says which part of the time is spent below it.
// The profile is of the program inside its test binary, and its absolute times are not used.
func writing(ctx context.Context, b *bench) error {
	place, err := os.MkdirTemp(b.dir, "profile")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(place) }()
	file := filepath.Join(place, "cpu")
	p, err := build(ctx, place, file)
	if err != nil {
		return err
	}
	inner := *b
	inner.program, inner.out, inner.tally = p, figures{}, tally{}
	if err := throughput(ctx, &inner); err != nil {
		return err
	}
	b.tally = inner.tally
	share, err := shareOf(ctx, file, `sqlite\.\(\*writer\)\.loop`)
	if err != nil {
		return err
	}
	b.out["writer.share"] = share
	b.say("%.0f %% of the processor time is the writer's", share*100)
	return nil
}

var accounted = regexp.MustCompile(`Showing nodes accounting for [\d.]+\w*, ([\d.]+)% of`)

// shareOf is the share of a profile's samples below a function.
func shareOf(ctx context.Context, file, function string) (float64, error) {
	out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", "-nodefraction=0", "-focus", function, file).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("go tool pprof: %w\n%s", err, out)
	}
	m := accounted.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("go tool pprof says nothing about %s:\n%.500s", function, out)
	}
	v, err := strconv.ParseFloat(string(m[1]), 64)
	return v / 100, err
}
