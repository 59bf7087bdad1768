package discord

import (
	"sort"
	"strconv"
	"strings"

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
		return message(private(Message(prompts.Fit(r.Card, Limits()))))
	case bot.Dialog:
		pages := Modals(r.Form)
		page, asked := pageOf(in.Value, len(pages))
		fields := len(pages) == 1 && len(pages[0].Components) == 0
		if in.Kind == bot.InSubmit || len(pages) > 1 && !asked || fields {
			return message(pagesMessage(r.Form, nil))
		}
		return &discord.InteractionResponse{Type: discord.InteractionResponseModal, Data: pages[page]}
	case bot.FieldErrors:
		return message(pagesMessage(r.Form, r.Errors))
	}
	if in.Kind == bot.InCommand || in.Kind == bot.InMessage || in.Message == "" {
		return message(private(Message(prompts.Card{Title: prompts.Line{{Text: prompts.T(in.Actor.Lang, "Done.", nil)}}, Text: "Done."})))
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

// pageOf reads "page 1/2"; asked is false when the value asks for no page. "again" asks for the first.
func pageOf(value string, n int) (page int, asked bool) {
	if value == pageAgain {
		return 0, n == 1
	}
	s, ok := strings.CutPrefix(value, pagePrefix)
	if !ok {
		return 0, false
	}
	first, _, _ := strings.Cut(s, "/")
	i, err := strconv.Atoi(first)
	if err != nil || i < 1 || i > n {
		return 0, false
	}
	return i - 1, true
}

// The Values of a press that asks for a form's page again, and of a page's submission.
const (
	pagePrefix = "page "
	pageAgain  = "again"
)

func sorted(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
