package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/discord/discordspec"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
)

const (
	guild       = "290926798626357999"
	discordBob  = "53908232506183680"
	aBotToken   = "Nzc1Nzk5NTc3NjA0NTIyMDU0.Gabcde.abcdefghijklmnopqrstuvwxyz"
	discordRoom = "discord:" + guild + "/#triage"
)

// heldDiscord is a Discord of ours that holds every request to Discord's description.
func heldDiscord(t *testing.T) *discordtest.Server {
	t.Helper()
	s := newDiscord(t)
	if described(t, "discord") {
		s.Asked = discordspec.Requests(t)
	}
	return s
}

// liveDiscord is the real program on a Discord of ours.
func liveDiscord(t *testing.T) (*botProcess, *discordtest.Server) {
	t.Helper()
	s, b := heldDiscord(t), newBot(t)
	b.env = onDiscord(s)
	return b, s
}

// Issue 4: the same loop in Discord, see TestLiveSlack.
func TestLiveDiscord(t *testing.T) {
	b, s := liveDiscord(t)
	rc := newReceiver(t)
	b.start()
	if !strings.Contains(b.out(), "Discord   on: ") {
		t.Errorf("the banner says:\n%s", b.out())
	}
	bob := s.Client(discordBob)
	b.sees(b.log, "connected")
	if offered := bob.Complete("show", "flow", ""); len(offered) > 0 {
		t.Errorf("a stranger is offered %v", offered)
	}
	bob.Command("admin claim", "code", b.code(), "name", "Bob")
	b.sees(bob.Screen, "Bob")
	b.apply(strings.Replace(hookFlow("asked", fmt.Sprintf(`
  - id: review
    ask: approval
    covers: [ticket]
    with: {title: "Ticket for {{ event.body.title }}?", by: {any: ["@Bob"]}}
  - id: ticket
    do: http.request
    with: {method: POST, url: "%s/tickets", allow_private: true, json: {title: "{{ event.body.title }}"}}
`, rc.URL)), `"#ops"`, `"`+discordRoom+`"`, 1))
	n := b.send("asked", `{"title": "crash"}`)
	b.sees(bob.Screen, "Ticket for crash?", "Approve")

	s.AddGuild("390926798626357999", "Elsewhere")
	s.AddChannel(discordtest.Channel{ID: "445626669114982999", Guild: "390926798626357999", Name: "general"})
	s.AddMember("390926798626357999", discordtest.User{ID: "63908232506183680", Name: "eve", Shown: "Eve", Locale: "en-GB"})
	eve := s.Client("63908232506183680")
	eve.Guild, eve.Channel = "390926798626357999", "445626669114982999"
	if offered := eve.Complete("show", "flow", ""); len(offered) > 0 {
		t.Errorf("a stranger of another server is offered %v", offered)
	}
	eve.Command("show", "flow", "asked")
	if screen := eve.Screen(); strings.Contains(screen, "tickets") || strings.Contains(screen, "Ticket for") {
		t.Errorf("a stranger of another server sees:\n%s", screen)
	}

	b.kill()
	b.start()
	b.sees(b.log, "connected")
	bob.Press("Approve")
	b.await(n, "done")
	b.sees(bob.Screen, "approved at")
	if got := rc.requests(); len(got) != 1 || got[0].Body != `{"title":"crash"}` {
		t.Errorf("called %d times: %+v", len(got), got)
	}
	if took := b.stop(); took.Seconds() > 10 {
		t.Errorf("it took %s to stop", took)
	}
	if strings.Contains(b.log()+b.out(), aBotToken) {
		t.Error("the token is printed")
	}
}

// A token that is refused, and one that is copied wrong, take nothing down and are said in a sentence.
func TestLiveDiscordRefused(t *testing.T) {
	b, s := liveDiscord(t)
	s.Token = "another"
	b.start()
	b.cli("person", "add", "ann", "--role", "admin")
	b.sees(func() string { return b.transcript("ann", "#general") }, "Discord is not connected: ")
	out, code := b.try("", "doctor")
	if code != 1 || !strings.Contains(out, "Discord: ") || strings.Contains(out, aBotToken) {
		t.Errorf("doctor exits with %d and says:\n%s", code, out)
	}
	b.stop()
	b.env = []string{envDiscordToken + `="` + aBotToken + `"`}
	b.start()
	if !strings.Contains(b.out(), "Discord   off: DISCORD_TOKEN has quotation marks in it") || strings.Contains(b.out(), aBotToken) {
		t.Errorf("the banner says:\n%s", b.out())
	}
}
