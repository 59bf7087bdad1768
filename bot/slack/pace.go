package slack

import (
	"time"

	"github.com/bretelle/bretelle/bot"
)

var _ bot.Paced = (*Surface)(nil)

// Pace is one message a second in a channel, with short bursts, and a few hundred a minute in a workspace. Source:
// docs.slack.dev, "Rate limits", posting messages.
func (s *Surface) Pace() (channel, workspace bot.Rate) {
	return bot.Rate{Every: time.Second, Burst: 3}, bot.Rate{Every: 250 * time.Millisecond, Burst: 20}
}
