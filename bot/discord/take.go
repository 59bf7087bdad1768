package discord

import (
	"context"
	"strings"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Take is a delivery from frame to answer: what it says, what the handler makes of it, and that as the answer of the
// interaction; nil for messages, reactions and joins, which have none. An error of the handler is a private message
// beside what the person has before them, so that nothing they typed is lost. Errors: those of Decode, for what is no
// delivery. Listen does the same with what is durable and in time.
func Take(ctx context.Context, h bot.Handler, payload []byte) (bot.In, *discord.InteractionResponse, error) {
	in, err := Decode(payload)
	if err != nil {
		return in, nil, err
	}
	if in.Kind == bot.InLookUp {
		return in, Complete(in, offered(ctx, h, in)), nil
	}
	reply, err := ask(ctx, h, in)
	if in.Trigger == "" {
		return in, nil, nil
	}
	if err != nil {
		return in, refusal(in, err), nil
	}
	return in, Respond(in, reply), nil
}

// offered is what completes the line that is being typed.
func offered(ctx context.Context, h bot.Handler, in bot.In) []prompts.Option {
	in.Kind, in.Value = bot.InCommand, ""
	os, err := h.Options(ctx, in)
	if err != nil { // a list has no place for words
		return nil
	}
	return os
}

// ask is what the handler makes of a delivery.
func ask(ctx context.Context, h bot.Handler, in bot.In) (bot.Reply, error) {
	reply, err := h.Handle(ctx, in)
	if err != nil && reply == nil {
		return nil, err
	}
	if d, ok := reply.(bot.Dialog); ok {
		reply = lookedUp(ctx, h, in, d)
	}
	return reply, nil
}

// refusal is an error as a private message.
func refusal(in bot.In, err error) *discord.InteractionResponse {
	if engine.CodeOf(err) == engine.Conflict && old(in) {
		command, known := engine.AsError(err).Args["command"].(string)
		if !known {
			command = "/flow edit"
		}
		err = asleep(command)
	}
	return message(private(Message(prompts.Fit(prompts.Problem(prompts.Ctx{Lang: in.Actor.Lang}, err, ""), Limits()))))
}

// lookedUp puts what the handler finds into the field that was searched.
func lookedUp(ctx context.Context, h bot.Handler, in bot.In, d bot.Dialog) bot.Dialog {
	rest, ok := strings.CutPrefix(in.Value, foundPress)
	if !ok || in.Kind != bot.InPress {
		return d
	}
	name, text, _ := strings.Cut(rest, "\n")
	fields := append([]prompts.Field(nil), d.Form.Fields...)
	for i, f := range fields {
		if f.Name != name || !f.Live {
			continue
		}
		asked := in
		asked.Kind, asked.Token, asked.Value, asked.Text = bot.InLookUp, d.Form.Token, name, text
		if os, err := h.Options(ctx, asked); err == nil { // else the first ones are what there is to choose
			fields[i].Options = os
		}
	}
	d.Form.Fields = fields
	return d
}

// sleepy is how long Discord lets a private message be changed from outside, milliseconds ("Following Up").
const sleepy = 15 * 60 * 1000

// old reports whether something was pressed on a message that Discord no longer lets be changed from outside.
func old(in bot.In) bool {
	_, id, ok := strings.Cut(string(in.Message), "/")
	return ok && in.At-created(id) > sleepy
}

// asleep is what is said of a private message that is too old; command leads back to the draft.
func asleep(command string) *engine.Error {
	return engine.E(engine.Conflict, "This message is asleep", "command", command).WithOp("discord.answer").
		WithHint("Your draft is safe: {command}")
}

// Complete is the answer to a completion: at most 25 choices. The options are whole lines, as the handler completes
// them; a choice is only what stands in the option that is being typed.
func Complete(in bot.In, os []prompts.Option) *discord.InteractionResponse {
	head := strings.TrimSuffix(in.Text, in.Value)
	out := []*discord.ApplicationCommandOptionChoice{}
	seen := map[string]bool{}
	for _, o := range os {
		v, ok := strings.CutPrefix(o.Value, head)
		if !ok {
			v = o.Value[strings.LastIndexByte(o.Value, ' ')+1:]
		}
		name := label(o.Label)
		if o.Help != "" {
			name += " – " + prompts.CleanLine(o.Help)
		}
		if v == "" || len([]rune(v)) > choiceMost || seen[v] || len(out) == choicesMost {
			continue
		}
		seen[v] = true
		out = append(out, &discord.ApplicationCommandOptionChoice{Name: prompts.Cut(name, choiceMost), Value: v})
	}
	return &discord.InteractionResponse{Type: discord.InteractionApplicationCommandAutocompleteResult, Data: &discord.InteractionResponseData{Choices: out}}
}

// choiceMost is how long the name and the value of a completion's choice may be.
const choiceMost = 100
