package slack

import (
	"time"

	"github.com/bretelle/bretelle/bot/pulse"
)

// Pulse is Slack's end of the sockets, before the surface listens.
func Pulse(s *Surface) *pulse.Peer { return &s.in.peer }

// Hurry has submissions answered at once, with what is known then.
func Hurry(s *Surface) { s.in.most = 10 * time.Millisecond }
