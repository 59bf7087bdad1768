package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// answerWait is how long an answer to a delivery is waited for, callWait its run's call, the last of a loop of 10,000
// included: far longer than either may take.
const (
	answerWait = 30 * time.Second
	callWait   = 5 * time.Minute
)

// line is one kept connection to the webhooks.
type line struct {
	addr string
	c    net.Conn
	in   *bufio.Reader
	out  []byte
}

// answer is what the webhook listener says (CONTRACTS, "Events").
type answer struct {
	Status int    `json:"-"`
	Result string `json:"result"`
	Run    int64  `json:"run"`
}

// post sends one delivery. After an error the connection is made anew.
func (l *line) post(path string, body []byte) (a answer, err error) {
	if l.c == nil {
		if l.c, err = net.DialTimeout("tcp", l.addr, answerWait); err != nil {
			l.c = nil
			return a, err
		}
		l.in = bufio.NewReaderSize(l.c, 2048)
	}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	l.out = fmt.Appendf(l.out[:0], "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", path, l.addr, len(body))
	l.out = append(l.out, body...)
	if err = l.c.SetDeadline(time.Now().Add(answerWait)); err != nil {
		return a, err
	}
	if _, err = l.c.Write(l.out); err != nil {
		return a, err
	}
	resp, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return a, err
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		return a, err
	}
	a.Status = resp.StatusCode
	return a, json.Unmarshal(text, &a)
}

func (l *line) close() {
	if l.c != nil {
		_ = l.c.Close()
		l.c = nil
	}
}

// load is a stretch of deliveries.
type load struct {
	ledger *ledger
	hooks  string // http://127.0.0.1:…/hooks/
	path   func(n int64) string
	body   func(n int64) []byte
	flight int           // at once
	most   int64         // deliveries; 0: until the time is over
	lasts  time.Duration // 0: until so many were sent
	acked  bool          // one is in flight until it is acknowledged, not until its call
}

// sent is what a stretch came to.
type sent struct {
	from, to int64 // numbers of its deliveries
	took     time.Duration
	refused  int64 // answers that were not an acceptance
	broken   int64 // deliveries without an answer
}

// run sends until the stretch is over, each sender waiting for its run's call before it sends the next.
func (ld *load) run(ctx context.Context) (sent, error) {
	host, _, _ := strings.Cut(strings.TrimPrefix(ld.hooks, "http://"), "/")
	s := sent{from: ld.ledger.next.Load()}
	until := s.from + ld.most
	if ld.most == 0 {
		until = mostDeliveries
	}
	if until > mostDeliveries {
		return s, fmt.Errorf("at most %d deliveries in all", mostDeliveries)
	}
	if ld.lasts > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, ld.lasts)
		defer stop()
	}
	var refused, broken atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for range ld.flight {
		all.Go(func() {
			l := &line{addr: host}
			defer l.close()
			wake := make(chan struct{}, 1)
			for ctx.Err() == nil {
				n := ld.ledger.next.Add(1) - 1
				if n >= until {
					ld.ledger.next.Add(-1)
					return
				}
				a, err := ld.deliver(l, n, &wake)
				switch {
				case err != nil:
					broken.Add(1)
					return
				case !taken(a):
					refused.Add(1)
				}
			}
		})
	}
	all.Wait()
	s.to, s.took, s.refused, s.broken = min(ld.ledger.next.Load(), until), time.Since(began), refused.Load(), broken.Load()
	return s, nil
}

func taken(a answer) bool {
	return a.Status == http.StatusAccepted || a.Status == http.StatusOK && (a.Result == "duplicate" || a.Result == "queued")
}

// deliver sends one delivery and waits for its call.
func (ld *load) deliver(l *line, n int64, wake *chan struct{}) (answer, error) {
	e := ld.ledger.at(n)
	if !ld.acked {
		select {
		case <-*wake:
		default:
		}
		e.wake.Store(wake)
	}
	e.sent.CompareAndSwap(0, ld.ledger.now())
	a, err := l.post("/hooks/"+ld.path(n), ld.body(n))
	if err != nil {
		return a, err
	}
	if !taken(a) {
		return a, nil
	}
	e.acked.CompareAndSwap(0, ld.ledger.now())
	e.run.Store(a.Run)
	if !ld.acked && e.called.Load() == 0 {
		select {
		case <-*wake:
		case <-time.After(callWait):
			return a, fmt.Errorf("run #%d has not called within %s", a.Run, callWait)
		}
	}
	return a, nil
}
