package slack

import (
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// event is what stands in an event_callback.
type event struct {
	Type, Subtype, Text, TS, Team string
	Channel                       name   // an object in events about channels
	User                          name   // an object in events about people
	BotID                         string `json:"bot_id"`
	ThreadTS                      string `json:"thread_ts"`
	Reaction                      string
	EventTS                       string `json:"event_ts"`
	ChannelType                   string `json:"channel_type"`
	Item                          struct{ Type, Channel, TS string }
	ItemUser                      string   `json:"item_user"`
	Files                         []shared `json:"files"`
	Tab                           string
}

// name is the id of a channel or person, which some events give alone and others with what else is known.
type name struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Team string `json:"team_id"`
	Bot  bool   `json:"is_bot"`
}

// UnmarshalJSON takes the id alone, or the object.
func (n *name) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &n.ID)
	}
	type plain name
	return json.Unmarshal(b, (*plain)(n))
}

// shared is a file on a message.
type shared struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Title     string `json:"title"`
	Type      string `json:"mimetype"`
	Size      int64  `json:"size"`
	Permalink string `json:"permalink"`
	Alt       string `json:"alt_txt"`
}

// filesMost is how many files of a message are told of; Slack takes ten at once.
const filesMost = 20

func files(fs []shared) []bot.File {
	var out []bot.File
	for _, f := range fs[:min(len(fs), filesMost)] {
		if f.ID == "" {
			continue
		}
		out = append(out, bot.File{ID: f.ID, Name: firstOf(f.Name, f.Title), Type: f.Type, Size: f.Size, URL: f.Permalink, Alt: f.Alt})
	}
	return out
}

func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

// happened is an event that the bot does something with.
func (d *delivery) happened() (bot.In, error) {
	switch d.Event.Type {
	case "reaction_added":
		return d.reacted()
	case "member_joined_channel", "team_join":
		return d.joined()
	case "app_home_opened":
		return d.looked()
	}
	return d.said()
}

// eventTeam is the workspace that an event is for. In a shared channel the envelope may name another one's, the
// installation that may see it is the bot's.
func (d *delivery) eventTeam() string {
	for _, a := range d.Authorized {
		if a.Bot && a.Team != "" {
			return a.Team
		}
	}
	return d.EventTeam
}

// person is who an event is about. Somebody of another workspace, in a shared channel, is of that workspace.
func (d *delivery) person() bot.Actor {
	e := d.Event
	return bot.Actor{Workspace: firstOf(e.User.Team, e.Team, d.eventTeam()), User: e.User.ID, Name: e.User.Name, Bot: e.User.Bot || e.User.ID != "" && e.User.ID == d.self()}
}

// self is the bot's own user id, where the event says.
func (d *delivery) self() string {
	for _, a := range d.Authorized {
		if a.Bot {
			return a.User
		}
	}
	return ""
}

func (d *delivery) said() (bot.In, error) {
	e := d.Event
	if e.Type != "message" && e.Type != "app_mention" {
		return bot.In{}, strange()
	}
	switch e.Subtype {
	case "", "thread_broadcast", "file_share", "bot_message", "me_message":
	default: // edited, deleted, somebody joined, …
		return bot.In{}, strange()
	}
	at := ref(e.Channel.ID, e.TS)
	id := string(at) // one that mentions the bot comes as two events
	if id == "" {
		id = d.EventID
	}
	a := d.author(e.User.ID, firstOf(e.Team, d.eventTeam()), e.BotID)
	a.Bot = a.Bot || a.User != "" && a.User == d.self()
	in := bot.In{ID: id, Kind: bot.InMessage, At: millis(e.TS), Message: at, ToMe: d.toMe(), Actor: a, Files: files(e.Files),
		Place: engine.Place{Workspace: d.eventTeam(), Channel: e.Channel.ID, Thread: string(ref(e.Channel.ID, e.ThreadTS))}}
	if in.Text = unescape(e.Text); in.ToMe {
		in.Text = unescape(d.unmentioned())
	}
	return in, nil
}

// toMe reports whether a message speaks to the bot: it mentions it, or is for it alone.
func (d *delivery) toMe() bool {
	if d.Event.Type == "app_mention" || d.Event.ChannelType == "im" {
		return true
	}
	me := d.self()
	return me != "" && (strings.Contains(d.Event.Text, "<@"+me+">") || strings.Contains(d.Event.Text, "<@"+me+"|"))
}

// unmentioned is the text without the mentions of the bot; where the event does not say who that is, without the one
// that it begins with.
func (d *delivery) unmentioned() string {
	text, me := d.Event.Text, d.self()
	out, nobody := "", true
	for {
		before, rest, ok := strings.Cut(text, "<@")
		who, after, closed := strings.Cut(rest, ">")
		if !ok || !closed {
			return strings.TrimSpace(out + text)
		}
		user, _, _ := strings.Cut(who, "|")
		mine := me != "" && user == me || me == "" && nobody && d.Event.Type == "app_mention"
		if out, nobody = out+before, false; !mine {
			out += "<@" + who + ">"
		} else if out == "" || strings.HasSuffix(out, " ") {
			after = strings.TrimLeft(after, " \u00a0")
		}
		text = after
	}
}

// reacted is a reaction to a message.
func (d *delivery) reacted() (bot.In, error) {
	e := d.Event
	if e.Item.Type != "message" || e.Reaction == "" {
		return bot.In{}, strange()
	}
	in := bot.In{ID: d.EventID, Kind: bot.InReact, Value: e.Reaction, At: millis(e.EventTS), Message: ref(e.Item.Channel, e.Item.TS),
		Actor: d.person(), Place: engine.Place{Workspace: d.eventTeam(), Channel: e.Item.Channel}}
	if e.ItemUser != "" {
		in.Author = bot.Actor{Workspace: d.eventTeam(), User: e.ItemUser, Bot: e.ItemUser == d.self()}
	}
	return in, nil
}

// joined is somebody new in a channel, or in the workspace.
func (d *delivery) joined() (bot.In, error) {
	e := d.Event
	if e.Type == "member_joined_channel" && e.Channel.ID == "" {
		return bot.In{}, strange()
	}
	return bot.In{ID: d.EventID, Kind: bot.InJoin, At: millis(e.EventTS), Actor: d.person(),
		Place: engine.Place{Workspace: d.eventTeam(), Channel: e.Channel.ID}}, nil
}

// looked is somebody who looks at the bot's own page. Its messages are another tab, of no interest.
func (d *delivery) looked() (bot.In, error) {
	e := d.Event
	if e.Tab != "home" {
		return bot.In{}, strange()
	}
	return bot.In{ID: d.EventID, Kind: bot.InHome, At: millis(e.EventTS), Actor: d.person(), Place: engine.Place{Workspace: d.eventTeam()}}, nil
}
