package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

// reachFlows are a question, a command of a flow's own and a form, in a place.
func reachFlows(place string) []string {
	head := "flow: %s\nchannel: " + fmt.Sprintf("%q", place) + "\n"
	return []string{
		fmt.Sprintf(head, "rota") + `trigger:
  on: command.used
  with: {command: oncall, about: Who is on call, parameters: [{name: who, required: true}]}
steps:
  - {id: tell, do: chat.message.post, with: {text: "{{ event.parameters.who }} is on call"}}
`, fmt.Sprintf(head, "contacts") + `trigger: {on: form.submitted, with: {title: Contact us, fields: [{name: email, type: email, required: true}]}}
steps:
  - {id: tell, do: chat.message.post, with: {text: "Mail to {{ event.fields.email }}"}}
`, fmt.Sprintf(head, "asked") + `trigger: {on: form.submitted, with: {title: Release, fields: [{name: what, required: true}]}}
steps:
  - {id: review, ask: approval, with: {title: "Release {{ event.fields.what }}?", by: {any: ["@bob"]}}}
  - {id: tell, do: chat.message.post, with: {text: "Released {{ event.fields.what }}"}}
`}
}

// Issue 4, item 1: "message and global shortcuts, mention, direct messages, App Home (my flows, what waits for me, what
// fails)"; a flow's own command and form, "each person's language and time zone".
func TestLiveSlackReaches(t *testing.T) {
	x, s := insideSlack(t)
	for _, text := range reachFlows(x.place) {
		x.b.apply(text)
	}
	ann, bob := slackChat{s.Client(slacktest.Ann)}, slackChat{s.Client(slacktest.Bob)}
	ann.Say("<@U0BOT> runs", "") // in the channel
	x.reads(ann, "No runs")
	ann.Say("<@U0BOT>", "")
	x.reads(ann, "I run flows, and these words I understand")
	s.AddDirect(slacktest.Team, slacktest.Ann)
	ann.Channel = "D" + slacktest.Ann
	ann.Say("why rota", "")
	x.reads(ann, "rota")
	ann.Channel = slacktest.Triage
	ann.Shortcut("new_flow", "")
	ann.Set("name", "from-shortcut")
	ann.Close()

	ann.Do("oncall", "who", "kim")
	x.b.settled("rota", 1)
	x.reads(bob, "kim is on call")
	ann.Do("form", "flow", "contacts")
	ann.Set("email", "nonsense")
	ann.Save()
	x.reads(ann, "✖")
	ann.Set("email", "pat@example.org")
	ann.Save()
	x.reads(bob, "Mail to pat@example.org")
	ann.Do("form", "flow", "contacts", "post", "post")
	x.reads(bob, "Contact us")

	ann.Do("form", "flow", "asked")
	ann.Set("what", "4.0")
	ann.Save()
	x.reads(bob, "Release 4.0?")
	bob.OpenHome("home")
	x.home(bob, "Release 4.0?")
	bob.PressHome("Approve")
	x.reads(ann, "bob approved at", "Released 4.0")
	eventually(t, func() bool { return !strings.Contains(bob.HomeText(), "Release 4.0?") }, func() string { return "home still asks:\n" + bob.HomeText() })

	s.AddUser(slacktest.Team, "U0FRA", "claire", "locale=fr-FR", "tz=America/New_York")
	s.Invite(slacktest.Triage, "U0FRA")
	x.b.cli("person", "add", "claire", "--role", "admin")
	x.link("claire", "slack", slacktest.Team, "U0FRA")
	claire := slackChat{s.Client("U0FRA")}
	claire.Do("help")
	x.reads(claire, "ce que vous pouvez faire ici")
	claire.Do("new", "name", "essai")
	x.reads(claire, "Nouveau flux")
	claire.Close()
	claire.Do("runs", "flow", "1")
	x.reads(claire, "lancée par", "terminée")
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().In(zone)
	if screen := claire.Screen(); !strings.Contains(screen, now.Format("15:")) && !strings.Contains(screen, now.Add(-time.Minute).Format("15:")) {
		t.Errorf("the times are not those of her zone, where it is %s:\n%s", now.Format("15:04"), screen)
	}
}

func (x *inside) home(c slackChat, words ...string) {
	x.bench.t.Helper()
	eventually(x.bench.t, func() bool { return containsAll(c.HomeText(), words) }, func() string { return fmt.Sprintf("home does not say %q:\n%s", words, c.HomeText()) })
}

// The same in Discord, item 2: a flow's own command is the server's as long as the flow is live.
func TestLiveDiscordReaches(t *testing.T) {
	x, s := insideDiscord(t)
	for _, text := range reachFlows(x.place) {
		x.b.apply(text)
	}
	ann, bob := discordChat{s.Client(discordAnn)}, discordChat{s.Client(discordBob)}
	ann.Say("<@" + s.App + "> runs")
	x.reads(ann, "No runs")
	eventually(t, func() bool { return hasCommand(s, "oncall") }, func() string { return fmt.Sprintf("%v", s.Commands(guild)) })
	act := s.Act(discordAnn, discordRoomID, 2, map[string]any{"name": "oncall", "type": 1, "guild_id": guild,
		"options": []any{map[string]any{"type": 3, "name": "who", "value": "kim"}}}, "")
	if s.Answer(act) == nil {
		t.Fatal("the flow's own command is not answered")
	}
	x.reads(bob, "kim is on call")
	x.b.apply(strings.Replace(reachFlows(x.place)[0], "oncall", "duty", 1))
	eventually(t, func() bool { return !hasCommand(s, "oncall") && hasCommand(s, "duty") }, func() string { return fmt.Sprintf("%v", s.Commands(guild)) })

	ann.Do("form", "flow", "contacts")
	ann.Set("email", "nonsense")
	ann.Save()
	x.reads(ann, "Fix it")
	ann.Press("Fix it")
	ann.Fill("email", "pat@example.org")
	ann.Save()
	x.reads(bob, "Mail to pat@example.org")
	ann.Do("form", "flow", "contacts", "post", "post")
	x.reads(bob, "Contact us")

	const claireID = "73908232506183680"
	s.AddMember(guild, discordtest.User{ID: claireID, Name: "claire", Shown: "Claire", Locale: "fr"})
	x.b.cli("person", "add", "claire", "--role", "admin")
	x.link("claire", "discord", guild, claireID)
	claire := discordChat{s.Client(claireID)}
	claire.Do("help")
	x.reads(claire, "ce que vous pouvez faire ici")
	claire.Do("new", "name", "essai")
	x.reads(claire, "Nouveau flux")
}

func hasCommand(s *discordtest.Server, name string) bool {
	for _, c := range s.Commands(guild) {
		if c["name"] == name {
			return true
		}
	}
	return false
}
