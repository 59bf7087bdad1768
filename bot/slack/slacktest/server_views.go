package slacktest

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// viewOpen opens a window, below or upon those that are open.
func (s *Server) viewOpen(c *call) answer {
	v := c.object("view")
	t := s.triggers[c.text("trigger_id")]
	switch {
	case v == nil:
		return refuse("invalid_arguments")
	case t == nil:
		return refuse("invalid_trigger_id")
	case t.used:
		return refuse("exchanged_trigger_id")
	case s.now().Sub(t.at) > triggerLife:
		return refuse("expired_trigger_id")
	}
	t.used = true
	client := s.clients[t.user]
	switch {
	case client == nil:
		return refuse("invalid_trigger_id")
	case c.method == "views.open" && len(client.windows) > 0:
		s.T.Error("views.open while a window is open")
		return refuse("view_open")
	case len(client.windows) == 3:
		s.T.Error("three windows are open already")
		return refuse("push_limit_reached")
	}
	client.push(v)
	w := client.windows[len(client.windows)-1]
	return answer{"view": map[string]any{"id": w.id, "hash": w.hash, "type": "modal"}}
}

func (s *Server) viewUpdate(c *call) answer {
	for _, client := range s.clients {
		for _, w := range client.windows {
			if w.id != c.text("view_id") {
				continue
			}
			if why := client.replace(w.id, c.text("hash"), c.object("view")); why != "" {
				return refuse(why)
			}
			return answer{"view": map[string]any{"id": w.id, "hash": w.hash, "type": "modal"}}
		}
	}
	return refuse("not_found")
}

func (s *Server) viewPublish(c *call) answer {
	user, v := c.text("user_id"), c.object("view")
	if v == nil || s.users[user] == nil {
		return refuse("invalid_arguments")
	}
	if s.Check != nil {
		s.Check("home", v)
	}
	s.homes[user] = v
	s.calls["home:"+user]++
	return answer{"view": map[string]any{"id": "VHOME" + user, "hash": s.stamp(), "type": "home"}}
}

// What an answer through a response_url may be (docs.slack.dev, "Handling user interaction").
const (
	backLife = 30 * time.Minute
	backUses = 5
)

// answered is an answer through a response_url.
func (s *Server) answered(w http.ResponseWriter, r *http.Request) {
	if f := s.fault("response_url"); f != nil && !s.suffer(w, r, f) {
		return
	}
	var m map[string]any
	err := json.NewDecoder(r.Body).Decode(&m)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	s.calls["response_url"]++
	b := s.backs[strings.TrimPrefix(r.URL.Path, "/back/")]
	no := func(why string) {
		w.WriteHeader(http.StatusNotFound)
		_ = json.NewEncoder(w).Encode(answer{"ok": false, "error": why})
	}
	switch {
	case err != nil || b == nil:
		no("no_service")
		return
	case s.now().Sub(b.at) > backLife:
		no("expired_url")
		return
	case b.uses >= backUses:
		no("used_url")
		return
	}
	b.uses++
	only := b.user
	if m["response_type"] == "in_channel" {
		only = ""
	}
	replace := m["replace_original"] == true
	delete(m, "replace_original")
	delete(m, "response_type")
	if p := b.message; replace && p != nil {
		p.body, p.edits = m, p.edits+1
	} else {
		t := s.teams[s.users[b.user].team]
		m["channel"] = b.channel
		s.put(t, b.channel, t.bot, only, m)
	}
	_, _ = w.Write([]byte("ok"))
}
