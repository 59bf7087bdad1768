package slack

import (
	"encoding/json"
	"maps"
	"slices"
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
	Method  string // views.open, views.push, views.update, views.publish, chat.postMessage, chat.postEphemeral
	Trigger string // of views.open and views.push; dies three seconds after the delivery
	ViewID  string // of views.update
	Hash    string // of views.update: the state that was answered; "" whatever it is now
	View    *slackgo.ModalViewRequest
	Message *Post
	Late    *Post                       // of views.open and views.push: sent instead when the trigger is dead; for a dialog with a button that opens it
	User    string                      `json:",omitempty"` // of views.publish: whose page it is
	Home    *slackgo.HomeTabViewRequest `json:",omitempty"`
	Back    string                      `json:"-"` // of a private message: the response_url it goes by, as secret as a token
	Direct  bool                        `json:"-"` // of a private message: without Back it goes into the direct messages, to be found later
}

// Post is a message to send.
type Post struct {
	Channel string          `json:"channel"`
	User    string          `json:"user,omitempty"` // of chat.postEphemeral: who sees it
	Thread  string          `json:"thread_ts,omitempty"`
	Text    string          `json:"text"`
	Blocks  []slackgo.Block `json:"blocks"`
	Key     string          `json:"-"` // of the card, kept in the message's metadata
	// Pictures of the card, by the block that says them in words.
	Pictures map[int]prompts.Picture `json:"-"`
}

// ackMost is kept below the 20 KB at which Slack drops answers sent through a socket.
const ackMost = 19 << 10

// Respond turns a reply to in into Slack's terms. Cards and forms are fitted here. A dialog is opened from a command
// or a button, and replaced in place from a dialog, so that the three that may lie on each other are never used up:
// only a private answer to something pressed in a dialog lies upon it, and closing it leads back to what was typed.
func Respond(in bot.In, reply bot.Reply) (Answer, error) {
	switch r := reply.(type) {
	case bot.Shared:
		return Answer{Ack: done(in), Call: &Call{Method: "chat.postMessage", Message: postOf(in, r.Card, "")}}, nil
	case bot.Private:
		if at := viewAt(in.Message); at.id != "" && (acted(in) || in.Kind != bot.InSubmit) {
			return Answer{Call: upon(in, r.Card)}, nil
		}
		return Answer{Ack: done(in), Call: private(in, r.Card)}, nil
	case bot.Dialog:
		return dialog(in, r.Form)
	case bot.FieldErrors:
		return fieldErrors(in, r)
	case bot.Home:
		v := homeView(r)
		return Answer{Ack: done(in), Call: &Call{Method: "views.publish", User: in.Actor.User, Home: &v}}, nil
	}
	return Answer{Ack: done(in)}, nil
}

// done closes what is open once a dialog was acted upon: without it Slack closes the uppermost window alone.
func done(in bot.In) json.RawMessage {
	if in.Kind != bot.InSubmit || acted(in) || !viewAt(in.Message).upon {
		return nil
	}
	return json.RawMessage(`{"response_action":"clear"}`)
}

// private shows a card to the actor alone: in the place, or where there is none, in their direct messages.
func private(in bot.In, card prompts.Card) *Call {
	if in.Place.Channel == "" {
		in.Place.Channel, in.Place.Thread = in.Actor.User, ""
		return &Call{Method: "chat.postMessage", Message: postOf(in, card, "")}
	}
	return &Call{Method: "chat.postEphemeral", Message: postOf(in, card, in.Actor.User), Back: in.Back}
}

// acted reports whether something in a dialog's body was used, rather than the dialog sent.
func acted(in bot.In) bool {
	return in.Kind == bot.InSubmit && strings.HasPrefix(in.Value, bot.ActPrefix)
}

func postOf(in bot.In, card prompts.Card, user string) *Post {
	card = prompts.Fit(card, Limits())
	blocks, text := Message(card)
	thread := in.Place.Thread // a message's time, or the Ref of the message that begins the thread
	if _, ts, ok := strings.Cut(thread, "/"); ok {
		thread = ts
	}
	return &Post{Channel: in.Place.Channel, User: user, Thread: thread, Text: text, Blocks: blocks, Key: card.Key, Pictures: picturesOf(card)}
}

// dialog opens a form, or shows it in the window that is open: of a form in pages the page after the one that came.
func dialog(in bot.In, form prompts.Form) (Answer, error) {
	at := viewAt(in.Message)
	v, lang := pageOf(in, form)
	switch {
	case at.id == "":
		return Answer{Call: &Call{Method: "views.open", Trigger: in.Trigger, View: &v, Late: late(in, form), Back: in.Back}}, nil
	case acted(in) || in.Kind != bot.InSubmit:
		return Answer{Call: &Call{Method: "views.update", ViewID: at.id, Hash: at.hash, View: &v}}, nil
	}
	return replaceView(in, v, lang)
}

