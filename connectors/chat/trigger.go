package chat

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// The triggers' names.
const (
	Message  = "chat.message"
	Reaction = "chat.reaction"
	File     = "chat.file"
	Joined   = "chat.joined"
	Shortcut = "chat.shortcut"
)

// Who counts as a speaker.
const (
	FromPeople = "people" // persons the bot knows
	FromAnyone = "anyone" // also strangers and guests; apps never, ourselves among them
)

// Which messages count, by where they stand.
const (
	ThreadAny     = "any"
	ThreadTop     = "top"     // not in a thread
	ThreadReplies = "replies" // only in a thread
)

// How often a reaction counts.
const (
	OncePerMessage = "message"
	OncePerPerson  = "person"
)

// What is joined.
const (
	JoinChannel   = "channel"
	JoinWorkspace = "workspace"
)

// triggers are the connector's.
func triggers() []engine.TriggerKind {
	return []engine.TriggerKind{message(), shared(), reaction(), joined(), shortcut()}
}

func message() engine.TriggerKind {
	return engine.TriggerKind{
		Name:   Message,
		Title:  "Somebody writes a message",
		Doc:    "Starts a run for each message in a channel that fits a pattern. What apps say, the bot among them, never counts.",
		Scopes: hearing(),
		With: &engine.Schema{Type: "object", Fields: []engine.Field{placeSetting(), patternSetting(),
			{Name: "mention", Schema: &engine.Schema{Type: "boolean", Title: "To me", Default: false, Doc: "Whether only messages count that mention the bot."}},
			fromSetting(FromPeople), threadSetting(),
		}},
		Event: &engine.Schema{Type: "object", Fields: []engine.Field{
			text("text", "What was written."), who("by", "Who it was."), placeField(), threadField(), text("ref", "The message, for steps that answer it or react to it."),
			{Name: "files", Schema: &engine.Schema{Type: "array", Items: fileSchema(), Doc: "The files that hang on it."}},
			{Name: "matches", Schema: &engine.Schema{Type: "array", Items: &engine.Schema{Type: "string"}, Doc: "What the pattern found: all of it first, then what stood in its brackets."}},
		}},
		Identity: []string{"place"},
		Check: func(with map[string]any) map[string]*engine.Error {
			bad := checkPlace(with)
			if _, err := ParsePattern(with); err != nil {
				bad["pattern"] = err
			}
			return bad
		},
		Describe: func(with map[string]any) engine.Text {
			where, _ := with["place"].(string)
			pattern, _ := with["pattern"].(string)
			switch {
			case pattern != "" && where != "":
				return engine.Say("somebody writes {pattern} in {place}", "pattern", pattern, "place", where)
			case pattern != "":
				return engine.Say("somebody writes {pattern}", "pattern", pattern)
			case where != "":
				return engine.Say("somebody writes in {place}", "place", where)
			}
			return engine.Say("Somebody writes a message")
		},
	}
}

