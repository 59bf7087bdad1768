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
// without a payload field). It gives what bot.InKind lists; At is 0 where Slack sends no time. Errors: Invalid for what
// is none of these or cannot be read, TooLarge over 1 MiB.
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
	if in.Author.User != "" {
		in.Author.Surface = "slack"
	}
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

	// block_actions, view_submission, shortcuts
	User      id       `json:"user"`
	Team      *id      `json:"team"`
	Channel   id       `json:"channel"`
	TriggerID string   `json:"trigger_id"`
	Back      string   `json:"response_url"`
	Actions   []action `json:"actions"`
	Container struct {
		MessageTS string `json:"message_ts"`
		ChannelID string `json:"channel_id"`
		ThreadTS  string `json:"thread_ts"`
	} `json:"container"`
	Message original `json:"message"`
	View    view     `json:"view"`

	// shortcut, message_action
	CallbackID string `json:"callback_id"`
	ActionTS   string `json:"action_ts"`
	MessageTS  string `json:"message_ts"`

	// block_suggestion
	ActionID string `json:"action_id"`
	BlockID  string `json:"block_id"`
	Value    string `json:"value"`

	// event_callback
	Authorized []struct {
		Team string `json:"team_id"`
		User string `json:"user_id"`
		Bot  bool   `json:"is_bot"`
	} `json:"authorizations"`
	EventID   string `json:"event_id"`
	EventTeam string `json:"team_id"`
	Event     event  `json:"event"`
}

// original is the message that was pressed, or that something is to be run on.
type original struct {
	TS       string   `json:"ts"`
	ThreadTS string   `json:"thread_ts"`
	Text     string   `json:"text"`
	User     string   `json:"user"`
	Team     string   `json:"team"`
	BotID    string   `json:"bot_id"`
	Files    []shared `json:"files"`
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
	Back       string `json:"response_url"`
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
				UserID: form.Get("user_id"), UserName: form.Get("user_name"), TriggerID: form.Get("trigger_id"), UserTeamID: form.Get("user_team_id"), Back: form.Get("response_url")}
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
	case d.Type == "shortcut" || d.Type == "message_action":
		return d.shortcut()
	case d.Type == "event_callback":
		return d.happened()
	}
	return bot.In{}, strange()
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
