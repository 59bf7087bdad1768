package main

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// brokenTracker answers as the last word of the path says, and remembers when each call came and was answered.
type brokenTracker struct {
	*receiver
	mu    sync.Mutex
	calls map[string][]brokenCall // by path
}

type brokenCall struct {
	began, answered time.Time
	key             string
}

func newBrokenTracker(t *testing.T) *brokenTracker {
	t.Helper()
	b := &brokenTracker{receiver: newReceiver(t), calls: map[string][]brokenCall{}}
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	b.set(func(_ int, w http.ResponseWriter, r *http.Request, _ []byte) {
		c := brokenCall{began: time.Now(), key: r.Header.Get("Idempotency-Key")}
		defer func() {
			c.answered = time.Now()
			b.mu.Lock()
			b.calls[r.URL.Path] = append(b.calls[r.URL.Path], c)
			b.mu.Unlock()
		}()
		how := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		w.Header().Set("Content-Type", "application/json")
		switch how {
		case "hang":
			select {
			case <-r.Context().Done():
			case <-over:
			}
		case "cut":
			panic(http.ErrAbortHandler)
		case "garbage":
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, `{"id": `)
		case "429":
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			var status int
			if _, err := fmt.Sscan(how, &status); err != nil {
				status = http.StatusTeapot
			}
			w.WriteHeader(status)
			fmt.Fprint(w, `{"message": "project is required"}`)
		}
	})
	return b
}

func (b *brokenTracker) at(path string) []brokenCall {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]brokenCall(nil), b.calls[path]...)
}

// closedPort is an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return "http://" + ln.Addr().String()
}

// Issue 2: "A receiver that answers 422, 500, 503, 429 with Retry-After, hangs, cuts the connection, answers garbage or
// refuses: exactly the table of CONTRACTS" ("What is retried, and what is unknown"), for a read, idempotent writes, one
// that destroys and so asks first, a write that says it may be repeated, and a plain one.
func TestWhatIsRetriedAndWhatIsUnknown(t *testing.T) {
	kinds := []struct {
		name, method, more string
		repeat             bool
	}{
		{"post", "POST", "", false}, {"get", "GET", "", true}, {"put", "PUT", "", true}, {"delete", "DELETE", "", true},
		{"safe", "POST", ", repeat_safe: true", true},
	}
	faults := []struct {
		how               string
		attempts, of      int    // of what may be repeated, of what may not
		state, otherState string // likewise
	}{
		{"refused", 3, 3, "parked", "parked"},
		{"429", 3, 3, "parked", "parked"},
		{"503", 3, 3, "parked", "parked"},
		{"500", 3, 1, "parked", "unknown"},
		{"502", 3, 1, "parked", "unknown"},
		{"504", 3, 1, "parked", "unknown"},
		{"hang", 3, 1, "parked", "unknown"},
		{"cut", 3, 1, "parked", "unknown"},
		{"422", 1, 1, "parked", "parked"},
		{"401", 1, 1, "parked", "parked"},
		{"garbage", 1, 1, "parked", "parked"},
	}
	b, rc := opsRoom(t, "--hold-after", "0"), newBrokenTracker(t)
	nobody := closedPort(t)
	type sent struct {
		kind, fault int
		run         int64
	}
	var all []sent
	for i, k := range kinds {
		b.apply(hookFlow(k.name, fmt.Sprintf(`
  - id: call
    do: http.request
    retry: {max: 3, first: 50ms}
    with: {method: %s, url: "{{ event.body.url }}", timeout: "{{ event.body.timeout }}", allow_private: true%s}
`, k.method, k.more)))
		for j, f := range faults {
			url, timeout := rc.URL+"/"+k.name+"/"+f.how, "30s"
			switch f.how {
			case "refused":
				url = nobody + "/" + k.name
			case "hang":
				timeout = "1s"
			}
			all = append(all, sent{i, j, b.send(k.name, fmt.Sprintf(`{"url": %q, "timeout": %q}`, url, timeout))})
		}
	}
	for _, s := range all { // what destroys asks first, whatever will become of it
		if kinds[s.kind].method == "DELETE" {
			if r := b.await(s.run, "waiting"); r.Steps[0].Attempts != 0 {
				t.Errorf("#%d was tried before anybody approved", s.run)
			}
			c := b.card("ann", "#ops", fmt.Sprintf("delete #%d ·", s.run))
			b.cli("chat", "--as", "ann", "--in", "#ops", "--press", "approve", "--card", c.ID)
		}
	}
	for _, s := range all {
		k, f := kinds[s.kind], faults[s.fault]
		t.Run(k.name+" "+f.how, func(t *testing.T) {
			attempts, state := f.attempts, f.state
			if !k.repeat {
				attempts, state = f.of, f.otherState
			}
			r := b.await(s.run, "parked", "unknown", "done", "failed")
			if r.State != state || r.Steps[0].Attempts != attempts || r.Steps[0].Error == nil {
				t.Errorf("#%d is %s after %d attempts with %+v, wanted %s after %d", s.run, r.State, r.Steps[0].Attempts, r.Steps[0].Error, state, attempts)
			}
			if f.how == "refused" {
				return
			}
			calls := rc.at("/" + k.name + "/" + f.how)
			if len(calls) != attempts {
				t.Fatalf("%d calls, wanted %d", len(calls), attempts)
			}
			for i, c := range calls {
				if k.name == "safe" && (c.key == "" || c.key != calls[0].key) {
					t.Errorf("call %d has the key %q, the first one %q", i+1, c.key, calls[0].key)
				}
				if f.how != "429" || i == 0 {
					continue
				}
				if gap := c.began.Sub(calls[i-1].answered); gap < time.Second-2*time.Millisecond { // times are stored in milliseconds
					t.Errorf("called again %s after \"Retry-After: 1\"", gap)
				}
			}
		})
	}
	var unsure int
	for _, c := range b.cards("ann", "#ops") {
		if c.offers("again") {
			unsure++
		}
	}
	if unsure != 5 {
		t.Errorf("%d cards ask whether it happened, wanted 5: the plain POST after 500, 502, 504, a timeout and a cut", unsure)
	}
}
