package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// figures are what one measurement gave, by the keys of the table in targets.go.
type figures map[string]float64

// bench is one measurement's surroundings.
type bench struct {
	options
	program program
	say     func(format string, args ...any) // progress
	out     figures
	tally   tally
}

// options of a measurement.
type options struct {
	dir     string // where data directories are made
	lasts   time.Duration
	runs    int64
	flight  int
	kills   int
	parked  int64
	history int64
}

// amount bounds a stretch of a scenario: so many deliveries when -n says so, else as long as -for.
func (b *bench) amount(ld *load) {
	if ld.most = b.runs; b.runs == 0 {
		ld.lasts = b.lasts
	}
}

// world is a bot that is set up, a receiver, and what was seen.
type world struct {
	*bench
	bot      *bot
	ledger   *ledger
	receiver *receiver
}

// open starts a bot on new data and the receiver, and publishes the flows that texts makes for its address.
func (b *bench) open(delay func(int64) time.Duration, texts func(url string) []string) (*world, error) {
	w := &world{bench: b, ledger: newLedger()}
	var err error
	if w.receiver, err = newReceiver(w.ledger, delay); err != nil {
		return nil, err
	}
	if w.bot, err = newBot(b.program, b.dir); err == nil {
		err = w.bot.start()
	}
	if err == nil {
		err = w.bot.setUp(texts(w.receiver.url)...)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *world) close() {
	if w.bot != nil {
		w.bot.remove()
	}
	w.receiver.close()
}

// restart stops the bot and starts it again; between, its data is measured.
func (w *world) restart() (bytes int64, err error) {
	if _, err = w.bot.stop(); err != nil {
		return 0, err
	}
	if bytes, err = size(w.bot.dir); err != nil {
		return 0, err
	}
	return bytes, w.bot.start()
}

// stretch sends a load and waits until its runs are over. took is from the first delivery to the end of the last run,
// used the bot's processor time meanwhile.
func (w *world) stretch(ctx context.Context, ld *load) (s sent, took, used time.Duration, err error) {
	ld.ledger, ld.hooks = w.ledger, w.bot.hooks
	if ld.body == nil {
		ld.body = body
	}
	before, err := processorTime(w.bot.pid())
	if err != nil {
		return s, 0, 0, err
	}
	began := time.Now()
	if s, err = ld.run(ctx); err != nil {
		return s, 0, 0, err
	}
	if err = w.bot.settle(5 * time.Minute); err != nil {
		return s, 0, 0, err
	}
	took = time.Since(began)
	after, err := processorTime(w.bot.pid())
	if s.refused+s.broken > 0 {
		err = errors.Join(err, fmt.Errorf("%d deliveries were refused, %d got no answer", s.refused, s.broken))
	}
	return s, took, after - before, err
}

// whole adds what was seen to the tally, and checks that every run has ended well.
func (w *world) whole(repeatable func(int64) bool) error {
	t := w.ledger.judge(repeatable)
	w.tally.Sent += t.Sent
	w.tally.Accepted += t.Accepted
	w.tally.Completed += t.Completed
	w.tally.Lost += t.Lost
	w.tally.Doubled += t.Doubled
	w.tally.Repeated += t.Repeated
	w.tally.Stray += t.Stray
	return w.ended()
}

// ended checks that every run has ended well.
func (w *world) ended() error {
	bad, err := w.bot.listed(3, "queued", "running", "waiting", "parked", "unknown", "failed", "cancelled", "stopped")
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		return fmt.Errorf("run #%d is %s: %s", bad[0].Number, bad[0].State, bad[0].Reason)
	}
	return nil
}

// stop ends the bot as its operator does: it must be gone in time (RELIABILITY, F-20), and a profile is written then.
func (w *world) stop() error {
	_, err := w.bot.stop()
	return err
}

func never(int64) bool { return false }

// percentile of durations, in milliseconds; 0 when there are none.
func percentile(all []time.Duration, p float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return ms(all[min(int(float64(len(all))*p/100), len(all)-1)])
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	all = slices.Clone(all)
	slices.Sort(all)
	if n := len(all); n%2 == 0 {
		return (all[n/2-1] + all[n/2]) / 2
	}
	return all[len(all)/2]
}
