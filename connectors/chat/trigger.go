package chat

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// The triggers' names.
const (
	Message  = "chat.message"
	Reaction = "chat.reaction"
)

// Who counts as a speaker.
const (
	FromPeople = "people" // persons the bot knows
	FromAnyone = "anyone" // also strangers and guests; apps never, ourselves among them
)

// How often a reaction counts.
const (
	OncePerMessage = "message"
	OncePerPerson  = "person"
)

// maxPattern bounds a pattern, in bytes; Go's expressions take time linear in the text.
const maxPattern = 500

// triggers are the connector's.
func triggers() []engine.TriggerKind {
	place := engine.Field{Name: "place", Schema: &engine.Schema{Type: "string", Format: "place", Title: "Channel",
		Doc: "Where: #channel, slack:TEAM/#channel or discord:GUILD/#channel. Left out, it is the flow's channel."}}
	by := engine.Field{Name: "by", Schema: &engine.Schema{Type: "object", Doc: "Who it was.", Fields: []engine.Field{
		{Name: "id", Schema: &engine.Schema{Type: "string", Doc: "The person's id, or nothing for somebody unknown."}},
		{Name: "name", Schema: &engine.Schema{Type: "string", Doc: "The name, as it is shown."}},
	}}}
	text := func(name, doc string) engine.Field {
		return engine.Field{Name: name, Schema: &engine.Schema{Type: "string", Doc: doc}}
	}
	return []engine.TriggerKind{{
		Name:  Message,
		Title: "Somebody writes a message",
		Doc:   "Starts a run for each message in a channel that fits a pattern. What apps say, the bot among them, never counts.",
		With: &engine.Schema{Type: "object", Fields: []engine.Field{place,
			{Name: "pattern", Schema: &engine.Schema{Type: "string", Title: "Says", Example: "deploy to production",
				Doc: "A text that stands in the message, or an expression between slashes: /deploy (\\w+)/i. Left out, every message fits."}},
			{Name: "mention", Schema: &engine.Schema{Type: "boolean", Title: "To me", Default: false, Doc: "Whether only messages count that mention the bot."}},
			{Name: "from", Schema: &engine.Schema{Type: "string", Title: "From", Default: FromPeople, Enum: []string{FromPeople, FromAnyone},
				Titles: []string{"people I know", "anyone, also guests"}, Advanced: true, Doc: "Whose messages count."}},
		}},
		Event: &engine.Schema{Type: "object", Fields: []engine.Field{
			text("text", "What was written."), by, {Name: "place", Schema: &engine.Schema{Type: "string", Format: "place", Doc: "The channel."}},
			text("thread", "The thread, or nothing outside one."), text("ref", "The message, for steps that answer it or react to it."),
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
	}, {
		Name:  Reaction,
		Title: "Somebody reacts to a message",
		Doc:   "Starts a run when somebody puts an emoji under a message.",
		With: &engine.Schema{Type: "object", Fields: []engine.Field{place,
			{Name: "emoji", Schema: &engine.Schema{Type: "string", Title: "Emoji", Example: "ticket", Doc: "The emoji's name without colons. Left out, every one counts."}},
			{Name: "from", Schema: &engine.Schema{Type: "string", Format: "person-or-group", Title: "From", Example: "@triage", Doc: "Whose reactions count. Left out, those of everybody the bot knows."}},
			{Name: "once", Schema: &engine.Schema{Type: "string", Title: "Once per", Default: OncePerMessage, Enum: []string{OncePerMessage, OncePerPerson},
				Titles: []string{"message", "message and person"}, Advanced: true, Doc: "Whether a second person's reaction counts again."}},
		}},
		Event: &engine.Schema{Type: "object", Fields: []engine.Field{
			text("emoji", "The emoji's name."), by, {Name: "place", Schema: &engine.Schema{Type: "string", Format: "place", Doc: "The channel."}},
			text("thread", "The thread, or nothing outside one."), text("ref", "The message it is under."),
			text("text", "What that message says, where the platform tells."),
		}},
		Identity: []string{"place", "once"},
		Check: func(with map[string]any) map[string]*engine.Error {
			bad := checkPlace(with)
			if e, ok := with["emoji"].(string); ok && (len(e) > 100 || strings.ContainsAny(e, " \t\n")) {
				bad["emoji"] = engine.E(engine.Invalid, `"{emoji}" is not the name of an emoji`, "emoji", e).WithHint("Write it without colons: ticket.")
			}
			return bad
		},
		Describe: func(with map[string]any) engine.Text {
			where, _ := with["place"].(string)
			emoji, _ := with["emoji"].(string)
			switch {
			case emoji != "" && where != "":
				return engine.Say("somebody reacts with {emoji} in {place}", "emoji", ":"+EmojiName(emoji)+":", "place", where)
			case emoji != "":
				return engine.Say("somebody reacts with {emoji}", "emoji", ":"+EmojiName(emoji)+":")
			}
			return engine.Say("Somebody reacts to a message")
		},
	}}
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

// Pattern is what a message has to say. The zero Pattern fits everything.
type Pattern struct{ re *regexp.Regexp }

// ParsePattern reads the setting: a text, found whatever its case, or /expression/ with i, m or s behind it. The error
// is Invalid.
func ParsePattern(with map[string]any) (Pattern, *engine.Error) {
	text, _ := with["pattern"].(string)
	text = strings.TrimSpace(text)
	if text == "" {
		return Pattern{}, nil
	}
	if len(text) > maxPattern {
		return Pattern{}, engine.E(engine.TooLarge, "This is longer than {max} characters", "max", maxPattern)
	}
	source := "(?i)" + regexp.QuoteMeta(text)
	if body, ok := strings.CutPrefix(text, "/"); ok {
		if i := strings.LastIndexByte(body, '/'); i > 0 && strings.Trim(body[i+1:], "ims") == "" {
			source = body[:i]
			if flags := body[i+1:]; flags != "" {
				source = "(?" + flags + ")" + source
			}
		}
	}
	re, err := regexp.Compile(source)
	if err != nil {
		why := ""
		if se, ok := err.(*syntax.Error); ok {
			why = string(se.Code)
		}
		return Pattern{}, engine.E(engine.Invalid, `"{pattern}" is not an expression: {why}`, "pattern", text, "why", why).
			WithHint("Write the text as it is, or mend what stands between the slashes.").Wrap(err)
	}
	return Pattern{re}, nil
}

// maxMatches bounds what of a match is kept.
const maxMatches = 20

// Match is what the pattern finds in a text, all of it first; ok is false when it does not fit.
func (p Pattern) Match(text string) (found []string, ok bool) {
	if p.re == nil {
		return []string{}, true
	}
	m := p.re.FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	return m[:min(len(m), maxMatches)], true
}
