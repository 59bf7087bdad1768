package slacktest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
)

// Client is one person's Slack.
type Client struct {
	T       testing.TB
	Handler bot.Handler
	Team    string
	User    string
	Channel string
	Late    bool // the bot takes four seconds over the next delivery: its trigger is dead before it is used
	Strict  bool // what is not on the screen cannot be chosen; without it such choices are forged
	// Check looks at what is sent to Slack: "view" (a view), "message" (arguments of chat.postMessage). Nil looks at
	// nothing.
	Check func(kind string, v map[string]any)

	windows []*window         // the uppermost last
	errors  map[string]string // by block
	n       int
	live    *Server                                                  // nil: there is no network
	via     func(ctx context.Context, c slack.Call, in bot.In) error // nil: the answer's calls are carried out here

	clock    time.Duration
	triggers map[string]time.Duration // when each was given out; those used up are not here

	// Settle waits until the bot has done what it was told; a live client calls it after everything that the person
	// does. Nil is what Server.Settle was given.
	Settle func(ctx context.Context) error

	mu       sync.Mutex
	messages []*message
}

// message is a message on the screen.
type message struct {
	channel, ts string
	body        map[string]any
}

// window is a view that is open.
type window struct {
	id, hash string
	view     map[string]any
	state    map[string]map[string]any // by block: what the element holds
}

// New is the client of Bob, in #triage of a workspace.
func New(t testing.TB, h bot.Handler) *Client {
	return &Client{T: t, Handler: h, Team: "T0123", User: "U0BBB", Channel: "C0456"}
}

// Meet puts another handler behind the bot.
func (c *Client) Meet(h bot.Handler) { c.Handler = h }

func (c *Client) next(prefix string) string {
	if c.live != nil {
		c.live.n++
		return fmt.Sprintf("%s%d", prefix, c.live.n)
	}
	c.n++
	return fmt.Sprintf("%s%d", prefix, c.n)
}

// lock holds everything still; a live client is one with its server. What begins with a small letter is called with it.
func (c *Client) lock() (unlock func()) {
	mu := &c.mu
	if c.live != nil {
		mu = &c.live.mu
	}
	mu.Lock()
	return mu.Unlock
}

// Command gives a slash command: "/flow new bug-triage".
func (c *Client) Command(text string) {
	c.T.Helper()
	name, rest, _ := strings.Cut(text, " ")
	unlock := c.lock()
	p := map[string]any{"command": name, "text": rest, "team_id": c.Team, "channel_id": c.Channel, "user_id": c.User, "user_name": c.name(),
		"trigger_id": c.trigger()}
	c.back(p, c.Channel, "", nil)
	unlock()
	c.send(p, false)
}

// triggerLife is how long a trigger opens a window (docs.slack.dev, "Handling user interaction").
const triggerLife = 3 * time.Second

func (c *Client) trigger() string {
	if c.live != nil {
		return c.liveTrigger()
	}
	id := c.next("13345224609.")
	if c.triggers == nil {
		c.triggers = map[string]time.Duration{}
	}
	c.triggers[id] = c.clock
	return id
}

// used is what Slack says of a trigger that is to open a window; "" lets it.
func (c *Client) used(id string) string {
	at, ok := c.triggers[id]
	delete(c.triggers, id)
	switch {
	case !ok:
		return "exchanged_trigger_id"
	case c.clock-at > triggerLife:
		return "expired_trigger_id"
	}
	return ""
}

// Open gives the command without a verb.
func (c *Client) Open() { c.T.Helper(); c.Command("/flow") }

func (c *Client) who() map[string]any {
	return map[string]any{"user": map[string]any{"id": c.User, "username": c.name(), "team_id": c.Team}, "team": map[string]any{"id": c.Team, "domain": "example"},
		"api_app_id": "A0123", "token": "x", "trigger_id": c.trigger()}
}

