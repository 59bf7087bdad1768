package chat

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// EditInput is what chat.message.edit takes.
type EditInput struct {
	Message string   `json:"message" title:"Message" required:"true" doc:"The message to change: the ref of an earlier step that posted it."`
	To      string   `json:"to,omitempty" title:"Channel" format:"place" doc:"The channel that the message stands in. Left out, it is the flow's channel."`
	Text    string   `json:"text" title:"Text" required:"true" format:"text" doc:"What it says from now on."`
	Mention []string `json:"mention,omitempty" title:"Notify" advanced:"true" example:"@triage" doc:"Who is named before the text. A platform may notify nobody of a changed message."`
}

func edit() connectors.Act[EditInput, Output] {
	return connectors.Act[EditInput, Output]{
		Name: "message.edit", Title: "Change a message",
		Doc:  "Replaces the text of a message that a flow posted. Nobody else's message can be changed, nor one of the bot's cards. Doing it twice is doing it once.",
		Risk: engine.Write, Scopes: speaking(), Idempotency: connectors.NaturalKey,
		Sample: Output{Ref: sampleRef, To: "#triage"},
		Assume: func(c *connectors.Call, in EditInput) Output {
			return Output{Ref: strings.TrimSpace(in.Message), To: goes(c, in.To)}
		},
		Tests: []connectors.Test[EditInput]{
			{Name: "a message", In: EditInput{Message: "m1", Text: "Done."}, Posts: []connectors.Posted{{Did: "edit", Place: "#triage", Thread: "m1", Text: "Done."}},
				Out: map[string]any{"ref": "m1", "to": "#triage"}},
			{Name: "no message", In: EditInput{Text: "x"}, Class: engine.BadInput},
			{Name: "nothing to say", In: EditInput{Message: "m1", Text: " "}, Class: engine.BadInput},
		},
		Describe: titled("Change a message", "to", "Change a message in "),
		Run: func(ctx context.Context, c *connectors.Call, in EditInput) (Output, error) {
			place, err := target(c, in.To, in.Message)
			if err != nil {
				return Output{}, err
			}
			w, err := words(in.Text, in.Mention)
			if err != nil {
				return Output{}, err
			}
			ref := strings.TrimSpace(in.Message)
			return Output{Ref: ref, To: place.String()}, c.EditMessage(ctx, place, ref, w)
		},
	}
}

// MessageInput names a message.
type MessageInput struct {
	Message string `json:"message" title:"Message" required:"true" doc:"The message: the ref of an earlier step that posted it."`
	To      string `json:"to,omitempty" title:"Channel" format:"place" doc:"The channel that the message stands in. Left out, it is the flow's channel."`
}

func remove() connectors.Act[MessageInput, Nothing] {
	return connectors.Act[MessageInput, Nothing]{
		Name: "message.delete", Title: "Take back a message",
		Doc:  "Deletes a message that a flow posted. Nobody else's message can be deleted, nor one of the bot's cards. One that is gone already is no error.",
		Risk: engine.Destroy, Scopes: speaking(), Idempotency: connectors.NaturalKey,
		Sample: Nothing{To: "#triage"},
		Assume: func(c *connectors.Call, in MessageInput) Nothing { return Nothing{To: goes(c, in.To)} },
		Tests: []connectors.Test[MessageInput]{
			{Name: "a message", In: MessageInput{Message: " m1 "}, Posts: []connectors.Posted{{Did: "delete", Place: "#triage", Thread: "m1"}}, Out: map[string]any{"to": "#triage"}},
			{Name: "no message", In: MessageInput{}, Class: engine.BadInput},
		},
		Describe: titled("Delete a message", "to", "Delete a message in "),
		Run: func(ctx context.Context, c *connectors.Call, in MessageInput) (Nothing, error) {
			place, err := target(c, in.To, in.Message)
			if err != nil {
				return Nothing{}, err
			}
			return Nothing{To: place.String()}, c.DeleteMessage(ctx, place, strings.TrimSpace(in.Message))
		},
	}
}

// takeBack deletes what was posted.
func takeBack[In any](_ In, out Output) (engine.Inverse, bool) {
	return engine.Inverse{Action: "chat.message.delete", With: map[string]any{"message": out.Ref, "to": out.To}}, out.Ref != ""
}

// ThreadInput is what chat.thread.open takes.
type ThreadInput struct {
	To      string `json:"to,omitempty" title:"Channel" format:"place" doc:"Where: #channel, slack:TEAM/#channel or discord:GUILD/#channel. Left out, it is the flow's channel."`
	Title   string `json:"title" title:"Title" required:"true" example:"Incident 12" doc:"What the thread is called. Where threads have no titles, the message that begins it says so."`
	Message string `json:"message,omitempty" title:"Message" doc:"The message that the thread hangs on. Left out, it begins with one of its own."`
}

