package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/discord/discordtest"
)

// Anybody may invite the bot to a server of theirs. What flows' own commands are called is shown on servers that somebody
// here has to do with, and a stranger's server is not even asked.
func TestFlowsCommandsOnServersInUse(t *testing.T) {
	const elsewhere = "390926798626357999"
	b, s := liveDiscord(t)
	s.AddGuild(elsewhere, "Elsewhere")
	s.AddChannel(discordtest.Channel{ID: "445626669114982999", Guild: elsewhere, Name: "general"})
	b.start()
	b.sees(b.log, "connected")
	own := func() string {
		var names []string
		for _, c := range s.Commands(guild) {
			names = append(names, fmt.Sprint(c["name"]))
		}
		return strings.Join(names, " ")
	}
	for _, name := range []string{"oncall", "payday"} { // when the second is there, all that goes with the first was done
		b.apply("flow: " + name + "\nchannel: \"" + discordRoom + "\"\ntrigger: {on: command.used, with: {command: " + name + "}}\nsteps:\n  - {id: note, set: {x: \"1\"}}\n")
		b.sees(own, name)
	}
	for _, r := range s.Requests() {
		if strings.Contains(r, elsewhere+"/commands") {
			t.Errorf("a stranger's server: %s", r)
		}
	}
	if got := s.Commands(elsewhere); len(got) != 0 {
		t.Errorf("a stranger's server knows %v", got)
	}
}
