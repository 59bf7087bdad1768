package discord

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

const (
	refusedFor     = 10 * time.Minute // how long somebody's refusal of direct messages is believed
	candidatesMost = 20               // private threads that are looked at for somebody's
	pagesMost      = 20               // of a thousand members each
)

// Direct is the direct messages between the bot and the actor, or where they refuse those, a private thread below
// near that only they are in; see bot.Director. That they refuse shows only when something is posted there: then Post
// puts it into that thread, and Direct asked again gives the thread.
func (s *Surface) Direct(ctx context.Context, a bot.Actor, near engine.Place) (engine.Place, error) {
	id, err := s.dm(ctx, a.User)
	if err == nil && !s.refuses(id) {
		s.speaksTo(id, a, near)
		return engine.Place{Surface: "discord", Workspace: DirectMessages, Channel: id}, nil
	}
	if err == nil {
		err = engine.E(engine.Denied, "This person takes no direct messages from me").WithOp(op).
			WithHint("They can allow direct messages from members of the server in its privacy settings.")
	}
	code := engine.CodeOf(err)
	if code == engine.Throttled || code == engine.Unavailable || code == engine.Canceled || near.Channel == "" || near.Workspace == DirectMessages || near.Workspace == "" {
		return engine.Place{}, err
	}
	room, err := s.room(ctx, near)
	if err != nil {
		return engine.Place{}, err
	}
	if parent, inside := s.parent(ctx, room); inside {
		room = parent
	}
	thread, err := s.alone(ctx, near, room, a)
	if err != nil {
		return engine.Place{}, err
	}
	return engine.Place{Surface: "discord", Workspace: near.Workspace, Channel: thread}, nil
}

// dm is the channel of the direct messages with somebody. Making it says nothing about whether they take any.
func (s *Surface) dm(ctx context.Context, user string) (string, error) {
	s.known.mu.Lock()
	id := s.known.direct[user]
	s.known.mu.Unlock()
	if id != "" {
		return id, nil
	}
	var c channel
	if err := s.call(ctx, engine.Place{}, http.MethodPost, route("users", "@me", "channels"), map[string]any{"recipient_id": user}, &c); err != nil {
		return "", err
	}
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	put(s.known.direct, user, c.ID)
	return c.ID, nil
}

// spoken is to whom direct messages belong, and near what they were asked for.
type spoken struct {
	actor bot.Actor
	near  engine.Place
}

func (s *Surface) speaksTo(room string, a bot.Actor, near engine.Place) {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	put(s.known.spoken, room, spoken{a, near})
}

// aside is the private thread for what could not be posted into direct messages, because the person takes none.
func (s *Surface) aside(ctx context.Context, p engine.Place, err error) (engine.Place, bool) {
	if codeOf(err) != discord.ErrCodeCannotSendMessagesToThisUser || p.Workspace != DirectMessages {
		return p, false
	}
	s.known.mu.Lock()
	to, ok := s.known.spoken[p.Channel]
	s.known.mu.Unlock()
	if !ok {
		return p, false
	}
	thread, err := s.Direct(ctx, to.actor, to.near)
	return thread, err == nil && thread.Workspace != DirectMessages
}

// refusing remembers that nothing can be posted into somebody's direct messages.
func (s *Surface) refusing(room string) {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	put(s.known.refused, room, s.now())
}

func (s *Surface) refuses(room string) bool {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	at, ok := s.known.refused[room]
	return ok && s.now().Sub(at) < refusedFor
}

// alone is the private thread in a channel that only the bot and somebody are in: the one that is there, also from
// before a restart and asleep, or a new one.
func (s *Surface) alone(ctx context.Context, near engine.Place, room string, a bot.Actor) (string, error) {
	key := "alone/" + room + "/" + a.User
	s.known.mu.Lock()
	there := s.known.direct[key]
	s.known.mu.Unlock()
	if there != "" {
		return there, nil
	}
	there, err := s.aloneBefore(ctx, near, room, a.User)
	if err == nil && there == "" {
		there, err = s.aloneNew(ctx, near, room, a)
	}
	if err != nil {
		return "", err
	}
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	put(s.known.direct, key, there)
	return there, nil
}

