package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bretelle/bretelle/storage/sqlite"
)

// kills: deliveries go on while the bot is killed at random moments and started again; one without an answer is sent
// again, as senders do (RELIABILITY, F-1 and F-2). Every second run's call may be repeated with the same key, the
// others' may not: of those some end as unknown, which is asked, and none is sent twice.
func kills(ctx context.Context, b *bench) error { return lives(ctx, b, false) }

// stops is kills with SIGTERM (RELIABILITY, F-20): the bot is gone in ten seconds each time, nothing is unknown and
// nothing is called a second time, not even what may be.
func stops(ctx context.Context, b *bench) error { return lives(ctx, b, true) }

func lives(ctx context.Context, b *bench, gently bool) error {
	w, err := b.open(func(int64) time.Duration { return time.Duration(rand.IntN(15)) * time.Millisecond }, func(url string) []string {
		return []string{flowOf("plain", url, true, false), flowOf("safe", url, true, true)}
	})
	if err != nil {
		return err
	}
	defer w.close()
	k := &killing{world: w, total: b.runs, gently: gently}
	if k.total == 0 {
		k.total = 5000
	}
	for n := range k.total {
		k.unsent = append(k.unsent, n)
	}
	w.ledger.next.Store(k.total)
	share := k.total/int64(b.kills+1) + 1
	for life := range b.kills + 1 {
		if life > 0 {
			if err := w.bot.start(); err != nil {
				return err
			}
			k.slowest = max(k.slowest, w.bot.ready)
		}
		acks := int64(0)
		if life < b.kills {
			acks = share/2 + rand.Int64N(share)
		}
		if err := errors.Join(k.live(ctx, acks), ctx.Err()); err != nil {
			return err
		}
	}
	if len(k.unsent) > 0 {
		return fmt.Errorf("%d deliveries got no answer from a bot that was not killed", len(k.unsent))
	}
	if err := w.bot.settle(5 * time.Minute); err != nil {
		return err
	}
	return k.judge(ctx)
}

// killing is what is left to send while the bot dies again and again.
type killing struct {
	*world
	total   int64
	gently  bool          // SIGTERM instead of kill -9
	slowest time.Duration // start after a kill
	longest time.Duration // stop
	mu      sync.Mutex
	unsent  []int64
}

func safely(n int64) bool { return n%2 == 1 }

// live sends until the bot is dead: it is killed a moment after so many acknowledgements, or after half a second. 0:
// not at all, and everything is sent.
func (k *killing) live(ctx context.Context, acks int64) (err error) {
	var all sync.WaitGroup
	var acked atomic.Int64
	host, _, _ := strings.Cut(strings.TrimPrefix(k.bot.hooks, "http://"), "/")
	enough := make(chan struct{})
	var once sync.Once
	for range k.flight {
		all.Go(func() {
			l := &line{addr: host}
			defer l.close()
			for ctx.Err() == nil {
				n, ok := k.take()
				if !ok {
					return
				}
				if err := k.send(l, n); err != nil {
					k.mu.Lock()
					k.unsent = append(k.unsent, n)
					k.mu.Unlock()
					return
				}
				if acked.Add(1) == acks {
					once.Do(func() { close(enough) })
				}
			}
		})
	}
	if acks > 0 {
		select {
		case <-enough:
		case <-time.After(500 * time.Millisecond):
		}
		<-time.After(time.Duration(rand.IntN(20_000)) * time.Microsecond)
		if k.gently {
			var took time.Duration
			took, err = k.bot.stop()
			k.longest = max(k.longest, took)
		} else {
			k.bot.kill()
		}
	}
	all.Wait()
	return err
}

func (k *killing) take() (int64, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.unsent) == 0 {
		return 0, false
	}
	n := k.unsent[0]
	k.unsent = k.unsent[1:]
	return n, true
}

