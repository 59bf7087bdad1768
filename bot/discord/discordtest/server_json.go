package discordtest

import (
	"maps"
	"slices"
	"sort"
	"strconv"
	"time"
)

// Discord's objects as they are sent. The lock is held.

func (s *Server) channelJSON(c *Channel) map[string]any {
	m := map[string]any{"id": c.ID, "type": c.Kind, "name": c.Name, "topic": c.Topic}
	if c.Guild != "" {
		m["guild_id"] = c.Guild
	}
	overwrites := []any{}
	if len(c.Only) > 0 {
		overwrites = append(overwrites, map[string]any{"id": c.Guild, "type": 0, "allow": "0", "deny": "1024"})
	}
	for _, r := range c.Only {
		overwrites = append(overwrites, map[string]any{"id": r, "type": 0, "allow": "1024", "deny": "0"})
	}
	m["permission_overwrites"] = overwrites
	if c.Kind == 1 {
		var to []any
		for _, u := range c.People {
			if u != s.App {
				to = append(to, s.users[u])
			}
		}
		m["recipients"] = to
		delete(m, "name")
	}
	if c.Kind >= 10 {
		m["parent_id"], m["owner_id"], m["member_count"] = c.Parent, c.Owner, len(c.People)
		m["thread_metadata"] = map[string]any{"archived": c.Closed, "locked": false, "auto_archive_duration": 1440, "archive_timestamp": s.Now().UTC().Format(time.RFC3339)}
	}
	return m
}

func (s *Server) memberJSON(guild string, m *Member) map[string]any {
	roles := m.Roles
	if roles == nil {
		roles = []string{}
	}
	j := map[string]any{"user": s.users[m.User], "roles": roles, "pending": m.Pending, "joined_at": m.Joined.UTC().Format(time.RFC3339Nano), "nick": nil, "flags": 0, "deaf": false, "mute": false}
	if m.Until != nil {
		j["communication_disabled_until"] = m.Until.UTC().Format(time.RFC3339)
	}
	if m.Nick != "" {
		j["nick"] = m.Nick
	}
	return j
}

func (s *Server) guildJSON(g *Guild) map[string]any {
	var channels, threads, members []any
	for _, id := range sortedKeys(s.channels) {
		c := s.channels[id]
		switch {
		case c.Guild != g.ID || c.Hidden:
		case c.Kind >= 10:
			threads = append(threads, s.channelJSON(c))
		default:
			channels = append(channels, s.channelJSON(c))
		}
	}
	if m := g.Members[s.App]; m != nil {
		members = append(members, s.memberJSON(g.ID, m))
	}
	emojis := []any{}
	for _, name := range sortedKeys(g.Emojis) {
		emojis = append(emojis, map[string]any{"id": g.Emojis[name], "name": name, "animated": false})
	}
	return map[string]any{"id": g.ID, "name": g.Name, "owner_id": g.Owner, "emojis": emojis, "roles": slices.Clone(g.Roles), "channels": channels, "threads": threads, "members": members,
		"member_count": len(g.Members), "unavailable": false, "large": false}
}

// messageJSON is a message as everybody is told of it.
func (s *Server) messageJSON(m *Message) map[string]any {
	j := map[string]any{"content": "", "embeds": []any{}, "components": []any{}, "flags": 0}
	maps.Copy(j, m.Data)
	for _, k := range []string{"nonce", "enforce_nonce", "allowed_mentions", "message_reference", "attachments"} {
		delete(j, k)
	}
	j["id"], j["channel_id"], j["type"] = m.ID, m.Channel, m.Kind
	j["author"] = s.users[m.Author]
	j["timestamp"], j["edited_timestamp"] = s.Now().UTC().Format(time.RFC3339), nil
	j["tts"], j["mention_everyone"], j["mentions"], j["mention_roles"], j["pinned"] = false, false, []any{}, []any{}, false
	if list, ok := m.Data["mentions"]; ok {
		j["mentions"] = list
	}
	files := []any{}
	for _, id := range m.Files {
		f := s.files[id]
		files = append(files, map[string]any{"id": f.ID, "filename": f.Name, "size": len(f.Data), "content_type": f.Type, "url": "https://cdn.example.test/" + f.ID + "/" + f.Name, "proxy_url": "https://cdn.example.test/" + f.ID})
	}
	j["attachments"] = files
	if m.Answers != "" {
		j["message_reference"] = map[string]any{"message_id": m.Answers, "channel_id": m.Channel}
	}
	if c := s.channels[m.Channel]; c != nil && c.Guild != "" {
		j["guild_id"] = c.Guild
	}
	return j
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// number is a snowflake as a number, to sort by.
func number(id string) uint64 { n, _ := strconv.ParseUint(id, 10, 64); return n }

// inOrder sorts ids as Discord does.
func inOrder(ids []string) {
	sort.Slice(ids, func(i, j int) bool { return number(ids[i]) < number(ids[j]) })
}
