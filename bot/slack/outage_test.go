package slack_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/engine"
)

// An outage fills no log, and the log reads why, without the address: a socket's is as good as a token.
func TestAnOutageIsSaidOnce(t *testing.T) {
	tries := make(chan struct{}, 60)
	dead := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case tries <- struct{}{}:
		default:
		}
		panic(http.ErrAbortHandler) // the connection is cut
	}))
	defer dead.Close()
	var mu sync.Mutex
	var out strings.Builder
	now := time.Now()
	s := slack.New(slack.Options{Token: engine.NewSecret("xoxb-1"), App: engine.NewSecret("xapp-1"), APIURL: dead.URL + "/api/", Inbox: store(t), Pause: time.Millisecond,
		Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(locked{&mu, &out}, nil))})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Listen(ctx, newClerk()) }()
	for range cap(tries) {
		<-tries
	}
	cancel()
	<-done
	mu.Lock()
	defer mu.Unlock()
	if n := strings.Count(out.String(), "could not be opened"); n != 1 || !strings.Contains(out.String(), "EOF") || strings.Contains(out.String(), dead.URL) {
		t.Errorf("%d lines: %s", n, out.String())
	}
}

// locked is a writer that several may use.
type locked struct {
	mu  *sync.Mutex
	out *strings.Builder
}

func (l locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(b)
}
