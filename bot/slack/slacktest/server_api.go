package slacktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// api is the Web API: who asks, with which right, whether something is to go wrong, and the method.
func (s *Server) api(w http.ResponseWriter, r *http.Request) {
	c := &call{method: strings.TrimPrefix(r.URL.Path, "/api/"), body: map[string]any{}, r: r}
	if s.Asked != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the caller is gone
		}
		s.Asked(c.method, r, body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	switch kind := r.Header.Get("Content-Type"); {
	case strings.Contains(kind, "json"):
		_ = json.NewDecoder(r.Body).Decode(&c.body) // what cannot be read lacks what is needed, which is said by the method
	case strings.Contains(kind, "multipart"):
		_ = r.ParseMultipartForm(8 << 20) // likewise
		fallthrough
	default:
		if r.ParseForm() == nil {
			for k := range r.Form {
				c.body[k] = r.Form.Get(k)
			}
		}
	}
	f := s.fault(c.method)
	s.waited(c, f)
	if f != nil && !s.suffer(w, r, f) {
		return
	}
	s.mu.Lock()
	out := s.answer(c)
	if c.team != nil {
		w.Header().Set("X-OAuth-Scopes", s.granted(c.team))
	}
	s.touch()
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

func (s *Server) answer(c *call) answer {
	s.calls[c.method]++
	m, ok := s.methods[c.method]
	if !ok {
		return answer{"ok": false, "error": "unknown_method"}
	}
	if why := s.authorize(c, m.scope); why != "" {
		out := answer{"ok": false, "error": why}
		if why == "missing_scope" {
			out["needed"], out["provided"] = m.scope, s.granted(c.team)
		}
		return out
	}
	out := m.do(s, c)
	if out == nil {
		out = answer{}
	}
	out["ok"] = out["error"] == nil
	return out
}

// authorize finds whose token it is; what is said is why it is refused.
func (s *Server) authorize(c *call, scope string) string {
	token := strings.TrimPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if token == "" {
		token = c.text("token")
	}
	if c.method == "apps.connections.open" {
		if token != AppToken {
			return "invalid_auth"
		}
		return ""
	}
	if strings.HasPrefix(c.method, "oauth.") {
		return ""
	}
	for _, t := range s.teams {
		if t.token != token {
			continue
		}
		c.team = t
		switch {
		case t.revoked:
			return "token_revoked"
		case t.lacks[scope]:
			return "missing_scope"
		}
		return ""
	}
	if token == "" {
		return "not_authed"
	}
	return "invalid_auth"
}

// fault is what goes wrong with this call; nil nothing.
func (s *Server) fault(method string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range []string{method, "*"} {
		f := s.faults[name]
		switch {
		case f == nil:
		case f.Skip > 0:
			f.Skip--
		default:
			if f.Times--; f.Times == 0 {
				delete(s.faults, name)
			}
			s.calls[method+"!"]++
			out := *f
			return &out
		}
	}
	return nil
}

// waited counts a call that comes too early after a 429, which is per method and channel for what is posted.
func (s *Server) waited(c *call, f *Fault) {
	where := c.method + " " + c.text("channel")
	if c.text("channel") == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Before(s.limited[where]) {
		s.count.Early++
	}
	if f != nil && f.Status == http.StatusTooManyRequests {
		if s.limited == nil {
			s.limited = map[string]time.Time{}
		}
		s.limited[where] = now.Add(time.Duration(f.RetryAfter) * time.Second)
	}
}

// suffer does what goes wrong; true goes on with the method.
func (s *Server) suffer(w http.ResponseWriter, r *http.Request, f *Fault) bool {
	if f.Wait != nil {
		select {
		case <-f.Wait:
		case <-r.Context().Done():
			return false
		}
	}
	switch {
	case f.Hang:
		<-r.Context().Done()
		return false
	case f.Status != 0:
		if f.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
		}
		w.WriteHeader(f.Status)
		return false
	case f.Error != "":
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer{"ok": false, "error": f.Error})
		return false
	}
	return true
}

func (s *Server) authTest(c *call) answer {
	return answer{"url": "https://example.slack.com/", "team": c.team.name, "team_id": c.team.id, "user": s.users[c.team.bot].name, "user_id": c.team.bot, "bot_id": "B" + c.team.bot}
}