// ThreadOutput is what chat.thread.open gives.
type ThreadOutput struct {
	Thread string `json:"thread" doc:"The thread, for a later step that posts into it."`
	Ref    string `json:"ref" doc:"The message that begins it."`
	To     string `json:"to" format:"place" doc:"The channel."`
}

// maxTitle bounds a thread's title, in characters; Discord's limit for the name of a channel.
const maxTitle = 100

func open() connectors.Act[ThreadInput, ThreadOutput] {
	return connectors.Act[ThreadInput, ThreadOutput]{
		Name: "thread.open", Title: "Open a thread",
		Doc:  "Begins a thread with a title, below a message or on its own. After a crash or a retry there is still one.",
		Risk: engine.Write, Scopes: speaking("discord:CREATE_PUBLIC_THREADS"), Idempotency: connectors.KeySent,
		Sample: ThreadOutput{Thread: sampleRef, Ref: sampleRef, To: "#triage"},
		Assume: func(c *connectors.Call, in ThreadInput) ThreadOutput {
			return ThreadOutput{Thread: sampleRef, Ref: sampleRef, To: goes(c, in.To)}
		},
		Tests: []connectors.Test[ThreadInput]{
			{Name: "on its own", In: ThreadInput{Title: "Incident 12"}, Posts: []connectors.Posted{{Did: "thread", Place: "#triage", Text: "Incident 12"}},
				Out: map[string]any{"thread": "thread-1", "ref": "ref-1", "to": "#triage"}},
			{Name: "below a message", In: ThreadInput{Title: "x", Message: "m1"}, Posts: []connectors.Posted{{Did: "thread", Place: "#triage", Thread: "m1", Text: "x"}}},
			{Name: "no title", In: ThreadInput{Title: " "}, Class: engine.BadInput},
			{Name: "too long a title", In: ThreadInput{Title: strings.Repeat("x", maxTitle+1)}, Class: engine.BadInput},
		},
		Describe: titled("Open a thread", "to", "Open a thread in "),
		Run: func(ctx context.Context, c *connectors.Call, in ThreadInput) (ThreadOutput, error) {
			place, err := where(c, in.To)
			title := strings.Join(strings.Fields(in.Title), " ")
			if err == nil {
				err = named("title", title)
			}
			if err == nil && len([]rune(title)) > maxTitle {
				err = engine.E(engine.Invalid, "The title is longer than {max} characters", "max", maxTitle).WithHint("Shorten it.")
			}
			if err != nil {
				return ThreadOutput{}, err
			}
			thread, ref, err := c.OpenThread(ctx, place, strings.TrimSpace(in.Message), title)
			return ThreadOutput{Thread: thread, Ref: ref, To: place.String()}, err
		},
	}
}

// TopicInput is what chat.topic.set takes.
type TopicInput struct {
	To    string `json:"to,omitempty" title:"Channel" format:"place" doc:"Which channel. Left out, it is the flow's."`
	Topic string `json:"topic" title:"Topic" required:"true" example:"On call: ann" doc:"What stands above the channel from now on."`
}

// maxTopic bounds a topic, in characters; Slack's limit, the smaller one.
const maxTopic = 250

func topic() connectors.Act[TopicInput, Nothing] {
	return connectors.Act[TopicInput, Nothing]{
		Name: "topic.set", Title: "Set the topic",
		Doc:  "Says above a channel what it is about. Doing it twice is doing it once.",
		Risk: engine.Write, Idempotency: connectors.NaturalKey,
		Scopes: []string{"slack:channels:manage", "slack:groups:write", "slack:channels:read", "slack:groups:read", "discord:VIEW_CHANNEL", "discord:MANAGE_CHANNELS"},
		Sample: Nothing{To: "#triage"},
		Assume: func(c *connectors.Call, in TopicInput) Nothing { return Nothing{To: goes(c, in.To)} },
		Tests: []connectors.Test[TopicInput]{
			{Name: "a topic", In: TopicInput{Topic: "On call:\n ann"}, Posts: []connectors.Posted{{Did: "topic", Place: "#triage", Text: "On call: ann"}}, Out: map[string]any{"to": "#triage"}},
			{Name: "too long", In: TopicInput{Topic: strings.Repeat("x", maxTopic+1)}, Class: engine.BadInput},
			{Name: "none", In: TopicInput{Topic: "\n"}, Class: engine.BadInput},
		},
		Describe: titled("Set the topic", "to", "Set the topic of "),
		Run: func(ctx context.Context, c *connectors.Call, in TopicInput) (Nothing, error) {
			place, err := where(c, in.To)
			text := strings.Join(strings.Fields(in.Topic), " ")
			if err == nil && text == "" {
				err = named("topic", text)
			}
			if err == nil && len([]rune(text)) > maxTopic {
				err = engine.E(engine.Invalid, "The topic is longer than {max} characters", "max", maxTopic).WithHint("Shorten it.")
			}
			if err != nil {
				return Nothing{}, err
			}
			return Nothing{To: place.String()}, c.SetTopic(ctx, place, text)
		},
	}
}
