package slack

import (
	"github.com/bretelle/bretelle/engine"
)

// Scope is a permission of the bot's token, and why it is asked for.
type Scope struct {
	Name string      // "chat:write"
	Why  engine.Text // a sentence: what it is for
	Else engine.Text // what does not work without it, to complete "Without it …"
}

// Scopes are the permissions that the bot asks for; the manifest lists them and Check compares the token's with them.
// Source: docs.slack.dev, "Scopes", and the "Scopes" of each method called.
func Scopes() []Scope {
	return []Scope{
		{"app_mentions:read", engine.Say("Hear when somebody mentions me."), engine.Say("I do not answer when I am mentioned")},
		{"channels:history", engine.Say("Read messages of public channels that I am in: they start flows, and I find my own cards again after a crash."), engine.Say("messages in public channels start nothing, and a card may come twice after a crash")},
		{"channels:join", engine.Say("Join a public channel that a flow names, so that nobody has to invite me."), engine.Say("somebody has to invite me to each public channel")},
		{"channels:manage", engine.Say("Set the topic of a public channel when a flow asks for it."), engine.Say("flows cannot set the topic of a public channel")},
		{"channels:read", engine.Say("Know public channels by name, and who is in them."), engine.Say("I cannot find public channels by name, and their members cannot be an approver group")},
		{"chat:write", engine.Say("Post, edit and delete my own messages."), engine.Say("I can post nothing at all")},
		{"commands", engine.Say("Offer the slash command and the shortcuts."), engine.Say("the slash command and the shortcuts do not work")},
		{"files:read", engine.Say("Know the files that people share in channels that I am in: they start flows."), engine.Say("shared files start nothing")},
		{"files:write", engine.Say("Send logs and pictures as files."), engine.Say("I cannot send files, and pictures come as words")},
		{"groups:history", engine.Say("Read messages of private channels that I was invited to: they start flows."), engine.Say("messages in private channels start nothing")},
		{"groups:read", engine.Say("Know private channels that I was invited to by name, and who is in them."), engine.Say("I cannot find private channels by name, and their members cannot be an approver group")},
		{"groups:write", engine.Say("Set the topic of a private channel when a flow asks for it."), engine.Say("flows cannot set the topic of a private channel")},
		{"im:history", engine.Say("Read what people write to me alone."), engine.Say("I do not hear what people write to me alone")},
		{"im:read", engine.Say("Know the direct messages with me."), engine.Say("I cannot tell direct messages from channels")},
		{"im:write", engine.Say("Write to one person alone, such as with the card of a flow that they build."), engine.Say("I cannot write to one person alone")},
		{"mpim:history", engine.Say("Read messages of group conversations that I was added to."), engine.Say("messages in group conversations start nothing")},
		{"reactions:read", engine.Say("Know reactions to messages: they start flows."), engine.Say("reactions start nothing")},
		{"reactions:write", engine.Say("React to messages when a flow asks for it."), engine.Say("flows cannot react to messages")},
		{"usergroups:read", engine.Say("Look up who is in a user group that may approve."), engine.Say("user groups cannot be approver groups")},
		{"users:read", engine.Say("Know who is a guest or a bot, and each person's language and time zone."), engine.Say("I cannot tell guests from members, so I let nobody do anything")},
		{"users:read.email", engine.Say("Find a person by e-mail address when a flow asks for it."), engine.Say("flows cannot find people by e-mail address")},
	}
}

// missing is the error for a token without the scope.
func (s Scope) missing() *engine.Error {
	return engine.E(engine.Denied, "my Slack token lacks the scope {scope}: {lost}", "scope", s.Name, "lost", s.Else).WithOp("slack.missing_scope").WithHint("An admin can add {scope} under OAuth & Permissions of the app and install it again; bretelle setup slack prints the manifest.")
}

// Event is something that Slack tells the bot of, and why it is asked for.
type Event struct {
	Name string // "message.channels"
	Why  engine.Text
}

// Events are the bot events that the manifest subscribes to. Source: docs.slack.dev, "Events".
func Events() []Event {
	return []Event{
		{"app_home_opened", engine.Say("Show my own page to whoever opens it.")},
		{"app_mention", engine.Say("Answer when I am mentioned.")},
		{"app_uninstalled", engine.Say("Know that I was taken out of a workspace.")},
		{"channel_rename", engine.Say("Keep knowing a public channel under its new name.")},
		{"file_shared", engine.Say("Start flows when a file is shared.")},
		{"group_rename", engine.Say("Keep knowing a private channel under its new name.")},
		{"member_joined_channel", engine.Say("Start flows when somebody joins a channel.")},
		{"member_left_channel", engine.Say("Know at once that somebody left a channel whose members may approve.")},
		{"message.channels", engine.Say("Start flows on messages in public channels.")},
		{"message.groups", engine.Say("Start flows on messages in private channels.")},
		{"message.im", engine.Say("Answer what people write to me alone.")},
		{"message.mpim", engine.Say("Start flows on messages in group conversations.")},
		{"reaction_added", engine.Say("Start flows on reactions.")},
		{"subteam_members_changed", engine.Say("Know at once that somebody left a user group that may approve.")},
		{"team_join", engine.Say("Start flows when somebody joins the workspace.")},
		{"tokens_revoked", engine.Say("Know that my token is not accepted any more.")},
		{"user_change", engine.Say("Know at once that somebody became a guest or left.")},
	}
}
