package slacktest

import (
	"context"
	"encoding/json"
	"time"
)

// name is what the person is called.
func (c *Client) name() string {
	if c.live != nil {
		return c.live.users[c.User].name
	}
	return "bob"
}

// liveTrigger gives out a trigger. Of a bot that is late it is as good as dead.
func (c *Client) liveTrigger() string {
	id, at := c.next("13345224609."), c.live.now()
	if c.Late {
		c.Late = false
		at = at.Add(-4 * time.Second)
	}
	c.live.triggers[id] = &trigger{user: c.User, at: at}
	return id
}

// back puts a response_url into what is delivered.
func (c *Client) back(p map[string]any, channel, thread string, m *message) {
	if c.live == nil {
		return
	}
	id := c.next("b")
	b := &back{user: c.User, channel: channel, thread: thread, at: c.live.now()}
	if m != nil {
		for _, x := range c.live.posts {
			if x.channel == m.channel && x.ts == m.ts {
				b.message = x
			}
		}
	}
	c.live.backs[id] = b
	p["response_url"] = c.live.web.URL + "/back/" + id
}

// await waits until cond holds, on a live client; cond is called with the lock.
func (c *Client) await(what string, cond func() bool) {
	c.T.Helper()
	if c.live != nil {
		c.live.Until(what, func() bool { defer c.lock()(); return cond() })
	}
}

// Until waits until cond holds, looking whenever something changes on the server: a message, a window, a socket. It
// fails the test after twenty seconds.
func (c *Client) Until(what string, cond func() bool) {
	c.T.Helper()
	c.live.Until(what, cond)
}

// deliver sends what the person did, waits for the acknowledgement and, with Settle, for what comes of it.
func (c *Client) deliver(p map[string]any, submission bool) {
	c.T.Helper()
	kind := "interactive"
	switch {
	case p["command"] != nil:
		kind = "slash_commands"
	case p["type"] == "event_callback":
		kind = "events_api"
	}
	var then func(json.RawMessage)
	if submission {
		then = func(ack json.RawMessage) { c.errors = nil; c.acknowledged(ack) }
	} else {
		unlock := c.lock()
		c.errors = nil
		unlock()
	}
	c.live.deliver(kind, p, submission, then).Wait()
	c.settle()
}

func (c *Client) settle() {
	c.T.Helper()
	wait := c.Settle
	unlock := c.lock()
	if wait == nil {
		wait = c.live.settled
	}
	unlock()
	if wait == nil {
		return
	}
	ctx, cancel := context.WithTimeout(c.T.Context(), untilMost)
	defer cancel()
	if err := wait(ctx); err != nil {
		c.T.Errorf("the bot does not come to rest: %v", err)
	}
}

// seen are the messages that the person sees, newest first.
func (c *Client) seen() []message {
	s := c.live
	var out []message
	for i := len(s.posts) - 1; i >= 0; i-- {
		p := s.posts[i]
		if ch := s.channels[p.channel]; p.gone || p.only != "" && p.only != c.User || ch == nil || !ch.members[c.User] {
			continue
		}
		out = append(out, message{channel: p.channel, ts: p.ts, body: p.body})
	}
	return out
}
