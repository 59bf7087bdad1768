package bot_test

import (
	"os"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// hands are somebody's, in front of a platform's client.
type hands interface {
	Set(field, value string)
	Press(name string)
	Save()
	Screen() string
	Show(card prompts.Card)
	Meet(h bot.Handler)
}

// Bug triage is built from nothing by what Slack and Discord send, with the bot started anew before each dialog is
// sent; the text is the one that the console's dialogs give, to the byte.
func TestBugTriageByFrames(t *testing.T) {
	const guild, user = "290926798626357999", "53908232506183680"
	for _, x := range []struct {
		name string
		new  func(t *testing.T, w *workshop) (hands, *surface)
	}{
		{"slack", func(t *testing.T, w *workshop) (hands, *surface) {
			c := slacktest.New(t, w.bot)
			c.Team, c.User = "T1", "U-ann"
			c.Command("/flow new bug-triage")
			return c, w.chat
		}},
		{"discord", func(t *testing.T, w *workshop) (hands, *surface) {
			w.must(nil, w.store.Link(w.ctx, engine.Identity{Surface: "discord", Workspace: guild, User: user, Person: w.ids["ann"]}))
			w.chat = newSurface("discord")
			w.bot = w.with(&direct{surface: w.chat})
			c := discordtest.New(t, w.bot)
			c.Command("new", "name", "bug-triage")
			return c, w.chat
		}},
	} {
		t.Run(x.name, func(t *testing.T) {
			w := newWorkshop(t)
			w.bot = w.with(&direct{surface: w.chat})
			h, wall := x.new(t, w)
			save := func(fields ...string) {
				t.Helper()
				for i := 0; i+1 < len(fields); i += 2 {
					h.Set(fields[i], fields[i+1])
				}
				w.bot = w.with(&direct{surface: wall})
				h.Meet(w.bot)
				h.Save()
			}
			press := func(name string) {
				t.Helper()
				w.deliver()
				h.Show(w.card(wall, "builder:bug-triage"))
				h.Press(name)
			}
			save("title", "Bugs become tickets", "channel", "#triage", "trigger", "webhook.received")
			save("path", "github-bugs", "sender", "github")
			w.came(issue("e1", "opened", "Spelling error"), ping())
			press("Add condition")
			h.Set("field1", "event.body.action")
			h.Set("test1", "is")
			h.Set("value1", "opened")
			h.Press("another")
			save("field2", "event.body.issue.labels", "test2", "has:name", "value2", "bug")
			press("Add step")
			save("what", "approval")
			save("title", `Ticket for "{{ event.body.issue.title }}"?`, "covers", "next", "who", "@triage", "after", "3d", "then", "stop", "id", "review")
			press("Add step")
			save("what", "http.request")
			save("with.method", "POST", "with.url", "https://tracker.example.org/tickets", "with.json", `{"title": "{{ event.body.issue.title }}"}`, "id", "ticket")
			press("Add step")
			save("what", "chat.message.post")
			save("with.to", "#triage", "with.text", "Ticket {{ steps.ticket.body.id }}", "id", "tell")
			want, err := os.ReadFile("testdata/bug-triage.yaml")
			if err != nil {
				t.Fatal(err)
			}
			if got := w.source("bug-triage"); got != string(want) {
				t.Errorf("got\n%s\nwanted\n%s\nthe screen says %.1500s", got, want, h.Screen())
			}
			w.deliver()
			if !strings.Contains(prompts.PlainCard(w.card(wall, "builder:bug-triage")), "TO DO  nothing") {
				t.Error("something is left to do")
			}
		})
	}
}
