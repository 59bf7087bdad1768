package discord

import (
	"net/url"
	"strconv"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/engine"
)

// Permit is a permission that the bot asks for in a guild (docs, "Permissions").
type Permit struct {
	Name     string      // Discord's: "SEND_MESSAGES"; in scopes "discord:SEND_MESSAGES"
	Label    string      // as its settings show it in English: "Send Messages"
	Bit      uint64      // in the invite's number
	Why      engine.Text // what does not work without it
	Optional bool        // not in the invite: only some actions need it
}

// Permits are the least permissions that everything works with, and, marked so, those that only some actions need.
func Permits() []Permit {
	return []Permit{
		{Name: "VIEW_CHANNEL", Label: "View Channel", Bit: discord.PermissionViewChannel, Why: engine.Say("see the channels that flows belong to")},
		{Name: "SEND_MESSAGES", Label: "Send Messages", Bit: discord.PermissionSendMessages, Why: engine.Say("post approvals, alerts and results")},
		{Name: "SEND_MESSAGES_IN_THREADS", Label: "Send Messages in Threads", Bit: discord.PermissionSendMessagesInThreads, Why: engine.Say("answer in threads")},
		{Name: "EMBED_LINKS", Label: "Embed Links", Bit: discord.PermissionEmbedLinks, Why: engine.Say("show cards, which are embeds")},
		{Name: "ATTACH_FILES", Label: "Attach Files", Bit: discord.PermissionAttachFiles, Why: engine.Say("send pictures of flows, logs and other files")},
		{Name: "READ_MESSAGE_HISTORY", Label: "Read Message History", Bit: discord.PermissionReadMessageHistory, Why: engine.Say("find my own cards again, answer and react to older messages")},
		{Name: "ADD_REACTIONS", Label: "Add Reactions", Bit: discord.PermissionAddReactions, Why: engine.Say("put reactions under messages")},
		{Name: "CREATE_PUBLIC_THREADS", Label: "Create Public Threads", Bit: discord.PermissionCreatePublicThreads, Why: engine.Say("begin threads")},
		{Name: "CREATE_PRIVATE_THREADS", Label: "Create Private Threads", Bit: discord.PermissionCreatePrivateThreads, Why: engine.Say("speak to somebody alone who takes no direct messages")},
		{Name: "MANAGE_CHANNELS", Label: "Manage Channels", Bit: discord.PermissionManageChannels, Why: engine.Say("set the topic of a channel"), Optional: true},
	}
}

// Intent is a class of events that the bot asks the gateway for (docs, "Gateway Intents").
type Intent struct {
	Name       string      // Discord's: "GUILD_MESSAGES"; in scopes "discord:intent:GUILD_MESSAGES"
	Label      string      // as the developer portal names a privileged one
	Bit        int         // in the identification
	Why        engine.Text // what does not work without it
	Privileged bool        // has to be switched on in the developer portal
}

// Intents are the events that everything works with.
func Intents() []Intent {
	return []Intent{
		{Name: "GUILDS", Bit: 1 << 0, Why: engine.Say("know channels, threads and roles by name")},
		{Name: "GUILD_MEMBERS", Label: "Server Members Intent", Bit: 1 << 1, Why: engine.Say("notice who joins, and list who is in a channel"), Privileged: true},
		{Name: "GUILD_MESSAGES", Bit: 1 << 9, Why: engine.Say("notice messages and mentions in channels")},
		{Name: "GUILD_MESSAGE_REACTIONS", Bit: 1 << 10, Why: engine.Say("notice reactions in channels")},
		{Name: "DIRECT_MESSAGES", Bit: 1 << 12, Why: engine.Say("be written to directly")},
		{Name: "DIRECT_MESSAGE_REACTIONS", Bit: 1 << 13, Why: engine.Say("notice reactions in direct messages")},
		{Name: "MESSAGE_CONTENT", Label: "Message Content Intent", Bit: 1 << 15, Why: engine.Say("read messages that do not mention me, for flows that start with a message"), Privileged: true},
	}
}

// InviteURL is the address that adds an application to a guild with the permissions that are not optional, and with its
// commands. app is the application's id; what is none gives an address that Discord refuses.
func InviteURL(app string) string {
	var all uint64
	for _, p := range Permits() {
		if !p.Optional {
			all |= p.Bit
		}
	}
	q := url.Values{"client_id": {app}, "scope": {"bot applications.commands"}, "permissions": {strconv.FormatUint(all, 10)}}
	return "https://discord.com/oauth2/authorize?" + q.Encode()
}

// granted are the intents that an application may ask for, by its flags (docs, "Application Flags"): the privileged ones
// have a flag for applications in a hundred guilds and more, and one for smaller ones.
func granted(flags int) (bits int, missing []Intent) {
	const members, content = 1<<14 | 1<<15, 1<<18 | 1<<19
	for _, i := range Intents() {
		if i.Name == "GUILD_MEMBERS" && flags&members == 0 || i.Name == "MESSAGE_CONTENT" && flags&content == 0 {
			missing = append(missing, i)
			continue
		}
		bits |= i.Bit
	}
	return bits, missing
}
