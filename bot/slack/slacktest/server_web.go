package slacktest

import (
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/bot/slack"
)

// webMethods are the methods of the Web API that conversations alone do not need.
func webMethods() map[string]method {
	out := map[string]method{
		"chat.delete":            {"chat:write", (*Server).deleteMessage},
		"conversations.info":     {"channels:read", (*Server).info},
		"conversations.list":     {"channels:read", (*Server).list},
		"conversations.members":  {"channels:read", (*Server).inChannel},
		"conversations.history":  {"channels:history", (*Server).history},
		"conversations.replies":  {"channels:history", (*Server).replies},
		"conversations.join":     {"channels:join", (*Server).join},
		"conversations.setTopic": {"channels:manage", (*Server).setTopic},
		"reactions.add":          {"reactions:write", (*Server).react},
		"usergroups.list":        {"usergroups:read", (*Server).listGroups},
		"users.conversations":    {"channels:read", (*Server).mine},
		"users.info":             {"users:read", (*Server).userInfo},
		"users.list":             {"users:read", (*Server).listUsers},
		"users.lookupByEmail":    {"users:read.email", (*Server).byEmail},
	}
	maps.Copy(out, fileMethods())
	return out
}

// granted are the scopes of a workspace's token, as the header of each answer has them. The Server is locked.
func (s *Server) granted(t *team) string {
	var out []string
	for _, x := range slack.Scopes() {
		if !t.lacks[x.Name] {
			out = append(out, x.Name)
		}
	}
	return strings.Join(out, ",")
}

// page is a part of a list of so many, as limit and cursor say, and what stands in the answer for the next.
func page(c *call, n int) (from, to int, next map[string]any) {
	limit, err := strconv.Atoi(c.text("limit"))
	if err != nil || limit <= 0 || limit > 1000 {
		limit = 100
	}
	from, _ = strconv.Atoi(strings.TrimPrefix(c.text("cursor"), "after-")) // what is none begins at the beginning
	from = min(max(from, 0), n)
	to = min(from+limit, n)
	if next = map[string]any{"next_cursor": ""}; to < n {
		next["next_cursor"] = "after-" + strconv.Itoa(to)
	}
	return from, to, next
}

func (c *channel) show(bot string) map[string]any {
	if c.im != "" {
		return map[string]any{"id": c.id, "is_im": true, "user": c.im}
	}
	return map[string]any{"id": c.id, "name": c.name, "is_channel": !c.private, "is_private": c.private, "is_archived": c.archived, "is_member": c.members[bot],
		"context_team_id": c.team, "topic": map[string]any{"value": c.topic}}
}

// rooms are a workspace's channels, in order; only those that keep says.
func (s *Server) rooms(c *call, keep func(*channel) bool) answer {
	var all []*channel
	for _, ch := range s.channels {
		if ch.team == c.team.id && ch.im == "" && (!ch.archived || c.text("exclude_archived") != "true") && keep(ch) &&
			strings.Contains(","+c.text("types")+",", map[bool]string{true: ",private_channel,", false: ",public_channel,"}[ch.private]) {
			all = append(all, ch)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].id < all[j].id })
	from, to, next := page(c, len(all))
	list := []any{}
	for _, ch := range all[from:to] {
		list = append(list, ch.show(c.team.bot))
	}
	return answer{"channels": list, "response_metadata": next}
}

func (s *Server) list(c *call) answer {
	return s.rooms(c, func(ch *channel) bool { return !ch.private || ch.members[c.team.bot] })
}

func (s *Server) mine(c *call) answer {
	me, who := c.team.bot, c.text("user")
	return s.rooms(c, func(ch *channel) bool {
		return (who == "" || ch.members[who]) && (ch.members[me] || who != "" && !ch.private)
	})
}

// seen is a channel that a call names by id, as the bot sees it. Direct messages of a person are one too.
func (s *Server) seen(c *call) (*channel, string) {
	ch := s.channels[c.text("channel")]
	if ch == nil || ch.team != c.team.id || ch.private && !ch.members[c.team.bot] {
		return nil, "channel_not_found"
	}
	return ch, ""
}

func (s *Server) info(c *call) answer {
	ch, why := s.seen(c)
	if why != "" {
		return refuse(why)
	}
	return answer{"channel": ch.show(c.team.bot)}
}

func (s *Server) inChannel(c *call) answer {
	ch, why := s.seen(c)
	if why != "" {
		return refuse(why)
	}
	all := slices.Sorted(maps.Keys(ch.members))
	all = slices.DeleteFunc(all, func(u string) bool { return !ch.members[u] })
	from, to, next := page(c, len(all))
	return answer{"members": all[from:to], "response_metadata": next}
}

func (s *Server) join(c *call) answer {
	ch, why := s.seen(c)
	switch {
	case why != "":
		return refuse(why)
	case ch.archived:
		return refuse("is_archived")
	case ch.private:
		return refuse("method_not_supported_for_channel_type")
	}
	ch.members[c.team.bot] = true
	return answer{"channel": ch.show(c.team.bot)}
}

func (s *Server) setTopic(c *call) answer {
	ch, why := s.seen(c)
	switch {
	case why != "":
		return refuse(why)
	case !ch.members[c.team.bot]:
		return refuse("not_in_channel")
	case len([]rune(c.text("topic"))) > 250*5: // as escaped
		return refuse("too_long")
	}
	ch.topic = c.text("topic")
	return answer{"channel": ch.show(c.team.bot)}
}

// Topic is a channel's topic.
func (s *Server) Topic(channel string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.channels[channel].topic
}

