package discord

import (
	"sort"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// Respond turns a reply to in into the answer of the interaction: a message, a private message, a dialog, or an
// acknowledgement. Cards and forms are fitted here.
func Respond(in bot.In, reply bot.Reply) *discord.InteractionResponse {
	switch r := reply.(type) {
	case bot.Shared:
		m := Message(prompts.Fit(r.Card, Limits()))
		return &discord.InteractionResponse{Type: discord.InteractionResponseChannelMessageWithSource, Data: public(m)}
	case bot.Private:
		return answer(in, private(Message(prompts.Fit(r.Card, Limits()))))
	case bot.Dialog:
		pages := Modals(r.Form)
		page, asked := pageOf(in.Value, len(pages))
		if asked = asked && in.Kind != bot.InSubmit; !asked {
			page = 0
		}
		fields := len(pages) == 1 && len(pages[0].Components) == 0
		if in.Kind == bot.InSubmit || len(pages) > 1 && !asked || fields {
			return answer(in, pagesMessage(r.Form, nil, in.Kind == bot.InSubmit && len(pages) > 1 && !r.Form.Lacks()))
		}
		return &discord.InteractionResponse{Type: discord.InteractionResponseModal, Data: pages[page]}
	case bot.FieldErrors:
		return answer(in, pagesMessage(r.Form, r.Errors, false))
	}
	if in.Kind == bot.InCommand || in.Kind == bot.InMessage || in.Message == "" || fromPages(in) {
		return answer(in, private(Message(prompts.Card{Title: prompts.Line{{Text: prompts.T(in.Actor.Lang, "Done.", nil)}}, Text: "Done."})))
	}
	return &discord.InteractionResponse{Type: discord.InteractionResponseDeferredMessageUpdate}
}

// Deferred acknowledges an interaction whose answer follows: privately, or, for a press, without a trace. A dialog
// cannot follow it.
func Deferred(in bot.In) *discord.InteractionResponse {
	if in.Message != "" {
		return &discord.InteractionResponse{Type: discord.InteractionResponseDeferredMessageUpdate}
	}
	return &discord.InteractionResponse{Type: discord.InteractionResponseDeferredChannelMessageWithSource,
		Data: &discord.InteractionResponseData{Flags: discord.MessageFlagsEphemeral}}
}

// answer shows a private message. What comes from the message with a form's pages takes that message's place, so that
// there is one at a time and its buttons go when they are done.
func answer(in bot.In, d *discord.InteractionResponseData) *discord.InteractionResponse {
	if !fromPages(in) {
		return message(d)
	}
	if d.Components == nil {
		d.Components = []discord.MessageComponent{}
	}
	return &discord.InteractionResponse{Type: discord.InteractionResponseUpdateMessage, Data: d}
}

// fromPages reports whether a submission came by way of the message with a form's pages. A dialog of one page may
// have been opened from a card for everybody, which is never replaced.
func fromPages(in bot.In) bool {
	return in.Kind == bot.InSubmit && in.Value != "" && in.Message != ""
}

func message(d *discord.InteractionResponseData) *discord.InteractionResponse {
	return &discord.InteractionResponse{Type: discord.InteractionResponseChannelMessageWithSource, Data: d}
}

func public(m *discord.MessageSend) *discord.InteractionResponseData {
	return &discord.InteractionResponseData{Content: m.Content, Embeds: m.Embeds, Components: m.Components, AllowedMentions: m.AllowedMentions}
}

func private(m *discord.MessageSend) *discord.InteractionResponseData {
	d := public(m)
	d.Flags = discord.MessageFlagsEphemeral
	return d
}

// pageOf is the page that a press asks for, of n; asked is false when it asks for none. "again" asks for the first.
func pageOf(value string, n int) (page int, asked bool) {
	if value == bot.FormAgain {
		return 0, n == 1
	}
	page, _, ok := bot.Page(value)
	return page - 1, ok && page <= n
}

func sorted(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
