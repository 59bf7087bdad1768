package main

import (
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

// BenchmarkReconnect measures how long a platform whose every connection was cut waits for the next one (issue 4: under
// five seconds); twenty cuts, one as soon as the bot is back from the one before, which is when it waits longest.
//
//	go test ./cmd/bretelle -run '^$' -bench BenchmarkReconnect
func BenchmarkReconnect(b *testing.B) {
	const count = 20
	program := built(b)
	measure := func(b *testing.B, cut func(), back func()) {
		var took []time.Duration
		for range count {
			began := time.Now()
			cut()
			back()
			took = append(took, time.Since(began))
		}
		report(b, took)
	}
	b.Run("slack", func(b *testing.B) {
		s := slacktest.NewServer(b)
		p := newBot(b)
		p.program, p.env = program, onSlack(s)
		p.start()
		s.Until("two sockets", func() bool { return s.Open() == 2 })
		measure(b, s.CutAll, func() { s.Until("a socket", func() bool { return s.Open() > 0 }) })
		p.stop()
	})
	b.Run("discord", func(b *testing.B) {
		s := newDiscord(b)
		p := newBot(b)
		p.program, p.env = program, onDiscord(s)
		p.start()
		s.AwaitOpen()
		resumed := 0
		measure(b, func() { resumed = s.Gateway().Resumes; s.Cut() }, func() {
			s.Await("the session goes on", func(g discordtest.Gateway) bool { return g.Resumes > resumed && g.Open == 1 })
		})
		p.stop()
	})
}
