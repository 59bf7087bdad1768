package slack

import (
	"context"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

type inbound struct{ s *Surface }

func newInbound(s *Surface, o Options) *inbound { return &inbound{s} }

// Listen takes deliveries.
func (s *Surface) Listen(context.Context, bot.Handler) error {
	return engine.E(engine.Unavailable, "Slack is not connected yet").WithOp("slack.listen")
}
