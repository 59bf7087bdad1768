package console

import (
	"context"
	"encoding/json"
	"html/template"
	"net/url"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// builderKey begins the key of a card that stands in the side panel, before the flow's name.
const builderKey = "builder:"

// draft is one builder's card as the side panel shows it.
type draft struct {
	Key, Name, ID, Path string
	Here                bool // it is the one that is shown
	Open                bool // it can still be worked on
	HTML                template.HTML
}

// draftOf is a message's card as a draft, when it is one.
func (v *channelView) draftOf(m bot.Message) (draft, bool) {
	if len(m.Card) == 0 {
		return draft{}, false
	}
	var card prompts.Card
	if err := json.Unmarshal(m.Card, &card); err != nil || !strings.HasPrefix(card.Key, builderKey) {
		return draft{}, false
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(card.Key, builderKey), "/")
	return draft{Key: card.Key, Name: name, ID: "panel-" + m.ID, Path: channelPath(v.place.Channel) + "?panel=" + url.QueryEscape(card.Key),
		Open: card.State == "" || card.State == engine.CardOpen, HTML: v.card(bot.Message{ID: m.ID}, card)}, true
}

// drafts lists what the person builds, newest first; here is the key of the one to show.
func (v *channelView) drafts(ctx context.Context, here string) ([]draft, error) {
	if _, direct := directOf(v.place.Channel); direct {
		return nil, nil // they stand in the log there
	}
	list, err := v.c.o.Messages.LastMessages(ctx, directPlace(v.seat.person.ID), historyMost)
	if err != nil {
		return nil, err
	}
	var out []draft
	for i := len(list) - 1; i >= 0; i-- {
		if d, ok := v.draftOf(list[i]); ok && (d.Open || d.Key == here) {
			d.Here = d.Key == here
			out = append(out, d)
		}
	}
	return out, nil
}