// room is the channel that a call names by id or name, seen by its bot. What is said is why it is none.
func (s *Server) room(c *call, name string) (*channel, string) {
	if u := s.users[name]; u != nil { // a person: the direct messages with them
		return s.direct(c.team, name), ""
	}
	for _, ch := range s.channels {
		if ch.id != name && "#"+ch.name != name && ch.name != name {
			continue
		}
		switch {
		case ch.team != c.team.id:
		case ch.archived:
			return nil, "is_archived"
		default:
			return ch, ""
		}
	}
	return nil, "channel_not_found"
}

// inRoom is room for what only members may do.
func (s *Server) inRoom(c *call, name string) (*channel, string) {
	ch, why := s.room(c, name)
	if why == "" && !ch.members[c.team.bot] {
		return nil, "not_in_channel"
	}
	return ch, why
}

// direct are the direct messages between a workspace's bot and somebody.
func (s *Server) direct(t *team, user string) *channel {
	id := "D" + user
	if t.id != Team {
		id = "D" + t.id + user
	}
	ch := s.channels[id]
	if ch == nil {
		ch = &channel{id: id, team: t.id, im: user, members: map[string]bool{t.bot: true, user: true}}
		s.channels[id] = ch
	}
	return ch
}

func (s *Server) openDirect(c *call) answer {
	user := c.text("users")
	if s.users[user] == nil {
		return refuse("user_not_found")
	}
	return answer{"channel": map[string]any{"id": s.direct(c.team, user).id}}
}

// stamp is the time of a message; no two are alike.
func (s *Server) stamp() string {
	s.n++
	return fmt.Sprintf("%d.%06d", s.now().Unix(), s.n%1_000_000)
}

// said is a message as its arguments have it.
func said(c *call, ch string) map[string]any {
	m := map[string]any{"channel": ch, "text": c.text("text")}
	if b := c.list("blocks"); b != nil {
		m["blocks"] = b
	}
	if ts := c.text("thread_ts"); ts != "" {
		m["thread_ts"] = ts
	}
	if md := c.object("metadata"); md != nil {
		m["metadata"] = md
	}
	return m
}

func (s *Server) postMessage(c *call) answer {
	ch, why := s.inRoom(c, c.text("channel"))
	if why != "" {
		return refuse(why)
	}
	if s.badPicture(c) {
		return refuse("invalid_blocks")
	}
	p := s.put(c.team, ch.id, c.team.bot, "", said(c, ch.id))
	return answer{"channel": ch.id, "ts": p.ts, "message": p.show()}
}

func (s *Server) postEphemeral(c *call) answer {
	ch, why := s.inRoom(c, c.text("channel"))
	switch {
	case why != "":
		return refuse(why)
	case !ch.members[c.text("user")]:
		return refuse("user_not_in_channel")
	}
	p := s.put(c.team, ch.id, c.team.bot, c.text("user"), said(c, ch.id))
	return answer{"message_ts": p.ts}
}

func (s *Server) put(t *team, ch, by, only string, body map[string]any) *posted {
	if s.Check != nil && by == t.bot {
		s.Check("message", body)
	}
	thread, _ := body["thread_ts"].(string)
	p := &posted{channel: ch, ts: s.stamp(), thread: thread, team: t.id, by: by, only: only, body: body, reactions: map[string][]string{}}
	s.posts = append(s.posts, p)
	s.touch()
	return p
}

// show is a message as the Web API shows it.
func (p *posted) show() map[string]any {
	out := map[string]any{"type": "message", "ts": p.ts, "user": p.by}
	for k, v := range p.body {
		out[k] = v
	}
	return out
}

// message finds a message that everybody sees.
func (s *Server) message(ch, ts string) *posted {
	for _, p := range s.posts {
		if p.channel == ch && p.ts == ts && p.only == "" && !p.gone {
			return p
		}
	}
	return nil
}

func (s *Server) update(c *call) answer {
	p := s.message(c.text("channel"), c.text("ts"))
	switch {
	case p == nil:
		return refuse("message_not_found")
	case p.by != c.team.bot:
		return refuse("cant_update_message")
	case s.badPicture(c):
		return refuse("invalid_blocks")
	}
	body := said(c, p.channel)
	if s.Check != nil {
		s.Check("message", body)
	}
	p.body, p.edits = body, p.edits+1
	return answer{"channel": p.channel, "ts": p.ts, "text": c.text("text")}
}
