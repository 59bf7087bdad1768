package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/pulse"
	"github.com/bretelle/bretelle/engine"
)

// Live is what it takes to hear from Discord, beside speaking there.
type Live struct {
	// Inbox keeps deliveries before they count as taken.
	Inbox bot.Inbox
	// PublicKey is the application's, in hex, for interactions over HTTP; "" is none.
	PublicKey string
	// Load and Store keep small values through restarts: the gateway's session (with which a restart misses nothing)
	// and what commands were registered. Load gives "" for what is not there. Nil keeps nothing.
	Load  func(ctx context.Context, key string) (string, error)
	Store func(ctx context.Context, key, value string) error
	Log   *slog.Logger // nil is slog.Default
}

// live is the surface's state as a listener.
type live struct {
	Live
	patience time.Duration // how long an answer may take before it is deferred
	within   time.Duration // for the answer to a heartbeat
	peer     pulse.Peer    // Discord's end of the sockets
	pause    func(ctx context.Context, d time.Duration) error
	jitter   func() float64

	mu     sync.Mutex
	link   bot.Link
	takers []*taker // by HTTP
}

// What is kept by Store.
const (
	keySession  = "discord.session"
	keyCommands = "discord.commands." // and the guild, or "all"
)

const (
	patience   = 2 * time.Second  // of the three that Discord gives
	closeGrace = 10 * time.Second // for what is under way at the end
)

func newLive(o Live, now int64) *live {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Load == nil || o.Store == nil {
		o.Load = func(context.Context, string) (string, error) { return "", nil }
		o.Store = func(context.Context, string, string) error { return nil }
	}
	return &live{Live: o, patience: patience, within: ackWithin, pause: waiting, jitter: chance, link: bot.Link{Since: now}}
}

var _ bot.Linked = (*Surface)(nil)

// Listen takes what happens on Discord from its gateway and gives it to h until ctx ends; see bot.Surface. It returns
// early with Denied when only a person can help: the token is refused, or an intent is not switched on. A session
// that broke, or that a former process left, is resumed, so that nothing is missed within the minutes that Discord
// keeps it.
func (s *Surface) Listen(ctx context.Context, h bot.Handler) error {
	if s.live.Inbox == nil {
		return engine.E(engine.Unavailable, "Discord is not connected yet").WithOp("discord.listen").
			WithHint("This version can post to Discord; clicks and commands work in the console.")
	}
	d := s.taker(ctx, h)
	defer func() { d.close(context.WithoutCancel(ctx)) }()
	if err := d.reception.Left(d.ctx, laneOf); err != nil {
		return engine.AsError(err).WithOp("discord.listen")
	}
	g := &gateway{token: s.rest.token, intents: s.asked, take: d.take, state: s.state, dial: s.dialer(), within: s.live.within, peer: &s.live.peer, pause: s.live.pause, jitter: s.live.jitter, now: s.now, log: s.live.Log,
		where: func(ctx context.Context) (e entrance, err error) {
			err = s.call(ctx, engine.Place{}, "GET", route("gateway", "bot"), nil, &e)
			return e, err
		},
		load: func(ctx context.Context) (was session, err error) {
			text, err := s.live.Load(ctx, keySession)
			if err == nil && text != "" {
				err = json.Unmarshal([]byte(text), &was)
			}
			if err == nil && was.Me != "" {
				s.iam(was.Me)
				s.there(ctx)
			}
			return was, err
		},
		store: func(ctx context.Context, is session) error {
			text, err := json.Marshal(is)
			if err != nil {
				return err
			}
			return s.live.Store(ctx, keySession, string(text))
		}}
	return g.run(ctx)
}

