package discord_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/engine"
)

// Commands are registered in one request, and only when they changed: by what was stored, or by what Discord has.
func TestRegister(t *testing.T) {
	w := newHost(t)
	s := w.build()
	puts := func() (n int) {
		for _, r := range w.server.Requests() {
			if strings.HasPrefix(r, "PUT ") {
				n++
			}
		}
		return n
	}
	r := discord.Registrations{Command: "flow", Commands: bot.Commands(), Guilds: []string{acme},
		Own: []bot.Starter{{Flow: "oncall", Command: "oncall", About: "Who is on call", Fields: &engine.Schema{Fields: []engine.Field{{Name: "day", Schema: &engine.Schema{Type: "string"}}, {Name: "all", Schema: &engine.Schema{Type: "boolean"}}}}}}}
	register := func(want int) {
		t.Helper()
		if err := s.Register(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if got := puts(); got != want {
			t.Errorf("%d lists were sent, not %d", got, want)
		}
	}
	register(2)
	all := w.server.Commands("")
	if len(all) != 2 || all[0]["name"] != "flow" || all[1]["type"] != 3.0 || all[1]["name"] != "Run a flow on this message" {
		t.Errorf("%v", all)
	}
	if own := w.server.Commands(acme); len(own) != 1 || own[0]["name"] != "oncall" {
		t.Errorf("%v", own)
	}
	gets := len(w.server.Requests())
	register(2) // what was stored says so
	if asked := w.server.Requests()[gets:]; len(asked) != 1 {
		t.Errorf("asked for %v", asked)
	}
	w.kept.forget() // what Discord has says so, with all that it adds
	register(2)
	r.Own = append(r.Own, bot.Starter{Flow: "deploy", Command: "deploy", Fields: &engine.Schema{}})
	register(3)
	r.Own = nil
	register(4)
	if own := w.server.Commands(acme); len(own) != 0 {
		t.Errorf("%v", own)
	}
	// What was registered on a server that is in use no more is taken away; nothing is asked of one that never was.
	r.Own, r.Guilds, r.Others = []bot.Starter{{Flow: "x", Command: "x", Fields: &engine.Schema{}}}, []string{acme}, []string{"1"}
	register(5)
	r.Guilds, r.Others = nil, []string{acme, "1"}
	register(6)
	register(6)
	if own := w.server.Commands(acme); len(own) != 0 {
		t.Errorf("%v", own)
	}
	r.Own, r.Guilds, r.Others = nil, []string{acme}, nil
	w.kept.forget()
	w.server.Fail(discordtest.Fault{Route: "GET /applications/{app}/commands", Status: 503, Times: 1})
	if err := s.Register(t.Context(), r); engine.CodeOf(err) != engine.Unavailable {
		t.Error(err)
	}
	r.Guilds = []string{"1", acme}
	r.Own = []bot.Starter{{Flow: "x", Command: "x", Fields: &engine.Schema{}}}
	if err := s.Register(t.Context(), r); err == nil {
		t.Error("a guild that the bot is not in takes commands")
	}
	if own := w.server.Commands(acme); len(own) != 1 {
		t.Errorf("one guild's refusal keeps others from theirs: %v", own)
	}
}
