package slack

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// How sockets are held. Several lie side by side, because Slack renews each every few hours: while one is away the other
// carries on.
const (
	socketsSide = 2
	pauseMost   = 2 * time.Second // so that a cut is mended within five seconds
	pauseLeast  = 25 * time.Millisecond
	livedLong   = 10 * time.Second // a connection that lived so long is opened again at once
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
		greeted, silent, err := n.connect(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if why := refused(err); why != nil {
			n.line.set(n.now(), 0, why)
			return why
		}
		if short++; greeted && (silent || time.Since(began) > livedLong) { // a silence took seconds itself
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