// dialer opens sockets the way that requests go: through the same proxy, trusting the same certificates.
func (s *Surface) dialer() websocket.Dialer {
	d := websocket.Dialer{HandshakeTimeout: dialTimeout, Proxy: http.ProxyFromEnvironment}
	if t, ok := s.rest.http.Transport.(*http.Transport); ok {
		d.Proxy, d.NetDialContext = t.Proxy, t.DialContext
		if t.TLSClientConfig != nil {
			d.TLSClientConfig = t.TLSClientConfig.Clone()
			d.TLSClientConfig.NextProtos = nil // a socket is begun with HTTP/1.1
		}
	}
	return d
}

// asked are the intents to ask for: those that the developer portal allows, because Discord takes no session that asks
// for more. What is missing Check tells. Where the portal cannot be asked, all of them.
func (s *Surface) asked(ctx context.Context) (int, error) {
	bits, missing, err := s.intents(ctx)
	for _, i := range missing {
		s.live.Log.Warn("a privileged intent is off", "intent", i.Name)
	}
	switch code := engine.CodeOf(err); {
	case err == nil:
		return bits, nil
	case code == engine.Denied || code == engine.Unavailable || code == engine.Throttled:
		return 0, err
	}
	for _, i := range Intents() {
		bits |= i.Bit
	}
	return bits, nil
}

// there asks which guilds the bot is in: a session that is resumed does not tell.
func (s *Surface) there(ctx context.Context) {
	var list []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	if err := s.call(ctx, engine.Place{}, "GET", route("users", "@me", "guilds"), nil, &list); err != nil {
		s.live.Log.Info("the servers could not be listed", "err", err)
		return
	}
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	for _, g := range list {
		if k := s.known.guild(g.ID); k.Name == "" {
			k.Name = g.Name
		}
	}
}

// iam is the bot's own user.
func (s *Surface) iam(id string) {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	s.known.me = id
}

// me is the bot's own user id as far as it is known.
func (s *Surface) me() string {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	return s.known.me
}

// state notes that the connection came up (nil) or went down.
func (s *Surface) state(err error) {
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	l := &s.live.link
	if up := err == nil; up != l.Up {
		l.Up, l.Since = up, engine.Millis(s.now())
	}
	l.Why = nil
	if err != nil {
		l.Why = engine.AsError(err)
	}
}

// Links is the connection to the gateway; see bot.Linked.
func (s *Surface) Links() []bot.Link {
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	return []bot.Link{s.live.link}
}

// taker takes deliveries for a handler.
type taker struct {
	*Surface
	h         bot.Handler
	reception *bot.Reception
	ctx       context.Context // of work: it outlives the deliveries, and the listening by a grace
	stop      context.CancelFunc
	busy      sync.WaitGroup // interactions
	gate      sync.Mutex     // of shut
	shut      bool           // nothing begins any more
	last      int64          // when the last delivery came, see inOrder; the gateway's reader alone uses it
}

// inOrder is an inbox whose leftovers come in the order in which they arrived: they are kept beside one another, and
// which is stored first is chance. A payload's "n" says when it came.
type inOrder struct{ bot.Inbox }

// Unworked lists what is left, oldest first.
func (i inOrder) Unworked(ctx context.Context, surface string, limit int) ([]bot.Kept, error) {
	list, err := i.Inbox.Unworked(ctx, surface, limit)
	came := func(k bot.Kept) int64 {
		var p struct {
			N int64 `json:"n"`
		}
		_ = json.Unmarshal(k.Payload, &p) // an interaction's has none
		return p.N
	}
	slices.SortStableFunc(list, func(a, b bot.Kept) int { return cmp.Compare(came(a), came(b)) })
	return list, err
}

func (s *Surface) taker(ctx context.Context, h bot.Handler) *taker {
	d := &taker{Surface: s, h: h}
	d.ctx, d.stop = context.WithCancel(context.WithoutCancel(ctx))
	d.reception = &bot.Reception{Surface: s.Name(), Inbox: inOrder{s.live.Inbox}, Work: d.work, Now: s.now, Log: s.live.Log}
	return d
}

