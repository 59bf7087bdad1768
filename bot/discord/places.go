package discord

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

const (
	threadTitleMost = 100
	topicMost       = 1024
	archiveMinutes  = 1440 // a thread rests after a day without messages
)

// room is the id of a place's channel; a name is looked up in the guild. Errors: NotFound, Conflict when several are
// called so.
func (s *Surface) room(ctx context.Context, p engine.Place) (string, error) {
	name, byName := strings.CutPrefix(p.Channel, "#")
	if !byName {
		return p.Channel, nil
	}
	if id, ok := strings.CutPrefix(p.Channel, "#"); ok && snowflake.MatchString(id) {
		return id, nil
	}
	all, err := s.named(ctx, p.Workspace, nameAge)
	if err != nil {
		return "", err
	}
	ids := called(all, name)
	if len(ids) == 0 { // it may be new
		if all, err = s.named(ctx, p.Workspace, againAge); err != nil {
			return "", err
		}
		ids = called(all, name)
	}
	switch len(ids) {
	case 0:
		return "", noChannel(p).WithOp(op)
	case 1:
		return ids[0], nil
	}
	return "", engine.E(engine.Conflict, "Discord has {n} channels that are called {channel}", "n", len(ids), "channel", p.Channel, "ids", strings.Join(ids, ", ")).
		WithOp(op).WithHint("Name the one you mean by its number: {ids}.")
}

