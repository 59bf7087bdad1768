package discordtest

import (
	"maps"
	"time"
)

// baseRoutes are who the bot is and where its gateway is.
func baseRoutes() map[string]route {
	return map[string]route{
		"GET /gateway": func(s *Server, _ *Call) (any, *Refusal) { return map[string]any{"url": s.ws()}, nil },
		"GET /gateway/bot": func(s *Server, _ *Call) (any, *Refusal) {
			return map[string]any{"url": s.ws(), "shards": 1, "session_start_limit": map[string]any{"total": 1000, "remaining": max(0, s.Limit), "reset_after": 14400000, "max_concurrency": 1}}, nil
		},
		"GET /users/@me": func(s *Server, _ *Call) (any, *Refusal) { return s.users[s.App], nil },
		"GET /applications/@me": func(s *Server, _ *Call) (any, *Refusal) {
			return map[string]any{"id": s.App, "name": "bretelle", "flags": s.Flags, "verify_key": s.PublicKey()}, nil
		},
	}
}

// actRoutes are answers to interactions, and commands.
func actRoutes() map[string]route {
	original := "/webhooks/{app}/{token}/messages/@original"
	return map[string]route{
		"POST /interactions/{id}/{token}/callback": func(s *Server, c *Call) (any, *Refusal) {
			i := s.acts[c.PathValue("token")]
			if i == nil || i.ID != c.PathValue("id") {
				return nil, &Refusal{404, 10062, "Unknown interaction"}
			}
			if no := s.answered(i, c.Body, c.Files); no != nil {
				return nil, no
			}
			if c.URL.Query().Get("with_response") != "true" {
				return nil, nil
			}
			out := map[string]any{"interaction": map[string]any{"id": i.ID, "type": i.Kind}}
			if m := s.messages[i.Made]; m != nil {
				out["resource"] = map[string]any{"type": c.Body["type"], "message": s.messageJSON(m)}
			}
			return out, nil
		},
		"GET " + original: func(s *Server, c *Call) (any, *Refusal) {
			m, no := s.original(c)
			if no != nil {
				return nil, no
			}
			return s.messageJSON(m), nil
		},
		"PATCH " + original: func(s *Server, c *Call) (any, *Refusal) {
			m, no := s.original(c)
			if no != nil {
				return nil, no
			}
			s.change(m, c.Body, c.Files)
			return s.messageJSON(m), nil
		},
		"DELETE " + original: func(s *Server, c *Call) (any, *Refusal) {
			m, no := s.original(c)
			if no != nil {
				return nil, no
			}
			s.remove(m)
			return nil, nil
		},
		"POST /webhooks/{app}/{token}": func(s *Server, c *Call) (any, *Refusal) {
			i, no := s.alive(c)
			if no != nil {
				return nil, no
			}
			return s.messageJSON(s.shownTo(i, c.Body, c.Files)), nil
		},
		"GET /applications/{app}/commands": func(s *Server, _ *Call) (any, *Refusal) { return listed(s.commands[""]), nil },
		"PUT /applications/{app}/commands": func(s *Server, c *Call) (any, *Refusal) { return s.register("", c) },
		"GET /applications/{app}/guilds/{guild}/commands": func(s *Server, c *Call) (any, *Refusal) {
			return listed(s.commands[c.PathValue("guild")]), nil
		},
		"PUT /applications/{app}/guilds/{guild}/commands": func(s *Server, c *Call) (any, *Refusal) {
			if s.guilds[c.PathValue("guild")] == nil {
				return nil, &Refusal{403, 50001, "Missing Access"}
			}
			return s.register(c.PathValue("guild"), c)
		},
	}
}

func listed(cs []map[string]any) []map[string]any { return append([]map[string]any{}, cs...) }

// register replaces the commands of a guild, with what Discord adds to them.
func (s *Server) register(guild string, c *Call) (any, *Refusal) {
	all := []map[string]any{}
	for _, x := range list(c.Body["list"]) {
		y := copied(x)
		if y["type"] == nil {
			y["type"] = 1.0
		}
		y["id"], y["application_id"], y["version"] = s.id(), s.App, s.id()
		y["default_member_permissions"], y["nsfw"], y["dm_permission"], y["integration_types"], y["contexts"] = nil, false, true, []any{0}, nil
		if y["description"] == nil {
			y["description"] = ""
		}
		if guild != "" {
			y["guild_id"] = guild
		}
		all = append(all, y)
	}
	s.commands[guild] = all
	return listed(all), nil
}

// Commands are those registered in a guild; "" everywhere.
func (s *Server) Commands(guild string) []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return listed(s.commands[guild])
}

