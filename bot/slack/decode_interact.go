package slack

import (
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

func (d *delivery) command() bot.In {
	s := d.slash
	team := s.TeamID
	if s.UserTeamID != "" {
		team = s.UserTeamID
	}
	return bot.In{ID: s.TriggerID, Kind: bot.InCommand, Text: strings.TrimSpace(s.Command + " " + unescape(s.Text)), Trigger: s.TriggerID, Back: s.Back,
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
	in := bot.In{ID: d.TriggerID, Trigger: d.TriggerID, Back: d.Back, Actor: d.actor(), At: millis(a.TS),
		Place: engine.Place{Workspace: d.team(), Channel: channel, Thread: string(ref(channel, thread))}, Message: ref(channel, ts)}
	switch {
	case d.View.Type == "home": // the bot's own page is nowhere, and no window
		in.Place, in.Message = engine.Place{Workspace: d.team()}, homeRef
	case d.View.ID != "": // a card shown in a window
		in.Place, in.Message = d.place(), d.View.ref()
	}
	token, menu := strings.CutPrefix(a.ActionID, "menu:")
	token, _, _ = strings.Cut(token, "#") // of a list in several menus
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

// homeRef is the Message of what was pressed on the bot's own page, which is none.
const homeRef bot.Ref = "home"

// shortcut is one of the app's own in Slack's menus: anywhere, or on a message.
func (d *delivery) shortcut() (bot.In, error) {
	in := bot.In{ID: d.TriggerID, Kind: bot.InShort, Trigger: d.TriggerID, Back: d.Back, Value: d.CallbackID, Actor: d.actor(), At: millis(d.ActionTS),
		Place: engine.Place{Workspace: d.team(), Channel: d.Channel.ID}}
	switch {
	case d.Type == "shortcut" && in.Value == bot.ShortNew:
		return in, nil
	case d.Type != "message_action" || in.Value != bot.ShortRun:
		return in, strange()
	}
	m := d.Message
	if m.TS == "" {
		m.TS = d.MessageTS
	}
	if in.Message = ref(d.Channel.ID, m.TS); in.Message == "" {
		return in, strange()
	}
	in.Place.Thread, in.Text, in.Files = string(ref(d.Channel.ID, m.ThreadTS)), unescape(m.Text), files(m.Files)
	in.Author = d.author(m.User, m.Team, m.BotID)
	return in, nil
}

// author is who wrote a message; a bot that has no user is known by its own id.
func (d *delivery) author(user, team, botID string) bot.Actor {
	a := bot.Actor{Workspace: team, User: user, Bot: botID != ""}
	if a.User == "" {
		a.User = botID
	}
	if a.Workspace == "" {
		a.Workspace = d.team()
	}
	if a.User == "" {
		return bot.Actor{}
	}
	return a
}
