package discordtest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Say is a person writing in a channel; a mention of the bot is written "<@ID>".
func (s *Server) Say(user, channel, text string, files ...File) string {
	return s.Write(user, channel, map[string]any{"content": text}, files...)
}

// Write is a person's message with more than text: "mentions", "message_reference".
func (s *Server) Write(user, channel string, data map[string]any, files ...File) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &Message{Channel: channel, Author: user, Data: copied(data)}
	if m.Answers, _ = data["answers"].(string); m.Answers != "" {
		m.Kind = 19
	}
	if text, _ := data["content"].(string); bytes.Contains([]byte(text), []byte("<@"+s.App+">")) {
		m.Data["mentions"] = []any{s.users[s.App]}
	}
	m.ID = s.id()
	for _, f := range files {
		f.ID = s.id()
		s.files[f.ID] = &f
		m.Files = append(m.Files, f.ID)
	}
	s.messages[m.ID] = m
	s.order = append(s.order, m.ID)
	s.show(m)
	j := s.messageJSON(m)
	if c := s.channels[channel]; c != nil && c.Guild != "" {
		if who := s.guilds[c.Guild].Members[user]; who != nil {
			member := s.memberJSON(c.Guild, who)
			delete(member, "user")
			j["member"] = member
		}
	}
	s.emit("MESSAGE_CREATE", j, channel)
	s.stir()
	return m.ID
}

// React is a person reacting to a message with a sign, or with an emoji of the guild's by its name.
func (s *Server) React(user, message, sign string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.messages[message]
	if m.Signs == nil {
		m.Signs = map[string][]string{}
	}
	m.Signs[sign] = append(m.Signs[sign], user)
	d := map[string]any{"user_id": user, "channel_id": m.Channel, "message_id": m.ID, "message_author_id": m.Author, "emoji": map[string]any{"id": nil, "name": sign}, "burst": false, "type": 0}
	if c := s.channels[m.Channel]; c.Guild != "" {
		d["guild_id"], d["member"] = c.Guild, s.memberJSON(c.Guild, s.guilds[c.Guild].Members[user])
	}
	s.emit("MESSAGE_REACTION_ADD", d, m.Channel)
}

// Act is a person using a command, a component or a dialog; over is the message it is on. It is sent to the bot by
// the gateway, or to Endpoint. The answer arrives in Answer.
func (s *Server) Act(user, channel string, kind int, data map[string]any, over string) *Interaction {
	s.mu.Lock()
	id := s.id()
	i := &Interaction{ID: id, Token: "token" + id, Kind: kind, User: user, Channel: channel, At: s.Now(), Over: over, began: time.Now()}
	s.acts[i.Token] = i
	s.waiting[i.Token] = make(chan map[string]any, 1)
	d := s.actJSON(i, data)
	end := s.Endpoint
	if end == "" {
		s.emit("INTERACTION_CREATE", d, "")
	}
	s.mu.Unlock()
	if end != "" {
		body, _ := json.Marshal(d)
		go s.deliver(end, i, body)
	}
	return i
}

func (s *Server) actJSON(i *Interaction, data map[string]any) map[string]any {
	c, u := s.channels[i.Channel], s.users[i.User]
	d := map[string]any{"type": i.Kind, "id": i.ID, "application_id": s.App, "token": i.Token, "version": 1, "channel_id": c.ID, "channel": s.channelJSON(c),
		"locale": u.Locale, "data": data, "entitlements": []any{}, "attachment_size_limit": 10 << 20}
	if c.Guild == "" {
		d["user"] = u
	} else {
		d["guild_id"], d["guild_locale"], d["member"] = c.Guild, "en-GB", s.memberJSON(c.Guild, s.guilds[c.Guild].Members[i.User])
	}
	if m := s.messages[i.Over]; m != nil {
		j := s.messageJSON(m)
		if m.For != "" {
			j["flags"] = 64
		}
		d["message"] = j
	}
	return d
}

