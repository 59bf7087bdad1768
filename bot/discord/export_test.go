package discord

import (
	"context"
	"time"
)

// Hurry sets how long an answer may take and how the gateway waits.
func (s *Surface) Hurry(patience time.Duration, pause func(context.Context, time.Duration) error) {
	s.live.patience = patience
	if pause != nil {
		s.live.pause = pause
	}
}

// Beat sets how long the answer to a heartbeat may take.
func (s *Surface) Beat(within time.Duration) { s.live.within = within }