// Close waits until the interactions that came by HTTP are answered, or ctx ends. What comes by the gateway is waited
// for by Listen.
func (s *Surface) Close(ctx context.Context) {
	s.live.mu.Lock()
	all := s.live.takers
	s.live.mu.Unlock()
	for _, d := range all {
		d.close(ctx)
	}
}

// close waits for what is under way, for a while.
func (d *taker) close(ctx context.Context) {
	limited, done := context.WithTimeout(ctx, closeGrace)
	defer done()
	d.gate.Lock()
	d.shut = true
	d.gate.Unlock()
	d.reception.Close(limited)
	over := make(chan struct{})
	go func() { d.busy.Wait(); close(over) }()
	select {
	case <-over:
	case <-limited.Done():
	}
	d.stop()
}

// begin does something that close waits for; false when that is over. What an interaction asked for is not done then, and
// its person sees that nothing came.
func (d *taker) begin(do func()) bool {
	d.gate.Lock()
	defer d.gate.Unlock()
	if d.shut {
		return false
	}
	d.busy.Go(do)
	return true
}

// take is what an event of the gateway asks for.
func (d *taker) take(e event) work {
	d.heard(e.name, e.data)
	switch e.name {
	case "READY":
		var r struct {
			User struct {
				ID string `json:"id"`
			} `json:"user"`
		}
		if json.Unmarshal(e.data, &r) == nil && r.User.ID != "" {
			d.iam(r.User.ID)
		}
	case "INTERACTION_CREATE":
		return work{keep: func(ctx context.Context) error { return d.interaction(ctx, e) }}
	case "MESSAGE_CREATE", "MESSAGE_REACTION_ADD", "GUILD_MEMBER_ADD":
		return d.later(e)
	}
	return work{}
}

// later keeps what is worked off after it was acknowledged.
func (d *taker) later(e event) work {
	d.last = max(d.last+1, d.now().UnixNano())
	payload, err := json.Marshal(map[string]any{"t": e.name, "n": d.last, "d": e.data})
	if err != nil {
		return work{}
	}
	in, err := decode(payload, d.me())
	if err != nil || in.Actor.User == d.me() {
		return work{}
	}
	d.metBy(e, in)
	lane, _ := laneOf(payload)
	fresh := false
	return work{
		keep: func(ctx context.Context) (err error) {
			fresh, err = d.reception.Keep(ctx, in.ID, payload)
			return err
		},
		then: func() {
			if fresh {
				d.reception.Begin(d.ctx, lane, in.ID, payload)
			}
		}}
}

// metBy remembers what an event tells of its person.
func (d *taker) metBy(e event, in bot.In) {
	var told struct {
		Guild  string          `json:"guild_id"`
		Locale string          `json:"locale"`
		Member json.RawMessage `json:"member"`
		Author *user           `json:"author"`
	}
	if json.Unmarshal(e.data, &told) != nil {
		return
	}
	if len(told.Member) > 0 {
		d.met(told.Guild, told.Member, told.Author)
	}
	if told.Locale != "" {
		d.speaks(in.Actor.User, in.Actor.Lang)
	}
}

// laneOf is whose deliveries are worked off one after another: a channel's. Interactions of a former life are in a lane
// of their own, where nothing is done: their people saw that nothing came.
func laneOf(payload json.RawMessage) (string, bool) {
	in, err := Decode(payload)
	if err != nil {
		return "interactions", true
	}
	return in.Place.Workspace + "/" + in.Place.Channel, true
}

// work does what a message, a reaction or a join asks for.
func (d *taker) work(ctx context.Context, payload json.RawMessage, _ bool) error {
	in, err := decode(payload, d.me())
	if err != nil || in.Trigger != "" {
		return nil
	}
	if err := d.complete(ctx, &in); err != nil {
		return err
	}
	reply, err := d.h.Handle(ctx, in)
	if code := engine.CodeOf(err); code == engine.Unavailable || code == engine.Throttled {
		return err
	}
	return d.tell(ctx, in, reply, err)
}
