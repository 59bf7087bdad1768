package discord

import (
	"context"
	"time"

	"github.com/bretelle/bretelle/bot/pulse"
)

// Pulse is Discord's end of the sockets, before the surface listens.
func (s *Surface) Pulse() *pulse.Peer { return &s.live.peer }

// Hurry sets how long an answer may take and how the gateway waits.
func (s *Surface) Hurry(patience time.Duration, pause func(context.Context, time.Duration) error) {
	s.live.patience = patience
	if pause != nil {
		s.live.pause = pause
	}
}

// Beat sets how long the answer to a heartbeat may take.
func (s *Surface) Beat(within time.Duration) { s.live.within = within }

// Long is whether times are held to as well, on a machine that does nothing else.
var Long = long