// aloneBefore finds such a thread among those that are open and those that rest. Names are people's, so it is known by
// who made it and who is in it.
func (s *Surface) aloneBefore(ctx context.Context, near engine.Place, room, user string) (string, error) {
	me, err := s.self(ctx)
	if err != nil {
		return "", err
	}
	looked := 0
	for _, path := range []string{route("guilds", near.Workspace, "threads", "active"), route("channels", room, "users", "@me", "threads", "archived", "private") + "?limit=100"} {
		var list struct {
			Threads []channel `json:"threads"`
		}
		if err := s.call(ctx, near, http.MethodGet, path, nil, &list); err != nil {
			if code := engine.CodeOf(err); code == engine.Denied || code == engine.NotFound { // it may not look: then a new one
				continue
			}
			return "", err
		}
		for _, t := range list.Threads {
			if t.Type != int(discord.ChannelTypeGuildPrivateThread) || t.Parent != room || t.Owner != me || t.Members > 2 || looked == candidatesMost {
				continue
			}
			looked++
			err := s.call(ctx, near, http.MethodGet, route("channels", t.ID, "thread-members", user), nil, nil)
			if err == nil {
				return t.ID, nil
			}
			if engine.CodeOf(err) != engine.NotFound {
				return "", err
			}
		}
	}
	return "", nil
}

func (s *Surface) aloneNew(ctx context.Context, near engine.Place, room string, a bot.Actor) (string, error) {
	hint := engine.E(engine.Denied, "I am not allowed to begin private threads in {channel}", "channel", named(s.naming(near))).
		WithHint("Give my role Create Private Threads there, or allow direct messages from me, then [Try again].")
	body := map[string]any{"name": title("Bretelle · " + a.Name), "type": int(discord.ChannelTypeGuildPrivateThread), "auto_archive_duration": archiveMinutes, "invitable": false}
	var t channel
	if err := s.call(ctx, near, http.MethodPost, route("channels", room, "threads"), body, &t); err != nil {
		return "", allowed(err, hint)
	}
	if err := s.call(ctx, near, http.MethodPut, route("channels", t.ID, "thread-members", a.User), nil, nil); err != nil {
		return "", allowed(err, hint)
	}
	return t.ID, nil
}

// Lookup finds a member of a guild by number, mention or name; see bot.Directory. NotFound for an e-mail address, which
// Discord tells nobody.
func (s *Surface) Lookup(ctx context.Context, workspace, who string) (bot.Member, error) {
	nobody := engine.E(engine.NotFound, "nobody on this Discord server is called {name}", "name", who).WithOp(op)
	if workspace == "" || workspace == DirectMessages {
		return bot.Member{}, nobody.WithHint("Name the server: discord:GUILD/@name.")
	}
	id := strings.TrimPrefix(strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(who), "<"), "@"), ">"), "!")
	if snowflake.MatchString(id) {
		m, err := s.memberOf(ctx, workspace, id, groupAge)
		if err == nil && (m.left || m.User == nil) {
			err = nobody
		}
		if err != nil {
			return bot.Member{}, err
		}
		return s.member(workspace, m), nil
	}
	if at := strings.LastIndexByte(id, '@'); at > 0 && strings.Contains(id[at:], ".") {
		return bot.Member{}, nobody.WithHint("Discord tells nobody's e-mail address: write @name, or the person's number.")
	}
	if id == "" {
		return bot.Member{}, nobody
	}
	var list []member
	query := "?limit=100&query=" + url.QueryEscape(id)
	if err := s.call(ctx, engine.Place{Workspace: workspace}, http.MethodGet, route("guilds", workspace, "members", "search")+query, nil, &list); err != nil {
		return bot.Member{}, err
	}
	fits := bySign(list, id)
	switch len(fits) {
	case 0:
		return bot.Member{}, nobody
	case 1:
		return s.member(workspace, fits[0]), nil
	}
	var ids []string
	for _, m := range fits {
		ids = append(ids, m.User.ID)
	}
	return bot.Member{}, engine.E(engine.Conflict, "{n} people on this Discord server are called {name}", "n", len(fits), "name", who, "ids", strings.Join(ids, ", ")).
		WithOp(op).WithHint("Write the number of the one you mean: {ids}.")
}

