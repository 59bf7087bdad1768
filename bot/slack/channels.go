package slack

import (
	"context"
	"regexp"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/engine"
)

// channels knows channels by id and by name.
//
//	"C0456" ──conversations.info──▶ "#triage"     asked for one by one, as deliveries name them
//	"#triage" ──users.conversations, conversations.list──▶ "C0456"     those I am in first, then the public ones
type channels struct {
	info *memo[slackgo.Channel]   // by workspace and id
	mine *memo[map[string]string] // ids by name of those the bot is in, by workspace
	all  *memo[map[string]string] // ids by name of the public ones, by workspace
	// theirs are ids by name of those that somebody is in, by workspace and user.
	theirs *memo[map[string]string]
	dms    *memo[string] // ids of the direct messages with somebody, by workspace and user
}

func newChannels(now func() time.Time) *channels {
	return &channels{info: newMemo[slackgo.Channel](now, channelsMost, channelAge),
		mine: newMemo[map[string]string](now, workspacesMost, directoryAge), all: newMemo[map[string]string](now, workspacesMost, directoryAge),
		theirs: newMemo[map[string]string](now, peopleMost, membershipAge),
		dms:    newMemo[string](now, peopleMost, directAge)}
}

// channelID are ids of conversations: public, private, direct. A person's id stands for the direct messages with them.
var channelID = regexp.MustCompile(`^[CGDUW][A-Z0-9]{2,20}$`)

// pageMost and pagesMost bound what is listed: Slack gives less than a thousand at once.
const (
	pageMost  = 999
	pagesMost = 30
)

// channelNumber is the id of a channel where its name could stand, "#C0456": names have no capitals. A flow names a
// channel so whose name somebody could take once it is free, as with a group of approvers.
var channelNumber = regexp.MustCompile(`^[CG][A-Z0-9]{2,20}$`)

// channel is a channel's id, given that, "#name" or "#" and the id. Errors: NotFound with how to mend it; Throttled,
// Unavailable.
func (s *Surface) channel(ctx context.Context, w *workspace, p engine.Place) (string, error) {
	name, named := strings.CutPrefix(p.Channel, "#")
	if named && channelNumber.MatchString(name) {
		return name, nil
	}
	if !named {
		if !channelID.MatchString(p.Channel) {
			return "", noChannel(p)
		}
		return p.Channel, nil
	}
	key := w.id()
	lists := []struct {
		memo *memo[map[string]string]
		list func(context.Context) (map[string]string, error)
	}{
		{s.channels.mine, func(ctx context.Context) (map[string]string, error) { return s.listMine(ctx, w) }},
		{s.channels.all, func(ctx context.Context) (map[string]string, error) { return s.listAll(ctx, w) }},
	}
	for _, l := range lists {
		if byName, at, ok := l.memo.last(key); ok && byName[name] != "" && s.o.Now().Sub(at) <= directoryAge {
			return byName[name], nil
		}
	}
	for _, l := range lists {
		if _, at, ok := l.memo.last(key); ok && s.o.Now().Sub(at) > missAge { // it may be new
			l.memo.forget(key)
		}
		byName, err := l.memo.get(ctx, key, l.list)
		if word(err) == "missing_scope" { // then Slack may still know the name
			return p.Channel, nil
		}
		if err != nil {
			return "", w.failed(err, p, s.o.Now)
		}
		if byName[name] != "" {
			return byName[name], nil
		}
	}
	return "", noChannel(p)
}

// missAge is how long a name that was not found is not looked for again.
const missAge = 15 * time.Second

func noChannel(p engine.Place) error {
	return engine.E(engine.NotFound, "Slack has no channel {channel} that I can see", "channel", p.Channel).WithOp("slack.channel").
		WithHint("Look at the name. If it is private, type /invite @Bretelle in it.")
}

// listMine are the channels that the bot is in, private ones too.
func (s *Surface) listMine(ctx context.Context, w *workspace) (map[string]string, error) {
	return paged(func(cursor string) ([]slackgo.Channel, string, error) {
		return w.api.GetConversationsForUserContext(ctx, &slackgo.GetConversationsForUserParameters{Cursor: cursor, Limit: pageMost, ExcludeArchived: true,
			Types: []string{"public_channel", "private_channel"}})
	})
}

// listAll are the public channels.
func (s *Surface) listAll(ctx context.Context, w *workspace) (map[string]string, error) {
	return paged(func(cursor string) ([]slackgo.Channel, string, error) {
		return w.api.GetConversationsContext(ctx, &slackgo.GetConversationsParameters{Cursor: cursor, Limit: pageMost, ExcludeArchived: true,
			Types: []string{"public_channel"}})
	})
}

func paged(page func(cursor string) ([]slackgo.Channel, string, error)) (map[string]string, error) {
	byName, cursor := map[string]string{}, ""
	for range pagesMost {
		list, next, err := page(cursor)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			byName[c.Name] = c.ID
		}
		if cursor = next; next == "" {
			break
		}
	}
	return byName, nil
}

// describe is a channel by its id.
func (s *Surface) describe(ctx context.Context, w *workspace, id string) (slackgo.Channel, error) {
	key := w.id() + "/" + id
	return s.channels.info.get(ctx, key, func(ctx context.Context) (slackgo.Channel, error) {
		c, err := w.api.GetConversationInfoContext(ctx, &slackgo.GetConversationInfoInput{ChannelID: id})
		if err != nil {
			return slackgo.Channel{}, err
		}
		return *c, nil
	})
}

// named is "#name" for a channel's id where it has one and it can be had; else what was given.
func (s *Surface) named(ctx context.Context, w *workspace, id string) string {
	if id == "" || id[0] != 'C' && id[0] != 'G' {
		return id
	}
	c, err := s.describe(ctx, w, id)
	if err != nil {
		c, _, _ = s.channels.info.last(w.id() + "/" + id)
	}
	if c.Name == "" || c.IsIM || c.IsMpIM {
		return id
	}
	return "#" + c.Name
}

// shown is the place as people know it: its channel by name if that is known already. It asks nothing.
func (s *Surface) shown(w *workspace, p engine.Place) engine.Place {
	if c, _, ok := s.channels.info.last(w.id() + "/" + p.Channel); ok && c.Name != "" && !c.IsIM && !c.IsMpIM {
		p.Channel = "#" + c.Name
	}
	return p
}

// id is the workspace's team as far as it is known.
func (w *workspace) id() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.team
}
