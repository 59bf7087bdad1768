package slacktest

import (
	"slices"
	"strings"
)

// Typed is what is delivered for a command, to be sent by Server.Deliver.
func (c *Client) Typed(command string) map[string]any {
	name, rest, _ := strings.Cut(command, " ")
	defer c.lock()()
	p := map[string]any{"command": name, "text": rest, "team_id": c.Team, "channel_id": c.Channel, "user_id": c.User, "user_name": c.name(), "trigger_id": c.trigger()}
	c.back(p, c.Channel, "", nil)
	return p
}

// Submission is what is delivered for the open window as it stands, to be sent by Server.Deliver.
func (c *Client) Submission() map[string]any { c.T.Helper(); return c.saved() }

// Say writes a message into the channel, or below another: the bot is told when it is in there, twice when it is
// mentioned ("<@U0BOT>"). It gives the message's time.
func (c *Client) Say(text, thread string) (ts string) {
	c.T.Helper()
	s := c.live
	unlock := c.lock()
	body := map[string]any{"channel": c.Channel, "text": text}
	if thread != "" {
		body["thread_ts"] = thread
	}
	p := s.put(s.teams[c.Team], c.Channel, c.User, "", body)
	ch, me := s.channels[c.Channel], s.teams[c.Team].bot
	there, direct := ch.members[me], ch.im != ""
	unlock()
	if !there {
		return p.ts
	}
	event := func(kind string) map[string]any {
		e := map[string]any{"type": kind, "user": c.User, "team": c.Team, "channel": c.Channel, "ts": p.ts, "event_ts": p.ts, "text": text, "channel_type": "channel"}
		if thread != "" {
			e["thread_ts"] = thread
		}
		if direct {
			e["channel_type"] = "im"
		}
		return e
	}
	if strings.Contains(text, "<@"+me+">") && !direct {
		s.Event(c.Team, event("app_mention")).Wait()
	}
	s.Event(c.Team, event("message")).Wait()
	c.settle()
	return p.ts
}

// React puts an emoji under a message of the channel.
func (c *Client) React(ts, emoji string) {
	c.T.Helper()
	unlock := c.lock()
	p := c.live.message(c.Channel, ts)
	if p == nil {
		unlock()
		c.T.Fatalf("no message %s", ts)
	}
	p.reactions[emoji] = append(p.reactions[emoji], c.User)
	by := p.by
	unlock()
	c.live.Event(c.Team, map[string]any{"type": "reaction_added", "user": c.User, "reaction": emoji, "item_user": by,
		"item": map[string]any{"type": "message", "channel": c.Channel, "ts": ts}}).Wait()
	c.settle()
}

// Join enters a channel.
func (c *Client) Join(channel string) {
	c.T.Helper()
	unlock := c.lock()
	c.live.channels[channel].members[c.User] = true
	unlock()
	c.live.Event(c.Team, map[string]any{"type": "member_joined_channel", "user": c.User, "team": c.Team, "channel": channel, "channel_type": "C"}).Wait()
	c.settle()
}

// Shortcut uses one of the app's shortcuts by its callback id; on a message of the channel when ts is not "".
func (c *Client) Shortcut(id, ts string) {
	c.T.Helper()
	c.send(c.locked(func() map[string]any {
		p := c.who()
		p["type"], p["callback_id"], p["action_ts"] = "shortcut", id, "1548426417.840180"
		m := c.live.message(c.Channel, ts)
		if m == nil {
			return p
		}
		shown := map[string]any{"type": "message", "ts": m.ts, "user": m.by, "team": m.team}
		for _, k := range []string{"text", "thread_ts", "files"} {
			if v := m.body[k]; v != nil {
				shown[k] = v
			}
		}
		p["type"], p["message_ts"], p["message"], p["channel"] = "message_action", m.ts, shown, map[string]any{"id": c.Channel}
		c.back(p, c.Channel, m.thread, nil)
		return p
	}), false)
}

// OpenHome looks at the bot's own page: the tab "home" or "messages".
func (c *Client) OpenHome(tab string) {
	c.T.Helper()
	c.live.Event(c.Team, map[string]any{"type": "app_home_opened", "user": c.User, "channel": "D" + c.User, "tab": tab}).Wait()
	c.settle()
}

// HomeText is all that can be read on the bot's own page.
func (c *Client) HomeText() string {
	defer c.lock()()
	var out []string
	texts(c.live.homes[c.User], &out)
	return strings.Join(out, "\n")
}

// PressHome uses a button of the bot's own page.
func (c *Client) PressHome(name string) {
	c.T.Helper()
	c.send(c.locked(func() map[string]any {
		v := c.live.homes[c.User]
		b := button(v, name)
		if b == nil {
			c.T.Fatalf("no button %q on the page", name)
		}
		p := c.who()
		p["type"] = "block_actions"
		p["view"] = map[string]any{"id": "VHOME" + c.User, "type": "home", "team_id": c.Team, "hash": "1", "private_metadata": v["private_metadata"], "callback_id": ""}
		p["container"] = map[string]any{"type": "view", "view_id": "VHOME" + c.User}
		p["actions"] = []any{map[string]any{"type": "button", "action_id": b["action_id"], "block_id": "x", "value": b["value"], "action_ts": "1548426417.840180"}}
		return p
	}), false)
}

// Said is how many messages in a channel contain a text, each counted once however it is spread over blocks.
func (s *Server) Said(channel, text string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, p := range s.posts {
		if p.channel != channel || p.gone {
			continue
		}
		var all []string
		texts(p.body, &all)
		if strings.Contains(strings.Join(all, "\n"), text) {
			n++
		}
	}
	return n
}

// Count is how many messages stand in a channel for everybody, threads included.
func (s *Server) Count(channel string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, p := range s.posts {
		if p.channel == channel && p.only == "" && !p.gone {
			n++
		}
	}
	return n
}

// Delete takes a message away, as an administrator does.
func (s *Server) Delete(channel, ts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.message(channel, ts); p != nil {
		p.gone = true
	}
	s.touch()
}

// Invite puts somebody into a channel, without an event.
func (s *Server) Invite(channel, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[channel].members[user] = true
	s.touch()
}

// FilesIn are the names of the files that were shared in a channel.
func (s *Server) FilesIn(channel string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, f := range s.files {
		if slices.Contains(f.shared, channel) {
			out = append(out, f.name)
		}
	}
	slices.Sort(out)
	return out
}

// AddDirect begins the direct messages between a workspace's bot and somebody: the channel "D" and the user's id.
func (s *Server) AddDirect(team, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.direct(s.teams[team], user)
}
