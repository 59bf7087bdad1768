package discordtest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// webRoutes are the parts of the API that the bot speaks through.
func webRoutes() map[string]route {
	all := map[string]route{
		"POST /channels/{channel}/messages":                               posted,
		"GET /channels/{channel}/messages":                                history,
		"GET /channels/{channel}/messages/{message}":                      one(func(s *Server, m *Message, _ *Call) (any, *Refusal) { return s.messageJSON(m), nil }),
		"PATCH /channels/{channel}/messages/{message}":                    one(edited),
		"DELETE /channels/{channel}/messages/{message}":                   one(deleted),
		"PUT /channels/{channel}/messages/{message}/reactions/{sign}/@me": one(signed),
		"POST /channels/{channel}/messages/{message}/threads":             one(threadBelow),
	}
	maps.Copy(all, roomRoutes())
	maps.Copy(all, peopleRoutes())
	return all
}

// Bits of permissions that the server asks for where a channel says that the bot lacks some.
const (
	bitReact   = 1 << 6
	bitManage  = 1 << 4
	bitSpeak   = 1 << 11
	bitAttach  = 1 << 15
	bitHistory = 1 << 16
	bitThreads = 1 << 35
	bitAlone   = 1 << 36
)

// room is the channel of a request, when the bot can see it and has what it needs there; the lock is held.
func (s *Server) room(c *Call, bits int64) (*Channel, *Refusal) {
	r := s.channels[c.PathValue("channel")]
	switch {
	case r == nil:
		return nil, &Refusal{404, 10003, "Unknown Channel"}
	case r.Hidden:
		return nil, &Refusal{403, 50001, "Missing Access"}
	case r.Lacking&bits != 0:
		return nil, &Refusal{403, 50013, "Missing Permissions"}
	}
	return r, nil
}

// one is a route of one message.
func one(do func(s *Server, m *Message, c *Call) (any, *Refusal)) route {
	return func(s *Server, c *Call) (any, *Refusal) {
		if _, no := s.room(c, 0); no != nil {
			return nil, no
		}
		m := s.messages[c.PathValue("message")]
		if m == nil || m.Channel != c.PathValue("channel") || m.For != "" {
			return nil, &Refusal{404, 10008, "Unknown Message"}
		}
		return do(s, m, c)
	}
}

// nonceFor is how long a nonce is known ("the past few minutes").
const nonceFor = 3 * time.Minute

// posted is a new message of the bot's.
func posted(s *Server, c *Call) (any, *Refusal) {
	bits := int64(bitSpeak)
	if len(c.Files) > 0 {
		bits |= bitAttach
	}
	r, no := s.room(c, bits)
	if no != nil {
		return nil, no
	}
	if r.Kind == 1 {
		for _, u := range r.People {
			if s.users[u] != nil && s.users[u].Closed {
				return nil, &Refusal{403, 50007, "Cannot send messages to this user"}
			}
		}
	}
	if no := fits(c); no != nil {
		return nil, no
	}
	nonce, _ := c.Body["nonce"].(string)
	if nonce != "" && c.Body["enforce_nonce"] == true { // an author's, whatever the channel
		if m := s.messages[s.nonces[nonce]]; m != nil && s.Now().Sub(made(m.ID)) < nonceFor {
			return s.messageJSON(m), nil
		}
	}
	r.Closed = false // a message opens a thread that rests
	m := &Message{Channel: r.ID, Author: s.App, Data: copied(c.Body)}
	if ref, ok := c.Body["message_reference"].(map[string]any); ok {
		m.Answers, _ = ref["message_id"].(string)
		m.Kind = 19
	}
	s.add(m, c.Files)
	if nonce != "" {
		s.nonces[nonce] = m.ID
	}
	if s.Check != nil {
		s.Check(map[string]any{"type": 4.0, "data": map[string]any{"content": c.Body["content"], "embeds": c.Body["embeds"], "components": c.Body["components"], "allowed_mentions": c.Body["allowed_mentions"]}})
	}
	return s.messageJSON(m), nil
}

// made is when an id was made.
func made(id string) time.Time {
	return time.UnixMilli(int64(number(id)>>22) + 1420070400000)
}

// fits holds a message to what Discord refuses.
func fits(c *Call) *Refusal {
	bad := &Refusal{400, 50035, "Invalid Form Body"}
	content, _ := c.Body["content"].(string)
	total := 0
	for _, e := range list(c.Body["embeds"]) {
		d, _ := e["description"].(string)
		if total += length(d); length(d) > 4096 {
			return bad
		}
	}
	if length(content) > 2000 || total > 6000 || len(list(c.Body["embeds"])) > 10 || len(list(c.Body["components"])) > 5 || len(c.Files) > 10 {
		return bad
	}
	if content == "" && len(list(c.Body["embeds"])) == 0 && len(c.Files) == 0 && c.Method == "POST" {
		return &Refusal{400, 50006, "Cannot send an empty message"}
	}
	for _, f := range c.Files {
		if len(f.Data) > 10<<20 {
			return &Refusal{413, 40005, "Request entity too large"}
		}
	}
	return nil
}

func length(s string) int { return len(utf16.Encode([]rune(s))) }

// edited is a message of the bot's with new content. Attachments that are not named go.
func edited(s *Server, m *Message, c *Call) (any, *Refusal) {
	if m.Author != s.App {
		return nil, &Refusal{403, 50005, "Cannot edit a message authored by another user"}
	}
	if no := fits(c); no != nil {
		return nil, no
	}
	if named, ok := c.Body["attachments"].([]any); ok {
		var stay []string
		for _, a := range named {
			x, _ := a.(map[string]any)
			if id, _ := x["id"].(string); slices.Contains(m.Files, id) {
				stay = append(stay, id)
			}
		}
		m.Files = stay
	}
	s.change(m, c.Body, c.Files)
	return s.messageJSON(m), nil
}

func deleted(s *Server, m *Message, _ *Call) (any, *Refusal) {
	if m.Author != s.App {
		return nil, &Refusal{403, 50013, "Missing Permissions"}
	}
	s.remove(m)
	return nil, nil
}

// signed is the bot's reaction. Signs of more than letters are taken, names only with an id.
func signed(s *Server, m *Message, c *Call) (any, *Refusal) {
	if _, no := s.room(c, bitReact|bitHistory); no != nil {
		return nil, no
	}
	sign := c.PathValue("sign")
	if name, id, own := strings.Cut(sign, ":"); own {
		if g := s.guilds[s.channels[m.Channel].Guild]; g == nil || g.Emojis[name] != id {
			return nil, &Refusal{400, 10014, "Unknown Emoji"}
		}
	} else if sign == "" || sign[0] < 0x80 {
		return nil, &Refusal{400, 10014, "Unknown Emoji"}
	}
	if m.Signs == nil {
		m.Signs = map[string][]string{}
	}
	if !slices.Contains(m.Signs[sign], s.App) {
		m.Signs[sign] = append(m.Signs[sign], s.App)
	}
	s.stir()
	return nil, nil
}

// history are a channel's last messages, newest first.
func history(s *Server, c *Call) (any, *Refusal) {
	r, no := s.room(c, bitHistory)
	if no != nil {
		return nil, no
	}
	most := 50
	if n := c.URL.Query().Get("limit"); n != "" {
		_ = json.Unmarshal([]byte(n), &most)
	}
	out := []any{}
	for i := len(s.order) - 1; i >= 0 && len(out) < most; i-- {
		if m := s.messages[s.order[i]]; m != nil && m.Channel == r.ID && m.For == "" {
			out = append(out, s.messageJSON(m))
		}
	}
	return out, nil
}
