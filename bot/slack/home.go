package slack

import (
	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// viewBlocks is how many blocks a view may have (docs.slack.dev, "Views").
const viewBlocks = 100

// homeView is the page as a view, card below card. Cards that Slack has no room for are left out from the end, and a
// line says so.
func homeView(home bot.Home) slackgo.HomeTabViewRequest {
	var blocks []slackgo.Block
	for i, card := range home.Cards {
		next, _ := Message(prompts.Fit(card, Limits()))
		if i > 0 {
			next = append([]slackgo.Block{slackgo.NewDividerBlock()}, next...)
		}
		if len(blocks)+len(next) >= viewBlocks {
			blocks = append(blocks, rich(richLine(prompts.Line{{Text: prompts.T(card.Lang, "and {n} more", map[string]any{"n": len(home.Cards) - i})}}, false)))
			break
		}
		blocks = append(blocks, next...)
	}
	if len(blocks) == 0 { // Slack refuses a view without blocks
		blocks = []slackgo.Block{slackgo.NewDividerBlock()}
	}
	return slackgo.HomeTabViewRequest{Type: slackgo.VTHomeTab, Blocks: slackgo.Blocks{BlockSet: blocks}}
}
