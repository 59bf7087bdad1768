package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/bretelle/bretelle/storage/sqlite"
)

// scenario measures one thing into b.out.
type scenario struct {
	name, what string
	once       bool // takes too long to repeat
	run        func(ctx context.Context, b *bench) error
}

func scenarios() []scenario {
	return []scenario{
		{"run", "whole runs: throughput, processor time, memory under load, database size, first start", false, throughput},
		{"writer", "the writer's part of the processor time, by a profile of the same load", true, writing},
		{"ack", "acknowledgements at 1, 16 and 64 in flight, beside a bare commit", false, acknowledgements},
		{"idle", "memory at rest and time to ready, new data", false, idle},
		{"parked", "memory and time to ready with -parked approvals waiting", true, parked},
		{"loop", "a loop of 10,000 iterations against one of 100", false, loops},
		{"history", "throughput with -history runs in the history against none", true, history},
		{"backup", "acknowledgements while one backup after the other is made, against those without", false, backups},
		{"approval", "runs with an approval, decided through the program's chat", false, approvals},
		{"kill", "-kill times kill -9 while -n runs are made: nothing lost, nothing doubled", false, kills},
		{"stop", "-kill times SIGTERM while -n runs are made: gone in ten seconds, nothing unknown, no second call", false, stops},
		{"duplicates", "one delivery 1,000 times, 32 at once, and again after a kill: one run", false, duplicates},
		{"badhost", "one bad host of ten: how long the others take beside it", false, badHost},
	}
}

func plain(url string) []string { return []string{flowOf("plain", url, false, false)} }

// throughput: the flow, -c in flight.
func throughput(ctx context.Context, b *bench) error {
	w, err := b.open(nil, plain)
	if err != nil {
		return err
	}
	defer w.close()
	b.out["ready.ms"] = ms(w.bot.ready)
	before, err := w.restart()
	if err != nil {
		return err
	}
	if b.out["idle.set.mib"], err = atRest(w.bot.pid()); err != nil {
		return err
	}
	ld := &load{path: always("plain"), flight: b.flight}
	b.amount(ld)
	own := ownTime()
	s, took, used, err := w.stretch(ctx, ld)
	if err != nil {
		return err
	}
	own = ownTime() - own
	n := float64(s.to - s.from)
	b.out["runs.s"] = n / took.Seconds()
	b.out["cpu.ms"] = ms(used) / n
	b.out["driver.cpu.ms"] = ms(own) / n
	acks, ends := w.ledger.latencies(s.from, s.to)
	b.out["run.ack.p50.ms"], b.out["run.ack.p99.ms"] = percentile(acks, 50), percentile(acks, 99)
	b.out["end.p50.ms"], b.out["end.p99.ms"] = percentile(ends, 50), percentile(ends, 99)
	live, err := size(w.bot.dir)
	if err != nil {
		return err
	}
	b.out["live.kib"] = float64(live-before) / 1024 / n
	if b.out["after.mib"], b.out["load.mib"], err = memory(w.bot.pid()); err != nil {
		return err
	}
	if err := w.whole(never); err != nil {
		return err
	}
	if err := w.stop(); err != nil {
		return err
	}
	after, err := size(w.bot.dir)
	if err != nil {
		return err
	}
	b.out["db.kib"] = float64(after-before) / 1024 / n
	bare, rows, err := bareRows(ctx, filepath.Join(w.bot.dir, sqlite.File), b.dir, s.to-s.from)
	if err != nil {
		return err
	}
	b.out["bare.cpu.ms"], b.out["rows"] = ms(bare), rows
	b.say("%.0f runs in %s: %.0f/s, %.3f ms of processor time each", n, took.Round(time.Millisecond), b.out["runs.s"], b.out["cpu.ms"])
	return nil
}

// acknowledgements: the same flow at three loads.
func acknowledgements(ctx context.Context, b *bench) error {
	w, err := b.open(nil, plain)
	if err != nil {
		return err
	}
	defer w.close()
	bare := func() (float64, error) {
		d, err := bareCommits(ctx, b.dir, 500)
		return ms(d), err
	}
	first, err := bare()
	if err != nil {
		return err
	}
	for _, c := range []int{1, 16, 64} {
		ld := &load{path: always("plain"), flight: c}
		if b.amount(ld); ld.most > 0 {
			ld.most = ld.most/3 + 1
		}
		ld.lasts /= 3
		s, _, _, err := w.stretch(ctx, ld)
		if err != nil {
			return err
		}
		acks, ends := w.ledger.latencies(s.from, s.to)
		b.out[fmt.Sprintf("ack%d.p50.ms", c)], b.out[fmt.Sprintf("ack%d.p99.ms", c)] = percentile(acks, 50), percentile(acks, 99)
		b.out[fmt.Sprintf("end%d.p50.ms", c)] = percentile(ends, 50)
		if c == 1 { // the disk may change its mind between the first loop and the last
			second, err := bare()
			if err != nil {
				return err
			}
			b.out["bare.ms"] = (first + second) / 2
			b.out["ack1.ratio"] = b.out["ack1.p50.ms"] / b.out["bare.ms"]
		}
	}
	b.say("acknowledged in %.2f ms at 1 in flight, a bare commit takes %.2f ms; p99 %.1f ms at 16, %.1f ms at 64", b.out["ack1.p50.ms"], b.out["bare.ms"], b.out["ack16.p99.ms"], b.out["ack64.p99.ms"])
	if err := w.whole(never); err != nil {
		return err
	}
	return w.stop()
}

// idle: the first start, and memory at rest after it.
func idle(_ context.Context, b *bench) error {
	bot, err := newBot(b.program, b.dir)
	if err != nil {
		return err
	}
	defer bot.remove()
	if err := bot.start(); err != nil {
		return err
	}
	b.out["ready.ms"] = ms(bot.ready)
	b.out["idle.mib"], err = atRest(bot.pid())
	b.say("ready in %.0f ms, %.1f MiB at rest", b.out["ready.ms"], b.out["idle.mib"])
	return err
}
