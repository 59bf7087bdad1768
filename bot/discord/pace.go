package discord

import (
	"time"

	"github.com/bretelle/bretelle/bot"
)

// Pace is 5 messages in 5 seconds in one channel, and 50 requests a second of all together, which is Discord's global
// limit (docs, "Rate Limits"); each channel's own limit is in the answers' headers and kept by the surface.
func (s *Surface) Pace() (channel, workspace bot.Rate) {
	return bot.Rate{Every: time.Second, Burst: 5}, bot.Rate{Every: 20 * time.Millisecond, Burst: 50}
}
