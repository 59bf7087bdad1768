package chat

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// ReplyInput is what chat.message.reply takes.
type ReplyInput struct {
	Message string   `json:"message" title:"Message" required:"true" doc:"The message to answer: an event's ref, or the ref of an earlier step."`
	To      string   `json:"to,omitempty" title:"Channel" format:"place" doc:"The channel that the message stands in. Left out, it is the flow's channel."`
	Text    string   `json:"text" title:"Text" required:"true" format:"text" doc:"What to say."`
	Mention []string `json:"mention,omitempty" title:"Notify" advanced:"true" example:"@triage" doc:"Who is notified: persons and groups that I know, @ann, @triage. A name in the text notifies nobody."`
}

func reply() connectors.Act[ReplyInput, Output] {
	return connectors.Act[ReplyInput, Output]{
		Name: "message.reply", Title: "Answer a message",
		Doc:  "Answers a message in the thread below it. After a crash or a retry the answer still stands there once.",
		Risk: engine.Write, Scopes: speaking(), Idempotency: connectors.KeySent,
		Sample: Output{Ref: sampleRef, To: "#triage"},
		Undo:   takeBack[ReplyInput],
		Assume: func(c *connectors.Call, in ReplyInput) Output { return Output{Ref: sampleRef, To: goes(c, in.To)} },
		Tests: []connectors.Test[ReplyInput]{
			{Name: "in the flow's channel", In: ReplyInput{Message: "m1", Text: "Done."}, Posts: []connectors.Posted{{Place: "#triage", Thread: "m1", Text: "Done."}},
				Out: map[string]any{"ref": "ref-1", "to": "#triage"}},
			{Name: "no message", In: ReplyInput{Message: " ", Text: "x"}, Class: engine.BadInput},
			{Name: "nothing to say", In: ReplyInput{Message: "m1", Text: " "}, Class: engine.BadInput},
		},
		Describe: titled("Answer a message", "to", "Answer a message in "),
		Run: func(ctx context.Context, c *connectors.Call, in ReplyInput) (Output, error) {
			place, err := target(c, in.To, in.Message)
			if err != nil {
				return Output{}, err
			}
			w, err := words(in.Text, in.Mention)
			if err != nil {
				return Output{}, err
			}
			ref, err := c.Reply(ctx, place, strings.TrimSpace(in.Message), w)
			return Output{Ref: ref, To: place.String()}, err
		},
	}
}

// DirectInput is what chat.message.direct takes.
type DirectInput struct {
	Person string `json:"person" title:"Person" required:"true" doc:"Who to write to: @name of a person here, or slack:TEAM/@USER."`
	Text   string `json:"text" title:"Text" required:"true" format:"text" doc:"What to say."`
}

func direct() connectors.Act[DirectInput, Output] {
	return connectors.Act[DirectInput, Output]{
		Name: "message.direct", Title: "Write to a person",
		Doc:  "Writes to one person alone. After a crash or a retry the message still stands there once.",
		Risk: engine.Write, Scopes: speaking("slack:im:write"), Idempotency: connectors.KeySent,
		Sample: Output{Ref: sampleRef, To: "@ann"},
		Assume: func(_ *connectors.Call, in DirectInput) Output {
			return Output{Ref: sampleRef, To: strings.TrimSpace(in.Person)}
		},
		Tests: []connectors.Test[DirectInput]{
			{Name: "a person here", In: DirectInput{Person: "@ann", Text: "Hello."}, Posts: []connectors.Posted{{Place: "@ann", Text: "Hello."}}, Out: map[string]any{"ref": "ref-1"}},
			{Name: "nobody", In: DirectInput{Person: " ", Text: "x"}, Class: engine.BadInput},
			{Name: "nothing to say", In: DirectInput{Person: "@ann", Text: ""}, Class: engine.BadInput},
		},
		Describe: titled("Write to a person", "person", "Write to "),
		Run: func(ctx context.Context, c *connectors.Call, in DirectInput) (Output, error) {
			err := sayable(in.Text)
			if err == nil {
				err = named("person", in.Person)
			}
			if err != nil {
				return Output{}, err
			}
			ref, place, err := c.Direct(ctx, strings.TrimSpace(in.Person), in.Text)
			return Output{Ref: ref, To: place.String()}, err
		},
	}
}

// ReactInput is what chat.message.react takes.
type ReactInput struct {
	Message string `json:"message" title:"Message" required:"true" doc:"The message: an event's ref, or the ref of an earlier step."`
	To      string `json:"to,omitempty" title:"Channel" format:"place" doc:"The channel that the message stands in. Left out, it is the flow's channel."`
	Emoji   string `json:"emoji" title:"Emoji" required:"true" doc:"Its name, without colons, or the sign itself."`
}

