package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/bretelle/bretelle/bot/control"
)

// backups: acknowledgements at 16 in flight while one backup after the other is made, against the same without
// (RELIABILITY, F-5 and F-19). The stretches take turns, and each figure is the median of its three, so that what else the
// machine does falls on both.
func backups(ctx context.Context, b *bench) error {
	w, err := b.open(nil, plain)
	if err != nil {
		return err
	}
	defer w.close()
	made := 0
	measure := func(busy bool) (p50, p99 float64, err error) {
		ld := &load{path: always("plain"), flight: 16}
		if b.amount(ld); ld.most > 0 {
			ld.most = ld.most/6 + 1
		}
		ld.lasts /= 6
		var over atomic.Bool
		done := make(chan error, 1)
		go func() {
			for busy && !over.Load() {
				file := filepath.Join(w.bot.base, fmt.Sprintf("copy%d", made))
				if err := w.bot.ask("backup", control.BackupIn{Path: file}, nil); err != nil {
					done <- err
					return
				}
				made++
				_ = os.Remove(file)
			}
			done <- nil
		}()
		s, _, _, err := w.stretch(ctx, ld)
		over.Store(true)
		if failed := <-done; err == nil {
			err = failed
		}
		acks, _ := w.ledger.latencies(s.from, s.to)
		return percentile(acks, 50), percentile(acks, 99), err
	}
	var half, most [2][]float64
	for i := range 6 {
		p50, p99, err := measure(i%2 == 1)
		if err != nil {
			return err
		}
		half[i%2], most[i%2] = append(half[i%2], p50), append(most[i%2], p99)
	}
	b.out["backup.none.p50.ms"], b.out["backup.p50.ms"] = median(half[0]), median(half[1])
	b.out["backup.none.p99.ms"], b.out["backup.p99.ms"] = median(most[0]), median(most[1])
	b.out["backup.ratio"], b.out["backups"] = b.out["backup.p99.ms"]/b.out["backup.none.p99.ms"], float64(made)
	b.say("acknowledged within %.1f ms (p99) beside %d backups, %.1f ms without: %.2f times", b.out["backup.p99.ms"], made, b.out["backup.none.p99.ms"], b.out["backup.ratio"])
	if err := w.whole(never); err != nil {
		return err
	}
	return w.stop()
}
