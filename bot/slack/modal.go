package slack

import (
	"strconv"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// valueID is the action id of every input; block ids are the names of fields.
const valueID = "v"

// Modal is a fitted form as a view. The token is its callback id; the place it was opened from travels in the
// private metadata, because a submission does not say.
func Modal(form prompts.Form, from engine.Place) slackgo.ModalViewRequest {
	cancel := prompts.T(form.Lang, "Cancel", nil)
	v := slackgo.ModalViewRequest{
		Type: slackgo.VTModal, Title: plainText(form.Title), Submit: plainText(form.Submit), Close: plainText(cancel),
		CallbackID: form.Token, PrivateMetadata: metadata(from),
	}
	for _, b := range form.Intro {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, block(b))
	}
	for _, f := range form.Fields {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, input(f))
		if f.Error != "" { // an opening view has no error lines of its own
			v.Blocks.BlockSet = append(v.Blocks.BlockSet, note(prompts.Line{{Text: "✖ " + f.Error}}))
		}
	}
	if len(form.Fields) == 0 {
		v.Submit = nil // refused by Slack without an input
	}
	return v
}

func input(f prompts.Field) slackgo.Block {
	var help *slackgo.TextBlockObject
	if strings.TrimSpace(f.Help) != "" {
		help = plainText(f.Help)
	}
	b := slackgo.NewInputBlock(f.Name, plainText(f.Label), help, element(f))
	b.Optional = !f.Required
	return b
}

func element(f prompts.Field) slackgo.BlockElement {
	os := options(f.Options)
	switch {
	case f.Kind == prompts.FieldCheck:
		yes := slackgo.NewOptionBlockObject("true", plainText(f.Label), nil)
		yes.Text.Text = prompts.Cut(yes.Text.Text, 75)
		e := slackgo.NewCheckboxGroupsBlockElement(valueID, yes)
		if f.Value == "true" {
			e.InitialOptions = []*slackgo.OptionBlockObject{yes}
		}
		return e
	case f.Kind == prompts.FieldOne && len(os) > 0:
		e := slackgo.NewOptionsSelectBlockElement(slackgo.OptTypeStatic, nil, valueID, os...)
		for _, o := range os {
			if o.Value == f.Value {
				e.InitialOption = o
			}
		}
		return e
	case f.Kind == prompts.FieldMany && len(os) > 0:
		e := slackgo.NewOptionsMultiSelectBlockElement(slackgo.MultiOptTypeStatic, nil, valueID, os...)
		for _, v := range strings.Split(f.Value, "\n") {
			for _, o := range os {
				if o.Value == v {
					e.InitialOptions = append(e.InitialOptions, o)
				}
			}
		}
		return e
	case f.Kind == prompts.FieldNumber:
		if _, err := strconv.ParseFloat(f.Value, 64); err == nil || f.Value == "" {
			e := slackgo.NewNumberInputBlockElement(nil, valueID, true)
			e.InitialValue = f.Value
			return e
		}
	}
	e := slackgo.NewPlainTextInputBlockElement(nil, valueID)
	e.Multiline = f.Kind == prompts.FieldText || f.Kind == prompts.FieldMany
	e.InitialValue = f.Value
	e.MaxLength = 3000
	return e
}

// metadata is a place as text that placeOf reads.
func metadata(p engine.Place) string {
	if p.Channel == "" {
		return ""
	}
	return p.String() + "\n" + p.Thread
}

func placeOf(text string) engine.Place {
	head, thread, _ := strings.Cut(text, "\n")
	p, err := engine.ParsePlace(head)
	if err != nil {
		return engine.Place{}
	}
	p.Thread = thread
	return p
}