// Nothing is what an action gives that is done to a message.
type Nothing struct {
	To string `json:"to" format:"place" doc:"The channel."`
}

func react() connectors.Act[ReactInput, Nothing] {
	return connectors.Act[ReactInput, Nothing]{
		Name: "message.react", Title: "React to a message",
		Doc:  "Puts an emoji under a message. Doing it twice is doing it once.",
		Risk: engine.Write, Scopes: []string{"slack:reactions:write", "discord:VIEW_CHANNEL", "discord:READ_MESSAGE_HISTORY", "discord:ADD_REACTIONS"},
		Idempotency: connectors.NaturalKey,
		Sample:      Nothing{To: "#triage"},
		Assume:      func(c *connectors.Call, in ReactInput) Nothing { return Nothing{To: goes(c, in.To)} },
		Tests: []connectors.Test[ReactInput]{
			{Name: "an emoji", In: ReactInput{Message: "m1", Emoji: ":eyes:"}, Posts: []connectors.Posted{{Place: "#triage", Thread: "m1", Text: ":eyes:"}}, Out: map[string]any{"to": "#triage"}},
			{Name: "no emoji", In: ReactInput{Message: "m1", Emoji: "two words"}, Class: engine.BadInput},
			{Name: "no message", In: ReactInput{Emoji: "eyes"}, Class: engine.BadInput},
		},
		Describe: titled("React to a message", "emoji", "React to a message with "),
		Run: func(ctx context.Context, c *connectors.Call, in ReactInput) (Nothing, error) {
			place, err := target(c, in.To, in.Message)
			emoji := EmojiName(in.Emoji)
			if err == nil && (emoji == "" || len(emoji) > 64 || strings.ContainsFunc(emoji, func(r rune) bool { return r <= ' ' || r == 0x7f })) {
				err = engine.E(engine.Invalid, `"{emoji}" is not an emoji`, "emoji", cut(in.Emoji)).WithHint("Write its name, like eyes or white_check_mark, or the sign itself.")
			}
			if err != nil {
				return Nothing{}, err
			}
			return Nothing{To: place.String()}, c.React(ctx, place, strings.TrimSpace(in.Message), emoji)
		},
	}
}

// sampleRef is a message's name as a dry run makes it up.
const sampleRef = "1700000000.000100"

// goes is where a message would stand, as a dry run says it.
func goes(c *connectors.Call, to string) string {
	place, err := where(c, to)
	if err != nil {
		return to
	}
	return place.String()
}

// where is the place that is named, or the flow's channel.
func where(c *connectors.Call, to string) (engine.Place, error) {
	place := c.Channel()
	if to != "" {
		p, err := engine.ParsePlace(to)
		if err != nil {
			return p, err
		}
		place = p
	}
	if place.Channel == "" {
		return place, engine.E(engine.Invalid, "There is no channel to post into").
			WithHint("Name one in to, or give the flow a channel.")
	}
	return place, nil
}

// target is the place that a message stands in, which is named by its reference.
func target(c *connectors.Call, to, message string) (engine.Place, error) {
	place, err := where(c, to)
	if err == nil {
		err = named("message", message)
	}
	return place, err
}

// sayable refuses a text that cannot be posted.
func sayable(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return engine.E(engine.Invalid, "There is no text to post").WithHint("Check the expression that gives it.")
	case len(text) > maxText:
		return engine.E(engine.Invalid, "The text is longer than {max} bytes", "max", maxText).WithHint("Shorten it.")
	}
	return nil
}

// named refuses what names nothing.
func named(field, text string) error {
	if strings.TrimSpace(text) == "" || len(text) > 400 {
		return engine.E(engine.Invalid, `"{field}" is missing`, "field", field).WithHint("Give it a value; an expression that finds nothing counts as missing.")
	}
	return nil
}

// titled shows one field in the line and the rest below it.
func titled(unknown, field, known string) func(in map[string]any) (string, any) {
	return func(in map[string]any) (string, any) {
		line, rest := unknown, map[string]any{}
		for k, v := range in {
			if s, ok := v.(string); ok && k == field && s != "" {
				line = known + strings.Join(strings.Fields(s), " ")
			} else if v != nil {
				rest[k] = v
			}
		}
		if text, ok := rest["text"]; ok && len(rest) == 1 {
			return line, text
		}
		return line, rest
	}
}

func cut(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
