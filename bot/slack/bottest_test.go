package slack_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/bottest"
	"github.com/bretelle/bretelle/bot/slack/slackspec"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
)

// What every surface must do, over sockets and by HTTP.
func TestContract(t *testing.T) {
	for name, http := range map[string]bool{"sockets": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			bottest.Contract(t, func(t *testing.T, h bot.Handler) *bottest.World { return world(t, h, http) })
		})
	}
}

func world(t *testing.T, h bot.Handler, http bool) *bottest.World {
	s, inbox := held(t), store(t)
	s.Check = slackspec.Checker(t)
	connect := func(h bot.Handler) *slacktest.Connected {
		c := s.Connect
		if http {
			c = s.ConnectHTTP
		}
		b := c(h, inbox, quiet)
		s.Settle(nil)
		if !http {
			s.Until("two sockets", func() bool { return s.Open() == 2 })
		}
		return b
	}
	b := connect(h)
	ids := map[string]string{"ann": slacktest.Ann, "bob": slacktest.Bob}
	w := &bottest.World{
		Surface: b.Surface,
		Place:   engine.Place{Surface: "slack", Workspace: slacktest.Team, Channel: "#triage"},
		Person: func(name string) bottest.Person {
			if ids[name] == "" {
				ids[name] = "U0" + strings.ToUpper(name)
				s.AddUser(slacktest.Team, ids[name], name)
				s.Invite(slacktest.Triage, ids[name])
			}
			return person{s.Client(ids[name])}
		},
		Again: func(h bot.Handler) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_ = b.Settle(ctx) // what was seen to be handled is marked done, when it can be
			b.Kill()
			b = connect(h)
		},
		Twice: func() { s.Twice(true) },
		Stop:  func() error { b.Stop(); return b.Ended() },
		Delete: func(ref bot.Ref) {
			channel, ts, _ := strings.Cut(string(ref), "/")
			s.Delete(channel, ts)
		},
		Messages: func() int { return s.Count(slacktest.Triage) },
		Files:    func() []string { return s.FilesIn(slacktest.Triage) },
	}
	if !http {
		w.Cut = func() { s.CutAll() }
	}
	return w
}

// person is a screen as the contract knows it.
type person struct{ *slacktest.Client }

func (p person) Command(line string)      { p.T.Helper(); p.Client.Command("/flow " + line) }
func (p person) Complete(string) []string { return nil }
func (p person) Say(text string, below bot.Ref) {
	p.T.Helper()
	_, ts, _ := strings.Cut(string(below), "/")
	p.Client.Say(text, ts)
}
