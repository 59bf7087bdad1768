package chat

// speaking is what each platform must allow to post: what the documentation of chat.postMessage and conversations.list
// (Slack) and of Create Message (Discord) name, and more.
func speaking(more ...string) []string {
	return append([]string{"slack:chat:write", "slack:channels:read", "slack:groups:read",
		"discord:VIEW_CHANNEL", "discord:SEND_MESSAGES", "discord:SEND_MESSAGES_IN_THREADS", "discord:EMBED_LINKS", "discord:READ_MESSAGE_HISTORY"}, more...)
}

// hearing is what each platform must allow for messages to arrive (Slack: message.channels, message.groups, message.im;
// Discord: Message Create, whose text is a privileged intent), and more.
func hearing(more ...string) []string {
	return append([]string{"slack:channels:history", "slack:groups:history", "slack:im:history", "slack:channels:read", "slack:groups:read",
		"discord:VIEW_CHANNEL", "discord:READ_MESSAGE_HISTORY",
		"discord:intent:GUILDS", "discord:intent:GUILD_MESSAGES", "discord:intent:MESSAGE_CONTENT", "discord:intent:DIRECT_MESSAGES"}, more...)
}
