package slack

import (
	"context"
	"slices"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// Groups tells in which of the user groups ("slack:T0123/@triage") and channels ("slack:T0123/#triage") asked about the
// actor is; see bot.Surface. What is looked up counts for at most a minute.
func (s *Surface) Groups(ctx context.Context, a bot.Actor, asked []string) ([]string, error) {
	var mine []engine.Place
	var names []string
	for _, name := range asked {
		p, err := engine.ParsePlace(name)
		if err == nil && p.Surface == "slack" && p.Workspace == a.Workspace && a.User != "" && len(p.Channel) > 1 {
			mine, names = append(mine, p), append(names, name)
		}
	}
	if len(mine) == 0 {
		return nil, nil
	}
	w, err := s.at(ctx, a.Workspace)
	if engine.CodeOf(err) == engine.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for i, p := range mine {
		var in bool
		if handle, group := strings.CutPrefix(p.Channel, "@"); group {
			in, err = s.inGroup(ctx, w, a.User, handle)
		} else {
			in, err = s.inChannel(ctx, w, a.User, p)
		}
		if err != nil {
			return nil, err
		}
		if in {
			out = append(out, names[i])
		}
	}
	return out, nil
}

// inGroup reports whether somebody is in a user group, given its handle or id.
func (s *Surface) inGroup(ctx context.Context, w *workspace, user, handle string) (bool, error) {
	all, err := s.userGroups(ctx, w)
	if err != nil {
		return false, w.failed(err, engine.Place{Workspace: w.id()}, s.o.Now)
	}
	for _, g := range all {
		if (g.Handle == handle || g.ID == handle) && theirs(g, w) && slices.Contains(g.Users, user) {
			return true, nil
		}
	}
	return false, nil
}

// inChannel reports whether somebody is in a channel; nobody is in one that is not there.
func (s *Surface) inChannel(ctx context.Context, w *workspace, user string, p engine.Place) (bool, error) {
	id, err := s.channel(ctx, w, p)
	if engine.CodeOf(err) == engine.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if strings.HasPrefix(id, "#") { // names cannot be looked up: nothing may be concluded
		return false, lacking(slackgo.SlackErrorResponse{Err: "missing_scope", Needed: "channels:read"})
	}
	all, err := s.members.get(ctx, w.id()+"/"+id, func(ctx context.Context) ([]string, error) {
		list, _, err := s.listMembers(ctx, w, id, pagesMost*pageMost)
		return list, err
	})
	if word(err) == "channel_not_found" {
		return false, nil
	}
	if err != nil {
		return false, w.failed(err, p, s.o.Now)
	}
	return slices.Contains(all, user), nil
}

// listMembers are the ids of who is in a channel, at most most; more tells that there are others. Slack's own error is
// handed on.
func (s *Surface) listMembers(ctx context.Context, w *workspace, id string, most int) (list []string, more bool, err error) {
	cursor := ""
	for range pagesMost {
		page, next, err := w.api.GetUsersInConversationContext(ctx, &slackgo.GetUsersInConversationParameters{ChannelID: id, Cursor: cursor, Limit: min(pageMost, most-len(list))})
		if err != nil {
			return nil, false, err
		}
		list = append(list, page...)
		if cursor = next; next == "" || len(list) >= most {
			break
		}
	}
	if len(list) > most {
		return list[:most], true, nil
	}
	return list, cursor != "", nil
}

// Members lists who is in a channel; see bot.Directory. Who cannot be seen is left out.
func (s *Surface) Members(ctx context.Context, p engine.Place, most int) (list []bot.Member, more bool, err error) {
	w, err := s.at(ctx, p.Workspace)
	if err != nil || most <= 0 {
		return nil, false, err
	}
	id, err := s.channel(ctx, w, p)
	if err != nil {
		return nil, false, err
	}
	ids, more, err := s.listMembers(ctx, w, id, most)
	if err != nil {
		return nil, false, w.failed(err, p, s.o.Now)
	}
	for _, user := range ids {
		u, err := s.user(ctx, w, user)
		if err != nil {
			return nil, false, err
		}
		if u == nil {
			continue
		}
		m, err := s.told(ctx, w, *u)
		if err != nil {
			return nil, false, err
		}
		list = append(list, m)
	}
	return list, more, nil
}
