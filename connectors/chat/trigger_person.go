package chat

import "github.com/bretelle/bretelle/engine"

func joined() engine.TriggerKind {
	return engine.TriggerKind{
		Name:  Joined,
		Title: "Somebody joins",
		Doc:   "Starts a run when somebody joins a channel or the whole workspace, each time they do. Apps never count.",
		Scopes: []string{"slack:channels:read", "slack:groups:read", "slack:users:read", "discord:VIEW_CHANNEL", "discord:intent:GUILDS",
			"discord:intent:GUILD_MEMBERS"},
		With: &engine.Schema{Type: "object", Fields: []engine.Field{placeSetting(),
			{Name: "what", Schema: &engine.Schema{Type: "string", Title: "What is joined", Default: JoinChannel, Enum: []string{JoinChannel, JoinWorkspace},
				Titles: []string{"the channel", "the workspace that the channel is in"}, Doc: "Whether it is the channel or all of the workspace. Discord tells of its servers only."}},
			{Name: "from", Schema: &engine.Schema{Type: "string", Title: "Who", Default: FromAnyone, Enum: []string{FromPeople, FromAnyone},
				Titles: []string{"people I know", "anyone, also guests"}, Advanced: true, Doc: "Who counts."}},
		}},
		Event: &engine.Schema{Type: "object", Fields: []engine.Field{
			who("by", "Who joined."), text("place", "The channel, or nothing for the whole workspace."), text("workspace", "The workspace, as places begin: slack:T0123."),
		}},
		Identity: []string{"place", "what"},
		Check:    checkPlace,
		Describe: func(with map[string]any) engine.Text {
			where, _ := with["place"].(string)
			what, _ := with["what"].(string)
			switch {
			case what == JoinWorkspace:
				return engine.Say("somebody joins the workspace")
			case where != "":
				return engine.Say("somebody joins {place}", "place", where)
			}
			return engine.Say("Somebody joins")
		},
	}
}

func shortcut() engine.TriggerKind {
	return engine.TriggerKind{
		Name:  Shortcut,
		Title: "Somebody chooses a message",
		// A Discord app has its commands without a permission: the invite asks for them.
		Doc:    "Starts a run when somebody chooses \"Run a flow on this message\" at a message and then this flow. Choosing it twice starts two.",
		Scopes: []string{"slack:commands"},
		With: &engine.Schema{Type: "object", Fields: []engine.Field{
			{Name: "title", Schema: &engine.Schema{Type: "string", Title: "Title", Example: "Make a ticket", Doc: "What it is called in the list of flows. Left out, it is the flow's title."}},
			{Name: "place", Schema: &engine.Schema{Type: "string", Format: "place", Title: "Channel", Advanced: true,
				Doc: "Where it can be chosen: #channel, slack:TEAM/#channel or discord:GUILD/#channel. Left out, it is everywhere."}},
		}},
		Event: &engine.Schema{Type: "object", Fields: []engine.Field{
			text("text", "What the message says."), who("by", "Who wrote the message, where the platform tells."), who("who", "Who chose it."),
			placeField(), threadField(), text("ref", "The message, for steps that answer it or react to it."),
		}},
		Check: func(with map[string]any) map[string]*engine.Error {
			bad := checkPlace(with)
			if v, _ := with["title"].(string); len([]rune(v)) > maxChoice {
				bad["title"] = engine.E(engine.TooLarge, "This is longer than {max} characters", "max", maxChoice)
			}
			return bad
		},
		Describe: func(with map[string]any) engine.Text {
			where, _ := with["place"].(string)
			title, _ := with["title"].(string)
			switch {
			case title != "" && where != "":
				return engine.Say("somebody chooses {title} at a message in {place}", "title", title, "place", where)
			case title != "":
				return engine.Say("somebody chooses {title} at a message", "title", title)
			case where != "":
				return engine.Say("somebody chooses a message in {place}", "place", where)
			}
			return engine.Say("Somebody chooses a message")
		},
	}
}

// maxChoice bounds the title of a shortcut, in characters: Slack's limit for an option in a list.
const maxChoice = 75