// told is a message as a channel's history has it.
func (s *Server) told(c *call, p *posted) map[string]any {
	m := p.show()
	if c.text("include_all_metadata") != "1" && c.text("include_all_metadata") != "true" {
		delete(m, "metadata")
	}
	if u := s.users[p.by]; u != nil && u.bot {
		m["bot_id"] = "B" + p.by
	}
	if p.thread != "" {
		m["thread_ts"] = p.thread
	}
	delete(m, "channel")
	return m
}

// history is what was said in a channel, the newest first, without what stands in threads. Of more than the limit it is
// what is nearest to latest, or to oldest where that alone is named (slackhq/slack-api-docs issue 4).
func (s *Server) history(c *call) answer {
	ch, why := s.seen(c)
	switch {
	case why != "":
		return refuse(why)
	case !ch.members[c.team.bot]:
		return refuse("not_in_channel")
	}
	var all []*posted
	for _, p := range slices.Backward(s.posts) {
		if p.channel == ch.id && p.thread == "" && p.only == "" && !p.gone && p.ts >= c.text("oldest") && (c.text("latest") == "" || p.ts <= c.text("latest")) {
			all = append(all, p)
		}
	}
	forward := c.text("oldest") != "" && c.text("latest") == ""
	if forward {
		slices.Reverse(all)
	}
	out := s.messages(c, all)
	if list, ok := out["messages"].([]any); ok && forward {
		slices.Reverse(list)
	}
	return out
}

func (s *Server) messages(c *call, all []*posted) answer {
	from, to, next := page(c, len(all))
	list := []any{}
	for _, p := range all[from:to] {
		list = append(list, s.told(c, p))
	}
	return answer{"messages": list, "has_more": to < len(all), "response_metadata": next}
}

// replies is a thread, the message that begins it first; of an answer, the answer alone.
func (s *Server) replies(c *call) answer {
	ch, why := s.seen(c)
	if why != "" {
		return refuse(why)
	}
	first := s.message(ch.id, c.text("ts"))
	if first == nil {
		return refuse("thread_not_found")
	}
	all := []*posted{first}
	for _, p := range s.posts {
		if p.channel == ch.id && p.thread == first.ts && p.only == "" && !p.gone && p.ts >= c.text("oldest") {
			all = append(all, p)
		}
	}
	return s.messages(c, all)
}

func (s *Server) deleteMessage(c *call) answer {
	p := s.message(c.text("channel"), c.text("ts"))
	switch {
	case p == nil:
		return refuse("message_not_found")
	case p.by != c.team.bot:
		return refuse("cant_delete_message")
	}
	p.gone = true
	return answer{"channel": p.channel, "ts": p.ts}
}

// reactionsMost is how many different emoji a message takes here.
const reactionsMost = 23

func (s *Server) react(c *call) answer {
	p := s.message(c.text("channel"), c.text("timestamp"))
	name := c.text("name")
	switch {
	case p == nil:
		return refuse("message_not_found")
	case name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-+'") != "":
		return refuse("invalid_name")
	case slices.Contains(p.reactions[name], c.team.bot):
		return refuse("already_reacted")
	case len(p.reactions) == reactionsMost:
		return refuse("too_many_emoji")
	}
	p.reactions[name] = append(p.reactions[name], c.team.bot)
	return nil
}

// Reactions are the emoji under a message, in order.
func (s *Server) Reactions(channel, ts string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.message(channel, ts)
	if p == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(p.reactions))
}

func (s *Server) listGroups(c *call) answer {
	list := []any{}
	for _, id := range slices.Sorted(maps.Keys(s.groups)) {
		g := s.groups[id]
		if g.team != c.team.id || g.off {
			continue
		}
		m := map[string]any{"id": g.id, "team_id": g.team, "handle": g.handle, "name": g.name, "is_usergroup": true, "date_delete": 0}
		if c.text("include_users") == "true" {
			m["users"] = g.users
		}
		list = append(list, m)
	}
	return answer{"usergroups": list}
}

func (u *user) show(locale bool) map[string]any {
	m := map[string]any{"id": u.id, "team_id": u.team, "name": u.name, "real_name": u.real, "tz": u.zone, "deleted": u.deleted, "is_bot": u.bot,
		"is_restricted": u.guest || u.ultra, "is_ultra_restricted": u.ultra, "is_stranger": u.stranger,
		"profile": map[string]any{"display_name": u.real, "real_name": u.real, "email": u.email, "title": u.title, "team": u.team}}
	if locale {
		m["locale"] = u.locale
	}
	return m
}

// visible is somebody whom a workspace sees: its own, and those of others who share a channel with it.
func (s *Server) visible(c *call, id string) *user {
	u := s.users[id]
	if u == nil || u.team == c.team.id {
		return u
	}
	for _, ch := range s.channels {
		if ch.team == c.team.id && ch.members[id] {
			return u
		}
	}
	return nil
}

func (s *Server) userInfo(c *call) answer {
	u := s.visible(c, c.text("user"))
	if u == nil {
		return refuse("user_not_found")
	}
	return answer{"user": u.show(c.text("include_locale") == "true")}
}

func (s *Server) byEmail(c *call) answer {
	for _, u := range s.users {
		if u.team == c.team.id && u.email != "" && strings.EqualFold(u.email, c.text("email")) && !u.deleted {
			return answer{"user": u.show(true)}
		}
	}
	return refuse("users_not_found")
}

func (s *Server) listUsers(c *call) answer {
	var all []*user
	for _, id := range slices.Sorted(maps.Keys(s.users)) {
		if u := s.users[id]; u.team == c.team.id {
			all = append(all, u)
		}
	}
	from, to, next := page(c, len(all))
	list := []any{}
	for _, u := range all[from:to] {
		list = append(list, u.show(c.text("include_locale") == "true"))
	}
	return answer{"members": list, "response_metadata": next}
}
