package slacktest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/engine"
)

// Connected is a bot that listens to a Server: one life of it.
type Connected struct {
	*slack.Surface
	s      *Server
	cancel context.CancelFunc
	once   sync.Once
	dead   chan struct{} // closed by Kill
	ended  chan struct{}
	err    error
}

// watched is a handler that dies with its life, and whose doings those who wait get to see.
type watched struct {
	bot.Handler
	c *Connected
}

// Handle hands a delivery over.
func (w watched) Handle(ctx context.Context, in bot.In) (bot.Reply, error) {
	reply, err := w.Handler.Handle(ctx, in)
	select {
	case <-w.c.dead:
		<-ctx.Done()
		return nil, ctx.Err()
	default:
	}
	w.c.s.Look()
	return reply, err
}

// Look has those who wait look again.
func (s *Server) Look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touch()
}

// Connect has a bot with this handler and inbox listen through sockets until the test ends or Stop: fast pauses, dead
// sockets are noticed within a second. People's screens wait for what it makes of what they do.
func (s *Server) Connect(h bot.Handler, inbox bot.Inbox, change ...func(*slack.Options)) *Connected {
	o := s.Options()
	o.App, o.Inbox, o.Silence, o.Pause = engine.NewSecret(AppToken), inbox, 400*time.Millisecond, 20*time.Millisecond
	s.mu.Lock()
	if s.PingEvery == 0 {
		s.PingEvery = 100 * time.Millisecond
	}
	s.mu.Unlock()
	for _, f := range change {
		f(&o)
	}
	return s.Run(slack.New(o), h)
}

// ConnectHTTP is Connect by signed requests instead of sockets.
func (s *Server) ConnectHTTP(h bot.Handler, inbox bot.Inbox, change ...func(*slack.Options)) *Connected {
	c := s.Connect(h, inbox, append([]func(*slack.Options){func(o *slack.Options) {
		o.App, o.Signing = engine.Secret{}, engine.NewSecret(s.Signing)
	}}, change...)...)
	web := httptest.NewServer(c.Handler(h))
	s.T.Cleanup(web.Close)
	c.listens(h)
	s.mu.Lock()
	s.Events = web.URL + slack.EventsPath
	s.mu.Unlock()
	return c
}

// listens waits until deliveries by HTTP are taken, or listening has ended.
func (c *Connected) listens(h bot.Handler) {
	const odd = `{"type":"hello"}` // nothing comes of it
	for late := time.After(untilMost); ; {
		r, w := httptest.NewRequest(http.MethodPost, slack.EventsPath, strings.NewReader(odd)), httptest.NewRecorder()
		r.Header.Set("Content-Type", "application/json")
		Sign(r, c.s.Signing, time.Now(), []byte(odd))
		if c.Handler(h).ServeHTTP(w, r); w.Code != http.StatusServiceUnavailable {
			return
		}
		select {
		case <-c.ended:
			return
		case <-late:
			c.s.T.Error("nobody listens by HTTP")
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// Run has a surface listen until the test ends or Stop.
func (s *Server) Run(surface *slack.Surface, h bot.Handler) *Connected {
	ctx, cancel := context.WithCancel(context.Background())
	c := &Connected{Surface: surface, s: s, cancel: cancel, ended: make(chan struct{}), dead: make(chan struct{})}
	s.Settle(surface.Settle)
	go func() {
		c.err = surface.Listen(ctx, watched{h, c})
		close(c.ended)
		s.mu.Lock()
		s.touch()
		s.mu.Unlock()
	}()
	s.T.Cleanup(c.Stop)
	return c
}

// Settle has everybody's screen wait until the bot has done what it was told.
func (s *Server) Settle(f func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settled = f
}

// Stop ends this life of the bot in order.
func (c *Connected) Stop() {
	c.once.Do(c.cancel)
	select {
	case <-c.ended:
	case <-c.dead:
	}
}

// Kill ends this life as kill -9 does: nothing that was under way comes to an end. Its sockets are cut.
func (c *Connected) Kill() {
	c.once.Do(func() { close(c.dead); c.cancel() })
	c.s.Until("no socket is open", func() bool { return c.s.Counters().Open == 0 })
}

// Ended waits until it listens no more by itself, and says why.
func (c *Connected) Ended() error {
	c.s.T.Helper()
	select {
	case <-c.ended:
	case <-time.After(untilMost):
		c.s.T.Fatal("it still listens")
	}
	return c.err
}
