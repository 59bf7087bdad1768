package main

import (
	"context"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// How long what drafts are tried with is kept, and how much of it for each flow.
const (
	sampleLife = 30 * 24 * time.Hour
	sampleMost = 50
	tidyEvery  = time.Hour
)

// tidy forgets what has been kept for long enough, at once and then every hour.
func (s *serving) tidy(ctx context.Context) {
	t := time.NewTicker(tidyEvery)
	defer t.Stop()
	for {
		before := engine.Millis(s.now().Add(-sampleLife))
		if n, err := s.store.TrimSamples(context.WithoutCancel(ctx), before, sampleMost); err != nil {
			s.log.Warn("old samples could not be removed", "err", err)
		} else if n > 0 {
			s.log.Info("old samples were removed", "number", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