func (k *killing) send(l *line, n int64) error {
	e := k.ledger.at(n)
	e.sent.CompareAndSwap(0, k.ledger.now())
	path := "plain"
	if safely(n) {
		path = "safe"
	}
	a, err := l.post("/hooks/"+path, body(n))
	if err != nil {
		return err
	}
	if !taken(a) {
		return fmt.Errorf("answered %d %s", a.Status, a.Result)
	}
	e.acked.CompareAndSwap(0, k.ledger.now())
	e.run.Store(a.Run)
	return nil
}

// judge compares what was acknowledged and called with what the bot's list says, and looks into its file.
func (k *killing) judge(ctx context.Context) error {
	const most = 1000 // of one list
	asked, err := k.bot.listed(most, "unknown")
	if err != nil {
		return err
	}
	unknown := map[int64]bool{}
	for _, r := range asked {
		if unknown[r.Number] = true; r.Flow != "plain" {
			return fmt.Errorf("run #%d of %q is unknown, though its call may be repeated", r.Number, r.Flow)
		}
	}
	if len(asked) == most {
		return fmt.Errorf("%d outcomes and more are unknown", most)
	}
	bad, err := k.bot.listed(3, "queued", "running", "waiting", "parked", "failed", "cancelled", "stopped")
	if err != nil {
		return err
	}
	t := k.ledger.judge(safely)
	uncalled, twice := int64(0), int64(0)
	runs := map[int64]bool{}
	for n := range k.total {
		e := k.ledger.at(n)
		if runs[e.run.Load()] {
			twice++
		}
		runs[e.run.Load()] = true
		if unknown[e.run.Load()] && e.calls.Load() == 0 { // its intent was stored and the kill came before the call: asked, not lost
			uncalled++
		}
	}
	t.Lost -= uncalled
	k.tally = t
	how := "kill"
	if k.gently {
		how = "stop"
		k.out["stop.ms"] = ms(k.longest)
	}
	k.out[how+"s"], k.out[how+".unknown"], k.out[how+".repeated"] = float64(k.kills), float64(len(unknown)), float64(t.Repeated)
	k.out[how+".ready.ms"] = ms(k.slowest)
	k.say("%d runs, %d times %s: %d lost, %d doubled, %d unknown and asked, %d repeated with the same key; ready again within %s",
		t.Accepted, k.kills, how, t.Lost, t.Doubled, len(unknown), t.Repeated, k.slowest.Round(time.Millisecond))
	if k.gently && (len(unknown) > 0 || t.Repeated > 0) {
		return fmt.Errorf("stopped gently, %d outcomes are unknown and %d calls came again", len(unknown), t.Repeated)
	}
	if len(bad) > 0 {
		return fmt.Errorf("run #%d is %s: %s", bad[0].Number, bad[0].State, bad[0].Reason)
	}
	if twice > 0 {
		return fmt.Errorf("of %d deliveries %d share a run with another", k.total, twice)
	}
	if most := k.kills * (64 + k.flight); len(unknown) > most {
		return fmt.Errorf("%d outcomes are unknown after %d kills: more than calls were in flight", len(unknown), k.kills)
	}
	if err := k.stop(); err != nil {
		return err
	}
	return integrity(ctx, filepath.Join(k.bot.dir, sqlite.File), k.total)
}

// integrity has SQLite examine a database, and counts its runs.
func integrity(ctx context.Context, path string, runs int64) error {
	db, err := bareDB(path)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	said, err := column(ctx, db, "PRAGMA integrity_check")
	if err != nil {
		return err
	}
	if len(said) != 1 || said[0] != "ok" {
		return fmt.Errorf("integrity_check of %s: %s", path, strings.Join(said, "; "))
	}
	// Counted, and not read off the greatest number: what a kill cut off took its numbers along.
	if said, err = column(ctx, db, "SELECT count(*) FROM runs"); err != nil {
		return err
	}
	if len(said) != 1 || said[0] != strconv.FormatInt(runs, 10) {
		return fmt.Errorf("%d deliveries made %s runs", runs, strings.Join(said, "; "))
	}
	return nil
}
