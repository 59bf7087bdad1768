package chat

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// maxText bounds one message, in bytes; surfaces cut and page below it.
const maxText = 32 << 10

// New is the connector.
func New() connectors.Connector {
	return connectors.Connector{
		Name:  "chat",
		Title: "Chat",
		Doc:   "Speaks and listens in the channels that Bretelle is in.",
		Actions: []connectors.Action{post().Action("chat"), reply().Action("chat"), direct().Action("chat"), edit().Action("chat"),
			remove().Action("chat"), react().Action("chat"), open().Action("chat"), upload().Action("chat"), topic().Action("chat"),
			members().Action("chat"), find().Action("chat")},
		Triggers: triggers(),
	}
}

// Input is what chat.message.post takes.
type Input struct {
	To      string   `json:"to,omitempty" title:"Channel" format:"place" doc:"Where to post: #channel, slack:TEAM/#channel or discord:GUILD/#channel. Left out, it is the flow's channel."`
	Text    string   `json:"text" title:"Text" required:"true" format:"text" doc:"What to say."`
	Thread  string   `json:"thread,omitempty" title:"Thread" doc:"The thread to answer in, as an event or an earlier step names it."`
	Mention []string `json:"mention,omitempty" title:"Notify" advanced:"true" example:"@triage" doc:"Who is notified: persons and groups that I know, @ann, @triage. A name in the text notifies nobody."`
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
		Scopes:      speaking(),
		Idempotency: connectors.KeySent,
		Sample:      Output{Ref: sampleRef, To: "#triage"},
		Undo:        takeBack[Input],
		Assume:      func(c *connectors.Call, in Input) Output { return Output{Ref: sampleRef, To: goes(c, in.To)} },
		Tests: []connectors.Test[Input]{
			{Name: "into the flow's channel", In: Input{Text: "It is done."},
				Posts: []connectors.Posted{{Place: "#triage", Text: "It is done."}},
				Out:   map[string]any{"ref": "ref-1", "to": "#triage"}},
			{Name: "elsewhere, in a thread", In: Input{To: "slack:T0123/#ops", Text: "5", Thread: "170.1"},
				Posts: []connectors.Posted{{Place: "slack:T0123/#ops", Thread: "170.1", Text: "5"}},
				Out:   map[string]any{"ref": "ref-1", "to": "slack:T0123/#ops"}},
			{Name: "with somebody notified", In: Input{Text: "@everyone", Mention: []string{"@triage", " ann "}},
				Posts: []connectors.Posted{{Place: "#triage", Text: "@everyone", Mention: []string{"@triage", "@ann"}}}},
			{Name: "a place that is none", In: Input{To: "nowhere", Text: "x"}, Class: engine.BadInput},
			{Name: "nothing to say", In: Input{Text: "  "}, Class: engine.BadInput},
			{Name: "too many are notified", In: Input{Text: "x", Mention: make([]string, maxMention+1)}, Class: engine.BadInput},
			{Name: "nobody is notified", In: Input{Text: "x", Mention: []string{"@"}}, Class: engine.BadInput},
		},
		Describe: titled("Post a message", "to", "Post into "),
		Run: func(ctx context.Context, c *connectors.Call, in Input) (Output, error) {
			place, err := where(c, in.To)
			if err != nil {
				return Output{}, err
			}
			w, err := words(in.Text, in.Mention)
			if err != nil {
				return Output{}, err
			}
			ref, err := c.Post(ctx, place, strings.TrimSpace(in.Thread), w)
			if err != nil {
				return Output{}, err
			}
			return Output{Ref: ref, To: place.String()}, nil
		},
	}
}

// maxMention bounds who is notified by one message.
const maxMention = 20

// words is a text that can be posted, with who is notified.
func words(text string, mention []string) (connectors.Words, error) {
	w := connectors.Words{Text: text}
	if err := sayable(text); err != nil {
		return w, err
	}
	if len(mention) > maxMention {
		return w, engine.E(engine.Invalid, "More than {most} are to be notified", "most", maxMention).WithHint("Name a group.")
	}
	for _, m := range mention {
		m = strings.TrimSpace(m)
		if !strings.Contains(m, "/") {
			m = "@" + strings.TrimPrefix(m, "@")
		}
		if m == "@" || len(m) > 200 || strings.ContainsAny(m, " \t\n") {
			return w, engine.E(engine.Invalid, `"{name}" is nobody to notify`, "name", cut(m)).WithHint("Write @name of a person or a group that I know.")
		}
		w.Mention = append(w.Mention, m)
	}
	return w, nil
}
