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
	w, b := c.field(field)
	id, e := b["block_id"].(string), b["element"].(map[string]any)
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
	w.state[id] = state
	if b["dispatch_action"] == true {
		act := map[string]any{"type": e["type"], "action_id": e["action_id"], "block_id": id, "action_ts": "1548426417.840180"}
		for k, v := range state {
			act[k] = v
		}
		c.use(act)
	}
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
	p := c.who()
	p["type"], p["action_id"], p["block_id"], p["value"], p["view"] = "block_suggestion", "v", block, text, c.view()
	frame, err := json.Marshal(p)
	if err != nil {
		c.T.Fatal(err)
	}
	_, a, err := slack.Take(c.T.Context(), c.Handler, frame)
	if err != nil || a.Call != nil {
		c.T.Fatalf("%v, %+v", err, a)
	}
	var r map[string]any
	if err := json.Unmarshal(a.Ack, &r); err != nil || r["options"] == nil || len(list(r["options"])) > 100 {
		c.T.Fatalf("%v: %.300s", err, a.Ack)
	}
	return list(r["options"])
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

func (c *Client) use(action map[string]any) {
	c.T.Helper()
	p := c.who()
	p["type"], p["view"], p["actions"] = "block_actions", c.view(), []any{action}
	p["container"] = map[string]any{"type": "view", "view_id": c.top().id}
	c.send(p, false)
}

// Press uses a button: of the open window by its name or label, else of the newest message by its label.
func (c *Client) Press(name string) {
	c.T.Helper()
	if len(c.windows) > 0 {
		if b := button(c.top().view, name); b != nil {
			c.use(map[string]any{"type": "button", "action_id": b["action_id"], "block_id": "x", "value": b["value"], "action_ts": "1548426417.840180"})
			return
		}
		if c.Strict {
			c.T.Fatalf("no button %q in the window: %s", name, c.Screen())
		}
	}
	for _, m := range c.shown() {
		if b := button(m.body, name); b != nil {
			c.onMessage(m, map[string]any{"type": "button", "action_id": b["action_id"], "value": b["value"], "action_ts": "1548426417.840180"})
			return
		}
	}
	c.T.Fatalf("no button %q in %s", name, c.Screen())
}

// onMessage uses an element of a message.
func (c *Client) onMessage(m message, action map[string]any) {
	c.T.Helper()
	p := c.who()
	p["type"], p["channel"] = "block_actions", map[string]any{"id": m.channel}
	p["message"], p["container"] = map[string]any{"ts": m.ts}, map[string]any{"type": "message", "message_ts": m.ts, "channel_id": m.channel}
	p["actions"] = []any{action}
	c.send(p, false)
}

// Choose uses the menu of the newest message that has one whose label begins so; option is a value or a text of it.
func (c *Client) Choose(menu, option string) {
	c.T.Helper()
	for _, m := range c.shown() {
		for _, b := range list(m.body["blocks"]) {
			for _, e := range list(b["elements"]) {
				label, _ := e["placeholder"].(map[string]any)
				text, _ := label["text"].(string)
				if e["type"] != "static_select" || !strings.HasPrefix(text, menu) {
					continue
				}
				for _, o := range list(e["options"]) {
					if t, _ := o["text"].(map[string]any); o["value"] == option || t["text"] == option {
						c.onMessage(m, map[string]any{"type": "static_select", "action_id": e["action_id"], "selected_option": o, "action_ts": "1548426417.840180"})
						return
					}
				}
			}
		}
	}
	c.T.Fatalf("no menu %q with %q in %s", menu, option, c.Screen())
}

// Value is what stands in a field.
func (c *Client) Value(field string) string {
	c.T.Helper()
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
	for len(c.windows) > 1 && c.top().view["submit"] == nil {
		c.Close()
	}
	p := c.who()
	p["type"], p["view"] = "view_submission", c.view()
	c.send(p, true)
}

// Close closes the uppermost window.
func (c *Client) Close() { c.windows = c.windows[:len(c.windows)-1] }

// Screen is all that can be read, the uppermost window first.
func (c *Client) Screen() string {
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
	c.post(plain(c.T, map[string]any{"channel": c.Channel, "text": text, "blocks": blocks}))
}
