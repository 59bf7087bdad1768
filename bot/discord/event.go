package discord

import (
	"encoding/json"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// at is where an event of the gateway happened.
func at(guild, room string) engine.Place {
	if guild == "" {
		guild = DirectMessages
	}
	return engine.Place{Surface: "discord", Workspace: guild, Channel: room}
}

// said is an ordinary message or a reply to one (discord.com/developers/docs, "Message object", types 0 and 19).
func said(data []byte) (bot.In, bool) {
	var m struct {
		ID      string `json:"id"`
		Type    int    `json:"type"`
		Guild   string `json:"guild_id"`
		Room    string `json:"channel_id"`
		Content string `json:"content"`
		Hook    string `json:"webhook_id"`
		Author  *user  `json:"author"`
		Member  struct {
			Nick string `json:"nick"`
		} `json:"member"`
		Answers *struct {
			ID string `json:"message_id"`
		} `json:"message_reference"`
	}
	if json.Unmarshal(data, &m) != nil || m.Author == nil || m.Type != 0 && m.Type != 19 || !snowflake.MatchString(m.ID) || m.Room == "" {
		return bot.In{}, false
	}
	in := bot.In{ID: m.ID, Kind: bot.InMessage, Text: m.Content, At: created(m.ID), Place: at(m.Guild, m.Room), Message: ref(m.Room, m.ID), ToMe: m.Guild == ""}
	if m.Answers != nil && m.Type == 19 {
		in.Place.Thread = string(ref(m.Room, m.Answers.ID))
	}
	in.Actor = actorOf(m.Author, m.Member.Nick)
	in.Actor.Workspace = in.Place.Workspace
	in.Actor.Bot = in.Actor.Bot || m.Hook != ""
	return in, true
}

// reacted is a reaction ("Message Reaction Add"). It has no id: the message, who and what say which it is.
func reacted(data []byte) (bot.In, bool) {
	var r struct {
		User    string `json:"user_id"`
		Guild   string `json:"guild_id"`
		Room    string `json:"channel_id"`
		Message string `json:"message_id"`
		Member  struct {
			Nick string `json:"nick"`
			User *user  `json:"user"`
		} `json:"member"`
		Emoji struct {
			Name string `json:"name"`
		} `json:"emoji"`
	}
	if json.Unmarshal(data, &r) != nil || r.Emoji.Name == "" || !snowflake.MatchString(r.User) || !snowflake.MatchString(r.Message) || r.Room == "" {
		return bot.In{}, false
	}
	in := bot.In{ID: r.Message + "/" + r.User + "/" + r.Emoji.Name, Kind: bot.InReact, Value: r.Emoji.Name, Place: at(r.Guild, r.Room), Message: ref(r.Room, r.Message)}
	in.Actor = bot.Actor{Surface: "discord", User: r.User}
	if r.Member.User != nil {
		in.Actor = actorOf(r.Member.User, r.Member.Nick)
	}
	in.Actor.Workspace = in.Place.Workspace
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