// deliver posts an interaction with its signature, as Discord does; what comes back is the answer.
func (s *Server) deliver(end string, i *Interaction, body []byte) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, end, bytes.NewReader(body))
	if err != nil {
		s.T.Error(err)
		return
	}
	s.Sign(r, body)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.T.Log("an interaction was not taken:", err)
		return
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusAccepted {
		s.T.Logf("an interaction was refused: %d %s", resp.StatusCode, data)
		return
	}
	if len(data) == 0 { // answered by the callback
		return
	}
	var a map[string]any
	if json.Unmarshal(data, &a) != nil {
		s.T.Errorf("the answer is no JSON: %s", data)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if no := s.answered(i, a, nil); no != nil {
		s.T.Errorf("the answer was not taken: %+v", *no)
	}
}

// Sign puts Discord's signature on a request (docs, "Security and Authorization").
func (s *Server) Sign(r *http.Request, body []byte) {
	at := strconv.FormatInt(s.Now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Signature-Timestamp", at)
	r.Header.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(s.key, append([]byte(at), body...))))
}

// Answer waits for the first answer to an interaction, at most ten seconds; nil when there was none.
func (s *Server) Answer(i *Interaction) map[string]any {
	s.T.Helper()
	s.mu.Lock()
	w, a := s.waiting[i.Token], i.Answer
	s.mu.Unlock()
	if a != nil {
		return a
	}
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	select {
	case a := <-w:
		return a
	case <-limit.C:
		return nil
	}
}

// Answered is the first answer to an interaction as of now; nil when there is none.
func (s *Server) Answered(i *Interaction) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return i.Answer
}

// Took is how long an interaction waited for its answer by the wall clock; 0 while it waits.
func (s *Server) Took(i *Interaction) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return i.Took
}

// Seen waits until a message in a channel fits, at most ten seconds, and gives it.
func (s *Server) Seen(channel, what string, fits func(m Message) bool) Message {
	s.T.Helper()
	var found Message
	s.Await(what, func(Gateway) bool {
		for _, m := range s.Messages(channel) {
			if fits(m) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// Direct is the channel of a person's direct messages with the bot.
func (s *Server) Direct(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.direct(user)
}

// direct makes it when it is not there; the lock is held.
func (s *Server) direct(user string) string {
	for _, id := range sortedKeys(s.channels) {
		if c := s.channels[id]; c.Kind == 1 && slices.Contains(c.People, user) {
			return id
		}
	}
	c := &Channel{ID: s.id(), Kind: 1, People: []string{user, s.App}}
	s.channels[c.ID] = c
	return c.ID
}

// show puts a message on the screens of those who can see it; the lock is held.
func (s *Server) show(m *Message) {
	c := s.channels[m.Channel]
	if c == nil {
		return
	}
	for _, p := range s.screens {
		ok := m.For == "" || m.For == p.User
		if c.Kind == 1 || c.Kind == 12 {
			ok = ok && slices.Contains(c.People, p.User)
		} else if g := s.guilds[c.Guild]; g != nil {
			ok = ok && g.Members[p.User] != nil
		}
		if ok {
			d := map[string]any{}
			maps.Copy(d, m.Data)
			p.put(m.ID, m.Channel, c.Kind == 1, copied(d))
		}
	}
}

// Client is a person's screen on this server, in #triage: what they do goes through the gateway, or to Endpoint, and
// what they see is what the API was told. A press is over when it was answered, and what the bot shows later arrives
// by itself: see Until.
func (s *Server) Client(user string) *Client {
	s.T.Helper()
	c := New(s.T, nil)
	c.User, c.server = user, s
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.users[user]; u != nil && u.Locale != "" {
		c.Locale = u.Locale
	}
	s.screens = append(s.screens, c)
	for _, id := range s.order {
		if m := s.messages[id]; m != nil {
			s.show(m)
		}
	}
	return c
}
