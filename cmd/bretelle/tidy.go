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
	// What was typed and buttons of answers are kept for so long after they expired: until then whoever comes back is
	// told that their draft is safe.
	intentGrace = 7 * 24 * time.Hour
)

// tidyFirst is how long after the start the first tidying is: what waits for the bot comes first.
const tidyFirst = 30 * time.Second

// tidy forgets what has been kept for long enough, soon after the start and then every hour.
func (s *serving) tidy(ctx context.Context) {
	next := time.NewTimer(tidyFirst)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		s.tidyOnce(ctx)
		next.Reset(tidyEvery)
	}
}

func (s *serving) tidyOnce(ctx context.Context) {
	before := engine.Millis(s.now().Add(-sampleLife))
	if n, err := s.store.TrimSamples(context.WithoutCancel(ctx), before, sampleMost); err != nil {
		s.log.Warn("old samples could not be removed", "err", err)
	} else if n > 0 {
		s.log.Info("old samples were removed", "number", n)
	}
	late := engine.Millis(s.now().Add(-intentGrace))
	if n, err := s.store.TrimIntents(context.WithoutCancel(ctx), late, before); err != nil {
		s.log.Warn("expired dialogs could not be removed", "err", err)
	} else if n > 0 {
		s.log.Info("expired dialogs were removed", "number", n)
	}
	s.forget(ctx)
}
