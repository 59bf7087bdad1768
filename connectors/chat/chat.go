package chat

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// maxText bounds one message, in bytes; surfaces cut and page below it.
const maxText = 32 << 10

// Messenger is the exit used; see connectors.Messenger for what its errors mean.
type Messenger = connectors.Messenger

// New is the connector.
func New() connectors.Connector {
	return connectors.Connector{
		Name:     "chat",
		Title:    "Chat",
		Doc:      "Speaks and listens in the channels that Bretelle is in.",
		Actions:  []connectors.Action{post().Action("chat"), reply().Action("chat"), direct().Action("chat"), react().Action("chat")},
		Triggers: triggers(),
	}
}

// Input is what chat.message.post takes.
type Input struct {
	To     string `json:"to,omitempty" title:"Channel" format:"place" doc:"Where to post: #channel, slack:TEAM/#channel or discord:GUILD/#channel. Left out, it is the flow's channel."`
	Text   string `json:"text" title:"Text" required:"true" format:"text" doc:"What to say."`
	Thread string `json:"thread,omitempty" title:"Thread" doc:"The thread to answer in, as an earlier message's result names it."`
}

// Output is what chat.message.post gives.
type Output struct {
	Ref string `json:"ref" doc:"The message, for a later step that refers to it."`
	To  string `json:"to" format:"place" doc:"Where it was posted."`
}

func post() connectors.Act[Input, Output] {
	return connectors.Act[Input, Output]{
		Name:        "message.post",
		Title:       "Post a message",
		Doc:         "Posts a text into a channel, or into a thread there. After a crash or a retry the message still stands there once.",
		Risk:        engine.Write,
		Idempotency: connectors.KeySent,
		Sample:      Output{Ref: sampleRef, To: "#triage"},
		Assume:      func(c *connectors.Call, in Input) Output { return Output{Ref: sampleRef, To: goes(c, in.To)} },
		Tests: []connectors.Test[Input]{
			{Name: "into the flow's channel", In: Input{Text: "It is done."},
				Posts: []connectors.Posted{{Place: "#triage", Text: "It is done."}},
				Out:   map[string]any{"ref": "ref-1", "to": "#triage"}},
			{Name: "elsewhere, in a thread", In: Input{To: "slack:T0123/#ops", Text: "5", Thread: "170.1"},
				Posts: []connectors.Posted{{Place: "slack:T0123/#ops", Thread: "170.1", Text: "5"}},
				Out:   map[string]any{"ref": "ref-1", "to": "slack:T0123/#ops"}},
			{Name: "a place that is none", In: Input{To: "nowhere", Text: "x"}, Class: engine.BadInput},
			{Name: "nothing to say", In: Input{Text: "  "}, Class: engine.BadInput},
		},
		Describe: describe,
		Run:      run,
	}
}

func describe(in map[string]any) (string, any) {
	rest := map[string]any{}
	line := "Post a message"
	for k, v := range in {
		if to, ok := v.(string); ok && k == "to" && to != "" {
			line = "Post into " + strings.Join(strings.Fields(to), " ")
		} else if v != nil {
			rest[k] = v
		}
	}
	if text, ok := rest["text"]; ok && len(rest) == 1 {
		return line, text
	}
	return line, rest
}

func run(ctx context.Context, c *connectors.Call, in Input) (Output, error) {
	place, err := where(c, in.To)
	if err == nil {
		err = sayable(in.Text)
	}
	if err != nil {
		return Output{}, err
	}
	ref, err := c.Post(ctx, place, in.Thread, in.Text)
	if err != nil {
		return Output{}, err
	}
	return Output{Ref: ref, To: place.String()}, nil
}
