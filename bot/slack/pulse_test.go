package slack_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
)

// A socket whose other end vanished is left when that answered pings before, and what was
// on its way there comes over the next one, once. One that answers none stays for Slack's own pings to judge.
func TestVanished(t *testing.T) {
	for name, answers := range map[string]bool{"it answered before": true, "it never answers": false} {
		t.Run(name, func(t *testing.T) {
			c, ticks, left := newClerk(), make(chan chan time.Time, 10), make(chan struct{}, 10)
			s := held(t)
			s.NoPongs, s.PingEvery = !answers, time.Hour
			o := s.Options()
			o.App, o.Inbox, o.Sockets, o.Silence = engine.NewSecret(slacktest.AppToken), store(t), 1, time.Hour
			quiet(&o)
			b := slack.New(o)
			slack.Pulse(b).Ticks = func() (<-chan time.Time, func()) {
				c := make(chan time.Time)
				ticks <- c
				return c, func() { left <- struct{}{} }
			}
			s.Run(b, c)
			said := 0
			say := func(text string) *slacktest.Delivery {
				said++
				return s.Event(slacktest.Team, map[string]any{"type": "message", "user": slacktest.Bob, "channel": slacktest.Triage, "ts": fmt.Sprintf("1700000000.%06d", said), "text": text})
			}
			s.Until("a socket", func() bool { return s.Open() == 1 })
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
			say("before").Wait()
			for answers && s.Counters().Pongs == 0 { // ticks while something is worked on do not count
				beat(1)
				<-time.After(20 * time.Millisecond) // not so many that the answer seems late
			}
			say("after its answer").Wait()
			s.Half()
			d := say("into the void")
			if gone := beat(400); gone != answers {
				t.Errorf("left: %v", gone)
			}
			if !answers {
				s.CutAll()
			}
			d.Wait()
			s.Until("all are worked off", func() bool { _, n := c.most(); return n == 3 })
			if most, _ := c.most(); most != 1 || s.Counters().Opened != 2 {
				t.Errorf("one came %d times, over %d sockets", most, s.Counters().Opened)
			}
		})
	}
}
