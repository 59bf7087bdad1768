package main

import (
	"testing"

	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

// liveSlackHands are ann's, in Slack as it is.
type liveSlackHands struct{ slackHands }

func (h liveSlackHands) Restarted() { h.Until("a socket", func() bool { return h.x.slackUp() }) }

func (x *inside) slackUp() bool { l := x.platforms[0].links(); return len(l) > 0 && l[0].Up }

// liveDiscordHands are ann's, in Discord as it is.
type liveDiscordHands struct{ discordHands }

func (h liveDiscordHands) Restarted() { h.x.gateway() }

// Issue 4: "Everything the console can do works in Slack": the story of CONVERSATION by dialogs alone, by sockets and the
// Web API, from the empty screen to the pause.
func TestLiveSlackBuilds(t *testing.T) {
	x, s := insideSlack(t)
	ann := s.Client(slacktest.Ann)
	ann.Strict = true
	h := liveSlackHands{slackHands{ann, x}}
	ann.Late = true // Slack gives up on the first dialog
	ann.Command("/flow new bug-triage")
	x.says(h, "Slack closed the window before I could open it.")
	ann.Press("Open it now")
	ann.Set("title", "typed and never sent")
	ann.Close()
	secret := x.buildTriage(h)
	x.goLive(h)
	bob := s.Client(slacktest.Bob)
	bob.Strict = true
	x.operate(slackChat{ann}, slackChat{bob}, secret)
	x.lookAround(slackChat{ann}, slackChat{bob})
}

// The same in Discord.
func TestLiveDiscordBuilds(t *testing.T) {
	x, s := insideDiscord(t)
	ann := s.Client(discordAnn)
	ann.Strict = true
	h := liveDiscordHands{discordHands{ann, x}}
	secret := x.buildTriage(h)
	x.goLive(h)
	bob := s.Client(discordBob)
	bob.Strict = true
	x.operate(discordChat{ann}, discordChat{bob}, secret)
	x.lookAround(discordChat{ann}, discordChat{bob})
}
