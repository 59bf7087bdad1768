package slack

import (
	"context"
	"slices"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

var _ bot.GroupLister = (*Surface)(nil)

// groupsMost bounds what is offered to choose from.
const groupsMost = 300

// GroupNames are the user groups of a workspace by handle; see bot.GroupLister. What Groups knows serves here, however
// old when Slack cannot be asked: it is only offered, and decides nothing.
func (s *Surface) GroupNames(ctx context.Context, team string) ([]string, error) {
	w, err := s.at(ctx, team)
	if err != nil {
		return nil, err
	}
	all, err := s.userGroups(ctx, w)
	if err != nil {
		old, _, ok := s.groups.last(w.id())
		if !ok {
			return nil, w.failed(err, engine.Place{Workspace: w.id()}, s.o.Now)
		}
		all = old
	}
	var out []string
	for _, g := range all {
		if g.Handle != "" && theirs(g, w) && len(out) < groupsMost {
			out = append(out, engine.Place{Surface: "slack", Workspace: w.id(), Channel: "@" + g.Handle}.String())
		}
	}
	slices.Sort(out)
	return out, nil
}

// userGroups are a workspace's groups with who is in them, at most a minute old. The error is Slack's own.
func (s *Surface) userGroups(ctx context.Context, w *workspace) ([]slackgo.UserGroup, error) {
	return s.groups.get(ctx, w.id(), func(ctx context.Context) ([]slackgo.UserGroup, error) {
		return w.api.GetUserGroupsContext(ctx, slackgo.GetUserGroupsOptionIncludeUsers(true))
	})
}

// theirs reports whether a group is there still, and the workspace's own.
func theirs(g slackgo.UserGroup, w *workspace) bool {
	return g.DateDelete == 0 && (g.TeamID == "" || g.TeamID == w.id())
}
