package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/bretelle/bretelle/storage/sqlite"
)

// drained waits until every notice was delivered: the cards of approvals stand in their channel then. It looks into the
// database beside the program: doctor would say so too, but reads every page of it each time.
func (b *bot) drained(ctx context.Context, most time.Duration) error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.dir, sqlite.File)+"?mode=ro")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for end := time.Now().Add(most); ; {
		waiting := 0
		began := time.Now()
		if err := db.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM notices WHERE settled = 0) + (SELECT count(*) FROM copies)`).Scan(&waiting); err != nil {
			return err
		}
		if waiting == 0 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d notices were not delivered after %s", waiting, most)
		}
		<-time.After(max(20*time.Since(began), 200*time.Millisecond)) // the question has its price too
	}
}

// parked: approvals that wait.
func parked(ctx context.Context, b *bench) error {
	w, err := b.open(nil, func(string) []string {
		return []string{head("asks", false) + "  - {id: ask, ask: approval, with: {title: \"Well, {{ event.body.user.name }}?\", by: {any: [\"@team\"], need: 1}}}\n"}
	})
	if err != nil {
		return err
	}
	defer w.close()
	ld := &load{path: always("asks"), flight: b.flight, most: b.parked, acked: true}
	s, took, used, err := w.stretch(ctx, ld)
	if err != nil {
		return err
	}
	n := float64(s.to - s.from)
	began, err := processorTime(w.bot.pid())
	if err != nil {
		return err
	}
	if err := w.bot.drained(ctx, 30*time.Minute); err != nil {
		return err
	}
	if ended, err := processorTime(w.bot.pid()); err == nil {
		b.out["park.card.cpu.ms"] = ms(ended-began) / n // what is left to do once the runs wait: their cards
	}
	if b.program.profile != "" { // written when it stops; the kill below would lose it
		return w.stop()
	}
	b.out["park.s"], b.out["park.cpu.ms"] = n/took.Seconds(), ms(used)/n
	if _, b.out["park.load.mib"], err = memory(w.bot.pid()); err != nil {
		return err
	}
	if b.out["parked.before.mib"], err = atRest(w.bot.pid()); err != nil {
		return err
	}
	w.bot.kill()
	if err := w.bot.start(); err != nil {
		return err
	}
	b.out["parked.ready.ms"] = ms(w.bot.ready)
	if b.out["parked.mib"], err = atRest(w.bot.pid()); err != nil {
		return err
	}
	bad, err := w.bot.listed(1, "queued", "running", "parked", "unknown", "done", "failed", "cancelled", "stopped")
	if err != nil {
		return err
	}
	last, err := w.bot.listed(1, "waiting")
	if err != nil {
		return err
	}
	if len(bad) > 0 || len(last) == 0 || last[0].Number != b.parked {
		return fmt.Errorf("not all of %d runs wait: %v, %v", b.parked, bad, last)
	}
	b.say("%d approvals wait: %.1f MiB (%.1f before the restart), ready again in %.0f ms", b.parked, b.out["parked.mib"], b.out["parked.before.mib"], b.out["parked.ready.ms"])
	return w.stop()
}

// Rounds of the two loops that are compared.
const shortLoop, longLoop = 100, 10_000

// loops: as many iterations in loops of 100 as in loops of 10,000, one run after the other. Each iteration sets a value
// and calls the receiver; in "sets" only the run does, once, at its end.
func loops(ctx context.Context, b *bench) error {
	w, err := b.open(nil, func(url string) []string {
		const each = "  - id: all\n    each: {list: \"{{ event.body.list }}\"}\n    steps:\n      - {id: keep, set: {twice: \"{{ item * 2 }}\"}}\n"
		call := fmt.Sprintf("- {id: call, do: http.request, with: {method: GET, url: \"%s/x?n={{ event.body.n }}\", allow_private: true}}\n", url)
		return []string{head("loop", false) + each + "      " + call, head("sets", false) + each + "  " + call}
	})
	if err != nil {
		return err
	}
	defer w.close()
	measure := func(path string, rounds, times int) (cpu, wall float64, err error) {
		list := "[" + strings.TrimSuffix(strings.Repeat("7, ", rounds), ", ") + "]"
		ld := &load{path: always(path), flight: 1, most: int64(times), body: func(n int64) []byte {
			return fmt.Appendf(nil, `{"n": %d, "list": %s}`, n, list)
		}}
		if w.ledger.wanted.Store(1); path == "loop" {
			w.ledger.wanted.Store(int32(rounds))
		}
		_, took, used, err := w.stretch(ctx, ld)
		n := float64(rounds * times)
		return ms(used) / n, ms(took) / n, err
	}
	for _, x := range []struct {
		path, key string
		times     int
	}{{"sets", "loop.sets", 2}, {"loop", "loop", 1}} {
		short, shortWall, err := measure(x.path, shortLoop, x.times*longLoop/shortLoop)
		if err != nil {
			return err
		}
		long, longWall, err := measure(x.path, longLoop, x.times)
		if err != nil {
			return err
		}
		b.out[x.key+".short.ms"], b.out[x.key+".long.ms"] = short, long
		b.out[x.key+".ratio"] = long / short
		b.out[x.key+".wall.ratio"] = longWall / shortWall
		b.say("%s: an iteration costs %.4f ms of processor time in loops of %d, %.4f ms in loops of %d (%.3f and %.3f ms by the clock)", x.path, short, shortLoop, long, longLoop, shortWall, longWall)
	}
	if err := w.ended(); err != nil { // most runs call more than once: that is no fault here
		return err
	}
	return w.stop()
}

// history: the same stretch before and after many runs (past.go).
func history(ctx context.Context, b *bench) error {
	w, err := b.open(nil, plain)
	if err != nil {
		return err
	}
	defer w.close()
	measure := func() (perSecond, cpu float64, err error) {
		ld := &load{path: always("plain"), flight: b.flight}
		b.amount(ld)
		s, took, used, err := w.stretch(ctx, ld)
		n := float64(s.to - s.from)
		return n / took.Seconds(), ms(used) / n, err
	}
	if b.out["history.none.s"], b.out["history.none.cpu.ms"], err = measure(); err != nil {
		return err
	}
	if err := w.stop(); err != nil {
		return err
	}
	more := max(b.history-w.ledger.next.Load(), 0)
	began := time.Now()
	if err := past(ctx, w.bot.dir, more); err != nil {
		return err
	}
	b.say("%d runs of a past in %s", more, time.Since(began).Round(time.Second))
	if err := w.bot.start(); err != nil {
		return err
	}
	if b.out["history.s"], b.out["history.cpu.ms"], err = measure(); err != nil {
		return err
	}
	b.out["history.ratio"] = b.out["history.s"] / b.out["history.none.s"]
	b.out["history.cpu.ratio"] = b.out["history.cpu.ms"] / b.out["history.none.cpu.ms"]
	last, err := w.bot.listed(1, "done")
	if err != nil || len(last) == 0 {
		return errors.Join(err, errors.New("no run is done"))
	}
	b.out["history.runs"] = float64(last[0].Number)
	if _, b.out["history.load.mib"], err = memory(w.bot.pid()); err != nil {
		return err
	}
	if _, err := w.restart(); err != nil {
		return err
	}
	b.out["history.ready.ms"] = ms(w.bot.ready)
	b.say("%.0f/s with nothing behind it, %.0f/s with %d runs; ready in %.0f ms", b.out["history.none.s"], b.out["history.s"], more+w.ledger.next.Load(), b.out["history.ready.ms"])
	if err := w.whole(never); err != nil {
		return err
	}
	return w.stop()
}
