package discord

import (
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// at is where an event of the gateway happened.
func at(guild, room string) engine.Place {
	if guild == "" {
		guild = DirectMessages
	}
	return engine.Place{Surface: "discord", Workspace: guild, Channel: room}
}

// written is a message (discord.com/developers/docs, "Message object").
type written struct {
	ID      string `json:"id"`
	Type    int    `json:"type"`
	Guild   string `json:"guild_id"`
	Room    string `json:"channel_id"`
	Content string `json:"content"`
	Hook    string `json:"webhook_id"`
	Author  *user  `json:"author"`
	Member  struct {
		Nick    string `json:"nick"`
		Pending bool   `json:"pending"`
	} `json:"member"`
	Answers *struct {
		ID string `json:"message_id"`
	} `json:"message_reference"`
	Mentions []user `json:"mentions"`
	Files    []struct {
		ID   string `json:"id"`
		Name string `json:"filename"`
		Type string `json:"content_type"`
		Size int64  `json:"size"`
		URL  string `json:"url"`
		Alt  string `json:"description"`
	} `json:"attachments"`
}

// files are what hangs on a message.
func (m *written) files() []bot.File {
	var out []bot.File
	for _, f := range m.Files {
		kind, _, _ := strings.Cut(f.Type, ";")
		out = append(out, bot.File{ID: f.ID, Name: f.Name, Type: kind, Size: f.Size, URL: f.URL, Alt: f.Alt})
	}
	return out
}

// author is who wrote a message; what a webhook or Discord itself writes is nobody's.
func (m *written) author() bot.Actor {
	a := actorOf(m.Author, m.Member.Nick)
	a.Bot = a.Bot || m.Hook != "" || m.Author.System
	a.Guest = m.Member.Pending
	return a
}

// said is an ordinary message or a reply to one (types 0 and 19); me is the bot's user id, "" when it is not known.
func said(data []byte, me string) (bot.In, bool) {
	var m written
	if json.Unmarshal(data, &m) != nil || m.Author == nil || m.Type != 0 && m.Type != 19 || !snowflake.MatchString(m.ID) || m.Room == "" {
		return bot.In{}, false
	}
	in := bot.In{ID: m.ID, Kind: bot.InMessage, Text: m.Content, At: created(m.ID), Place: at(m.Guild, m.Room), Message: ref(m.Room, m.ID), ToMe: m.Guild == "", Files: m.files()}
	if m.Answers != nil && m.Type == 19 {
		in.Place.Thread = string(ref(m.Room, m.Answers.ID))
	}
	for _, u := range m.Mentions {
		if me != "" && u.ID == me {
			in.ToMe = true
		}
	}
	if in.ToMe && me != "" {
		in.Text = unmentioned(in.Text, me)
	}
	in.Actor = m.author()
	in.Actor.Workspace = in.Place.Workspace
	return in, true
}

// unmentioned is a text without a mention of me.
func unmentioned(text, me string) string {
	for _, mention := range []string{"<@" + me + ">", "<@!" + me + ">"} {
		before, after, ok := strings.Cut(text, mention)
		for ok {
			text = strings.TrimRight(before, " ") + " " + strings.TrimLeft(after, " ")
			before, after, ok = strings.Cut(text, mention)
		}
	}
	return strings.TrimSpace(text)
}

// reacted is a reaction ("Message Reaction Add"). It has no id: the message, who and what say which it is. Value is the
// emoji's name as Slack has it ("thumbsup"), so that a flow names it alike on both; an emoji of the guild has its own.
func reacted(data []byte) (bot.In, bool) {
	var r struct {
		User    string `json:"user_id"`
		Guild   string `json:"guild_id"`
		Room    string `json:"channel_id"`
		Message string `json:"message_id"`
		Author  string `json:"message_author_id"`
		Member  struct {
			Nick    string `json:"nick"`
			User    *user  `json:"user"`
			Pending bool   `json:"pending"`
		} `json:"member"`
		Emoji struct {
			Name string `json:"name"`
		} `json:"emoji"`
	}
	if json.Unmarshal(data, &r) != nil || r.Emoji.Name == "" || !snowflake.MatchString(r.User) || !snowflake.MatchString(r.Message) || r.Room == "" {
		return bot.In{}, false
	}
	in := bot.In{ID: r.Message + "/" + r.User + "/" + r.Emoji.Name, Kind: bot.InReact, Value: r.Emoji.Name, Place: at(r.Guild, r.Room), Message: ref(r.Room, r.Message)}
	if name, ok := prompts.EmojiName(r.Emoji.Name); ok {
		in.Value = name
	}
	in.Actor = bot.Actor{Surface: "discord", User: r.User}
	if u := r.Member.User; u != nil && u.ID == r.User {
		in.Actor = actorOf(u, r.Member.Nick)
	}
	in.Actor.Guest = r.Member.Pending
	in.Actor.Workspace = in.Place.Workspace
	if r.Author != "" {
		in.Author = bot.Actor{Surface: "discord", Workspace: in.Place.Workspace, User: r.Author}
	}
	return in, true
}

// joined is somebody new in a guild ("Guild Member Add"); when they came is part of its id, so that who comes back
// joins again.
func joined(data []byte) (bot.In, bool) {
	var m struct {
		Guild   string `json:"guild_id"`
		Nick    string `json:"nick"`
		User    *user  `json:"user"`
		Joined  string `json:"joined_at"`
		Pending bool   `json:"pending"`
	}
	if json.Unmarshal(data, &m) != nil || m.User == nil || !snowflake.MatchString(m.User.ID) || !snowflake.MatchString(m.Guild) {
		return bot.In{}, false
	}
	in := bot.In{ID: m.Guild + "/" + m.User.ID + "/" + m.Joined, Kind: bot.InJoin, Place: at(m.Guild, ""), Actor: actorOf(m.User, m.Nick)}
	in.Actor.Workspace, in.Actor.Guest = m.Guild, m.Pending
	return in, true
}

// actorOf is somebody as Discord names them.
func actorOf(u *user, nick string) bot.Actor {
	a := bot.Actor{Surface: "discord", User: u.ID, Bot: u.Bot, Name: nick}
	for _, n := range []string{u.GlobalName, u.Username} {
		if a.Name == "" {
			a.Name = n
		}
	}
	return a
}
