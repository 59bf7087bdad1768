package slack

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/pulse"
	"github.com/bretelle/bretelle/engine"
)

// inbound takes deliveries, whichever way they came (R14).
//
//	socket ─┐               ┌ submission, look-up: handled now ─▶ the answer is the acknowledgement ─▶ calls
//	HTTP ───┴▶ receive ─ Keep ┤
//	                        └ all others ─▶ acknowledged ─▶ Begin: Take ─▶ calls, a lane after another
//
// A submission that comes again gets the answer that it got; one that a crash cut short says so, because whether it
// was acted upon is not known.
type inbound struct {
	s *Surface
	o Options

	mu    sync.Mutex
	h     bot.Handler
	life  context.Context // what acknowledged work lives in; nil while nobody listens
	desk  *bot.Reception
	under map[string]int // delivered and not worked off, how often
	rest  chan struct{}  // closed when under is empty
	given map[string]*given
	busy  sync.WaitGroup // deliveries on their way in, and what follows submissions
	most  time.Duration  // answerMost
	line  line
	peer  pulse.Peer // Slack's end of the sockets
}

// given is the answer to a submission.
type given struct {
	done chan struct{} // closed when ack stands
	ack  json.RawMessage
	err  error // it could not be kept
	at   time.Time
}

const (
	answerMost = 2300 * time.Millisecond // for an answer that is the acknowledgement; Slack waits three seconds
	givenLife  = 10 * time.Minute        // Slack's last redelivery is after five
	closeMost  = 5 * time.Second         // for work under way when listening ends
	backLife   = 30 * time.Minute        // of a response_url
)

func newInbound(s *Surface, o Options) *inbound {
	rest := make(chan struct{})
	close(rest)
	return &inbound{s: s, o: o, under: map[string]int{}, rest: rest, given: map[string]*given{}, most: answerMost}
}

// kept is what the inbox holds: the body as it came, and when, because Slack does not always say. Of a dialog that was
// sent it is the time alone, because that is not worked again.
type kept struct {
	At    int64           `json:"at"`
	Frame json.RawMessage `json:"frame,omitempty"`
	Form  string          `json:"form,omitempty"`
}

func (k kept) body() []byte {
	if k.Form != "" {
		return []byte(k.Form)
	}
	return k.Frame
}

