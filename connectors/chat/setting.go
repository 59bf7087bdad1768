package chat

import "github.com/bretelle/bretelle/engine"

// Settings and parts of events that several triggers have.

func placeSetting() engine.Field {
	return engine.Field{Name: "place", Schema: &engine.Schema{Type: "string", Format: "place", Title: "Channel",
		Doc: "Where: #channel, slack:TEAM/#channel or discord:GUILD/#channel. Left out, it is the flow's channel."}}
}

func patternSetting() engine.Field {
	return engine.Field{Name: "pattern", Schema: &engine.Schema{Type: "string", Title: "Says", Example: "deploy to production",
		Doc: "A text that stands in the message, or an expression between slashes: /deploy (\\w+)/i. Left out, every message fits."}}
}

func fromSetting(usual string) engine.Field {
	return engine.Field{Name: "from", Schema: &engine.Schema{Type: "string", Title: "From", Default: usual, Enum: []string{FromPeople, FromAnyone},
		Titles: []string{"people I know", "anyone, also guests"}, Advanced: true, Doc: "Whose messages count."}}
}

func threadSetting() engine.Field {
	return engine.Field{Name: "thread", Schema: &engine.Schema{Type: "string", Title: "Threads", Default: ThreadAny, Enum: []string{ThreadAny, ThreadTop, ThreadReplies},
		Titles: []string{"in threads too", "not in threads", "only in threads"}, Advanced: true, Doc: "Whether messages in threads count."}}
}

func text(name, doc string) engine.Field {
	return engine.Field{Name: name, Schema: &engine.Schema{Type: "string", Doc: doc}}
}

func placeField() engine.Field {
	return engine.Field{Name: "place", Schema: &engine.Schema{Type: "string", Format: "place", Doc: "The channel."}}
}

func threadField() engine.Field { return text("thread", "The thread, or nothing outside one.") }

func who(name, doc string) engine.Field {
	return engine.Field{Name: name, Schema: &engine.Schema{Type: "object", Doc: doc, Fields: []engine.Field{
		text("id", "The person's id, or nothing for somebody unknown."),
		text("name", "The name, as it is shown."),
		text("address", "How to write to them, for chat.message.direct, or nothing."),
	}}}
}

func fileSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Doc: "The file.", Fields: []engine.Field{
		text("id", "The platform's id."), text("name", "What it is called."), text("type", "The media type, or nothing."),
		{Name: "size", Schema: &engine.Schema{Type: "integer", Doc: "How large it is, in bytes."}},
		text("url", "Where people open it; they may have to log in."),
	}}
}