// life of an interaction: until its first answer, and until nothing follows any more (docs, "Receiving and Responding").
const (
	answerIn = 3 * time.Second
	tokenFor = 15 * time.Minute
)

// answered is the first answer to an interaction; the lock is held.
func (s *Server) answered(i *Interaction, a map[string]any, files []File) *Refusal {
	if i.Answer != nil {
		return &Refusal{400, 40060, "Interaction has already been acknowledged."}
	}
	if s.Now().Sub(i.At) > answerIn {
		return &Refusal{404, 10062, "Unknown interaction"}
	}
	kind, _ := a["type"].(float64)
	d, _ := a["data"].(map[string]any)
	flags, _ := d["flags"].(float64)
	bad := &Refusal{400, 50035, "Invalid Form Body"}
	switch kind {
	case 4, 5:
		if i.Kind == 4 {
			return bad
		}
		m := s.shownTo(i, map[string]any{"flags": flags, "content": d["content"], "embeds": d["embeds"], "components": d["components"]}, files)
		if i.Made = m.ID; kind == 5 {
			m.Data["flags"] = float64(int(flags) | 128)
		}
	case 6, 7:
		if i.Over == "" || i.Kind != 3 && i.Kind != 5 {
			return bad
		}
		if i.Made = i.Over; kind == 7 {
			s.change(s.messages[i.Over], d, files)
		}
	case 8:
		if i.Kind != 4 {
			return bad
		}
	case 9:
		if i.Kind == 5 || i.Kind == 4 {
			return bad
		}
	default:
		return bad
	}
	if s.Check != nil && kind != 5 && kind != 6 {
		s.Check(copied(a))
	}
	i.Answer, i.Took = copied(a), time.Since(i.began)
	if w := s.waiting[i.Token]; w != nil {
		w <- i.Answer
		delete(s.waiting, i.Token)
	}
	s.stir()
	return nil
}

// alive is the interaction of a webhook's token.
func (s *Server) alive(c *Call) (*Interaction, *Refusal) {
	i := s.acts[c.PathValue("token")]
	switch {
	case i == nil || c.PathValue("app") != s.App || i.Answer == nil:
		return nil, &Refusal{404, 10015, "Unknown Webhook"}
	case s.Now().Sub(i.At) > tokenFor:
		return nil, &Refusal{401, 50027, "Invalid Webhook Token"}
	}
	return i, nil
}

func (s *Server) original(c *Call) (*Message, *Refusal) {
	i, no := s.alive(c)
	if no != nil {
		return nil, no
	}
	if m := s.messages[i.Made]; m != nil {
		return m, nil
	}
	return nil, &Refusal{404, 10008, "Unknown Message"}
}

// shownTo makes a message of an interaction: flag 64 is for its person alone.
func (s *Server) shownTo(i *Interaction, data map[string]any, files []File) *Message {
	m := &Message{Channel: i.Channel, Author: s.App, Data: copied(data), Act: i.Token}
	if f, _ := data["flags"].(float64); int(f)&64 != 0 {
		m.For = i.User
	}
	s.add(m, files)
	return m
}

// add puts a message where it belongs and tells everybody; the lock is held.
func (s *Server) add(m *Message, files []File) {
	m.ID = s.id()
	for _, f := range files {
		f.ID = s.id()
		s.files[f.ID] = &f
		m.Files = append(m.Files, f.ID)
	}
	s.messages[m.ID] = m
	s.order = append(s.order, m.ID)
	s.show(m)
	if m.For == "" {
		s.emit("MESSAGE_CREATE", s.messageJSON(m), m.Channel)
	}
	s.stir()
}

// change edits a message: what is not in data stays.
func (s *Server) change(m *Message, data map[string]any, files []File) {
	if m.Data == nil {
		m.Data = map[string]any{}
	}
	maps.Copy(m.Data, copied(data))
	if f, ok := m.Data["flags"].(float64); ok {
		m.Data["flags"] = float64(int(f) &^ 128)
	}
	for _, f := range files {
		f.ID = s.id()
		s.files[f.ID] = &f
		m.Files = append(m.Files, f.ID)
	}
	m.Edits++
	s.show(m)
	if s.Check != nil {
		s.Check(map[string]any{"type": 4.0, "data": map[string]any{"content": data["content"], "embeds": data["embeds"], "components": data["components"]}})
	}
	if m.For == "" {
		s.emit("MESSAGE_UPDATE", s.messageJSON(m), m.Channel)
	}
	s.stir()
}

func (s *Server) remove(m *Message) {
	delete(s.messages, m.ID)
	s.emit("MESSAGE_DELETE", map[string]any{"id": m.ID, "channel_id": m.Channel}, m.Channel)
	for _, c := range s.screens {
		c.drop(m.ID)
	}
	s.stir()
}
