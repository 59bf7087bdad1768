package discord_test

import (
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/discord/discordtest"
)

// A socket whose other end vanished is left when that answered pings before, and the session
// goes on with nothing missed. One that answers none stays for the heartbeat to judge.
func TestVanished(t *testing.T) {
	for name, answers := range map[string]bool{"it answered before": true, "it never answers": false} {
		t.Run(name, func(t *testing.T) {
			w, ticks, left := newHost(t), make(chan chan time.Time, 10), make(chan struct{}, 10)
			w.server.Beat, w.server.NoPongs = 10*time.Minute, !answers
			w.build().Pulse().Ticks = func() (<-chan time.Time, func()) {
				c := make(chan time.Time)
				ticks <- c
				return c, func() { left <- struct{}{} }
			}
			w.listen()
			w.server.AwaitOpen()
			tick := <-ticks
			beat := func(most int) (gone bool) {
				for range most {
					select {
					case tick <- time.Time{}:
					case <-left:
						return true
					}
				}
				return false
			}
			w.server.Say(bob, lounge, "before")
			w.h.wait(t, 1)
			for answers && w.server.Gateway().Pongs == 0 { // ticks while something is worked on do not count
				beat(1)
				<-time.After(20 * time.Millisecond) // not so many that the answer seems late
			}
			w.server.Say(bob, lounge, "after its answer")
			w.h.wait(t, 2)
			w.server.HalfOpen()
			w.server.Say(bob, lounge, "into the void")
			if gone := beat(400); gone != answers {
				t.Errorf("left: %v", gone)
			}
			if !answers {
				w.server.Cut()
			}
			w.server.Await("the session goes on", func(g discordtest.Gateway) bool { return g.Resumes == 1 && g.Open == 1 })
			if got := w.h.wait(t, 3); len(got) != 3 || got[2].Text != "into the void" {
				t.Errorf("%+v", got)
			}
		})
	}
}
