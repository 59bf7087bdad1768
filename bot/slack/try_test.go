package slack_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/formtest"
	"github.com/bretelle/bretelle/bot/slack/slackspec"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

func client(t *testing.T, h bot.Handler) *slacktest.Client {
	c := slacktest.New(t, h)
	c.Check = slackspec.Checker(t)
	return c
}

// Every kind of field with every kind of value, by the frames that Slack sends.
func TestEveryField(t *testing.T) {
	check := slackspec.Checker(t)
	person := func(t *testing.T, h bot.Handler) formtest.Person {
		c := slacktest.New(t, h)
		c.Check = check
		return c
	}
	formtest.Try(t, person)
	formtest.TryInsert(t, person)
}

// A dialog that Slack no longer opens is offered again, with what was typed before.
func TestDialogTooLate(t *testing.T) {
	d := &formtest.Desk{}
	c := client(t, d)
	c.Late = true
	c.Open()
	if s := c.Screen(); !strings.Contains(s, "Slack closed the window before I could open it.") {
		t.Fatal(s)
	}
	c.Meet(d.Restart())
	c.Press("Open it now")
	c.Set("line", "a name")
	c.Save()
}

// What a dialog is answered with while a window lies upon it closes both.
func TestSavedBelow(t *testing.T) {
	d := &formtest.Desk{}
	c := client(t, d)
	c.Open()
	c.Set("line", "a name")
	c.Press("back") // a card lies upon the dialog
	if s := c.Screen(); !strings.Contains(s, "Back.") || !strings.Contains(s, "a name") {
		t.Fatal(s)
	}
	c.Save()
	if d.Saved()["line"] != "a name" {
		t.Error(d.Saved())
	}
}
