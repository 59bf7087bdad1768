package slack

import (
	"context"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

var _ bot.Linked = (*Surface)(nil)

// Listen takes deliveries until ctx ends: through sockets when there is an app-level token, else from Handler's
// address. What a former life acknowledged and did not finish comes first. It returns early when Slack refuses the
// token (Denied), or the inbox cannot be read.
func (s *Surface) Listen(ctx context.Context, h bot.Handler) error {
	n := s.in
	sockets, posted := n.o.App.Reveal() != "", n.o.Signing.Reveal() != ""
	if !sockets && !posted {
		return engine.E(engine.Denied, "Slack has no way to reach me").WithOp("slack.listen").
			WithHint("Set SLACK_APP_TOKEN (xapp-…) for Socket Mode, or SLACK_SIGNING_SECRET for deliveries by HTTP.")
	}
	end, err := n.begin(ctx, h)
	if err != nil {
		return err
	}
	defer end()
	if sockets {
		return n.sockets(ctx)
	}
	n.line.set(n.now(), 1, nil)
	defer func() { n.line.set(n.now(), -1, nil) }()
	<-ctx.Done()
	return nil
}

// Links is the state of the connection to each workspace: it is up while one socket is and the token is accepted.
func (s *Surface) Links() []bot.Link { return s.links(s.in.line.link()) }
