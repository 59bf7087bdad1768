package slacktest

import (
	"encoding/json"
	"sort"
	"strings"

	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/prompts"
)

// nothing stands for the empty value of an option.
const nothing = "∅"

// Set puts a value into a field; of several choices, one a line. A choice that is looked up is looked up first; one
// that is not in the list is forged.
func (c *Client) Set(field, value string) {
	c.T.Helper()
	c.await("a field "+field, func() bool { return c.has(field) })
	id, e, acts := c.input(field)
	state := map[string]any{"type": e["type"]}
	switch e["type"] {
	case "plain_text_input", "number_input":
		state["value"] = value
		if value == "" {
			state["value"] = nil
		}
	case "checkboxes", "multi_static_select", "multi_external_select":
		all := []any{}
		for _, v := range strings.Split(value, "\n") {
			if v != "" {
				all = append(all, c.option(id, e, v))
			}
		}
		state["selected_options"] = all
	default:
		state["selected_option"] = c.option(id, e, value)
	}
	act := map[string]any{"type": e["type"], "action_id": e["action_id"], "block_id": id, "action_ts": "1548426417.840180"}
	for k, v := range state {
		act[k] = v
	}
	if p := c.put(id, state, act); acts {
		c.send(p, false)
	}
}

// input is the block id and the element of a field, and whether something comes of a choice in it.
func (c *Client) input(field string) (id string, e map[string]any, acts bool) {
	c.T.Helper()
	defer c.lock()()
	_, b := c.field(field)
	return b["block_id"].(string), b["element"].(map[string]any), b["dispatch_action"] == true
}

// put is what a person enters, and the frame that tells of it.
func (c *Client) put(block string, state, act map[string]any) map[string]any {
	c.T.Helper()
	defer c.lock()()
	c.top().state[block] = state
	return c.using(act)
}

// option is a choice of a list; nil clears it where there is none for nothing.
func (c *Client) option(block string, e map[string]any, value string) any {
	c.T.Helper()
	all := list(e["options"])
	for _, g := range list(e["option_groups"]) {
		all = append(all, list(g["options"])...)
	}
	if t, _ := e["type"].(string); strings.HasSuffix(t, "external_select") {
		all = c.Search(block, value)
	}
	for _, o := range all {
		if o["value"] == value || value == "" && o["value"] == nothing {
			return o
		}
	}
	if value == "" {
		return nil
	}
	if c.Strict {
		c.T.Fatalf("%q is not among the choices: %s", value, c.Screen())
	}
	return map[string]any{"text": map[string]any{"type": "plain_text", "text": value}, "value": value}
}

// Search is what Slack offers for what was typed into a list that is looked up.
func (c *Client) Search(block, text string) []map[string]any {
	c.T.Helper()
	ack := c.look(c.looking(block, text))
	var r map[string]any
	if err := json.Unmarshal(ack, &r); err != nil || r["options"] == nil || len(list(r["options"])) > 100 {
		c.T.Fatalf("%v: %.300s", err, ack)
	}
	return list(r["options"])
}

func (c *Client) looking(block, text string) map[string]any {
	c.T.Helper()
	defer c.lock()()
	p := c.who()
	p["type"], p["action_id"], p["block_id"], p["value"], p["view"] = "block_suggestion", "v", block, text, c.view()
	return p
}

// look asks for choices.
func (c *Client) look(p map[string]any) json.RawMessage {
	c.T.Helper()
	if c.live != nil {
		return c.live.Deliver("interactive", p, true).Wait()
	}
	frame, err := json.Marshal(p)
	if err != nil {
		c.T.Fatal(err)
	}
	_, a, err := slack.Take(c.T.Context(), c.Handler, frame)
	if err != nil || a.Call != nil {
		c.T.Fatalf("%v, %+v", err, a)
	}
	return a.Ack
}

// view is the uppermost window as Slack sends it along.
func (c *Client) view() map[string]any {
	w := c.top()
	v := map[string]any{"id": w.id, "team_id": c.Team, "type": "modal", "hash": w.hash, "callback_id": w.view["callback_id"],
		"private_metadata": w.view["private_metadata"], "root_view_id": c.windows[0].id, "previous_view_id": nil}
	if n := len(c.windows); n > 1 {
		v["previous_view_id"] = c.windows[n-2].id
	}
	values := map[string]any{}
	for id, s := range w.state {
		values[id] = map[string]any{"v": s}
	}
	v["state"] = map[string]any{"values": values}
	return v
}

// using is something used in the uppermost window.
func (c *Client) using(action map[string]any) map[string]any {
	c.T.Helper()
	p := c.who()
	p["type"], p["view"], p["actions"] = "block_actions", c.view(), []any{action}
	p["container"] = map[string]any{"type": "view", "view_id": c.top().id}
	return p
}

// Press uses a button: of the open window by its name or label, else of the newest message by its label.
func (c *Client) Press(name string) {
	c.T.Helper()
	c.await("a button "+name, func() bool { return c.pressing(name) != nil })
	c.send(c.pressed(name), false)
}

func (c *Client) pressed(name string) map[string]any {
	c.T.Helper()
	defer c.lock()()
	if len(c.windows) > 0 && c.Strict && button(c.top().view, name) == nil {
		c.T.Fatalf("no button %q in the window: %s", name, c.screen())
	}
	p := c.pressing(name)
	if p == nil {
		c.T.Fatalf("no button %q in %s", name, c.screen())
	}
	return p
}