// bySign are the members that a name means: the one whose user name it is, which is unique, else those who show it.
func bySign(list []member, name string) []member {
	var shown []member
	for _, m := range list {
		if m.User == nil {
			continue
		}
		if strings.EqualFold(m.User.Username, name) {
			return []member{m}
		}
		if strings.EqualFold(m.Nick, name) || strings.EqualFold(m.User.GlobalName, name) {
			shown = append(shown, m)
		}
	}
	return shown
}

// member is somebody as the bot wants to know them.
func (s *Surface) member(guild string, m member) bot.Member {
	a := actorOf(m.User, m.Nick)
	a.Workspace, a.Guest = guild, m.Pending || m.timedOut(s.now())
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	a.Lang = s.known.langs[a.User]
	return bot.Member{Actor: a}
}

// Members lists who can see a channel, or is in a thread or in direct messages; see bot.Directory. Denied without the
// intent GUILD_MEMBERS, which is set in Discord's developer portal.
func (s *Surface) Members(ctx context.Context, p engine.Place, most int) (list []bot.Member, more bool, err error) {
	if p.Workspace == DirectMessages {
		return s.recipients(ctx, p, most)
	}
	room, err := s.room(ctx, p)
	if err != nil {
		return nil, false, err
	}
	if p.Thread != "" {
		room = p.Thread[strings.LastIndexByte(p.Thread, '/')+1:]
	}
	c, err := s.channel(ctx, room)
	if err != nil {
		return nil, false, err
	}
	var keep func(member) bool
	if c.thread() {
		var in []struct {
			User string `json:"user_id"`
		}
		if err := s.call(ctx, p, http.MethodGet, route("channels", room, "thread-members"), nil, &in); err != nil {
			return nil, false, lacksMembers(err)
		}
		keep = func(m member) bool {
			return slices.ContainsFunc(in, func(x struct {
				User string `json:"user_id"`
			}) bool {
				return x.User == m.User.ID
			})
		}
	} else {
		g, err := s.guildOf(ctx, p.Workspace, groupAge)
		if err != nil {
			return nil, false, err
		}
		keep = func(m member) bool {
			return permissions(p.Workspace, g, m, m.User.ID, c.Overwrites, s.now())&discord.PermissionViewChannel != 0
		}
	}
	after := "0"
	for range pagesMost {
		var page []member
		path := route("guilds", p.Workspace, "members") + "?limit=1000&after=" + after
		if err := s.call(ctx, p, http.MethodGet, path, nil, &page); err != nil {
			return nil, false, lacksMembers(err)
		}
		for _, m := range page {
			if m.User == nil {
				continue
			}
			if after = m.User.ID; !keep(m) {
				continue
			}
			if len(list) == most {
				return list, true, nil
			}
			list = append(list, s.member(p.Workspace, m))
		}
		if len(page) < 1000 {
			return list, false, nil
		}
	}
	return list, true, nil
}

// lacksMembers says what is missing when the list of members is refused.
func lacksMembers(err error) error {
	if codeOf(err) != discord.ErrCodeMissingAccess {
		return err
	}
	return engine.E(engine.Denied, "Discord does not let me list who is here").WithOp(op).
		WithHint("An admin can switch on the Server Members Intent in Discord's developer portal, under Bot; then restart me.")
}

// recipients are who is in direct messages.
func (s *Surface) recipients(ctx context.Context, p engine.Place, most int) (list []bot.Member, more bool, err error) {
	var c struct {
		To []*user `json:"recipients"`
	}
	if err := s.call(ctx, p, http.MethodGet, route("channels", p.Channel), nil, &c); err != nil {
		return nil, false, err
	}
	for _, u := range c.To {
		if len(list) == most {
			return list, true, nil
		}
		list = append(list, s.member(DirectMessages, member{User: u}))
	}
	return list, false, nil
}
