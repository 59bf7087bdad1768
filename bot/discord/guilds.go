package discord

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/engine"
)

// known is what the surface remembers of Discord: guilds, members, direct messages. The gateway keeps it fresh (see
// heard); without one it is asked for again when it is too old. Its lock is never held while Discord is asked.
type known struct {
	mu      sync.Mutex
	guilds  map[string]*guild
	members map[string]member  // by guild/user
	threads map[string]channel // threads by id
	direct  map[string]string  // direct messages by user
	refused map[string]time.Time
	spoken  map[string]spoken   // direct messages: whose they are
	langs   map[string]string   // language by user, as their client last said
	lost    map[string]string   // messages that were deleted, by channel and card: see nonce
	shown   map[string]image    // pictures on our messages, by reference
	past    map[string][]former // messages of a former life, by channel; see before
	me      string              // the bot's own user
}

const (
	groupAge = time.Minute      // who is in a group, R-rules: looked up at the click
	nameAge  = 5 * time.Minute  // names of channels
	staleAge = time.Hour        // names that serve while Discord cannot be asked
	againAge = 10 * time.Second // a name that is not there is not looked for again before
	manyMost = 5000             // members, threads and the like that are remembered
)

// guild is a server as far as it matters here.
type guild struct {
	Name   string  `json:"name"`
	Owner  string  `json:"owner_id"`
	Roles  []role  `json:"roles"`
	Emojis []emoji `json:"emojis"`
	at     time.Time

	channels   []channel
	channelsAt time.Time
}

type role struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Permissions bits   `json:"permissions"`
	Managed     bool   `json:"managed"` // an app's or the like: people are not given it
}

type emoji struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// channel is a channel or a thread.
type channel struct {
	ID         string      `json:"id"`
	Guild      string      `json:"guild_id"`
	Type       int         `json:"type"`
	Name       string      `json:"name"`
	Parent     string      `json:"parent_id"`
	Owner      string      `json:"owner_id"`
	Members    int         `json:"member_count"`
	Overwrites []overwrite `json:"permission_overwrites"`
}

// text reports whether a channel can be named and written in: an ordinary one, or one of announcements.
func (c channel) text() bool {
	return c.Type == int(discord.ChannelTypeGuildText) || c.Type == int(discord.ChannelTypeGuildNews)
}

// thread reports whether it is a thread.
func (c channel) thread() bool { return c.Type >= 10 && c.Type <= 12 }

// member of a guild. left tells that they are none, or none any more.
type member struct {
	User    *user      `json:"user"`
	Nick    string     `json:"nick"`
	Roles   []string   `json:"roles"`
	Pending bool       `json:"pending"`                      // has not passed the guild's screening
	Until   *time.Time `json:"communication_disabled_until"` // timed out
	left    bool
	at      time.Time
}

func remember() *known {
	return &known{guilds: map[string]*guild{}, members: map[string]member{}, threads: map[string]channel{}, direct: map[string]string{},
		refused: map[string]time.Time{}, spoken: map[string]spoken{}, langs: map[string]string{}, lost: map[string]string{}, shown: map[string]image{}, past: map[string][]former{}}
}

// put stores something in a map that does not grow for ever.
func put[V any](m map[string]V, key string, v V) {
	if len(m) >= manyMost {
		for k := range m { // any will do: what is forgotten is asked for again
			delete(m, k)
			break
		}
	}
	m[key] = v
}

// guildOf is a guild's name, owner, roles and emoji, at most age old.
func (s *Surface) guildOf(ctx context.Context, id string, age time.Duration) (guild, error) {
	s.known.mu.Lock()
	g, ok := s.known.guilds[id]
	if ok && s.now().Sub(g.at) < age {
		defer s.known.mu.Unlock()
		return *g, nil
	}
	s.known.mu.Unlock()
	var got guild
	if err := s.call(ctx, engine.Place{}, http.MethodGet, route("guilds", id), nil, &got); err != nil {
		return guild{}, err
	}
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	g = s.known.guild(id)
	g.Name, g.Owner, g.Roles, g.Emojis, g.at = got.Name, got.Owner, got.Roles, got.Emojis, s.now()
	return *g, nil
}

// guild is the entry of a guild; the lock is held.
func (k *known) guild(id string) *guild {
	g := k.guilds[id]
	if g == nil {
		g = &guild{}
		k.guilds[id] = g
	}
	return g
}

// channelsOf are a guild's channels, at most age old.
func (s *Surface) channelsOf(ctx context.Context, id string, age time.Duration) ([]channel, error) {
	s.known.mu.Lock()
	if g, ok := s.known.guilds[id]; ok && s.now().Sub(g.channelsAt) < age {
		defer s.known.mu.Unlock()
		return g.channels, nil
	}
	s.known.mu.Unlock()
	var got []channel
	if err := s.call(ctx, engine.Place{}, http.MethodGet, route("guilds", id, "channels"), nil, &got); err != nil {
		return nil, err
	}
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	g := s.known.guild(id)
	g.channels, g.channelsAt = got, s.now()
	return got, nil
}

// named are a guild's channels for their names: when Discord cannot be asked, those of the last hour do.
func (s *Surface) named(ctx context.Context, id string, age time.Duration) ([]channel, error) {
	all, err := s.channelsOf(ctx, id, age)
	if code := engine.CodeOf(err); code == engine.Throttled || code == engine.Unavailable {
		if old, e := s.channelsOf(ctx, id, staleAge); e == nil {
			return old, nil
		}
	}
	return all, err
}

