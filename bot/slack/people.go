package slack

import (
	"context"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// people knows users by workspace and id, and everybody of a workspace by name.
type people struct {
	info *memo[*slackgo.User] // nil for somebody whom Slack does not show
	list *memo[[]slackgo.User]
}

func newPeople(now func() time.Time) *people {
	return &people{info: newMemo[*slackgo.User](now, peopleMost, peopleAge), list: newMemo[[]slackgo.User](now, workspacesMost, directoryAge)}
}

// member is somebody as Slack tells it; team is the workspace that a delivery named. A stranger is of a workspace that
// shares a channel with this one; whoever left may do nothing.
func member(u slackgo.User, team string) bot.Member {
	m := bot.Member{Actor: bot.Actor{Surface: "slack", Workspace: u.TeamID, User: u.ID, Name: callName(u), Lang: lang(u.Locale), Zone: u.TZ,
		Bot:   u.IsBot || u.IsWorkflowBot || u.IsConnectorBot || u.ID == "USLACKBOT",
		Guest: u.IsRestricted || u.IsUltraRestricted || u.IsStranger || u.Deleted || u.IsInvitedUser},
		Email: u.Profile.Email, Title: u.Profile.Title}
	for _, t := range u.Enterprise.Teams { // of an organisation: the same person in several workspaces
		if t == team {
			m.Workspace = team
		}
	}
	return m
}

// callName is how colleagues know somebody.
func callName(u slackgo.User) string {
	for _, n := range []string{u.Profile.DisplayName, u.RealName, u.Profile.RealName, u.Name} {
		if n = strings.TrimSpace(n); n != "" {
			return n
		}
	}
	return ""
}

// lang is a locale cut to what we speak; "" for others.
func lang(locale string) string {
	l, _, _ := strings.Cut(strings.ToLower(locale), "-")
	if l == "en" || l == "fr" {
		return l
	}
	return ""
}

// user is somebody by id; nil when Slack says that there is nobody like that to see. What was known up to an hour ago
// serves when Slack cannot be asked.
func (s *Surface) user(ctx context.Context, w *workspace, id string) (*slackgo.User, error) {
	key := w.id() + "/" + id
	old, at, known := s.people.info.last(key)
	u, err := s.people.info.get(ctx, key, func(ctx context.Context) (*slackgo.User, error) {
		u, err := w.api.GetUserInfoContext(ctx, id)
		switch word(err) {
		case "user_not_found", "user_not_visible":
			return nil, nil
		}
		return u, err
	})
	if err == nil {
		return u, nil
	}
	out := w.failed(err, engine.Place{}, s.o.Now)
	code := engine.CodeOf(out)
	if passing := code == engine.Unavailable || code == engine.Throttled; known && passing && s.o.Now().Sub(at) < peopleStale {
		return old, nil
	}
	return nil, out
}

var _ bot.Directory = (*Surface)(nil)

// Lookup finds somebody by id, e-mail address or name; see bot.Directory.
func (s *Surface) Lookup(ctx context.Context, team, who string) (bot.Member, error) {
	w, err := s.at(ctx, team)
	if err != nil {
		return bot.Member{}, err
	}
	who = strings.TrimSpace(who)
	nobody := engine.E(engine.NotFound, "Slack has nobody called {name} that I can see", "name", who).WithOp("slack.lookup").
		WithHint("Write their id, e-mail address or @name.")
	name, at := strings.CutPrefix(who, "@")
	var u *slackgo.User
	switch {
	case name == "":
		return bot.Member{}, nobody
	case userID.MatchString(name):
		u, err = s.user(ctx, w, name)
	case !at && strings.Contains(name, "@"):
		u, err = w.api.GetUserByEmailContext(ctx, name)
		if word(err) == "users_not_found" {
			u, err = nil, nil
		}
		if err != nil {
			err = w.failed(err, engine.Place{}, s.o.Now)
		}
	default:
		u, err = s.byName(ctx, w, name)
	}
	if err != nil {
		return bot.Member{}, err
	}
	if u == nil {
		return bot.Member{}, nobody
	}
	return s.told(ctx, w, *u)
}

// told is somebody as the directory tells of them.
func (s *Surface) told(ctx context.Context, w *workspace, u slackgo.User) (bot.Member, error) {
	m := member(u, w.id())
	if m.Workspace == "" {
		m.Workspace = w.id()
	}
	here, err := s.installed(ctx, m.Workspace)
	m.Guest = m.Guest || !here
	return m, err
}

// byName finds somebody by the name that others see, or their user name.
func (s *Surface) byName(ctx context.Context, w *workspace, name string) (*slackgo.User, error) {
	all, err := s.people.list.get(ctx, w.id(), func(ctx context.Context) ([]slackgo.User, error) { return s.everybody(ctx, w) })
	if err != nil {
		return nil, w.failed(err, engine.Place{}, s.o.Now)
	}
	var found []slackgo.User
	for _, by := range []func(slackgo.User) string{ // user names are unique, display names need not be
		func(u slackgo.User) string { return u.Name }, func(u slackgo.User) string { return u.Profile.DisplayName }, func(u slackgo.User) string { return u.RealName },
	} {
		for _, u := range all {
			if !u.Deleted && strings.EqualFold(by(u), name) {
				found = append(found, u)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return &found[0], nil
	}
	return nil, engine.E(engine.Conflict, "several people are called {name}", "name", name).WithOp("slack.lookup").WithHint("Write their id or e-mail address.")
}

// everybody lists a workspace. Slack's client would wait when told to slow down; that is for the caller to decide.
func (s *Surface) everybody(ctx context.Context, w *workspace) ([]slackgo.User, error) {
	var out []slackgo.User
	p := w.api.GetUsersPaginated(slackgo.GetUsersOptionLimit(usersPage))
	for range pagesMost * pageMost / usersPage {
		var err error
		p, err = p.Next(ctx)
		if p.Done(err) {
			break
		}
		if err != nil {
			return nil, err
		}
		out = append(out, p.Users...)
	}
	return out, nil
}

// usersPage is how many people are listed at once; Slack asks for no more than 200.
const usersPage = 200
