package discord_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord/discordspec"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/bot/formtest"
)

// Every kind of field with every kind of value, by the interactions that Discord sends.
func TestEveryField(t *testing.T) {
	check := discordspec.Checker(t)
	person := func(t *testing.T, h bot.Handler) formtest.Person {
		c := discordtest.New(t, h)
		c.Check = check
		return c
	}
	formtest.Try(t, person)
	formtest.TryInsert(t, person)
}

// A form that one dialog can hold is the first answer; what is wrong with it leads back to it, filled.
func TestOneDialog(t *testing.T) {
	d := &formtest.Desk{Small: true}
	c := discordtest.New(t, d)
	c.Check = discordspec.Checker(t)
	c.Open()
	c.Set("line", "a name")
	c.Set("number", "many")
	c.Save()
	if s := c.Screen(); !strings.Contains(s, "Number") || !strings.Contains(s, "Write a whole number") || !strings.Contains(s, "Your other answers are kept.") || !strings.Contains(s, "[Fix it]") {
		t.Fatal(s)
	}
	c.Meet(d.Restart())
	c.Press("Fix it")
	if s := c.Screen(); !strings.Contains(s, `"a name"`) || !strings.Contains(s, `"many"`) {
		t.Errorf("what was typed is not there: %s", s)
	}
}

// A private message that Discord has let go of says so when what was on it is gone, too.
func TestAsleep(t *testing.T) {
	d := &formtest.Desk{}
	c := discordtest.New(t, d)
	c.Open()
	c.Wait(16)
	c.Set("line", "a name") // a press has a token of its own: it still works
	d.Forget()
	c.Save()
	if s := c.Screen(); !strings.Contains(s, "This message is asleep") || !strings.Contains(s, "/flow edit") {
		t.Error(s)
	}
}
