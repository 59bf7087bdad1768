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

// Intake is a delivery as the gateway's session or HTTP would read it.
func BackOff(n int, chance float64) time.Duration { return backOff(n, chance) }
