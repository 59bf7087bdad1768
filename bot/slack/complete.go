package slack

import (
	"context"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// complete fills in what a delivery does not say: the channel's name, who the actor is. Errors: Unavailable, Throttled
// or Denied when nothing is known of the actor: then it is not known that they are no guest.
func (s *Surface) complete(ctx context.Context, in *bot.In) error {
	w, err := s.at(ctx, in.Place.Workspace)
	if engine.CodeOf(err) == engine.NotFound { // the place is of a workspace without me, as in a channel that is shared
		w, err = s.at(ctx, in.Actor.Workspace)
	}
	if engine.CodeOf(err) == engine.NotFound {
		in.Actor.Guest = true
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.identify(ctx, w, &in.Actor); err != nil {
		return err
	}
	if in.Author.User != "" && s.identify(ctx, w, &in.Author) != nil {
		in.Author.Guest = true // nothing hangs on it but what is shown
	}
	in.Place.Channel = s.named(ctx, w, in.Place.Channel)
	return nil
}

// identify fills in what Slack knows of somebody. w is where they were met. Somebody of a workspace that the bot is not
// installed in, whom Slack does not show, or whom it and the delivery put into different workspaces, is a guest.
func (s *Surface) identify(ctx context.Context, w *workspace, a *bot.Actor) error {
	u, err := s.user(ctx, w, a.User)
	if err != nil {
		return err
	}
	if u == nil {
		a.Guest = true
		return nil
	}
	m := member(*u, a.Workspace)
	if m.Workspace == "" {
		m.Workspace = w.id()
	}
	doubtful := a.Workspace != "" && a.Workspace != w.id() && a.Workspace != m.Workspace // the delivery names a third workspace
	here, err := s.installed(ctx, m.Workspace)
	if err != nil {
		return err
	}
	if here && m.Workspace != w.id() { // met in a shared channel: whether they are a guest at home is known there
		home, err := s.at(ctx, m.Workspace)
		if err != nil {
			return err
		}
		if u, err = s.user(ctx, home, a.User); err != nil {
			return err
		}
		here = u != nil
		if here {
			m = member(*u, m.Workspace)
		}
	}
	a.Workspace, a.Lang, a.Zone = m.Workspace, m.Lang, m.Zone
	a.Bot = a.Bot || m.Bot
	a.Guest = a.Guest || m.Guest || !here || doubtful
	if m.Name != "" {
		a.Name = m.Name
	}
	return nil
}

// noticed forgets what news make old: of a channel, somebody, a group, or a workspace's token.
func (s *Surface) noticed(h hint) {
	switch h.Type {
	case "channel_rename", "channel_archive", "channel_unarchive", "channel_deleted", "channel_left", "channel_created", "channel_id_changed",
		"group_rename", "group_archive", "group_unarchive", "group_deleted", "group_left":
		s.channels.info.forget(h.Workspace + "/" + h.Channel)
		s.channels.mine.forget(h.Workspace)
		s.channels.all.forget(h.Workspace)
	case "member_joined_channel", "member_left_channel":
		s.members.forget(h.Workspace + "/" + h.Channel)
		s.channels.mine.forget(h.Workspace) // it may be the bot
	case "user_change", "team_join":
		s.people.info.forget(h.Workspace + "/" + h.User)
		s.people.list.forget(h.Workspace)
	case "subteam_created", "subteam_updated", "subteam_members_changed", "subteam_self_added", "subteam_self_removed":
		s.groups.forget(h.Workspace)
	case "tokens_revoked", "app_uninstalled", "team_rename", "team_domain_change":
		s.workspaces.reconsider(h.Workspace)
	}
}