// called are the ids of the text channels with a name.
func called(all []channel, name string) []string {
	var ids []string
	for _, c := range all {
		if c.Name == name && c.text() {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// title is a thread's name, which may not be empty.
func title(s string) string {
	if s = strings.TrimSpace(prompts.Cut(prompts.CleanLine(s), threadTitleMost)); s == "" {
		return "…"
	}
	return s
}

// begin begins the thread of a message; such a thread has the message's id. One that is there already is no error.
func (s *Surface) begin(ctx context.Context, p engine.Place, channel, message, name string) error {
	body := map[string]any{"name": title(name), "auto_archive_duration": archiveMinutes}
	err := s.call(ctx, p, http.MethodPost, route("channels", channel, "messages", message, "threads"), body, nil)
	if codeOf(err) == discord.ErrCodeThreadAlreadyCreatedForThisMessage {
		return nil
	}
	if err != nil {
		return allowed(err, engine.E(engine.Denied, "I am not allowed to begin threads in {channel}", "channel", named(s.naming(p))).
			WithHint("Give my role Create Public Threads and Send Messages in Threads there, then [Try again]."))
	}
	return nil
}

// Thread is where answers to a message stand; see bot.Threader. In direct messages, which have no threads, what is
// posted there replies to the message; a message in a thread is answered in that one.
func (s *Surface) Thread(ctx context.Context, p engine.Place, message bot.Ref) (engine.Place, error) {
	channel, id, err := parts(message)
	if err != nil {
		return p, err
	}
	var m posted
	if err := s.call(ctx, p, http.MethodGet, route("channels", channel, "messages", id), nil, &m); err != nil {
		return p, err
	}
	switch {
	case p.Workspace == DirectMessages || m.Thread != nil:
		p.Thread = string(message)
		return p, nil
	}
	if parent, inside := s.parent(ctx, channel); inside {
		p.Thread = string(ref(parent, channel))
		return p, nil
	}
	name := m.Content
	if name == "" && len(m.Embeds) > 0 {
		name = unescaped(m.Embeds[0].Description)
	}
	name, _, _ = strings.Cut(strings.TrimSpace(name), "\n")
	if err := s.begin(ctx, p, channel, id, name); err != nil {
		return p, err
	}
	p.Thread = string(message)
	return p, nil
}

// unescaped is text of ours without the markup: backslashes, bold.
func unescaped(s string) string {
	var b strings.Builder
	s = strings.ReplaceAll(s, "**", "")
	for i := 0; i < len(s); {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		b.WriteRune(r)
		i += n
	}
	return b.String()
}

// parent is the channel that a thread is in; inside is false for what is no thread or cannot be looked at.
func (s *Surface) parent(ctx context.Context, id string) (parent string, inside bool) {
	c, err := s.channel(ctx, id)
	return c.Parent, err == nil && c.thread() && c.Parent != ""
}

// channel is a channel or thread by its id. Threads are remembered.
func (s *Surface) channel(ctx context.Context, id string) (channel, error) {
	s.known.mu.Lock()
	c, ok := s.known.threads[id]
	if !ok {
		for _, g := range s.known.guilds {
			for _, x := range g.channels {
				if x.ID == id {
					c, ok = x, true
				}
			}
		}
	}
	s.known.mu.Unlock()
	if ok {
		return c, nil
	}
	if err := s.call(ctx, engine.Place{Channel: id}, http.MethodGet, route("channels", id), nil, &c); err != nil {
		return c, err
	}
	if c.thread() {
		s.known.mu.Lock()
		defer s.known.mu.Unlock()
		put(s.known.threads, id, c)
	}
	return c, nil
}

// OpenThread begins a thread with a title; see bot.ThreadOpener. Without a message the title is posted as the one that
// begins it: only messages are made at most once for a key.
func (s *Surface) OpenThread(ctx context.Context, p engine.Place, message bot.Ref, key, name string) (engine.Place, bot.Ref, error) {
	if p.Workspace == DirectMessages {
		return p, "", engine.E(engine.Invalid, "direct messages on Discord have no threads").WithOp(op).WithHint("Post into a channel instead.")
	}
	if message == "" {
		room, err := s.room(ctx, p)
		if err != nil {
			return p, "", err
		}
		c := creation{MessageSend: plain(title(name)), Nonce: s.nonce(room, "thread:"+key, name), Enforce: key != ""}
		got, err := s.send(ctx, p, room, c, nil)
		if err != nil {
			return p, "", err
		}
		message = ref(got.Room, got.ID)
	}
	channel, id, err := parts(message)
	if err != nil {
		return p, "", err
	}
	if err := s.begin(ctx, p, channel, id, name); err != nil {
		return p, "", err
	}
	p.Thread = string(message)
	return p, message, nil
}

// plain is text from outside as a message's content, which notifies nobody.
func plain(text string) *discord.MessageSend {
	return &discord.MessageSend{Content: Escape(prompts.Clean(text)), Flags: discord.MessageFlagsSuppressEmbeds,
		AllowedMentions: &discord.MessageAllowedMentions{Parse: []discord.AllowedMentionType{}}}
}

// undisguised makes text safe in a topic, which notifies nobody: what would look like a name, a channel or another
// address than it is. All else may be drawn as it likes.
func undisguised(s string) string {
	return strings.NewReplacer(`\`, `\\`, "<", `\<`, "[", `\[`).Replace(s)
}

// SetTopic changes a channel's topic; see bot.TopicSetter. Discord allows it twice in ten minutes.
func (s *Surface) SetTopic(ctx context.Context, p engine.Place, topic string) error {
	topic = undisguised(prompts.Clean(topic))
	if utf8.RuneCountInString(topic) > topicMost {
		return engine.E(engine.Invalid, "a topic on Discord has at most {most} characters", "most", topicMost).WithOp(op)
	}
	room, err := s.room(ctx, p)
	if err != nil {
		return err
	}
	err = s.call(ctx, p, http.MethodPatch, route("channels", room), map[string]any{"topic": topic}, nil)
	return allowed(err, engine.E(engine.Denied, "I am not allowed to change {channel}", "channel", named(s.naming(p))).
		WithHint("Give my role Manage Channels there, then [Try again]."))
}

// React puts an emoji under a message: a sign, a usual name ("tada"), or the name of one of the guild's own; see
// bot.Reactor.
func (s *Surface) React(ctx context.Context, p engine.Place, message bot.Ref, name string) error {
	channel, id, err := parts(message)
	if err != nil {
		return err
	}
	sign, err := s.sign(ctx, p.Workspace, name)
	if err != nil {
		return err
	}
	err = s.call(ctx, p, http.MethodPut, route("channels", channel, "messages", id, "reactions", sign, "@me"), nil, nil)
	return allowed(err, engine.E(engine.Denied, "I am not allowed to react in {channel}", "channel", named(s.naming(p))).
		WithHint("Give my role Add Reactions and Read Message History there, then [Try again]."))
}

// sign is an emoji as Discord's paths have it: the sign itself, or "name:id".
func (s *Surface) sign(ctx context.Context, guild, name string) (string, error) {
	name = strings.Trim(strings.TrimSpace(name), "<>")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "a:"), ":")
	bare := strings.TrimSuffix(name, ":")
	if word, id, ok := strings.Cut(bare, ":"); ok && snowflake.MatchString(id) && word != "" {
		return word + ":" + id, nil
	}
	if sign, ok := prompts.EmojiSign(bare); ok {
		return sign, nil
	}
	if bare != "" && bare[0] >= utf8.RuneSelf && len(bare) <= 64 { // a rare one: Discord knows
		return bare, nil
	}
	if guild != "" && guild != DirectMessages && bare != "" {
		g, err := s.guildOf(ctx, guild, nameAge)
		if err != nil {
			return "", err
		}
		for _, e := range g.Emojis {
			if strings.EqualFold(e.Name, bare) && e.ID != "" {
				return e.Name + ":" + e.ID, nil
			}
		}
	}
	return "", engine.E(engine.Invalid, "Discord has no emoji that is called {name}", "name", bare).WithOp(op).
		WithHint("Write its sign, its usual name, or the name of one of this server's own.")
}

// naming is a place with its channel's name instead of its number, where that is known without asking.
func (s *Surface) naming(p engine.Place) engine.Place {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	if g := s.known.guilds[p.Workspace]; g != nil && !strings.HasPrefix(p.Channel, "#") {
		for _, c := range g.channels {
			if c.ID == p.Channel && c.Name != "" {
				p.Channel = "#" + c.Name
				break
			}
		}
	}
	return p
}
