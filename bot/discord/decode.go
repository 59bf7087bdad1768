package discord

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// frameMost is the longest frame that is read, in bytes.
const frameMost = 1 << 20

// DirectMessages is the workspace of places outside any guild.
const DirectMessages = bot.NoWorkspace

// Decode reads an interaction as Discord sends it: the body of its HTTP request, the data of INTERACTION_CREATE, or a
// whole gateway frame around that; and of the gateway MESSAGE_CREATE, MESSAGE_REACTION_ADD and GUILD_MEMBER_ADD. Kinds:
// command (2) or a message's shortcut, press or choice (3), completion (4), submission (5), message, reaction, join. The
// text of a command is its path and the values of its options in the order of our own grammar; a completion is a
// look-up without a token, whose Text is the line so far and Value the part of it that is being typed. The thread of a
// reply is the Ref of what it answers. Whether a message speaks to the bot is known only of direct messages here.
// Errors: Invalid for what is none of these (pings included) or cannot be read, TooLarge over 1 MiB.
//
// Shapes: discord.com/developers/docs, "Receiving and Responding to Interactions", "Gateway Events".
func Decode(payload []byte) (bot.In, error) { return decode(payload, "") }

// decode is Decode for a bot whose user id is known: mentions of it are seen.
func decode(payload []byte, me string) (bot.In, error) {
	if len(payload) > frameMost {
		return bot.In{}, engine.E(engine.TooLarge, "the delivery is larger than {most} bytes", "most", frameMost).WithOp("discord.decode")
	}
	var frame struct {
		Event string          `json:"t"`
		D     json.RawMessage `json:"d"`
	}
	if json.Unmarshal(payload, &frame) != nil {
		return bot.In{}, strange()
	}
	var in bot.In
	ok := false
	switch frame.Event {
	case "MESSAGE_CREATE":
		in, ok = said(frame.D, me)
	case "MESSAGE_REACTION_ADD":
		in, ok = reacted(frame.D)
	case "GUILD_MEMBER_ADD":
		in, ok = joined(frame.D)
	default:
		body := payload
		if frame.Event == "INTERACTION_CREATE" {
			body = frame.D
		}
		var i interaction
		if json.Unmarshal(body, &i) == nil {
			in, ok = i.in()
			ok = ok && snowflake.MatchString(in.ID)
		}
	}
	if !ok || in.Actor.User == "" {
		return bot.In{}, strange()
	}
	return in, nil
}

func strange() error {
	return engine.E(engine.Invalid, "this is no delivery that I know").WithOp("discord.decode")
}

type interaction struct {
	ID      string `json:"id"`
	Type    int    `json:"type"`
	Token   string `json:"token"`
	App     string `json:"application_id"`
	Guild   string `json:"guild_id"`
	Room    string `json:"channel_id"`
	Locale  string `json:"locale"`
	User    *user  `json:"user"`
	Data    data   `json:"data"`
	Channel struct {
		Type   int    `json:"type"`
		Parent string `json:"parent_id"`
	} `json:"channel"`
	Member *struct {
		Nick    string `json:"nick"`
		User    *user  `json:"user"`
		Pending bool   `json:"pending"` // has not agreed to the guild's rules yet
	} `json:"member"`
	Message *struct {
		ID   string `json:"id"`
		Room string `json:"channel_id"`
	} `json:"message"`
}

type user struct {
	ID         string `json:"id"`
	Username   string `json:"username"`
	GlobalName string `json:"global_name"`
	Bot        bool   `json:"bot"`
	System     bool   `json:"system"`
}

type data struct {
	Type       int         `json:"type"`      // of a command: 1 is typed, 3 is used on a message
	Target     string      `json:"target_id"` // that message
	Resolved   resolved    `json:"resolved"`
	Name       string      `json:"name"`
	Options    []parameter `json:"options"`
	CustomID   string      `json:"custom_id"`
	Values     []string    `json:"values"`
	Components []component `json:"components"`
}

// resolved is what a command was used on.
type resolved struct {
	Messages map[string]*written `json:"messages"`
}

// parameter is an option of a command: a sub-command (type 1), a group of them (2), or a value.
type parameter struct {
	Name    string      `json:"name"`
	Type    int         `json:"type"`
	Value   any         `json:"value"`
	Focused bool        `json:"focused"` // what is being typed, of a completion
	Options []parameter `json:"options"`
}

// component of a submission: a row (1) or label (18) around an input.
type component struct {
	CustomID   string      `json:"custom_id"`
	Value      any         `json:"value"`
	Values     []string    `json:"values"`
	Components []component `json:"components"`
	Component  *component  `json:"component"`
}

