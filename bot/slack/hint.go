package slack

// hint is news that nobody is asked to act upon: what is remembered of a channel, a person or a workspace is old now.
type hint struct {
	Type      string // of Slack's event: "channel_rename", "user_change", "tokens_revoked", …
	Workspace string
	Channel   string // id; "" where it is about none
	Name      string // the channel's new name, of a rename
	User      string // who changed
}

// hintOf reads news from a delivery that Decode does not know; ok is false for what is none.
func hintOf(payload []byte) (h hint, ok bool) {
	d, err := read(payload)
	if err != nil || d.Type != "event_callback" || d.Event.Type == "" {
		return hint{}, false
	}
	e := d.Event
	switch e.Type {
	case "channel_rename", "channel_archive", "channel_unarchive", "channel_deleted", "channel_left", "channel_created", "channel_id_changed",
		"group_rename", "group_archive", "group_unarchive", "group_deleted", "group_left", "member_joined_channel", "member_left_channel",
		"user_change", "team_join", "subteam_created", "subteam_updated", "subteam_members_changed", "subteam_self_added", "subteam_self_removed",
		"tokens_revoked", "app_uninstalled", "team_rename", "team_domain_change":
		return hint{Type: e.Type, Workspace: d.eventTeam(), Channel: e.Channel.ID, Name: e.Channel.Name, User: e.User.ID}, true
	}
	return hint{}, false
}
