package discordtest

import (
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord"
)

// Client is one person's Discord.
type Client struct {
	T       testing.TB
	Handler bot.Handler
	Guild   string // "" in direct messages
	User    string
	Channel string
	Locale  string
	// Check looks at each answer as it is sent. Nil looks at nothing.
	Check func(answer map[string]any)

	Strict bool // what is not on the screen cannot be used; without it such presses are forged
	// Resigned takes it when an interaction is not answered: the person sees that it failed, and Last has no Answer.
	// Without it that fails the test.
	Resigned bool

	dialog  *dialog
	n       int64
	surface *discord.Surface // nil: answers are taken as they are
	server  *Server          // nil: no whole Discord is behind it
	last    *Interaction

	mu       sync.Mutex
	messages []*message
	answers  map[string]map[string]any // what interactions were answered with, by their tokens
}

type message struct {
	id, channel string
	direct      bool // in the direct messages with the bot
	data        map[string]any
}

// dialog is an open modal and what stands in it.
type dialog struct {
	data  map[string]any
	over  *message // whose component opened it; nil when a command did
	state map[string]any
}

// New is the client of Bob, in a channel of a guild.
func New(t testing.TB, h bot.Handler) *Client {
	return &Client{T: t, Handler: h, Guild: "290926798626357999", User: "53908232506183680", Channel: "345626669114982999", Locale: "en-GB"}
}

// Meet puts another handler behind the bot.
func (c *Client) Meet(h bot.Handler) { c.Handler = h }

// began is when the client was opened, as the time in a snowflake.
const began = int64(846462639134605312)

// minute is how much a snowflake grows in a minute.
const minute = int64(60_000) << 22

// Wait lets minutes pass.
func (c *Client) Wait(minutes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n += minutes * minute
}

func (c *Client) next() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return snowflake(c.n)
}

func snowflake(n int64) string { return strconv.FormatInt(began+n, 10) }

// Command uses a sub-command of /flow with its options: Command("new", "name", "bug-triage"). A group's is "version list".
func (c *Client) Command(path string, options ...string) {
	c.T.Helper()
	c.interact(2, map[string]any{"name": "flow", "type": 1, "options": at(path, values(options, ""))}, nil)
}

// Complete is what is offered for the option that is being typed, the last one.
func (c *Client) Complete(path string, options ...string) []string {
	c.T.Helper()
	focus := options[len(options)-2]
	a := c.answer(4, map[string]any{"name": "flow", "type": 1, "options": at(path, values(options, focus))}, nil)
	if a["type"].(float64) != 8 {
		c.T.Fatalf("%v", a)
	}
	var out []string
	for _, x := range list(a["data"].(map[string]any)["choices"]) {
		out = append(out, x["value"].(string))
	}
	return out
}

func values(options []string, focus string) []any {
	var out []any
	for i := 0; i+1 < len(options); i += 2 {
		o := map[string]any{"type": 3, "name": options[i], "value": options[i+1]}
		if options[i] == focus {
			o["focused"] = true
		}
		out = append(out, o)
	}
	return out
}

// at puts options below a path of one or two words.
func at(path string, options []any) []any {
	words := strings.Fields(path)
	for i := len(words) - 1; i >= 0; i-- {
		options = []any{map[string]any{"type": 1 + len(words) - 1 - i, "name": words[i], "options": options}}
	}
	return options
}

// Open gives a command.
func (c *Client) Open() { c.T.Helper(); c.Command("edit", "flow", "bug-triage") }

