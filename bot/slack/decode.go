package slack

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// frameMost is the longest frame that is read, in bytes; Slack's own are far smaller.
const frameMost = 1 << 20

// Decode reads what Slack delivers: a Socket Mode envelope, or the body of its HTTP request (JSON, or a form with or
// without a payload field). It gives commands, presses, choices, submissions and messages; At is 0 where Slack sends
// no time. Errors: Invalid for what is none of these or cannot be read, TooLarge over 1 MiB.
//
// Shapes: docs.slack.dev, "Slash commands", "block_actions payloads", "view interactions payloads", "Using Socket
// Mode", "Events API".
func Decode(payload []byte) (bot.In, error) {
	if len(payload) > frameMost {
		return bot.In{}, engine.E(engine.TooLarge, "the delivery is larger than {most} bytes", "most", frameMost).WithOp("slack.decode")
	}
	f, err := read(payload)
	if err != nil {
		return bot.In{}, err
	}
	in, err := f.in()
	if err != nil {
		return bot.In{}, err
	}
	in.Actor.Surface, in.Place.Surface = "slack", "slack"
	if in.ID == "" {
		in.ID = f.EnvelopeID
	}
	if in.ID == "" || in.Actor.User == "" || in.Actor.Workspace == "" {
		return bot.In{}, strange()
	}
	return in, nil
}

func strange() error {
	return engine.E(engine.Invalid, "this is no delivery that I know").WithOp("slack.decode")
}

type id struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	User   string `json:"username"`
	TeamID string `json:"team_id"`
}

type option struct {
	Value string `json:"value"`
}

// action is an element that was used, or an input of a view.
type action struct {
	Type     string   `json:"type"`
	ActionID string   `json:"action_id"`
	BlockID  string   `json:"block_id"`
	TS       string   `json:"action_ts"`
	Value    string   `json:"value"`
	Option   *option  `json:"selected_option"`
	Options  []option `json:"selected_options"`
}

// value is what stands in an element: several values are joined by newlines.
func (a action) value() string {
	if a.Option != nil {
		return plainValue(a.Option.Value)
	}
	if a.Options != nil {
		vs := make([]string, len(a.Options))
		for i, o := range a.Options {
			vs[i] = plainValue(o.Value)
		}
		return strings.Join(vs, "\n")
	}
	return a.Value
}

// frame is the union of what is read; the names of members do not clash between the kinds.
type frame struct {
	EnvelopeID string `json:"envelope_id"`
	Type       string `json:"type"`

	// block_actions, view_submission
	User      id       `json:"user"`
	Team      *id      `json:"team"`
	Channel   id       `json:"channel"`
	TriggerID string   `json:"trigger_id"`
	Actions   []action `json:"actions"`
	Container struct {
		MessageTS string `json:"message_ts"`
		ChannelID string `json:"channel_id"`
		ThreadTS  string `json:"thread_ts"`
	} `json:"container"`
	Message struct {
		TS       string `json:"ts"`
		ThreadTS string `json:"thread_ts"`
	} `json:"message"`
	View view `json:"view"`

	// block_suggestion
	ActionID string `json:"action_id"`
	BlockID  string `json:"block_id"`
	Value    string `json:"value"`

	// event_callback
	Authorized []struct {
		User string `json:"user_id"`
		Bot  bool   `json:"is_bot"`
	} `json:"authorizations"`
	EventID   string `json:"event_id"`
	EventTeam string `json:"team_id"`
	Event     struct {
		Type, Subtype, Text, TS, Channel, Team string
		User                                   string
		BotID                                  string `json:"bot_id"`
		ThreadTS                               string `json:"thread_ts"`
		Reaction                               string
		EventTS                                string `json:"event_ts"`
		ChannelType                            string `json:"channel_type"`
		Item                                   struct{ Type, Channel, TS string }
	} `json:"event"`
}

// slash are the members of a slash command, which are text where other kinds have objects.
type slash struct {
	Command    string `json:"command"`
	Text       string `json:"text"`
	TeamID     string `json:"team_id"`
	ChannelID  string `json:"channel_id"`
	UserID     string `json:"user_id"`
	UserName   string `json:"user_name"`
	TriggerID  string `json:"trigger_id"`
	UserTeamID string `json:"user_team_id"`
}

type delivery struct {
	frame
	slash slash
}

func read(payload []byte) (*delivery, error) {
	body := payload
	d := &delivery{}
	if s := strings.TrimSpace(string(payload)); s != "" && s[0] != '{' {
		form, err := url.ParseQuery(s)
		if err != nil {
			return nil, strange()
		}
		if p := form.Get("payload"); p != "" {
			body = []byte(p)
		} else {
			d.slash = slash{Command: form.Get("command"), Text: form.Get("text"), TeamID: form.Get("team_id"), ChannelID: form.Get("channel_id"),
				UserID: form.Get("user_id"), UserName: form.Get("user_name"), TriggerID: form.Get("trigger_id"), UserTeamID: form.Get("user_team_id")}
			if d.slash.Command == "" {
				return nil, strange()
			}
			return d, nil
		}
	}
	var envelope struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return nil, strange()
	}
	if len(envelope.Payload) > 0 && envelope.Payload[0] == '{' {
		body = envelope.Payload
	}
	if json.Unmarshal(body, &d.slash) != nil || d.slash.Command == "" {
		d.slash = slash{}
		if json.Unmarshal(body, &d.frame) != nil {
			return nil, strange()
		}
	}
	d.EnvelopeID = envelope.EnvelopeID
	return d, nil
}

