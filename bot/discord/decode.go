package discord

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// frameMost is the longest frame that is read, in bytes.
const frameMost = 1 << 20

// DirectMessages is the workspace of places outside any guild.
const DirectMessages = "@me"

// Decode reads an interaction as Discord sends it: the body of its HTTP request, the data of INTERACTION_CREATE, or a
// whole gateway frame around that. Kinds: command (2), press or choice (3), submission (5). The text of a command is
// its path and the values of its options in their order. Errors: Invalid for what is none of these (pings and
// completion included) or cannot be read, TooLarge over 1 MiB.
//
// Shapes: discord.com/developers/docs, "Receiving and Responding to Interactions".
func Decode(payload []byte) (bot.In, error) {
	if len(payload) > frameMost {
		return bot.In{}, engine.E(engine.TooLarge, "the delivery is larger than {most} bytes", "most", frameMost).WithOp("discord.decode")
	}
	var x struct {
		interaction
		Event string       `json:"t"`
		D     *interaction `json:"d"`
	}
	if json.Unmarshal(payload, &x) != nil {
		return bot.In{}, strange()
	}
	i := &x.interaction
	if x.D != nil && x.Event == "INTERACTION_CREATE" {
		i = x.D
	}
	in, ok := i.in()
	if !ok || !snowflake.MatchString(in.ID) || in.Actor.User == "" {
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
		Nick string `json:"nick"`
		User *user  `json:"user"`
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
}

type data struct {
	Name       string      `json:"name"`
	Options    []parameter `json:"options"`
	CustomID   string      `json:"custom_id"`
	Values     []string    `json:"values"`
	Components []component `json:"components"`
}

// parameter is an option of a command: a sub-command (type 1), a group of them (2), or a value.
type parameter struct {
	Name    string      `json:"name"`
	Type    int         `json:"type"`
	Value   any         `json:"value"`
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
	if i.Guild == "" {
		in.Place.Workspace = DirectMessages
	}
	in.Actor.Workspace = in.Place.Workspace
	if t := i.Channel.Type; t >= 10 && t <= 12 && i.Channel.Parent != "" { // threads are channels with a parent
		in.Place.Channel, in.Place.Thread = i.Channel.Parent, i.Room
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
		in.Kind = bot.InCommand
		in.Text = strings.Join(append([]string{"/" + i.Data.Name}, words(i.Data.Options, 0)...), " ")
		return in, i.Data.Name != ""
	case 3:
		return i.used(in)
	case 5:
		rest, ok := strings.CutPrefix(i.Data.CustomID, formID)
		page, token, cut := strings.Cut(rest, ":")
		in.Kind, in.Token, in.Fields = bot.InSubmit, token, map[string]string{}
		if page != "" {
			in.Value = bot.PagePrefix + page
		}
		collect(in.Fields, i.Data.Components, 0)
		return in, ok && cut && token != ""
	}
	return in, false
}

// used is a button, a menu, or a button of ours that opens a form.
func (i *interaction) used(in bot.In) (bot.In, bool) {
	kind, rest, ok := strings.Cut(i.Data.CustomID, ":")
	what, token, cut := strings.Cut(rest, ":")
	in.Token = token
	switch kind + ":" {
	case pressID:
		in.Kind = bot.InPress
	case menuID:
		in.Kind, in.Value = bot.InChoose, strings.Join(i.Data.Values, "\n")
	case pageID:
		in.Kind, in.Value = bot.InPress, bot.PagePrefix+what
		switch what {
		case bot.FormAgain:
			in.Value = what
		case bot.FormSave: // what was typed is known already
			in.Kind, in.Value, in.Fields = bot.InSubmit, what, map[string]string{}
		}
	default:
		return in, false
	}
	return in, ok && cut && token != ""
}

func (i *interaction) actor() bot.Actor {
	a := bot.Actor{Surface: "discord"}
	if i.Locale != "" {
		a.Lang = prompts.Lang(i.Locale)
	}
	u := i.User
	if i.Member != nil && i.Member.User != nil {
		u = i.Member.User
		a.Name = i.Member.Nick
	}
	if u == nil {
		return a
	}
	a.User, a.Bot = u.ID, u.Bot
	for _, n := range []string{u.GlobalName, u.Username} {
		if a.Name == "" {
			a.Name = n
		}
	}
	return a
}

// words are the command's path and values; nesting has two levels, more is not read.
func words(options []parameter, depth int) []string {
	var out []string
	for _, o := range options {
		if (o.Type == 1 || o.Type == 2) && depth < 3 {
			out = append(append(out, o.Name), words(o.Options, depth+1)...)
			continue
		}
		switch v := o.Value.(type) {
		case nil:
		case float64:
			out = append(out, strconv.FormatFloat(v, 'f', -1, 64))
		default:
			out = append(out, fmt.Sprint(v))
		}
	}
	return out
}

func collect(into map[string]string, cs []component, depth int) {
	for _, c := range cs {
		if depth < 3 {
			collect(into, c.Components, depth+1)
			if c.Component != nil {
				collect(into, []component{*c.Component}, depth+1)
			}
		}
		if c.CustomID == "" {
			continue
		}
		switch v := c.Value.(type) {
		case string:
			into[c.CustomID] = v
		case bool:
			into[c.CustomID] = map[bool]string{true: "true"}[v]
		default:
			into[c.CustomID] = strings.Join(c.Values, "\n")
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
