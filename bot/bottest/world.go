package bottest

import (
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// World is a surface at work. Its parts are fresh for each case.
type World struct {
	Surface bot.Surface
	// Place is a channel that the bot and everybody here is in, named as flows name it.
	Place engine.Place
	// Person is somebody in that channel; the same name is the same person.
	Person func(name string) Person
	// Again begins another life of the surface on what the first one stored, with h behind it; the first one is
	// stopped as kill -9 does.
	Again func(h bot.Handler)
	// Twice has the platform deliver everything twice from now on.
	Twice func()
	// Cut breaks the connection between the platform and the surface, and returns when the platform has noticed; nil
	// where there is none that could break.
	Cut func()
	// Stop ends Listen as a graceful stop does, and returns what it returned.
	Stop func() error
	// Delete takes a message away, as an administrator of the platform does; nil where nobody can.
	Delete func(ref bot.Ref)
	// Messages is how many messages stand in the channel, threads included.
	Messages func() int
	// Files are the names of the files that were uploaded to the channel.
	Files func() []string
}

// Person is somebody with the platform's client before them. What they do is a frame as the platform sends it; what
// comes back must be what the platform takes, or the test fails. Every method returns when the platform has taken it,
// which may be before the bot has answered: see Until.
type Person interface {
	// Command gives a slash command by its verb and words: "ask", "show bug-triage".
	Command(line string)
	// Complete is what is offered for the last word of a command that is being typed, as whole lines or as words; nil
	// where the platform completes nothing.
	Complete(line string) []string
	// Say writes a message into the channel, or below the message ref.
	Say(text string, below bot.Ref)
	// Press uses a button by its label: of the open dialog, else of the newest message that has one.
	Press(label string)
	// Choose uses a message's menu by its label.
	Choose(menu, option string)
	// Set puts a value into a field of the open dialog; Save sends it.
	Set(field, value string)
	Save()
	// Screen is all that this person can read, themselves alone or with others.
	Screen() string
	// Until waits until ok holds, looking again whenever something happens; it fails the test when nothing does.
	Until(what string, ok func() bool)
}

// Make makes a world with h behind the surface.
type Make func(t *testing.T, h bot.Handler) *World
