package discord

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/gorilla/websocket"

	"github.com/bretelle/bretelle/bot/pulse"
	"github.com/bretelle/bretelle/engine"
)

// gateway is a session of Discord's gateway over one socket after another (discord.com/developers/docs, "Gateway").
// What it promises: an event's number counts as seen only after the event is durable, so what was lost with a socket,
// or with the process, is sent again; a silent socket is noticed within four seconds by the pings that nobody answers,
// else by the second heartbeat.
type gateway struct {
	token engine.Secret
	// intents are asked for when a session begins; one that began with others is not gone on with.
	intents func(ctx context.Context) (int, error)
	// where asks for the gateway's address and how many sessions may be started.
	where func(ctx context.Context) (entrance, error)
	// take is called for each event in order; what it gives back is done without holding up the next one.
	take func(e event) work
	// state is told when the session comes up (nil) and goes down.
	state func(err error)
	// load and store keep the session through restarts; both may fail, then a restart begins a new one.
	load  func(ctx context.Context) (session, error)
	store func(ctx context.Context, s session) error

	dial   websocket.Dialer
	within time.Duration // for the answer to a heartbeat
	peer   *pulse.Peer   // Discord's end of the sockets
	pause  func(ctx context.Context, d time.Duration) error
	jitter func() float64 // in [0,1)
	now    func() time.Time
	log    *slog.Logger

	bits     int // of the session that begins
	session  session
	stored   session
	storedAt time.Time
	last     time.Time // of the last identify
	dials    int       // that failed, one after another
}

// session is what it takes to go on where a socket broke.
type session struct {
	ID   string `json:"id"`
	URL  string `json:"url"` // where it is resumed
	Seq  int64  `json:"seq"`
	Me   string `json:"me"`  // the bot's user id
	App  string `json:"app"` // the application's
	What int    `json:"intents"`
}

// entrance is the answer to GET /gateway/bot.
type entrance struct {
	URL   string `json:"url"`
	Limit struct {
		Remaining int   `json:"remaining"`
		Reset     int64 `json:"reset_after"` // milliseconds
	} `json:"session_start_limit"`
}

// event is a dispatch.
type event struct {
	name  string
	seq   int64
	data  json.RawMessage
	again bool // sent anew by a resume: it may be old
}

// work is what an event asks for. keep makes it durable, beside others; then comes after it in the order of events.
// Both may be nil.
type work struct {
	keep func(ctx context.Context) error
	then func()
}

const (
	dialTimeout   = 10 * time.Second
	ackWithin     = 10 * time.Second
	readyTimeout  = 20 * time.Second // from the socket to the session
	writeTimeout  = 5 * time.Second
	identifyEvery = 5 * time.Second // docs, "Rate Limiting": max_concurrency 1
	backMost      = 30 * time.Second
	livedLong     = 10 * time.Second // a session that was up so long is gone on with at once
	shortMost     = 3                // one that is cut again and again: after two seconds at most
	gatewayFrame  = 32 << 20         // bytes; a big guild's first event has megabytes
	storeEvery    = time.Second
	underWay      = 64 // events that are being made durable at once
)

// run keeps a session until ctx ends, which is no error, or nothing but a person can help: Denied.
func (g *gateway) run(ctx context.Context) error {
	if s, err := g.load(ctx); err == nil && s.ID != "" {
		if bits, err := g.intents(ctx); err != nil || bits == s.What {
			g.session, g.stored = s, s
		}
	}
	failed := 0
	for {
		began := time.Now() // the socket's clock, not ours
		up, err := g.once(ctx)
		g.save(context.WithoutCancel(ctx), true)
		if ctx.Err() != nil {
			return nil
		}
		wait := time.Duration(g.jitter() * float64(250*time.Millisecond))
		var end *ended
		switch {
		case errors.As(err, &end) && end.fatal != nil:
			g.state(end.fatal)
			return end.fatal
		case engine.CodeOf(err) == engine.Denied:
			g.state(err)
			return err
		case errors.As(err, &end) && end.wait > 0:
			wait = end.wait
		}
		if errors.As(err, &end) && end.anew {
			g.session = session{}
		}
		switch failed++; {
		case up && (time.Since(began) >= livedLong || errors.As(err, &end) && end.silent):
			failed = 0
		case up:
			failed = min(failed, shortMost)
		case g.session.ID != "" && engine.AsError(err).After == 0: // to resume costs no session: within five seconds
			failed = min(failed, shortMost+1)
		}
		if failed > 0 {
			wait = max(wait, backOff(failed, g.jitter()), engine.AsError(err).After)
		}
		g.state(unreachable(errors.New(err.Error())))
		g.log.Info("the gateway is left", "up", up, "again_in", wait, "err", err)
		if g.pause(ctx, wait) != nil {
			return nil
		}
	}
}