// pressing is the frame of a button that is there; nil when none is called so.
func (c *Client) pressing(name string) map[string]any {
	if len(c.windows) > 0 {
		if b := button(c.top().view, name); b != nil {
			return c.using(map[string]any{"type": "button", "action_id": b["action_id"], "block_id": "x", "value": b["value"], "action_ts": "1548426417.840180"})
		}
	}
	for _, m := range c.shown() {
		if b := button(m.body, name); b != nil {
			return c.onMessage(m, map[string]any{"type": "button", "action_id": b["action_id"], "value": b["value"], "action_ts": "1548426417.840180"})
		}
	}
	return nil
}

// onMessage uses an element of a message.
func (c *Client) onMessage(m message, action map[string]any) map[string]any {
	p := c.who()
	at := map[string]any{"ts": m.ts}
	if thread, _ := m.body["thread_ts"].(string); thread != "" {
		at["thread_ts"] = thread
	}
	p["type"], p["channel"] = "block_actions", map[string]any{"id": m.channel}
	p["message"], p["container"] = at, map[string]any{"type": "message", "message_ts": m.ts, "channel_id": m.channel}
	p["actions"] = []any{action}
	thread, _ := at["thread_ts"].(string)
	c.back(p, m.channel, thread, &m)
	return p
}

// Choose uses the menu of the newest message that has one whose label begins so; option is a value or a text of it, or
// what a text begins with, and "…".
func (c *Client) Choose(menu, option string) {
	c.T.Helper()
	c.await("a menu "+menu, func() bool { return c.chosen(menu, option) != nil })
	p := c.locked(func() map[string]any { return c.chosen(menu, option) })
	if p == nil {
		c.T.Fatalf("no menu %q with %q in %s", menu, option, c.Screen())
	}
	c.send(p, false)
}

func (c *Client) locked(frame func() map[string]any) map[string]any {
	defer c.lock()()
	return frame()
}

// chosen is the frame of a choice that is there; nil when none is.
func (c *Client) chosen(menu, option string) map[string]any {
	for _, m := range c.shown() {
		for _, b := range list(m.body["blocks"]) {
			for _, e := range list(b["elements"]) {
				label, _ := e["placeholder"].(map[string]any)
				text, _ := label["text"].(string)
				if e["type"] != "static_select" || !strings.HasPrefix(text, menu) {
					continue
				}
				for _, o := range list(e["options"]) {
					t, _ := o["text"].(map[string]any)
					if o["value"] == option || meant(t["text"], option) {
						return c.onMessage(m, map[string]any{"type": "static_select", "action_id": e["action_id"], "selected_option": o, "action_ts": "1548426417.840180"})
					}
				}
			}
		}
	}
	return nil
}

func meant(text any, option string) bool {
	s, _ := text.(string)
	begin, open := strings.CutSuffix(option, "…")
	return s == option || open && strings.HasPrefix(s, begin)
}

// Value is what stands in a field.
func (c *Client) Value(field string) string {
	c.T.Helper()
	c.await("a field "+field, func() bool { return c.has(field) })
	defer c.lock()()
	w, b := c.field(field)
	s := w.state[b["block_id"].(string)]
	if o, ok := s["selected_option"].(map[string]any); ok {
		v, _ := o["value"].(string)
		return v
	}
	v, _ := s["value"].(string)
	return v
}

func button(v map[string]any, name string) map[string]any {
	for _, b := range list(v["blocks"]) {
		for _, e := range list(b["elements"]) {
			text, _ := e["text"].(map[string]any)
			if e["type"] == "button" && (text["text"] == name || e["action_id"] == "act:"+name) {
				return e
			}
		}
	}
	return nil
}

// Save sends the dialog. A window that lies upon it is closed first.
func (c *Client) Save() {
	c.T.Helper()
	c.await("a window", func() bool { return len(c.windows) > 0 })
	c.send(c.saved(), true)
}

func (c *Client) saved() map[string]any {
	c.T.Helper()
	defer c.lock()()
	for len(c.windows) > 1 && c.top().view["submit"] == nil {
		c.windows = c.windows[:len(c.windows)-1]
	}
	v := c.view()
	p := c.who()
	p["type"], p["view"] = "view_submission", v
	return p
}

// Close closes the uppermost window.
func (c *Client) Close() {
	defer c.lock()()
	c.windows = c.windows[:len(c.windows)-1]
}

// Screen is all that can be read, the uppermost window first.
func (c *Client) Screen() string {
	defer c.lock()()
	return c.screen()
}

func (c *Client) screen() string {
	var out []string
	for i := len(c.windows) - 1; i >= 0; i-- {
		texts(c.windows[i].view, &out)
		b, _ := json.Marshal(c.windows[i].state)
		out = append(out, string(b))
	}
	for _, why := range c.errors {
		out = append(out, "✖ "+why)
	}
	for _, m := range c.shown() {
		texts(m.body, &out)
	}
	return strings.Join(out, "\n")
}

func texts(v any, out *[]string) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			texts(x, out)
		}
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			if s, ok := v[k].(string); ok && k == "text" {
				*out = append(*out, s)
				continue
			}
			texts(v[k], out)
		}
	}
}

// Show puts a card that the bot posted before the person, as a new message.
func (c *Client) Show(card prompts.Card) {
	c.T.Helper()
	blocks, text := slack.Message(prompts.Fit(card, slack.Limits()))
	defer c.lock()()
	if c.live != nil {
		c.live.put(c.live.teams[c.Team], c.Channel, c.live.teams[c.Team].bot, "", plain(c.T, map[string]any{"channel": c.Channel, "text": text, "blocks": blocks}))
		return
	}
	c.post(plain(c.T, map[string]any{"channel": c.Channel, "text": text, "blocks": blocks}))
}
