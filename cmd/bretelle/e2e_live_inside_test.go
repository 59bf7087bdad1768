package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/bretelle/bretelle/bot/discord/discordspec"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/bot/slack/slackspec"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

// insideSlack is a bot in this process on a Slack of ours, by its sockets: every request is held to Slack's description,
// and a person's screen waits until the bot has done what they told it. ann and bob are who they are there.
func insideSlack(t *testing.T) (*inside, *slacktest.Server) {
	t.Helper()
	x, s, q := newInside(t), slacktest.NewServer(t), &slackspec.Requests{T: t}
	q.Load()
	s.Asked, s.Check = q.Check, slackspec.Checker(t, slacktest.Ann)
	x.env = map[string]string{envSlackURL: s.URL, envSlackBot: s.Token(slacktest.Team), envSlackApp: slacktest.AppToken}
	x.place = "slack:" + slacktest.Team + "/#triage"
	s.Settle(func(ctx context.Context) error { return x.platforms[0].surface.(*slack.Surface).Settle(ctx) })
	x.open(nil)
	x.link("ann", "slack", slacktest.Team, slacktest.Ann)
	x.link("bob", "slack", slacktest.Team, slacktest.Bob)
	s.Until("a socket is open", func() bool { return s.Open() > 0 })
	return x, s
}

const (
	discordAnn    = "63908232506183680"
	discordRoomID = "345626669114982999"
)

// insideDiscord is the same on a Discord of ours, by its gateway.
func insideDiscord(t *testing.T) (*inside, *discordtest.Server) {
	t.Helper()
	x, s := newInside(t), discordtest.NewServer(t)
	s.Token, s.Check, s.Asked = aBotToken, discordspec.Checker(t), discordspec.Requests(t)
	s.AddMember(guild, discordtest.User{ID: discordAnn, Name: "ann", Shown: "Ann", Locale: "en-GB"})
	s.AddRole(guild, discordtest.Role{ID: guild, Name: "@everyone", Perms: "1024"}) // all may see the channels
	x.env = map[string]string{envDiscordURL: s.URL, envDiscordToken: aBotToken}
	x.place = discordRoom
	x.open(nil)
	x.link("ann", "discord", guild, discordAnn)
	x.link("bob", "discord", guild, discordBob)
	x.gateway()
	return x, s
}

// gateway waits until Discord is connected.
func (x *inside) gateway() {
	x.bench.t.Helper()
	eventually(x.bench.t, func() bool { l := x.platforms[1].links(); return len(l) > 0 && l[0].Up }, func() string { return "Discord is not connected" })
}

// chat is somebody's screen on a platform, whichever it is.
type chat interface {
	Press(label string)
	Choose(menu, option string)
	Set(field, value string)
	Value(field string) string // of one that is typed
	Save()
	Close()
	Screen() string
	// Do gives a command: Do("why", "flow", "bug-triage").
	Do(verb string, options ...string)
}

type slackChat struct{ *slacktest.Client }

func (c slackChat) Do(verb string, options ...string) {
	c.T.Helper()
	line := "/flow " + verb
	for i := 1; i < len(options); i += 2 {
		line += " " + options[i]
	}
	c.Command(line)
}

type discordChat struct{ *discordtest.Client }

func (c discordChat) Do(verb string, options ...string) { c.T.Helper(); c.Command(verb, options...) }
func (c discordChat) Press(label string) {
	c.T.Helper()
	c.Until("[" + label + "]")
	c.Client.Press(label)
}

// reads waits until a screen shows all of words.
func (x *inside) reads(c chat, words ...string) {
	x.bench.t.Helper()
	eventually(x.bench.t, func() bool { return containsAll(c.Screen(), words) }, func() string {
		return fmt.Sprintf("the screen does not say %q:\n%s", words, c.Screen())
	})
}