func shared() engine.TriggerKind {
	return engine.TriggerKind{
		Name:   File,
		Title:  "Somebody shares a file",
		Doc:    "Starts a run for each file that is shared in a channel. What apps share, the bot among them, never counts.",
		Scopes: hearing("slack:files:read"),
		With: &engine.Schema{Type: "object", Fields: []engine.Field{placeSetting(),
			{Name: "type", Schema: &engine.Schema{Type: "string", Title: "Type", Example: "image/*", Doc: "Which media types count, with commas between them: image/*, application/pdf. Left out, every one."}},
			{Name: "name", Schema: &engine.Schema{Type: "string", Title: "Name", Example: "*.log", Doc: "Which names count, with commas between them; * is anything. Left out, every one."}},
			fromSetting(FromPeople), threadSetting(),
		}},
		Event: &engine.Schema{Type: "object", Fields: []engine.Field{
			{Name: "file", Schema: fileSchema()},
			text("text", "What was written with it."), who("by", "Who it was."), placeField(), threadField(), text("ref", "The message, for steps that answer it or react to it."),
		}},
		Identity: []string{"place"},
		Check: func(with map[string]any) map[string]*engine.Error {
			bad := checkPlace(with)
			for _, name := range []string{"type", "name"} {
				if v, _ := with[name].(string); len(v) > maxPattern {
					bad[name] = engine.E(engine.TooLarge, "This is longer than {max} characters", "max", maxPattern)
				}
			}
			if v, _ := with["type"].(string); bad["type"] == nil {
				for part := range strings.SplitSeq(v, ",") {
					if part = strings.TrimSpace(part); part != "" && part != "*" && !strings.Contains(part, "/") {
						bad["type"] = engine.E(engine.Invalid, `"{type}" is not a media type`, "type", cut(part)).WithHint("Write it like image/* or text/plain, or use the name: *.png.")
					}
				}
			}
			return bad
		},
		Describe: func(with map[string]any) engine.Text {
			where, _ := with["place"].(string)
			what, _ := with["name"].(string)
			if kind, _ := with["type"].(string); what == "" {
				what = kind
			}
			switch {
			case what != "" && where != "":
				return engine.Say("somebody shares {file} in {place}", "file", what, "place", where)
			case what != "":
				return engine.Say("somebody shares {file}", "file", what)
			case where != "":
				return engine.Say("somebody shares a file in {place}", "place", where)
			}
			return engine.Say("Somebody shares a file")
		},
	}
}

func reaction() engine.TriggerKind {
	return engine.TriggerKind{
		Name:  Reaction,
		Title: "Somebody reacts to a message",
		Doc:   "Starts a run when somebody puts an emoji under a message.",
		Scopes: []string{"slack:reactions:read", "slack:channels:read", "slack:groups:read", "discord:VIEW_CHANNEL", "discord:READ_MESSAGE_HISTORY",
			"discord:intent:GUILDS", "discord:intent:GUILD_MESSAGE_REACTIONS"},
		With: &engine.Schema{Type: "object", Fields: []engine.Field{placeSetting(),
			{Name: "emoji", Schema: &engine.Schema{Type: "string", Title: "Emoji", Example: "ticket", Doc: "The emoji's name without colons, or the sign itself. Left out, every one counts."}},
			{Name: "from", Schema: &engine.Schema{Type: "string", Format: "person-or-group", Title: "From", Example: "@triage", Doc: "Whose reactions count. Left out, those of everybody the bot knows."}},
			{Name: "once", Schema: &engine.Schema{Type: "string", Title: "Once per", Default: OncePerMessage, Enum: []string{OncePerMessage, OncePerPerson},
				Titles: []string{"message", "message and person"}, Advanced: true, Doc: "Whether a second person's reaction counts again."}},
		}},
		Event: &engine.Schema{Type: "object", Fields: []engine.Field{
			text("emoji", "The emoji's name."), who("by", "Who it was."), placeField(), threadField(), text("ref", "The message it is under."),
			text("text", "What that message says, where the platform tells."), who("author", "Who wrote that message, where the platform tells."),
		}},
		Identity: []string{"place", "once"},
		Check: func(with map[string]any) map[string]*engine.Error {
			bad := checkPlace(with)
			if e, ok := with["emoji"].(string); ok && (len(e) > 100 || strings.ContainsAny(strings.TrimSpace(e), " \t\n")) {
				bad["emoji"] = engine.E(engine.Invalid, `"{emoji}" is not the name of an emoji`, "emoji", e).WithHint("Write it without colons: ticket.")
			}
			return bad
		},
		Describe: func(with map[string]any) engine.Text {
			where, _ := with["place"].(string)
			emoji, _ := with["emoji"].(string)
			switch {
			case emoji != "" && where != "":
				return engine.Say("somebody reacts with {emoji} in {place}", "emoji", emojiShown(emoji), "place", where)
			case emoji != "":
				return engine.Say("somebody reacts with {emoji}", "emoji", emojiShown(emoji))
			}
			return engine.Say("Somebody reacts to a message")
		},
	}
}

func checkPlace(with map[string]any) map[string]*engine.Error {
	bad := map[string]*engine.Error{}
	if text, ok := with["place"].(string); ok && text != "" {
		if _, err := engine.ParsePlace(text); err != nil {
			bad["place"] = engine.AsError(err)
		}
	}
	return bad
}