// backOff is the time before the n-th try after a failure: half a second, one, two … thirty, a half of it by chance.
func backOff(n int, chance float64) time.Duration {
	d := min(backMost, 500*time.Millisecond<<min(n-1, 10))
	return d/2 + time.Duration(chance*float64(d/2))
}

// entry is where to go now: back into the session, or to a new one when one may be started.
func (g *gateway) entry(ctx context.Context) (address string, err error) {
	resume := g.session.ID != ""
	if resume && g.session.URL != "" && g.dials%3 != 2 { // its own address may be gone: the main one is tried, too
		return g.session.URL, nil
	}
	e, err := g.where(ctx)
	if err != nil {
		return "", err
	}
	if resume {
		return e.URL, nil
	}
	if e.Limit.Remaining == 0 && e.Limit.Reset > 0 {
		wait := time.Duration(e.Limit.Reset) * time.Millisecond
		return "", &ended{why: "no session may be started now", wait: wait}
	}
	if g.bits, err = g.intents(ctx); err != nil {
		return "", err
	}
	if left := identifyEvery - g.now().Sub(g.last); !g.last.IsZero() && left > 0 {
		if err := g.pause(ctx, left); err != nil {
			return "", err
		}
	}
	return e.URL, nil
}

// save stores the session when it changed: at once, or when it was not for a while. A number that is behind has events
// sent again, which the inbox knows.
func (g *gateway) save(ctx context.Context, atOnce bool) {
	if g.session == g.stored || !atOnce && g.now().Sub(g.storedAt) < storeEvery {
		return
	}
	if err := g.store(ctx, g.session); err != nil {
		g.log.Warn("the gateway's session could not be stored", "err", err)
		return
	}
	g.stored, g.storedAt = g.session, g.now()
}

// ended is why a socket is left.
type ended struct {
	why    string
	wait   time.Duration
	anew   bool          // the session is gone
	silent bool          // nobody answered pings; to know took seconds, so that no more need to be waited
	fatal  *engine.Error // only a person can help
}

func (e *ended) Error() string { return "discord: the gateway: " + e.why }

// closed is what a close code of the gateway's means (docs, "Gateway Close Event Codes"). 1000 and 1001 end a session only
// when they come from us ("Disconnecting"): what is before Discord says 1001 when it is restarted.
func closed(code int) *ended {
	deny := func(what, hint string) *ended {
		return &ended{why: what, anew: true, fatal: engine.E(engine.Denied, what).WithOp("discord.listen").WithHint(hint)}
	}
	switch code {
	case 4004:
		return deny("Discord does not accept my token", "Make a new one at discord.com/developers, Bot, and start me with it.")
	case 4010, 4011:
		return deny("Discord wants the bot to be split into shards", "It is in too many servers for one connection: remove it from some.")
	case 4012, 4013:
		return deny("Discord does not know what I ask it for", "A newer version of Bretelle may.")
	case 4014:
		return deny("Discord does not let me see messages and members", "Switch on “Message Content Intent” and “Server Members Intent” at discord.com/developers, Bot, then start me again.")
	case 4003, 4007, 4009:
		return &ended{why: "the session is over", anew: true}
	case 4008:
		return &ended{why: "too much was sent", wait: 5 * time.Second}
	}
	return &ended{why: "the socket was closed"}
}

// waiting pauses for real.
func waiting(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// chance is the jitter's source.
func chance() float64 { return rand.Float64() }
