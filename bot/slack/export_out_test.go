package slack

import (
	"context"

	"github.com/bretelle/bretelle/bot"
)

// Complete is what deliveries are completed by.
func Complete(ctx context.Context, s *Surface, in *bot.In) error { return s.complete(ctx, in) }

// News tells the surface that what it remembers is old.
func News(s *Surface, kind, workspace, channel, user string) {
	s.noticed(hint{Type: kind, Workspace: workspace, Channel: channel, User: user})
}
