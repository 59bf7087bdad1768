package slack

import (
	"context"
	"encoding/json"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// Take is a delivery from frame to answer: what it says, what the handler makes of it, and that in Slack's terms. In
// is returned for the place to answer in. An error of the handler is shown to the person; in a dialog it lies upon
// what they typed, so that nothing of it is lost. Errors: those of Decode, for what is no delivery.
func Take(ctx context.Context, h bot.Handler, payload []byte) (bot.In, Answer, error) {
	in, err := Decode(payload)
	if err != nil {
		return in, Answer{}, err
	}
	if in.Kind == bot.InLookUp {
		os, err := h.Options(ctx, in)
		if err != nil { // a list has no place for words
			os = nil
		}
		return in, Answer{Ack: Suggest(os)}, nil
	}
	reply, err := h.Handle(ctx, in)
	if err != nil && reply == nil {
		return in, trouble(in, err), nil
	}
	a, err := Respond(in, reply)
	return in, a, err
}

// trouble shows an error to the person who met it.
func trouble(in bot.In, err error) Answer {
	card := prompts.Problem(prompts.Ctx{Lang: in.Actor.Lang}, err, "")
	if viewAt(in.Message).id == "" {
		if unasked(in) && !spokenTo(in) {
			return Answer{}
		}
		return Answer{Call: private(in, card)}
	}
	if in.Kind == bot.InSubmit && !acted(in) {
		v := cardView(card, metadata(in.Place, ""))
		if ack, err := json.Marshal(slackgo.NewPushViewSubmissionResponse(v)); err == nil && len(ack) <= ackMost {
			return Answer{Ack: ack}
		}
	}
	return Answer{Call: upon(in, card)}
}

// Suggest is the answer to a look-up: the first hundred options, without those whose values Slack cannot carry.
func Suggest(os []prompts.Option) json.RawMessage {
	form := prompts.FitForm(prompts.Form{Fields: []prompts.Field{{Name: "x", Kind: prompts.FieldOne, Options: os}}}, Limits())
	answer := struct {
		Options []*slackgo.OptionBlockObject `json:"options"`
	}{[]*slackgo.OptionBlockObject{}}
	list := options(form.Fields[0].Options)
	answer.Options = append(answer.Options, list[:min(len(list), listMost)]...)
	out, err := json.Marshal(answer)
	if err != nil { // plain structs of texts: it does not happen
		return json.RawMessage(`{"options":[]}`)
	}
	return out
}
