package discordtest

import "strings"

// A client on a Server: what it shows comes from there.

// put is a message that came or changed.
func (c *Client) put(id, channel string, direct bool, data map[string]any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.messages {
		if m.id == id {
			m.data = data
			return
		}
	}
	c.messages = append(c.messages, &message{id: id, channel: channel, direct: direct, data: data})
}

// drop is a message that is gone.
func (c *Client) drop(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, m := range c.messages {
		if m.id == id {
			c.messages = append(c.messages[:i:i], c.messages[i+1:]...)
			return
		}
	}
}

// live is an interaction by way of the server; a late answer of the bot's, which comes as a message, is waited for.
func (c *Client) live(kind int, data map[string]any, over *message) map[string]any {
	c.T.Helper()
	room, on := c.Channel, ""
	if c.Guild == "" {
		room = c.server.Direct(c.User)
	}
	if over != nil {
		room, on = over.channel, over.id
	}
	i := c.server.Act(c.User, room, kind, data, on)
	a := c.server.Answer(i)
	if c.last = i; a == nil && c.Resigned {
		return map[string]any{"type": 0.0}
	}
	if a == nil {
		c.T.Fatalf("an interaction of type %d was not answered: %v", kind, data)
	}
	return a
}

// Until waits until the screen shows a text, at most ten seconds.
func (c *Client) Until(text string) {
	c.T.Helper()
	if c.server == nil {
		if !strings.Contains(c.Screen(), text) {
			c.T.Fatalf("%q is not on the screen: %s", text, c.Screen())
		}
		return
	}
	c.server.Await(text+" is on the screen", func(Gateway) bool { return strings.Contains(c.Screen(), text) })
}

// Gone waits until the screen does not show a text any more.
func (c *Client) Gone(text string) {
	c.T.Helper()
	c.server.Await(text+" is gone", func(Gateway) bool { return !strings.Contains(c.Screen(), text) })
}

// Last is what the person did last.
func (c *Client) Last() *Interaction { return c.last }

// Say writes into the client's channel, or to the bot alone in direct messages. It gives the message's id.
func (c *Client) Say(text string) string {
	c.T.Helper()
	room := c.Channel
	if c.Guild == "" {
		room = c.server.Direct(c.User)
	}
	return c.server.Say(c.User, room, text)
}

// Shortcut uses the bot's command in the menu of a message.
func (c *Client) Shortcut(message string) {
	c.T.Helper()
	s := c.server
	s.mu.Lock()
	m := s.messages[message]
	d := map[string]any{"type": 3, "id": "1", "name": "Run a flow on this message", "target_id": message, "resolved": map[string]any{"messages": map[string]any{message: s.messageJSON(m)}}}
	s.mu.Unlock()
	c.interact(2, d, nil)
}

// Fill puts a value into a field of a dialog, which is opened when it is not, and left open for Save.
func (c *Client) Fill(field, value string) {
	c.T.Helper()
	if c.dialog == nil {
		c.page(field)
	}
	c.Set(field, value)
}

// Use gives any sub-command of /flow with one option, or none.
func (c *Client) Use(verb, rest string) {
	c.T.Helper()
	o := []any{}
	if rest != "" {
		o = values([]string{"text", rest}, "")
	}
	c.interact(2, map[string]any{"name": "flow", "type": 1, "options": at(verb, o)}, nil)
}