func (i *interaction) in() (bot.In, bool) {
	in := bot.In{ID: i.ID, At: created(i.ID), Trigger: i.ID + "/" + i.Token, Actor: i.actor(),
		Place: engine.Place{Surface: "discord", Workspace: i.Guild, Channel: i.Room}}
	if i.App != "" {
		in.Trigger += "/" + i.App
	}
	if i.Guild == "" {
		in.Place.Workspace = DirectMessages
	}
	in.Actor.Workspace = in.Place.Workspace
	if t := i.Channel.Type; t >= 10 && t <= 12 && i.Channel.Parent != "" { // threads are channels with a parent
		in.Place.Channel, in.Place.Thread = i.Channel.Parent, string(ref(i.Channel.Parent, i.Room))
	}
	if m := i.Message; m != nil && m.ID != "" {
		room := m.Room
		if room == "" {
			room = i.Room
		}
		in.Message = ref(room, m.ID)
	}
	switch i.Type {
	case 2:
		if i.Data.Type == 3 {
			return i.short(in)
		}
		in.Kind = bot.InCommand
		in.Text, _, _ = i.line()
		return in, i.Data.Name != ""
	case 4:
		in.Kind = bot.InLookUp
		var typing bool
		in.Text, in.Value, typing = i.line()
		return in, i.Data.Name != "" && typing
	case 3:
		return i.used(in)
	case 5:
		kind, what, token, ok := customID(i.Data.CustomID)
		in.Kind, in.Token, in.Fields = bot.InSubmit, token, map[string]string{}
		collect(in.Fields, i.Data.Components, 0)
		switch {
		case kind == searchID:
			in.Kind, in.Value, in.Fields = bot.InPress, foundPress+what+"\n"+in.Fields[searchInput], nil
		case kind != formID:
			ok = false
		case what == typedPage:
			in.Value = bot.ActTyped
		case what != "":
			in.Value = bot.PagePrefix + what
		}
		return in, ok
	}
	return in, false
}

// short is a command used on a message.
func (i *interaction) short(in bot.In) (bot.In, bool) {
	m := i.Data.Resolved.Messages[i.Data.Target]
	if m == nil || m.Author == nil || !snowflake.MatchString(i.Data.Target) {
		return in, false
	}
	in.Kind, in.Value, in.Text, in.Files, in.Author = bot.InShort, bot.ShortRun, m.Content, m.files(), m.author()
	in.Author.Workspace = in.Place.Workspace
	in.Message = ref(i.Room, i.Data.Target)
	return in, true
}

// customID takes an id of ours apart; see pressID.
func customID(id string) (kind, what, token string, ok bool) {
	if len(id) < 2 || id[1] != ':' {
		return "", "", "", false
	}
	i := strings.LastIndexByte(id, ':')
	if i < 2 || i == len(id)-1 {
		return "", "", "", false
	}
	return id[:2], id[2:i], id[i+1:], true
}

// used is a button, a menu, or a part of a form on its message.
func (i *interaction) used(in bot.In) (bot.In, bool) {
	kind, what, token, ok := customID(i.Data.CustomID)
	in.Token = token
	act := func(value string) {
		in.Kind, in.Value, in.Fields = bot.InSubmit, bot.ActPrefix+what, map[string]string{what: value}
	}
	switch kind {
	case pressID:
		in.Kind = bot.InPress
	case menuID:
		in.Kind, in.Value = bot.InChoose, strings.Join(i.Data.Values, "\n")
		if in.Value == nothing {
			in.Value = ""
		}
	case pageID:
		in.Kind, in.Value = bot.InPress, bot.PagePrefix+what
		n, more := strings.CutPrefix(what, morePage)
		switch {
		case what == bot.FormAgain:
			in.Value = what
		case what == bot.FormSave: // what was typed is known already
			in.Kind, in.Value, in.Fields = bot.InSubmit, what, map[string]string{}
		case more:
			in.Value = morePress + n
		}
	case actID:
		act("")
		in.Fields = map[string]string{}
	case onID:
		act("true")
	case offID:
		act("")
	case fieldID:
		var vs []string
		for _, v := range i.Data.Values {
			switch v {
			case searchValue:
				in.Kind, in.Value = bot.InPress, searchPress+what
				return in, ok && what != ""
			case nothing:
				v = ""
			}
			vs = append(vs, v)
		}
		act(strings.Join(vs, "\n"))
	default:
		return in, false
	}
	return in, ok && (kind == pressID || kind == menuID || what != "")
}

func (i *interaction) actor() bot.Actor {
	u, nick := i.User, ""
	if i.Member != nil && i.Member.User != nil {
		u, nick = i.Member.User, i.Member.Nick
	}
	a := bot.Actor{Surface: "discord"}
	if u != nil {
		a = actorOf(u, nick)
	}
	a.Guest = i.Member != nil && i.Member.Pending
	if i.Locale != "" {
		a.Lang = prompts.Lang(i.Locale)
	}
	return a
}

func collect(into map[string]string, cs []component, depth int) {
	for _, c := range cs {
		if depth < 3 {
			collect(into, c.Components, depth+1)
			if c.Component != nil {
				collect(into, []component{*c.Component}, depth+1)
			}
		}
		if c.CustomID == "" || strings.HasPrefix(c.CustomID, toldMark) {
			continue
		}
		switch v := c.Value.(type) {
		case string:
			into[c.CustomID] = v
		case bool:
			into[c.CustomID] = map[bool]string{true: "true"}[v]
		default:
			vs := make([]string, len(c.Values))
			for i, v := range c.Values {
				if vs[i] = v; v == nothing {
					vs[i] = ""
				}
			}
			into[c.CustomID] = strings.Join(vs, "\n")
		}
	}
}

// created is the time in a snowflake, milliseconds (docs, "Snowflakes"); 0 when it is none.
func created(id string) int64 {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return 0
	}
	return int64(n>>22) + 1420070400000
}

// ref names a message: "CHANNEL/ID".
func ref(channel, message string) bot.Ref {
	if channel == "" || message == "" {
		return ""
	}
	return bot.Ref(channel + "/" + message)
}
