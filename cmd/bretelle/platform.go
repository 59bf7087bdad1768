package main

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// platform is a chat platform beside the console. It is on when surface is there; nothing that goes wrong with it ends
// the bot.
type platform struct {
	name    string // "slack"
	title   string // "Slack"
	surface bot.Surface
	how     string        // by what it is connected: "socket", "HTTP"
	off     *engine.Error // why it is not on
	// paths are what it delivers to by HTTP, each made for the bot.
	paths map[string]func(bot.Handler) (http.Handler, error)
	log   *slog.Logger
	now   func() time.Time
	// trouble is told of what only people can mend.
	trouble func(ctx context.Context, p *platform, why *engine.Error)
	// linked is told when a connection has come up, and gives it back with what else is known of it.
	linked func(ctx context.Context, p *platform, l bot.Link) bot.Link
	// lost is told when a connection is down, each time its reason changes.
	lost func(ctx context.Context, p *platform, l bot.Link)
	// register tells the platform which commands there are; nil where nobody needs to.
	register func(ctx context.Context) error
	again    chan struct{} // wakes registered
	// pause gives how long to wait before the n-th try after a failure; nil is pauseAfter.
	pause func(why *engine.Error, n int) time.Duration

	mu    sync.Mutex
	why   *engine.Error // what ended the last try to listen; nil while it listens
	since int64         // when that was
}

// Between tries to listen.
const (
	soonest = time.Second
	latest  = time.Minute
	// mendable is for what time does not cure: a token that is refused. People mend it, and need not restart the bot.
	mendable = 5 * time.Minute
	// steady is how long a connection holds for its failure to be a first one again.
	steady = time.Minute
	// glance is how often connections are looked at, to tell of what changed.
	glance = time.Second
)

// pauseAfter doubles from a second to a minute, with full jitter in its upper half; what only people can mend is tried
// again slowly.
func pauseAfter(why *engine.Error, n int) time.Duration {
	if lasting(why) {
		return mendable
	}
	if why.After > 0 {
		return min(why.After, mendable)
	}
	d := latest
	if n < 7 {
		d = min(soonest<<(n-1), latest)
	}
	return d/2 + rand.N(d/2+1)
}

// lasting reports whether only people can mend it.
func lasting(e *engine.Error) bool { return e.Code == engine.Denied || e.Code == engine.Invalid }

// listen keeps the surface listening until ctx ends: whatever ends it is said once and tried again.
func (p *platform) listen(ctx context.Context, h bot.Handler) {
	pause := p.pause
	if pause == nil {
		pause = pauseAfter
	}
	for n := 1; ; n++ {
		began := p.now()
		p.set(nil)
		err := p.surface.Listen(ctx, h)
		if ctx.Err() != nil {
			return
		}
		why := engine.E(engine.Unavailable, "the connection ended")
		if err != nil {
			why = engine.AsError(err)
		}
		if p.now().Sub(began) > steady {
			n = 1
		}
		p.set(why)
		wait := pause(why, n)
		p.log.Warn("a chat platform is not connected", "platform", p.name, "err", why, "cause", why.Err, "again_in", wait)
		if lasting(why) && p.trouble != nil {
			p.trouble(ctx, p, why)
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
	}
}

func (p *platform) set(why *engine.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.why, p.since = why, engine.Millis(p.now())
}

// links are the connections as the surface tells of them; of one that does not listen, why.
func (p *platform) links() []bot.Link {
	if p.surface == nil {
		return nil
	}
	p.mu.Lock()
	why, since := p.why, p.since
	p.mu.Unlock()
	if why != nil {
		return []bot.Link{{Since: since, Why: why}}
	}
	if l, ok := p.surface.(bot.Linked); ok {
		return l.Links()
	}
	return nil
}

// watch tells of connections that come up or go down, until ctx ends.
func (p *platform) watch(ctx context.Context) {
	t := time.NewTicker(glance)
	defer t.Stop()
	up, why := map[string]bool{}, map[string]string{}
	for {
		for _, l := range p.links() {
			was, known := up[l.Workspace]
			up[l.Workspace] = l.Up
			if l.Up {
				delete(why, l.Workspace)
			} else if l.Why != nil && why[l.Workspace] != l.Why.Error() {
				why[l.Workspace] = l.Why.Error()
				p.down(ctx, l)
			}
			switch {
			case l.Up && !was:
				if p.linked != nil {
					l = p.linked(ctx, p, l)
				}
				p.log.Info("connected", "platform", p.name, "workspace", l.Workspace, "name", l.Name)
				p.commands()
			case !l.Up && known && was:
				p.log.Warn("the connection was lost", "platform", p.name, "workspace", l.Workspace, "err", l.Why)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// down tells of a connection that is down for another reason than before.
func (p *platform) down(ctx context.Context, l bot.Link) {
	if p.lost != nil {
		p.lost(ctx, p, l)
	}
	if lasting(l.Why) && p.trouble != nil {
		p.trouble(ctx, p, l.Why)
	}
}

// settle is how long commands may still change before they are registered: flows change in bursts.
const settle = 2 * time.Second

// commands has the platform told which commands there are, soon.
func (p *platform) commands() {
	select {
	case p.again <- struct{}{}:
	default: // nobody to tell, or it is about to
	}
}

// lookAgain is how often it is looked whether other commands are to be registered, where nobody says so: somebody was
// linked on a server, say. Nothing is asked of the platform for what it was told before.
const lookAgain = time.Minute

// registered tells the platform which commands there are, whenever they may have changed, until ctx ends. What fails is
// tried again with the next change, and before that after a while.
func (p *platform) registered(ctx context.Context) {
	retry := time.After(lookAgain)
	failed := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.again:
		case <-retry:
		}
		quiet := time.NewTimer(settle)
		select {
		case <-ctx.Done():
			quiet.Stop()
			return
		case <-quiet.C:
		}
		retry = time.After(lookAgain)
		err := p.register(ctx)
		if err == nil || ctx.Err() != nil {
			failed = 0
			continue
		}
		failed++
		why := engine.AsError(err)
		p.log.Warn("commands could not be registered", "platform", p.name, "err", why, "cause", why.Err)
		retry = time.After(pauseAfter(why, failed))
	}
}

// front answers exact paths itself and leaves everything else to next. It is no mux: that would send odd paths
// elsewhere instead of having them refused.
type front struct {
	paths map[string]http.Handler
	next  http.Handler
}

func (f front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h, ok := f.paths[r.URL.EscapedPath()]; ok {
		h.ServeHTTP(w, r)
		return
	}
	f.next.ServeHTTP(w, r)
}

// workspaceName is how a workspace is written in a line: "Example (T0123)".
func workspaceName(l bot.Link) string {
	switch {
	case l.Name == "" && l.Workspace == "":
		return ""
	case l.Name == "":
		return l.Workspace
	case l.Workspace == "":
		return l.Name
	}
	return l.Name + " (" + l.Workspace + ")"
}

// line is what the banner says of it: known are the workspaces it was connected to before.
func (p *platform) line(known []string) string {
	switch {
	case p.surface == nil && p.off != nil:
		return "off: " + p.off.Error()
	case p.surface == nil:
		return "off"
	case len(known) == 0:
		return "on: connecting, by " + p.how
	case len(known) == 1:
		return "on: workspace " + known[0] + ", " + p.how
	}
	return "on: workspaces " + strings.Join(known, ", ") + ", " + p.how
}
