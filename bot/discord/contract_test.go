package discord_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/bottest"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/engine"
)

// TestContract is what every surface must do, through the gateway and the API of a Discord of ours.
func TestContract(t *testing.T) {
	bottest.Contract(t, func(t *testing.T, h bot.Handler) *bottest.World {
		o := &office{host: newHost(t), people: map[string]*member{}}
		for _, name := range []string{"ann", "bob", "kim"} { // who is there joins no more
			o.member(name)
		}
		o.meet(h)
		return &bottest.World{Surface: o.surface, Place: engine.Place{Surface: "discord", Workspace: acme, Channel: theRoom}, Person: o.member, Again: o.meet,
			Twice: o.server.Twice, Cut: o.server.Cut, Stop: func() error { return o.end() },
			Delete: func(ref bot.Ref) { _, id, _ := strings.Cut(string(ref), "/"); o.server.Remove(id) },
			Messages: func() (n int) {
				for _, m := range o.server.Messages(lounge) {
					if m.For == "" {
						n++
					}
				}
				return n
			},
			Files: func() []string { return o.server.FileNames(lounge) }}
	})
}

// office is a bot on a Discord and who is there.
type office struct {
	*host
	people map[string]*member
	end    func() error
}

// meet begins a life of the surface with h behind it; the former one ends.
func (o *office) meet(h bot.Handler) {
	o.t.Helper()
	if o.end != nil {
		_ = o.end() // what it noted as under way it ends: what was handled and not noted is handled again
	}
	s := o.build()
	ctx, cancel := context.WithCancel(context.WithoutCancel(o.t.Context()))
	over := make(chan error, 1)
	go func() { over <- s.Listen(ctx, h) }()
	o.end = func() error {
		cancel()
		err := <-over
		over <- err
		return err
	}
	end := o.end
	o.t.Cleanup(func() { _ = end() })
	until(o.t, "the session is there", func() bool { return s.Links()[0].Up })
}

func (o *office) member(name string) bottest.Person {
	if m := o.people[name]; m != nil {
		return m
	}
	id := bob
	if name != "bob" {
		id = "5390823250618370" + string(rune('0'+len(o.people)))
		o.server.AddMember(acme, discordtest.User{ID: id, Name: name, Locale: "en-GB"})
	}
	m := &member{Client: o.server.Client(id), o: o}
	o.people[name] = m
	return m
}

// member is somebody with #triage before them.
type member struct {
	*discordtest.Client
	o *office
}

func (m *member) Command(line string) {
	verb, rest, _ := strings.Cut(line, " ")
	m.Use(verb, rest)
}

func (m *member) Complete(line string) []string {
	verb, typed, _ := strings.Cut(line, " ")
	return m.Client.Complete(verb, "name", typed)
}

func (m *member) Say(text string, below bot.Ref) {
	room := lounge
	if _, message, ok := strings.Cut(string(below), "/"); ok { // a thread has the id of its message
		room = message
	}
	m.o.server.Say(m.User, room, text)
}

func (m *member) Set(field, value string) { m.Fill(field, value) }

func (m *member) Until(what string, ok func() bool) {
	m.T.Helper()
	until(m.T, what, ok)
}

// until looks again and again, for at most a minute.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for !ok() {
		select {
		case <-again.C:
		case <-limit.C:
			t.Fatalf("in vain: %s", what)
		}
	}
}
