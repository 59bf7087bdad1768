package slack

import (
	"encoding/json"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// Answer is a reply in Slack's terms: what goes back in the acknowledgement, and what is called after it.
type Answer struct {
	Ack  json.RawMessage // body of the acknowledgement; nil acknowledges without one
	Call *Call           // nil when the acknowledgement is all
}

// Call is one request of the Web API. Exactly one of View and Message is set.
type Call struct {
	Method  string // views.open, views.update, chat.postMessage, chat.postEphemeral
	Trigger string // of views.open
	ViewID  string // of views.update
	View    *slackgo.ModalViewRequest
	Message *Post
}

// Post is a message to send.
type Post struct {
	Channel string          `json:"channel"`
	User    string          `json:"user,omitempty"` // of chat.postEphemeral: who sees it
	Thread  string          `json:"thread_ts,omitempty"`
	Text    string          `json:"text"`
	Blocks  []slackgo.Block `json:"blocks"`
	Key     string          `json:"-"` // of the card, kept in the message's metadata
}

// ackMost is kept below the 20 KB at which Slack drops answers sent through a socket.
const ackMost = 19 << 10

// Respond turns a reply to in into Slack's terms. Cards and forms are fitted here.
func Respond(in bot.In, reply bot.Reply) (Answer, error) {
	switch r := reply.(type) {
	case bot.Shared:
		return Answer{Call: &Call{Method: "chat.postMessage", Message: postOf(in, r.Card, "")}}, nil
	case bot.Private:
		return Answer{Call: &Call{Method: "chat.postEphemeral", Message: postOf(in, r.Card, in.Actor.User)}}, nil
	case bot.Dialog:
		v := Modal(prompts.FitForm(r.Form, Limits()), in.Place)
		if in.Kind != bot.InSubmit {
			return Answer{Call: &Call{Method: "views.open", Trigger: in.Trigger, View: &v}}, nil
		}
		return replaceView(in, v, r.Form.Lang)
	case bot.FieldErrors:
		return fieldErrors(in, r)
	}
	return Answer{}, nil
}

func postOf(in bot.In, card prompts.Card, user string) *Post {
	blocks, text := Message(prompts.Fit(card, Limits()))
	thread := in.Place.Thread // a message's time, or the Ref of the message that begins the thread
	if _, ts, ok := strings.Cut(thread, "/"); ok {
		thread = ts
	}
	return &Post{Channel: in.Place.Channel, User: user, Thread: thread, Text: text, Blocks: blocks, Key: card.Key}
}

// replaceView answers a submission with another view. One that is too large for the acknowledgement is announced by a
// small view and follows by views.update.
func replaceView(in bot.In, v slackgo.ModalViewRequest, lang string) (Answer, error) {
	ack, err := json.Marshal(slackgo.NewUpdateViewSubmissionResponse(&v))
	if err != nil {
		return Answer{}, err
	}
	if len(ack) <= ackMost {
		return Answer{Ack: ack}, nil
	}
	small := v
	small.Submit = nil
	small.Blocks = slackgo.Blocks{BlockSet: []slackgo.Block{rich(richLine(prompts.Line{{Text: prompts.T(lang, "One moment …", nil)}}, false))}}
	if ack, err = json.Marshal(slackgo.NewUpdateViewSubmissionResponse(&small)); err != nil {
		return Answer{}, err
	}
	return Answer{Ack: ack, Call: &Call{Method: "views.update", ViewID: viewID(in), View: &v}}, nil
}

func viewID(in bot.In) string {
	if s := string(in.Message); len(s) > len(viewRef) && s[:len(viewRef)] == viewRef {
		return s[len(viewRef):]
	}
	return ""
}

// fieldErrors keeps the view open with red text under the fields. Errors of fields that the view does not have stand
// under its first field, as Slack refuses unknown ones. The form's own texts, translated, go before the bare ones.
func fieldErrors(in bot.In, r bot.FieldErrors) (Answer, error) {
	form := prompts.FitForm(r.Form, Limits())
	errs := map[string]string{}
	for _, f := range form.Fields {
		if f.Error != "" {
			errs[f.Name] = f.Error
		}
	}
	for name, why := range r.Errors {
		if errs[name] != "" || why == "" {
			continue
		}
		why = prompts.CleanLine(prompts.T(form.Lang, why, nil))
		if _, shown := in.Fields[name]; !shown && len(form.Fields) > 0 {
			name = form.Fields[0].Name
		}
		errs[name] = why
	}
	if len(errs) == 0 {
		return Answer{}, nil
	}
	ack, err := json.Marshal(slackgo.NewErrorsViewSubmissionResponse(errs))
	if err != nil {
		return Answer{}, err
	}
	return Answer{Ack: ack}, nil
}