// pageOf is the page of a form that answers in.
func pageOf(in bot.In, form prompts.Form) (v slackgo.ModalViewRequest, lang string) {
	pages := prompts.Pages(prompts.FitForm(form, Limits()), Limits())
	i := 0
	if k, n, ok := bot.Page(viewAt(in.Message).page); ok && n == len(pages) && in.Token == form.Token {
		if i = k - 1; !acted(in) {
			i = k % n
		}
	}
	return modal(pages[i], metadata(in.Place, pageName(i, len(pages))), in), form.Lang
}

// lateID is the id of the button that opens a dialog which came too late.
const lateID = "open-now"

// late is the private message instead of a dialog that Slack no longer opens.
func late(in bot.In, form prompts.Form) *Post {
	words := prompts.T(form.Lang, "Slack closed the window before I could open it.", nil)
	card := prompts.Card{Tone: prompts.ToneWarn, Title: prompts.Line{{Text: words}}, Text: words, Lang: form.Lang}
	card.Buttons = again(form.Lang, form.Token)
	return private(in, card).Message
}

// again is the button that opens the dialog called token as it was; none where it has no name.
func again(lang, token string) []prompts.Button {
	if token == "" {
		return nil
	}
	return []prompts.Button{{ID: lateID, Label: prompts.T(lang, "Open it now", nil), Token: token, Style: prompts.Primary}}
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
	return Answer{Ack: ack, Call: &Call{Method: "views.update", ViewID: viewAt(in.Message).id, View: &v}}, nil
}

// cardView is a card as a window without inputs.
func cardView(card prompts.Card, meta string) *slackgo.ModalViewRequest {
	card = prompts.Fit(card, Limits())
	blocks, _ := Message(card)
	return &slackgo.ModalViewRequest{Type: slackgo.VTModal, Title: plainText("Bretelle"), Close: plainText(prompts.T(card.Lang, "Close", nil)),
		PrivateMetadata: meta, Blocks: slackgo.Blocks{BlockSet: blocks}}
}

// upon lays a card on the window that is open, or puts it in the place of one that lies upon another already. What
// comes too late for that is a private message.
func upon(in bot.In, card prompts.Card) *Call {
	v := cardView(card, metadata(in.Place, ""))
	if at := viewAt(in.Message); at.upon {
		return &Call{Method: "views.update", ViewID: at.id, Hash: at.hash, View: v}
	}
	return &Call{Method: "views.push", Trigger: in.Trigger, View: v, Late: private(in, card).Message, Back: in.Back}
}

// fieldErrors keeps the view open with red text under the fields. Errors of fields that the view does not have lead
// to the page that has them, else stand under the view's first field, as Slack refuses unknown ones. The form's own
// texts, translated, go before the bare ones. To something that acts they are lines below the fields.
func fieldErrors(in bot.In, r bot.FieldErrors) (Answer, error) {
	form := prompts.FitForm(r.Form, Limits())
	errs, shown, first := map[string]string{}, false, ""
	for i, f := range form.Fields {
		if why := r.Errors[f.Name]; f.Error == "" && why != "" {
			form.Fields[i].Error = prompts.CleanLine(prompts.T(form.Lang, why, nil))
		}
		_, here := in.Fields[f.Name]
		if here && first == "" {
			first = f.Name
		}
		if why := form.Fields[i].Error; why != "" {
			errs[f.Name] = why
			shown = shown || here
		}
	}
	for name, why := range r.Errors {
		if errs[name] == "" && why != "" {
			errs[name] = prompts.CleanLine(prompts.T(form.Lang, why, nil))
		}
	}
	if len(errs) == 0 {
		return Answer{}, nil
	}
	pages := prompts.Pages(form, Limits())
	if i := wrongPage(pages); acted(in) || !shown && i >= 0 && len(pages) > 1 {
		v := modal(pages[max(0, i)], metadata(in.Place, pageName(max(0, i), len(pages))), in)
		if at := viewAt(in.Message); acted(in) {
			return Answer{Call: &Call{Method: "views.update", ViewID: at.id, Hash: at.hash, View: &v}}, nil
		}
		return replaceView(in, v, form.Lang)
	}
	if first == "" && len(form.Fields) > 0 {
		first = form.Fields[0].Name
	}
	out := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(errs)) {
		field := name
		if _, here := in.Fields[name]; !here {
			field = first
		}
		if at := viewAt(in.Message).block(field); field == name || out[at] == "" { // a field's own error goes first
			out[at] = errs[name]
		}
	}
	ack, err := json.Marshal(slackgo.NewErrorsViewSubmissionResponse(out))
	if err != nil {
		return Answer{}, err
	}
	return Answer{Ack: ack}, nil
}

// wrongPage is the first page with an error; -1 for none.
func wrongPage(pages []prompts.Form) int {
	for i, p := range pages {
		for _, f := range p.Fields {
			if f.Error != "" {
				return i
			}
		}
	}
	return -1
}
