package slack

import (
	"context"
	"strings"

	slackapi "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

var (
	_ bot.Threader = (*Surface)(nil)
	_ bot.Reactor  = (*Surface)(nil)
)

// Thread is the thread below a message: on Slack it has the message's own time as its name.
func (s *Surface) Thread(_ context.Context, p engine.Place, message bot.Ref) (engine.Place, error) {
	_, ts, ok := strings.Cut(string(message), "/")
	if !ok {
		return p, engine.E(engine.NotFound, "this message is gone").WithOp("slack.thread")
	}
	p.Thread = ts
	return p, nil
}

// React puts an emoji under a message; the same one again changes nothing.
func (s *Surface) React(ctx context.Context, p engine.Place, message bot.Ref, emoji string) error {
	channel, ts, ok := strings.Cut(string(message), "/")
	if !ok {
		return engine.E(engine.NotFound, "this message is gone").WithOp("slack.react")
	}
	err := s.api.AddReactionContext(ctx, emoji, slackapi.NewRefToMessage(channel, ts))
	if err == nil || err.Error() == "already_reacted" {
		return nil
	}
	return problem(err, p)
}
