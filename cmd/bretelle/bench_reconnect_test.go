package main

import (
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

// BenchmarkReconnect measures how long a platform whose every connection was cut, or vanished without a word, waits for
// the next one (issue 4: under five seconds). Twenty cuts, one as soon as the bot is back from the one before, which is
// when it waits longest; five times all vanish, once they have answered pings.
//
//	go test ./cmd/bretelle -run '^$' -bench BenchmarkReconnect
func BenchmarkReconnect(b *testing.B) {
	const cuts, silences = 20, 5
	program := built(b)
	measure := func(b *testing.B, count int, before, cut, back func()) {
		var took []time.Duration
		for range count {
			before()
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
		two := func() { s.Until("two sockets", func() bool { return s.Open() == 2 && s.Halves() == 0 }) }
		one := func() { s.Until("a socket", func() bool { return s.Open() > 0 }) }
		two()
		b.Run("cut", func(b *testing.B) { measure(b, cuts, func() {}, s.CutAll, one) })
		b.Run("vanished", func(b *testing.B) {
			measure(b, silences, func() {
				two()
				before := s.Counters().Pongs
				s.Until("both answered", func() bool { return s.Counters().Pongs >= before+6 })
			}, func() { s.Half(); s.Half() }, one)
		})
		p.stop()
	})
	b.Run("discord", func(b *testing.B) {
		s := newDiscord(b)
		p := newBot(b)
		p.program, p.env = program, onDiscord(s)
		p.start()
		s.AwaitOpen()
		resumed := 0
		back := func() {
			s.Await("the session goes on", func(g discordtest.Gateway) bool { return g.Resumes > resumed && g.Open == 1 })
		}
		b.Run("cut", func(b *testing.B) {
			measure(b, cuts, func() { resumed = s.Gateway().Resumes }, s.Cut, back)
		})
		b.Run("vanished", func(b *testing.B) {
			measure(b, silences, func() {
				was := s.Gateway()
				resumed = was.Resumes
				s.Await("it answered", func(g discordtest.Gateway) bool { return g.Pongs >= was.Pongs+2 })
			}, s.HalfOpen, back)
		})
		p.stop()
	})
}