// memberOf is somebody in a guild, at most age old; left is set for who is none of its members.
func (s *Surface) memberOf(ctx context.Context, guild, user string, age time.Duration) (member, error) {
	key := guild + "/" + user
	s.known.mu.Lock()
	m, ok := s.known.members[key]
	s.known.mu.Unlock()
	if ok && s.now().Sub(m.at) < age {
		return m, nil
	}
	m = member{}
	err := s.call(ctx, engine.Place{}, http.MethodGet, route("guilds", guild, "members", user), nil, &m)
	switch code := codeOf(err); {
	case code == discord.ErrCodeUnknownMember || code == discord.ErrCodeUnknownUser || code == discord.ErrCodeUnknownGuild || code == discord.ErrCodeMissingAccess:
		m = member{left: true}
	case err != nil:
		return member{}, err
	}
	m.at = s.now()
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	put(s.known.members, key, m)
	return m, nil
}

// met remembers a member as a delivery told of them: the "member" of an interaction or message, with its user.
func (s *Surface) met(guild string, data json.RawMessage, of *user) {
	var m member
	if guild == "" || json.Unmarshal(data, &m) != nil || m.Roles == nil {
		return
	}
	if m.User == nil {
		m.User = of
	}
	if m.User == nil || m.User.ID == "" {
		return
	}
	m.at = s.now()
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	put(s.known.members, guild+"/"+m.User.ID, m)
}

// speaks remembers the language of a person's client, which only their interactions tell.
func (s *Surface) speaks(user, lang string) {
	if user == "" || lang == "" {
		return
	}
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	put(s.known.langs, user, lang)
}

// heard takes what the gateway tells about guilds, channels, roles and members: its "t" and "d". Other events do
// nothing, so that all may be given to it.
func (s *Surface) heard(event string, data json.RawMessage) {
	var about struct {
		ID    string `json:"id"`
		Guild string `json:"guild_id"`
		User  struct {
			ID string `json:"id"`
		} `json:"user"`
		Unavailable bool `json:"unavailable"`
	}
	kind, what, _ := cutEvent(event)
	if kind == "" || json.Unmarshal(data, &about) != nil {
		return
	}
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	switch kind {
	case "GUILD":
		s.known.heardGuild(about.ID, what, about.Unavailable, data, s.now())
	case "GUILD_ROLE", "GUILD_EMOJIS":
		if g := s.known.guilds[about.Guild]; g != nil {
			g.at = time.Time{}
		}
	case "GUILD_MEMBER":
		delete(s.known.members, about.Guild+"/"+about.User.ID)
	case "CHANNEL", "THREAD":
		var c channel
		if json.Unmarshal(data, &c) == nil {
			s.known.heardChannel(c, what)
		}
	}
}

// cutEvent takes "GUILD_MEMBER_ADD" apart.
func cutEvent(event string) (kind, what string, ok bool) {
	i := strings.LastIndexByte(event, '_')
	if i < 0 {
		return "", "", false
	}
	kind, what = event[:i], event[i+1:]
	switch kind {
	case "GUILD", "GUILD_ROLE", "GUILD_EMOJIS", "GUILD_MEMBER", "CHANNEL", "THREAD":
		return kind, what, true
	}
	return "", "", false
}

func (k *known) heardGuild(id, what string, away bool, data []byte, now time.Time) {
	if what == "DELETE" {
		if !away { // else it is only out of order for a while
			delete(k.guilds, id)
			for key := range k.members {
				if strings.HasPrefix(key, id+"/") {
					delete(k.members, key)
				}
			}
		}
		return
	}
	var got struct {
		guild
		Channels []channel `json:"channels"`
		Threads  []channel `json:"threads"`
	}
	if away || json.Unmarshal(data, &got) != nil || got.Roles == nil {
		return
	}
	g := k.guild(id)
	g.Name, g.Owner, g.Roles, g.Emojis, g.at = got.Name, got.Owner, got.Roles, got.Emojis, now
	if got.Channels != nil {
		g.channels, g.channelsAt = got.Channels, now
	}
	for _, t := range got.Threads {
		put(k.threads, t.ID, t)
	}
}

func (k *known) heardChannel(c channel, what string) {
	if c.thread() {
		if delete(k.threads, c.ID); what != "DELETE" {
			put(k.threads, c.ID, c)
		}
		return
	}
	g := k.guilds[c.Guild]
	if g == nil || g.channelsAt.IsZero() {
		return
	}
	all := make([]channel, 0, len(g.channels)+1) // those given out before stay as they are
	for _, old := range g.channels {
		if old.ID != c.ID {
			all = append(all, old)
		}
	}
	if what != "DELETE" {
		all = append(all, c)
	}
	g.channels = all
}

// self is the bot's own user id.
func (s *Surface) self(ctx context.Context) (string, error) {
	s.known.mu.Lock()
	me := s.known.me
	s.known.mu.Unlock()
	if me != "" {
		return me, nil
	}
	var u user
	if err := s.call(ctx, engine.Place{}, http.MethodGet, route("users", "@me"), nil, &u); err != nil {
		return "", err
	}
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	s.known.me = u.ID
	return u.ID, nil
}