func (d *delivery) in() (bot.In, error) {
	switch {
	case d.slash.Command != "":
		return d.command(), nil
	case d.Type == "block_actions" && len(d.Actions) > 0:
		return d.pressed()
	case d.Type == "view_submission":
		return d.submitted(), nil
	case d.Type == "block_suggestion":
		return d.lookedUp()
	case d.Type == "event_callback" && d.Event.Type == "reaction_added":
		return d.reacted()
	case d.Type == "event_callback":
		return d.said()
	}
	return bot.In{}, strange()
}

func (d *delivery) command() bot.In {
	s := d.slash
	team := s.TeamID
	if s.UserTeamID != "" {
		team = s.UserTeamID
	}
	return bot.In{ID: s.TriggerID, Kind: bot.InCommand, Text: strings.TrimSpace(s.Command + " " + unescape(s.Text)), Trigger: s.TriggerID,
		Actor: bot.Actor{Workspace: team, User: s.UserID, Name: s.UserName}, Place: engine.Place{Workspace: s.TeamID, Channel: s.ChannelID}}
}

// actor is who pressed or submitted. Somebody of another workspace, in a shared channel, is of that workspace.
func (d *delivery) actor() bot.Actor {
	a := bot.Actor{User: d.User.ID, Name: d.User.User, Workspace: d.team()}
	if a.Name == "" {
		a.Name = d.User.Name
	}
	if d.User.TeamID != "" {
		a.Workspace = d.User.TeamID
	}
	return a
}

func (d *delivery) team() string {
	if d.Team != nil {
		return d.Team.ID
	}
	return d.User.TeamID // an app installed for an enterprise
}

func (d *delivery) pressed() (bot.In, error) {
	a := d.Actions[0]
	if d.View.ID != "" && (a.ActionID == valueID || strings.HasPrefix(a.ActionID, actID)) {
		return d.acted(a)
	}
	channel, ts, thread := d.Channel.ID, d.Message.TS, d.Message.ThreadTS
	if channel == "" {
		channel = d.Container.ChannelID
	}
	if ts == "" {
		ts = d.Container.MessageTS
	}
	if thread == "" {
		thread = d.Container.ThreadTS
	}
	in := bot.In{ID: d.TriggerID, Trigger: d.TriggerID, Actor: d.actor(), At: millis(a.TS),
		Place: engine.Place{Workspace: d.team(), Channel: channel, Thread: string(ref(channel, thread))}, Message: ref(channel, ts)}
	if d.View.ID != "" { // a card shown in a window
		in.Place, in.Message = d.place(), d.View.ref()
	}
	token, menu := strings.CutPrefix(a.ActionID, "menu:")
	if menu {
		in.Kind, in.Token, in.Value = bot.InChoose, token, a.value()
	} else {
		in.Kind, in.Token = bot.InPress, a.Value
		if a.ActionID == "button:0:"+lateID {
			in.Value = bot.FormAgain
		}
	}
	if in.Token == "" { // a link button tells us that it was pressed; there is nothing to do
		return bot.In{}, engine.E(engine.Invalid, "this button only opens a page").WithOp("slack.decode")
	}
	return in, nil
}

func (d *delivery) said() (bot.In, error) {
	e := d.Event
	if (e.Type != "message" && e.Type != "app_mention") || (e.Subtype != "" && e.Subtype != "thread_broadcast") {
		return bot.In{}, strange()
	}
	team := e.Team
	if team == "" {
		team = d.EventTeam
	}
	at := ref(e.Channel, e.TS)
	id := string(at) // one that mentions the bot comes as two events
	if id == "" {
		id = d.EventID
	}
	return bot.In{ID: id, Kind: bot.InMessage, Text: unescape(e.Text), At: millis(e.TS), Message: at, ToMe: d.toMe(),
		Actor: bot.Actor{Workspace: team, User: e.User, Bot: e.BotID != ""},
		Place: engine.Place{Workspace: d.EventTeam, Channel: e.Channel, Thread: string(ref(e.Channel, e.ThreadTS))}}, nil
}

// toMe reports whether a message speaks to the bot: it mentions it, or is for it alone.
func (d *delivery) toMe() bool {
	if d.Event.Type == "app_mention" || d.Event.ChannelType == "im" {
		return true
	}
	for _, a := range d.Authorized {
		if a.Bot && a.User != "" && strings.Contains(d.Event.Text, "<@"+a.User+">") {
			return true
		}
	}
	return false
}

// unescape undoes the three entities that Slack writes into text.
func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// millis reads Slack's "1548426417.840180"; 0 when it is none.
func millis(ts string) int64 {
	sec, frac, _ := strings.Cut(ts, ".")
	n, err := strconv.ParseInt(sec, 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		return 0
	}
	ms, _ := strconv.ParseInt((frac + "000")[:3], 10, 64)
	return n*1000 + max(0, ms)
}

// ref names a message: "CHANNEL/TS"; "" when there is none.
func ref(channel, ts string) bot.Ref {
	if channel == "" || ts == "" {
		return ""
	}
	return bot.Ref(channel + "/" + ts)
}