// answer is an interaction and what it is answered with.
func (c *Client) answer(kind int, data map[string]any, over *message) map[string]any {
	c.T.Helper()
	if c.server != nil {
		return c.live(kind, data, over)
	}
	id := c.next()
	i := map[string]any{"type": kind, "id": id, "application_id": "775799577604522054", "token": "token" + id, "version": 1,
		"channel_id": c.Channel, "channel": map[string]any{"id": c.Channel, "type": 0}, "locale": c.Locale, "data": data}
	who := map[string]any{"id": c.User, "username": "bob"}
	if i["user"] = who; c.Guild != "" && (over == nil || !over.direct) {
		delete(i, "user")
		i["guild_id"], i["member"] = c.Guild, map[string]any{"user": who, "roles": []any{}}
	}
	if over != nil {
		i["message"], i["channel_id"] = map[string]any{"id": over.id, "channel_id": over.channel, "flags": 64}, over.channel
		kind := 0
		if over.direct {
			kind = 1
		}
		i["channel"] = map[string]any{"id": over.channel, "type": kind}
	}
	frame, err := json.Marshal(map[string]any{"t": "INTERACTION_CREATE", "op": 0, "s": 1, "d": i})
	if err != nil {
		c.T.Fatal(err)
	}
	in, r, err := discord.Take(c.T.Context(), c.Handler, frame)
	if err != nil || r == nil {
		c.T.Fatalf("%v, answer %v: %s", err, r, frame)
	}
	if c.surface != nil {
		return c.sent(in, r, i["token"].(string))
	}
	b, err := json.Marshal(r)
	if err != nil {
		c.T.Fatal(err)
	}
	var a map[string]any
	if err := json.Unmarshal(b, &a); err != nil {
		c.T.Fatal(err)
	}
	if c.Check != nil {
		c.Check(a)
	}
	return a
}

// interact is an interaction and what comes of it.
func (c *Client) interact(kind int, data map[string]any, over *message) {
	c.T.Helper()
	a := c.answer(kind, data, over)
	d, _ := a["data"].(map[string]any)
	switch t := int(a["type"].(float64)); {
	case c.server != nil && t != 9: // the server shows it
	case t == 4:
		m := &message{id: c.next(), channel: c.Channel, data: d}
		if over != nil {
			m.channel, m.direct = over.channel, over.direct
		}
		c.add(m)
	case t == 6 && over != nil:
	case t == 7 && over != nil:
		c.mu.Lock()
		over.data = d
		c.mu.Unlock()
	case t == 9 && (kind == 2 || kind == 3):
		c.show(d, over)
		return
	default:
		c.T.Fatalf("answer %d to an interaction of type %d (from a message: %v)", t, kind, over != nil)
	}
}

func (c *Client) add(m *message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages = append(c.messages, m)
}

// shown are the messages, newest first.
func (c *Client) shown() []*message {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]*message, 0, len(c.messages))
	for i := len(c.messages) - 1; i >= 0; i-- {
		out = append(out, c.messages[i])
	}
	return out
}

// has is what a message shows now.
func (c *Client) has(m *message) map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	return m.data
}

// show opens a dialog.
func (c *Client) show(d map[string]any, over *message) {
	c.T.Helper()
	c.dialog = &dialog{data: d, over: over, state: map[string]any{}}
	all := list(d["components"])
	if len(all) == 0 || len(all) > 5 {
		c.T.Errorf("a dialog with %d components", len(all))
	}
	for _, l := range all {
		in, ok := l["component"].(map[string]any)
		if !ok {
			continue
		}
		id := in["custom_id"].(string)
		switch in["type"].(float64) {
		case 3:
			vs := []any{}
			for _, o := range list(in["options"]) {
				if o["default"] == true {
					vs = append(vs, o["value"])
				}
			}
			c.dialog.state[id] = vs
		case 23:
			c.dialog.state[id] = in["default"] == true
		default:
			s, _ := in["value"].(string)
			c.dialog.state[id] = s
		}
	}
}

// submit sends the open dialog.
func (c *Client) submit() {
	c.T.Helper()
	d := c.dialog
	c.dialog = nil
	var all []any
	for i, l := range list(d.data["components"]) {
		in, ok := l["component"].(map[string]any)
		if !ok {
			all = append(all, map[string]any{"type": 10, "id": i + 1})
			continue
		}
		id := in["custom_id"].(string)
		out := map[string]any{"type": in["type"], "custom_id": id}
		if vs, many := d.state[id].([]any); many {
			out["values"] = vs
		} else {
			out["value"] = d.state[id]
		}
		all = append(all, map[string]any{"type": 18, "id": i + 1, "component": out})
	}
	c.interact(5, map[string]any{"custom_id": d.data["custom_id"], "components": all}, d.over)
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
