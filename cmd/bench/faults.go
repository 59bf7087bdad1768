package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// duplicates: one delivery again and again, then once more after a kill, is one run and one call (RELIABILITY, F-7).
func duplicates(ctx context.Context, b *bench) error {
	w, err := b.open(nil, func(url string) []string { return []string{flowOf("plain", url, true, false)} })
	if err != nil {
		return err
	}
	defer w.close()
	const times, senders = 1000, 32
	e := w.ledger.at(w.ledger.next.Add(1) - 1)
	e.sent.Store(w.ledger.now())
	volley := func() (accepted, other int64, err error) {
		var yes, no atomic.Int64
		var failed atomic.Pointer[error]
		var left atomic.Int64
		left.Store(times)
		var all sync.WaitGroup
		for range senders {
			all.Go(func() {
				host, _, _ := strings.Cut(strings.TrimPrefix(w.bot.hooks, "http://"), "/")
				l := &line{addr: host}
				defer l.close()
				for left.Add(-1) >= 0 && ctx.Err() == nil {
					a, err := l.post("/hooks/plain", body(0))
					switch {
					case err != nil:
						failed.Store(&err)
						return
					case a.Result == "accepted":
						yes.Add(1)
						e.run.Store(a.Run)
						e.acked.Store(w.ledger.now())
					case a.Result != "duplicate":
						no.Add(1)
					}
				}
			})
		}
		all.Wait()
		if f := failed.Load(); f != nil {
			err = *f
		}
		return yes.Load(), no.Load(), err
	}
	first, odd, err := volley()
	if err != nil {
		return err
	}
	w.bot.kill()
	if err := w.bot.start(); err != nil {
		return err
	}
	again, odder, err := volley()
	if err != nil {
		return err
	}
	if err := w.bot.settle(time.Minute); err != nil {
		return err
	}
	t := w.ledger.judge(never)
	asked, err := w.bot.listed(1, "unknown") // the kill may have met the one call
	if err != nil {
		return err
	}
	if len(asked) > 0 && t.Lost > 0 {
		t.Lost--
	}
	b.tally = t
	b.out["duplicates.accepted"] = float64(first + again)
	b.say("%d deliveries of one event: %d accepted, %d calls", 2*times, first+again, e.calls.Load())
	last, err := w.bot.listed(1)
	if err != nil {
		return err
	}
	if first != 1 || again != 0 || odd+odder > 0 || len(last) != 1 || last[0].Number != 1 {
		return fmt.Errorf("of %d deliveries of one event %d were accepted, after the restart %d, %d were refused; the last run is %v", times, first, again, odd+odder, last)
	}
	return w.stop()
}

// hosts is how many services badHost has; the last is the bad one.
const hosts = 10

// badHost: ten services, one of which does not answer. Runs that call the others must not wait for it (RELIABILITY,
// F-11): first ten flows with a service each, then one flow that calls all ten.
func badHost(ctx context.Context, b *bench) error {
	for _, x := range []struct {
		key   string
		flows int
	}{{"badhost.flows", hosts}, {"badhost.one", 1}} {
		if err := badHostWith(ctx, b, x.key, x.flows); err != nil {
			return fmt.Errorf("%s: %w", x.key, err)
		}
	}
	return nil
}

func badHostWith(ctx context.Context, b *bench, key string, flows int) error {
	var sick atomic.Bool
	hang := make(chan struct{})
	l := newLedger()
	var services []*receiver
	defer func() {
		close(hang)
		for _, r := range services {
			r.close()
		}
	}()
	for i := range hosts {
		r, err := newReceiver(l, func(int64) time.Duration {
			if i == hosts-1 && sick.Load() {
				<-hang
			}
			return 0
		})
		if err != nil {
			return err
		}
		services = append(services, r)
	}
	w, err := b.open(nil, func(string) []string {
		var texts []string
		for i := range flows {
			url := services[i].url
			if flows == 1 {
				url = "http://{{ event.body.host }}"
			}
			texts = append(texts, flowOf(fmt.Sprintf("to%d", i), url, false, true))
		}
		return texts
	})
	if err != nil {
		return err
	}
	w.receiver.close()
	w.ledger, w.receiver = l, services[0]
	defer func() { w.bot.remove() }()
	well, _, err := paced(ctx, w, services, flows)
	if err != nil {
		return err
	}
	sick.Store(true)
	beside, stuck, err := paced(ctx, w, services, flows)
	if err != nil {
		return err
	}
	b.out[key+".well.p99.ms"], b.out[key+".beside.p99.ms"], b.out[key+".ratio"], b.out[key+".stuck"] = well, beside, beside/well, float64(stuck)
	b.say("%d flows, %d hosts: the well ones called within %.1f ms (99 of 100), %.1f ms beside one that hangs; %d runs waited for more than ten seconds", flows, hosts, well, beside, stuck)
	if stuck > 0 {
		return fmt.Errorf("%d runs of well hosts waited for the one that hangs", stuck)
	}
	return nil
}

// paced sends 200 deliveries a second to the hosts in turn, and gives how long the runs of the well ones took to call
// (99 of 100) and how many had not called after ten seconds more.
func paced(ctx context.Context, w *world, services []*receiver, flows int) (p99 float64, stuck int, err error) {
	l := w.ledger
	count := w.runs
	if count == 0 {
		count = min(int64(w.lasts.Seconds()*200), 2000)
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(w.bot.hooks, "http://"), "/")
	ld := &load{ledger: l, acked: true, path: func(n int64) string { return fmt.Sprintf("to%d", n%int64(flows)) }, body: func(n int64) []byte {
		return fmt.Appendf(nil, `{"n": %d, "title": "x", "priority": 1, "host": %q}`, n, strings.TrimPrefix(services[n%hosts].url, "http://"))
	}}
	lines := make(chan *line, 64)
	for range cap(lines) {
		lines <- &line{addr: host}
	}
	from := l.next.Load()
	var failed atomic.Int64
	var all sync.WaitGroup
	pace := time.NewTicker(5 * time.Millisecond)
	defer pace.Stop()
	for range count {
		select {
		case <-pace.C:
		case <-ctx.Done():
			return 0, 0, ctx.Err()
		}
		n, conn := l.next.Add(1)-1, <-lines
		all.Go(func() {
			if a, err := ld.deliver(conn, n, nil); err != nil || !taken(a) {
				failed.Add(1)
			}
			lines <- conn
		})
	}
	all.Wait()
	for range cap(lines) {
		(<-lines).close()
	}
	if f := failed.Load(); f > 0 {
		return 0, 0, fmt.Errorf("%d deliveries were not accepted", f)
	}
	end := time.Now().Add(10 * time.Second)
	var ends []time.Duration
	for n := from; n < l.next.Load(); n++ {
		if n%hosts == hosts-1 {
			continue
		}
		e := l.at(n)
		for e.called.Load() == 0 && time.Now().Before(end) {
			<-time.After(5 * time.Millisecond)
		}
		if e.called.Load() == 0 {
			stuck++
			continue
		}
		ends = append(ends, time.Duration(e.called.Load()-e.sent.Load()))
	}
	return percentile(ends, 99), stuck, nil
}
