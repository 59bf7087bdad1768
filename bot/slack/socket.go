package slack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// How sockets are held. Several lie side by side, because Slack renews each every few hours and the SDK does not say
// when: while one is away the other carries on. One client of the SDK serves one connection: left alone it would open
// the next without a pause, or wait up to five minutes.
const (
	socketsSide  = 2
	silenceMost  = 30 * time.Second // Slack's own libraries take as long
	helloMost    = 5 * time.Second  // for the dial, and again for "hello"
	pauseMost    = 2 * time.Second  // so that a cut is mended within five seconds
	pauseLeast   = 25 * time.Millisecond
	livedLong    = 10 * time.Second // a connection that lived so long is opened again at once
	flightsMost  = 256              // deliveries of one socket on their way into the inbox
	socketBuffer = 32 << 10         // an acknowledgement is one WebSocket frame; Slack does not join several
)

// sockets keeps the sockets open until ctx ends or Slack refuses the token.
func (n *inbound) sockets(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	side := n.o.Sockets
	if side <= 0 {
		side = socketsSide
	}
	var all sync.WaitGroup
	for range side {
		all.Go(func() {
			if err := n.socket(ctx); err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil && engine.CodeOf(err) == engine.Denied {
		return err
	}
	return nil
}

// socket keeps one open: each connection after the other. An error is Denied.
func (n *inbound) socket(ctx context.Context) error {
	for short := 0; ; {
		began := time.Now()
		hello, err := n.connect(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if why := refused(err); why != nil {
			n.line.set(n.now(), 0, why)
			return why
		}
		if short++; hello && time.Since(began) > livedLong {
			short = 0
		}
		if err != nil {
			n.line.set(n.now(), 0, problemOf(err, engine.Place{}))
			if said := plainly(err); n.line.news(n.now(), said) {
				n.log().Warn("a socket to Slack could not be opened, I keep trying", "err", said)
			}
		}
		t := time.NewTimer(n.pause(short, err))
		select {
		case <-ctx.Done():
			t.Stop()
			return nil
		case <-t.C:
		}
	}
}

// pause is how long to wait: longer after each that did not live, never more than Pause unless Slack asks for it, with
// jitter so that sockets which fell together do not come back together.
func (n *inbound) pause(short int, err error) time.Duration {
	most := n.o.Pause
	if most <= 0 {
		most = pauseMost
	}
	d := min(most, pauseLeast<<min(short, 10))
	d = d/2 + rand.N(d/2+1)
	if limited, ok := errors.AsType[*slackgo.RateLimitedError](err); ok {
		d = max(d, limited.RetryAfter)
	}
	return d
}

// refused is why Slack wants no connection; nil for what may pass.
func refused(err error) error {
	if err == nil {
		return nil
	}
	switch said := err.Error(); said {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope", "not_allowed_token_type", "no_permission", "socket_mode_not_enabled":
		return engine.E(engine.Denied, "Slack refuses my app-level token ({why})", "why", said).WithOp("slack.listen").
			WithHint("Make one with the scope connections:write under Basic Information → App-Level Tokens, switch Socket Mode on, and set SLACK_APP_TOKEN.")
	}
	return nil
}

// plainly is an error without addresses: that of a socket is as good as a token.
func plainly(err error) string {
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err
	}
	if strings.Contains(err.Error(), "//") {
		return "no connection"
	}
	return err.Error()
}

// single lets one connection be opened: what the SDK would open after it is for socket to decide.
type single struct {
	client *http.Client
	used   bool
}

var errSingle = errors.New("the connection has ended")

// Do answers the first request.
func (o *single) Do(r *http.Request) (*http.Response, error) {
	if o.used {
		return nil, errSingle
	}
	o.used = true
	return o.client.Do(r)
}

// connect holds one connection until it ends. hello is whether Slack greeted; an error says why there was none.
func (n *inbound) connect(ctx context.Context) (hello bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	client := n.o.Client
	if client == nil {
		client = http.DefaultClient
	}
	options := []slackgo.Option{slackgo.OptionAppLevelToken(n.o.App.Reveal()), slackgo.OptionHTTPClient(&single{client: client})}
	if n.o.APIURL != "" {
		options = append(options, slackgo.OptionAPIURL(strings.TrimSuffix(n.o.APIURL, "/")+"/"))
	}
	silence := n.o.Silence
	if silence <= 0 {
		silence = silenceMost
	}
	c := socketmode.New(slackgo.New("", options...), socketmode.OptionReadLimit(2*frameMost), socketmode.OptionPingInterval(silence),
		socketmode.OptionLog(log.New(io.Discard, "", 0)),
		socketmode.OptionDialer(&websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: helloMost, WriteBufferSize: socketBuffer}))
	ended := make(chan error, 1)
	go func() { ended <- c.RunContext(ctx) }()
	f := &flights{under: make(chan struct{}, flightsMost)}
	greeted := time.NewTimer(2 * helloMost)
	defer func() {
		greeted.Stop()
		cancel()
		if hello {
			n.line.set(n.now(), -1, nil)
		}
	}()
	for {
		select {
		case err := <-ended:
			return hello, err
		case <-greeted.C:
			return false, engine.E(engine.Unavailable, "Slack does not greet").WithOp("slack.listen")
		case e := <-c.Events:
			switch e.Type {
			case socketmode.EventTypeHello:
				if greeted.Stop(); !hello {
					hello = true
					n.line.set(n.now(), 1, nil)
				}
			case socketmode.EventTypeConnecting:
				if at, ok := e.Data.(*slackgo.ConnectingEvent); ok && at.ConnectionCount > 0 {
					return hello, nil // cut, or asked to come back
				}
			case socketmode.EventTypeConnectionError:
				if failed, ok := e.Data.(*slackgo.ConnectionErrorEvent); ok && !errors.Is(failed.ErrorObj, errSingle) {
					return hello, failed.ErrorObj
				}
				return hello, nil
			case socketmode.EventTypeErrorBadMessage: // of a kind that the SDK does not know, and maybe nobody
				bad, ok := e.Data.(*socketmode.ErrorBadMessage)
				if r := (socketmode.Request{}); ok && json.Unmarshal(bad.Message, &r) == nil {
					n.fly(ctx, c, r, f)
				}
			default:
				if e.Request != nil {
					n.fly(ctx, c, *e.Request, f)
				}
			}
		}
	}
}

// flights are the deliveries of one socket that are on their way into the inbox.
type flights struct {
	under chan struct{}
	last  chan struct{} // closed when the last event before is begun
}

// fly takes a delivery while the socket goes on reading: what stands in the inbox is committed together. Events are
// begun in the order in which they came.
func (n *inbound) fly(ctx context.Context, c *socketmode.Client, r socketmode.Request, f *flights) {
	if r.EnvelopeID == "" {
		return
	}
	select {
	case f.under <- struct{}{}:
	case <-ctx.Done():
		return
	}
	before, begun := f.last, make(chan struct{})
	if r.Type == socketmode.RequestTypeEventsAPI {
		f.last = begun
	} else {
		before = nil
	}
	go func() {
		defer func() { <-f.under }()
		defer close(begun)
		ack, after, err := n.receive(ctx, r.Payload)
		if err != nil {
			n.log().Warn("a delivery could not be kept and comes again", "surface", "slack", "err", err)
		} else {
			answer := socketmode.Response{EnvelopeID: r.EnvelopeID}
			if ack != nil {
				answer.Payload = ack
			}
			_ = c.SendCtx(ctx, answer) // lost, it comes again and is known
		}
		if before != nil {
			<-before
		}
		after()
	}()
}

// line is whether there is a connection.
type line struct {
	mu    sync.Mutex
	up    int
	since int64
	why   error

	said   string // what the log last read, and when: an outage of a day is not a hundred thousand lines
	saidAt time.Time
}

// sameEvery is how often the log reads the same again.
const sameEvery = time.Minute

// news reports whether the log is to read why there is no connection: when that changed, else once a minute.
func (l *line) news(now time.Time, why string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if why == l.said && now.Sub(l.saidAt) < sameEvery {
		return false
	}
	l.said, l.saidAt = why, now
	return true
}

// set counts a connection in or out, or tells why there is none.
func (l *line) set(now time.Time, by int, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.up > 0
	l.up += by
	if l.since == 0 || was != (l.up > 0) {
		l.since = engine.Millis(now)
	}
	if l.up > 0 {
		l.why, l.said = nil, ""
	} else if why != nil {
		l.why = why
	}
}

func (l *line) link() bot.Link {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := bot.Link{Up: l.up > 0, Since: l.since}
	if !out.Up && l.why != nil {
		out.Why = engine.AsError(l.why)
	}
	return out
}