// begin opens the reception and works off what a former life left; end closes it.
func (n *inbound) begin(ctx context.Context, h bot.Handler) (end func(), err error) {
	if n.o.Inbox == nil {
		return nil, engine.E(engine.Internal, "Something went wrong on my side").WithOp("slack.listen").WithHint("Slack's deliveries have nowhere to be kept.")
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	desk := &bot.Reception{Surface: "slack", Inbox: noting{n.o.Inbox, n}, Work: n.work, Now: n.o.Now, Log: n.log()}
	n.mu.Lock()
	n.h = h
	n.mu.Unlock()
	// Before anything new is taken: what comes meanwhile would be found here and begun twice.
	if err := desk.Left(life, func(payload json.RawMessage) (string, bool) {
		var k kept
		if json.Unmarshal(payload, &k) != nil {
			return "", false
		}
		if len(k.body()) == 0 {
			return "submissions", true
		}
		in, err := Decode(k.body())
		if err == nil {
			n.enter(in.ID)
		}
		return lane(in), err == nil
	}); err != nil {
		cancel()
		return nil, err
	}
	n.mu.Lock()
	n.life, n.desk = life, desk
	n.mu.Unlock()
	return func() {
		n.mu.Lock()
		n.life = nil
		n.mu.Unlock()
		grace, stop := context.WithTimeout(context.WithoutCancel(ctx), closeMost)
		defer stop()
		desk.Close(grace)
		done := make(chan struct{})
		go func() { n.busy.Wait(); close(done) }()
		select {
		case <-done:
		case <-grace.Done():
		}
		cancel()
		n.mu.Lock()
		defer n.mu.Unlock()
		if len(n.under) > 0 { // what is left stays in the inbox
			clear(n.under)
			close(n.rest)
		}
	}, nil
}

// lane is what happens one after another: what is said in a channel, what one person does. A click does not wait for what
// others do in the channel, because its trigger lives for three seconds.
func lane(in bot.In) string {
	if !unasked(in) || in.Place.Channel == "" {
		return in.Actor.Workspace + "/" + in.Actor.User
	}
	return in.Place.Workspace + "/" + in.Place.Channel
}

// receive takes a delivery. ack is the body of its acknowledgement, nil for none; after is to be called once, when that
// is out or nothing is acknowledged. Errors: Unavailable when it could not be kept: then it must not be acknowledged,
// and Slack sends it again.
func (n *inbound) receive(ctx context.Context, body []byte) (ack json.RawMessage, after func(), err error) {
	at, came := n.now(), time.Now() // its three seconds are real ones
	n.mu.Lock()
	life, desk := n.life, n.desk
	if life == nil {
		n.mu.Unlock()
		return nil, func() {}, engine.E(engine.Unavailable, "I am not listening to Slack").WithOp("slack.receive")
	}
	n.busy.Add(1)
	n.mu.Unlock()
	over := func() { n.busy.Done() }
	if h, ok := hintOf(body); ok {
		n.s.noticed(h)
	}
	in, err := Decode(body)
	if err != nil { // nothing for us: it is acknowledged all the same, or it would come again and again
		return nil, over, nil
	}
	if in.Kind == bot.InLookUp { // nothing comes of it, so that it may come twice
		return n.lookedUp(ctx, in), over, nil
	}
	k := kept{At: engine.Millis(at), Frame: body}
	if !json.Valid(body) {
		k.Frame, k.Form = nil, string(body)
	}
	if in.Kind == bot.InSubmit && !acted(in) {
		k = kept{At: k.At} // it is only known by its id: what was typed has no business on the disk
	}
	payload, err := json.Marshal(k)
	if err != nil {
		return nil, over, engine.AsError(err).WithOp("slack.receive")
	}
	n.enter(in.ID)
	if in.Kind == bot.InSubmit && !acted(in) {
		ack, then, err := n.submitted(ctx, life, desk, in, payload, came)
		return ack, func() { go func() { defer over(); then() }() }, err
	}
	fresh, err := desk.Keep(context.WithoutCancel(ctx), in.ID, payload) // who brought it may not wait for the end
	switch {
	case err != nil:
		n.left(in.ID)
		return nil, func() { defer over(); n.unsaved(life, in) }, err
	case !fresh:
		n.left(in.ID)
		return nil, over, nil
	}
	return nil, func() { defer over(); desk.Begin(life, lane(in), in.ID, payload) }, nil
}

// unsaved tells somebody who pressed that it does not count.
func (n *inbound) unsaved(ctx context.Context, in bot.In) {
	if in.Back == "" {
		return
	}
	why := engine.E(engine.Unavailable, "I could not save your answer, so it does not count").WithHint("Please press again in a minute.")
	if a := trouble(in, why); a.Call != nil {
		n.send(ctx, in, *a.Call)
	}
}

// lookedUp answers what is typed into a list. A list that takes too long is empty: the person types on.
func (n *inbound) lookedUp(ctx context.Context, in bot.In) json.RawMessage {
	ctx, cancel := context.WithTimeout(ctx, answerMost)
	defer cancel()
	if n.s.complete(ctx, &in) != nil {
		return Suggest(nil)
	}
	os, err := n.handler().Options(ctx, in)
	if err != nil {
		os = nil
	}
	return Suggest(os)
}

// work is what the reception does with a delivery that was acknowledged.
func (n *inbound) work(ctx context.Context, payload json.RawMessage, late bool) error {
	var k kept
	if err := json.Unmarshal(payload, &k); err != nil {
		return engine.E(engine.Internal, "Something went wrong on my side").WithOp("slack.work").Wrap(err)
	}
	if len(k.body()) == 0 {
		return nil // a dialog, see kept
	}
	in, err := Decode(k.body())
	if err != nil {
		return err
	}
	if late && in.Kind == bot.InSubmit && !acted(in) {
		return nil // its window was not answered, so the person knows that it did not count
	}
	return n.answer(ctx, in, k, late)
}

// answer works off a delivery and tells the person what came of it. An error is one that nobody was told.
func (n *inbound) answer(ctx context.Context, in bot.In, k kept, late bool) error {
	if late && engine.Millis(n.now())-k.At > backLife.Milliseconds() {
		in.Back = ""
	}
	a, err := n.answered(ctx, &in)
	if err != nil {
		return err
	}
	if a.Call != nil {
		if late {
			a.Call = a.Call.overdue(in)
		}
		n.send(ctx, in, *a.Call)
	}
	return nil
}

// answered is the reply to a delivery, in Slack's terms. What went wrong is told to the person, where one waits; where
// none does it is returned, to be tried again.
func (n *inbound) answered(ctx context.Context, in *bot.In) (Answer, error) {
	err := n.s.complete(ctx, in)
	var reply bot.Reply
	if err == nil {
		reply, err = n.handler().Handle(ctx, *in)
	}
	switch _, nothing := reply.(bot.Nothing); {
	case err != nil && ctx.Err() != nil:
		return Answer{}, engine.E(engine.Unavailable, "I was stopped").WithOp("slack.work").Wrap(err)
	case err != nil && unasked(*in) && (!spokenTo(*in) || later(err)):
		return Answer{}, err
	case err != nil:
		return trouble(*in, err), nil
	case nothing && in.Message == homeRef && in.Kind != bot.InHome:
		n.showHome(ctx, *in)
	}
	return Respond(*in, reply)
}

// unasked reports whether nobody waits for an answer.
func unasked(in bot.In) bool {
	switch in.Kind {
	case bot.InMessage, bot.InReact, bot.InJoin, bot.InHome:
		return true
	}
	return false
}

// spokenTo reports whether a message was meant for the bot: its author is told what went wrong.
func spokenTo(in bot.In) bool {
	return in.Kind == bot.InMessage && (in.ToMe || strings.HasPrefix(in.Text, "/")) && !in.Actor.Bot
}

// later reports whether something may be done when it is tried again.
func later(err error) bool {
	code := engine.CodeOf(err)
	return code == engine.Unavailable || code == engine.Throttled
}

// showHome brings the bot's own page up to date after something was pressed on it.
func (n *inbound) showHome(ctx context.Context, in bot.In) {
	look := bot.In{ID: in.ID + "/home", Kind: bot.InHome, Actor: in.Actor, Place: in.Place, At: in.At}
	reply, err := n.handler().Handle(ctx, look)
	if err != nil {
		n.log().Warn("the home page could not be made anew", "err", err)
		return
	}
	if a, err := Respond(look, reply); err == nil && a.Call != nil {
		n.send(ctx, look, *a.Call)
	}
}

// send makes the call of an answer. What Slack says to that is for the log; the call itself holds secrets.
func (n *inbound) send(ctx context.Context, in bot.In, c Call) {
	if err := n.s.Send(ctx, c, in.Place); err != nil {
		n.log().Warn("an answer did not arrive", "method", c.Method, "kind", string(in.Kind), "err", err)
	}
}

func (n *inbound) handler() bot.Handler {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.h
}

func (n *inbound) now() time.Time {
	if n.o.Now != nil {
		return n.o.Now()
	}
	return time.Now()
}

func (n *inbound) log() *slog.Logger {
	if n.o.Log != nil {
		return n.o.Log
	}
	return slog.Default()
}
