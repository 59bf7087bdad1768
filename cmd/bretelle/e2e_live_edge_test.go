package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

// big is a flow of fifty steps whose text is near its limit of 256 KiB.
func big(place string) string {
	var s strings.Builder
	fmt.Fprintf(&s, "flow: big\nchannel: %q\ntrigger: {on: webhook.received, with: {path: big, sender: github, secret: hook}}\nsteps:\n", place)
	for i := range 50 {
		fmt.Fprintf(&s, "  - {id: s%d, do: chat.message.post, with: {text: \"%s\"}}\n", i+1, strings.Repeat("long words ", 440))
	}
	return s.String()
}

// Issue 4, item 6: "real limits in Fit": the card of a large flow fits, and its steps can be changed from it.
func TestLiveSlackLargeFlow(t *testing.T) {
	x, s := insideSlack(t)
	text := big(x.place)
	if len(text) > 256<<10 || len(text) < 230<<10 {
		t.Fatalf("%d bytes", len(text))
	}
	x.b.draft(text)
	ann := slackChat{s.Client(slacktest.Ann)}
	ann.Strict = true
	x.large(ann, "s50")
}

// A list of Discord's has 25 options: a longer one stands in several menus.
func TestLiveDiscordLargeFlow(t *testing.T) {
	x, s := insideDiscord(t)
	x.b.draft(big(x.place))
	ann := discordChat{s.Client(discordAnn)}
	ann.Strict = true
	x.large(ann, "s20", "s50")
}

func (x *inside) large(ann chat, steps ...string) {
	x.bench.t.Helper()
	ann.Do("edit", "flow", "big")
	x.reads(ann, "✎ big", "1 do", "2 do", "18 do", "Every step is in the list to edit")
	for _, step := range steps {
		ann.Choose("Edit…", "step:"+step)
		x.reads(ann, "too long to edit here")
		ann.Set("id", "new_"+step)
		ann.Save()
		eventually(x.bench.t, func() bool { return strings.Contains(x.b.cli("flow", "export", "big"), "id: new_"+step) }, func() string { return step + " is as it was:\n" + ann.Screen() })
	}
}

// Issue 4: "guests, bots and foreign workspaces are refused", and it is written down that they were.
func TestLiveSlackRefusesGuests(t *testing.T) {
	x, s := insideSlack(t)
	for _, text := range reachFlows(x.place) {
		x.b.apply(text)
	}
	for i, fact := range []string{"guest", "ultra", "stranger", "bot"} {
		id, name := fmt.Sprintf("U0X%d", i), "x"+fact
		s.AddUser(slacktest.Team, id, name, fact)
		s.Invite(slacktest.Triage, id)
		x.b.cli("person", "add", name, "--role", "admin") // even so
		x.link(name, "slack", slacktest.Team, id)
		c := slackChat{s.Client(id)}
		c.Do("pause", "flow", "rota")
		c.Do("oncall", "who", "kim")
		c.Say("<@U0BOT> pause rota", "")
	}
	x.untouched()
}

func TestLiveDiscordRefusesGuests(t *testing.T) {
	x, s := insideDiscord(t)
	for _, text := range reachFlows(x.place) {
		x.b.apply(text)
	}
	const pending, foreign = "83908232506183680", "93908232506183680"
	s.AddMember(guild, discordtest.User{ID: pending, Name: "new", Shown: "New", Locale: "en-GB"})
	s.Do(func(_ map[string]*discordtest.User, guilds map[string]*discordtest.Guild, _ map[string]*discordtest.Channel, _ map[string]*discordtest.Message) {
		guilds[guild].Members[pending].Pending = true
	})
	x.b.cli("person", "add", "new", "--role", "admin")
	x.link("new", "discord", guild, pending)
	c := discordChat{s.Client(pending)}
	c.Do("pause", "flow", "rota")
	s.AddGuild("390926798626357999", "Elsewhere")
	s.AddChannel(discordtest.Channel{ID: "445626669114982999", Guild: "390926798626357999", Name: "general"})
	s.AddMember("390926798626357999", discordtest.User{ID: foreign, Name: "eve", Shown: "Eve", Locale: "en-GB"})
	eve := discordChat{s.Client(foreign)}
	eve.Guild, eve.Channel = "390926798626357999", "445626669114982999"
	eve.Do("pause", "flow", "rota")
	x.untouched()
}

// untouched is that nobody who may not did anything, and that the attempts are written down.
func (x *inside) untouched() {
	t := x.bench.t
	t.Helper()
	if out := x.b.cli("flow", "show", "rota"); strings.Contains(out, "paused") || len(x.b.runsOf("rota")) != 0 {
		t.Errorf("somebody who may not did it:\n%s", out)
	}
	rows, err := x.store.AuditEntries(t.Context(), 0, 1000)
	n := 0
	for _, r := range rows {
		if strings.Contains(fmt.Sprintf("%+v", r), "refused") {
			n++
		}
	}
	if err != nil || n == 0 {
		t.Errorf("no refusal is written down: %v %+v", err, rows)
	}
}
