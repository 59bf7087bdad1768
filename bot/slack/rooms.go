package slack

import (
	"context"
	"slices"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

var _ bot.RoomLister = (*Surface)(nil)

// roomsMost bounds what is offered to choose from.
const roomsMost = 300

// Rooms are the channels that somebody and the bot are both in; see bot.RoomLister. Slack shows the bot no private
// channel that it is not in, so none is told of.
func (s *Surface) Rooms(ctx context.Context, a bot.Actor) ([]engine.Place, error) {
	w, err := s.at(ctx, a.Workspace)
	if err != nil {
		return nil, err
	}
	if _, at, ok := s.channels.mine.last(w.id()); ok && s.o.Now().Sub(at) > membershipAge {
		s.channels.mine.forget(w.id())
	}
	mine, err := s.channels.mine.get(ctx, w.id(), func(ctx context.Context) (map[string]string, error) { return s.listMine(ctx, w) })
	if err != nil {
		return nil, w.failed(err, engine.Place{Workspace: w.id()}, s.o.Now)
	}
	theirs, err := s.channels.theirs.get(ctx, w.id()+"/"+a.User, func(ctx context.Context) (map[string]string, error) {
		return paged(func(cursor string) ([]slackgo.Channel, string, error) {
			return w.api.GetConversationsForUserContext(ctx, &slackgo.GetConversationsForUserParameters{UserID: a.User, Cursor: cursor, Limit: pageMost,
				ExcludeArchived: true, Types: []string{"public_channel", "private_channel"}})
		})
	})
	if err != nil {
		return nil, w.failed(err, engine.Place{Workspace: w.id()}, s.o.Now)
	}
	var names []string
	for name, id := range mine {
		if theirs[name] == id {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []engine.Place
	for _, name := range names[:min(len(names), roomsMost)] {
		out = append(out, engine.Place{Surface: "slack", Workspace: w.id(), Channel: "#" + name})
	}
	return out, nil
}