// send is a frame over the socket and what comes of it.
func (c *Client) send(payload map[string]any, submission bool) {
	c.T.Helper()
	if c.live != nil {
		c.deliver(payload, submission)
		return
	}
	frame, err := json.Marshal(map[string]any{"envelope_id": c.envelope(), "type": "interactive", "accepts_response_payload": true, "payload": payload})
	if err != nil {
		c.T.Fatal(err)
	}
	in, a, err := slack.Take(c.T.Context(), c.Handler, frame)
	if err != nil {
		c.T.Fatalf("%v: %s", err, frame)
	}
	if len(a.Ack) >= 20000 {
		c.T.Errorf("an acknowledgement of %d bytes is dropped", len(a.Ack))
	}
	unlock := c.lock()
	c.errors = nil
	if submission {
		c.acknowledged(a.Ack)
	} else if a.Ack != nil {
		c.T.Errorf("only submissions are answered in the acknowledgement: %s", a.Ack)
	}
	if c.clock += 200 * time.Millisecond; c.Late {
		c.Late = false
		c.clock += 4 * time.Second
	}
	unlock()
	switch {
	case a.Call == nil:
	case c.via != nil:
		if err := c.via(c.T.Context(), *a.Call, in); err != nil {
			c.T.Errorf("%s: %v", a.Call.Method, err)
		}
	default:
		defer c.lock()()
		c.called(in, a.Call)
	}
}

func (c *Client) envelope() string {
	defer c.lock()()
	return c.next("e")
}

// acknowledged does what the answer to a submission says.
func (c *Client) acknowledged(ack json.RawMessage) {
	c.T.Helper()
	top := c.windows[len(c.windows)-1]
	if ack == nil {
		c.windows = c.windows[:len(c.windows)-1]
		return
	}
	var r struct {
		Action string            `json:"response_action"`
		View   map[string]any    `json:"view"`
		Errors map[string]string `json:"errors"`
	}
	if err := json.Unmarshal(ack, &r); err != nil {
		c.T.Fatal(err)
	}
	switch r.Action {
	case "update":
		c.show(top, r.View)
	case "push":
		c.push(r.View)
	case "clear":
		c.windows = nil
	case "errors":
		for block := range r.Errors {
			if c.block(top, block) == nil {
				c.T.Errorf("an error for block %q, which is not there", block)
			}
		}
		c.errors = r.Errors
	default:
		c.T.Errorf("response_action %q", r.Action)
	}
}

func (c *Client) called(in bot.In, call *slack.Call) {
	c.T.Helper()
	switch {
	case call.Method == "views.open" || call.Method == "views.push":
		if call.Trigger == "" || call.Trigger != in.Trigger {
			c.T.Errorf("%s with trigger %q", call.Method, call.Trigger)
		}
		if call.Method == "views.open" && len(c.windows) > 0 {
			c.T.Error("views.open while a window is open")
		}
		if c.used(call.Trigger) != "" {
			if call.Late == nil {
				c.T.Fatal("nothing is said when a dialog comes too late")
			}
			c.post(plain(c.T, call.Late))
			return
		}
		c.push(plain(c.T, call.View))
	case call.Method == "views.update":
		for _, w := range c.windows {
			if w.id == call.ViewID && (call.Hash == "" || call.Hash == w.hash) {
				c.show(w, plain(c.T, call.View))
				return
			}
		}
		c.T.Errorf("views.update of %s at %s, which is not there", call.ViewID, call.Hash)
	default:
		c.post(plain(c.T, call.Message))
	}
}

// post puts a message on the screen and gives its time.
func (c *Client) post(m map[string]any) (ts string) {
	if c.Check != nil {
		c.Check("message", m)
	}
	ts = fmt.Sprintf("1548261231.%06d", len(c.messages)+200)
	channel, _ := m["channel"].(string)
	c.messages = append(c.messages, &message{channel: channel, ts: ts, body: m})
	return ts
}

// shown are the messages, newest first, as they stand.
func (c *Client) shown() []message {
	if c.live != nil {
		return c.seen()
	}
	out := make([]message, 0, len(c.messages))
	for i := len(c.messages) - 1; i >= 0; i-- {
		out = append(out, *c.messages[i])
	}
	return out
}

func list(v any) []map[string]any {
	var out []map[string]any
	all, _ := v.([]any)
	for _, x := range all {
		if m, ok := x.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func plain(t testing.TB, v any) map[string]any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
