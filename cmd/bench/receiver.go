package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// receiver is the service that flows call: it notes which delivery each call is for, and answers 201.
type receiver struct {
	url    string
	on     net.Listener
	ledger *ledger
	delay  func(n int64) time.Duration // before an answer; it may also hold the call up itself; nil: none
	mu     sync.Mutex
	conns  map[net.Conn]bool
	all    sync.WaitGroup
}

const received = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}"

func newReceiver(l *ledger, delay func(n int64) time.Duration) (*receiver, error) {
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{url: "http://" + on.Addr().String(), on: on, ledger: l, delay: delay, conns: map[net.Conn]bool{}}
	r.all.Go(func() {
		for {
			c, err := on.Accept()
			if err != nil {
				return
			}
			r.mu.Lock()
			r.conns[c] = true
			r.mu.Unlock()
			r.all.Go(func() {
				r.serve(c)
				r.mu.Lock()
				delete(r.conns, c)
				r.mu.Unlock()
			})
		}
	})
	return r, nil
}

// close ends every connection and waits for them.
func (r *receiver) close() {
	_ = r.on.Close()
	r.mu.Lock()
	for c := range r.conns {
		_ = c.Close()
	}
	r.mu.Unlock()
	r.all.Wait()
}

func (r *receiver) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	in := bufio.NewReaderSize(c, 4096)
	var body bytes.Buffer
	for {
		q, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body.Reset()
		if _, err := io.Copy(&body, io.LimitReader(q.Body, 1<<20)); err != nil {
			return
		}
		n := numberIn(body.Bytes(), q.URL.RawQuery)
		r.ledger.call(n, q.Header.Get("Idempotency-Key"))
		if r.delay != nil {
			if d := r.delay(n); d > 0 {
				<-time.After(d)
			}
		}
		if _, err := io.WriteString(c, received); err != nil {
			return
		}
	}
}

// numberIn finds the delivery's number: "n":12 in a body, n=12 in a query. -1 when there is none.
func numberIn(body []byte, query string) int64 {
	_, rest, ok := bytes.Cut(body, []byte(`"n":`))
	if !ok {
		_, rest, ok = bytes.Cut([]byte(query), []byte("n="))
	}
	if !ok {
		return -1
	}
	rest = bytes.TrimLeft(rest, " ")
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(string(rest[:end]), 10, 64)
	if err != nil {
		return -1
	}
	return n
}
