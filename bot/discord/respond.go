package discord

import (
	"strconv"
	"strings"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// What the buttons of a form's message say, in In.Value of a press, besides pages and "again": which rows to show
// next, whose choices are looked for, and what for.
const (
	morePress   = "more "   // "more 2"
	searchPress = "search " // "search NAME"
	foundPress  = "found "  // "found NAME\nTEXT"
)

// Respond turns a reply to in into the answer of the interaction: a message, a private message, a dialog, or an
// acknowledgement. Cards and forms are fitted here.
func Respond(in bot.In, reply bot.Reply) *discord.InteractionResponse {
	switch r := reply.(type) {
	case bot.Shared:
		return message(public(illustrated(prompts.Fit(r.Card, Limits()))))
	case bot.Private:
		m := private(illustrated(prompts.Fit(r.Card, Limits())))
		if acted(in) { // the form stays where it is
			return message(m)
		}
		return answer(in, m)
	case bot.Dialog:
		return dialog(in, r.Form)
	case bot.FieldErrors:
		l := lay(r.Form)
		return answer(in, sheet{layout: l, errs: r.Errors, save: l.mixed() && !l.form.Lacks()}.message())
	}
	if in.Kind == bot.InCommand || in.Kind == bot.InShort || in.Kind == bot.InMessage || in.Message == "" || own(in) && !acted(in) {
		return answer(in, private(Message(prompts.Card{Title: prompts.Line{{Text: prompts.T(in.Actor.Lang, "Done.", nil)}}, Text: "Done."})))
	}
	return &discord.InteractionResponse{Type: discord.InteractionResponseDeferredMessageUpdate}
}

// dialog shows a form: as a dialog where one may be the answer and is what was asked for or is all of it, else as a
// message with its parts.
func dialog(in bot.In, form prompts.Form) *discord.InteractionResponse {
	l := lay(form)
	if l.tells(in) {
		return modalResponse(l.notice())
	}
	s := sheet{layout: l, save: !l.form.Lacks() && (l.mixed() || in.Kind == bot.InSubmit && len(l.pages) > 1 || len(l.pages) == 0)}
	if in.Kind == bot.InSubmit {
		return answer(in, s.message())
	}
	if page, asked := pageOf(in.Value, len(l.pages)); asked {
		what := pageName(page, len(l.pages))
		switch {
		case l.mixed():
			what = typedPage
		case own(in) && what == "":
			what = "1/1" // its submission takes the message's place
		}
		return modalResponse(l.modal(page, what))
	}
	if name, ok := strings.CutPrefix(in.Value, searchPress); ok {
		for _, f := range l.menus {
			if f.Name == name {
				return modalResponse(l.searchPage(f))
			}
		}
	}
	if rest, ok := strings.CutPrefix(in.Value, foundPress); ok {
		s.field, s.text, _ = strings.Cut(rest, "\n")
		s.window = s.windowOf(s.field)
	}
	if n, ok := strings.CutPrefix(in.Value, morePress); ok {
		s.window, _ = strconv.Atoi(n)
	}
	if l.plain() && !own(in) {
		return modalResponse(l.modal(0, ""))
	}
	return answer(in, s.message())
}

// windowOf is the window that shows a field's menu.
func (s sheet) windowOf(field string) int {
	for s.window = 1; s.window <= len(s.menus)+1; s.window++ { // a window has four rows, so there are fewer
		for _, row := range s.rows() {
			for _, c := range row.(discord.ActionsRow).Components {
				if m, ok := c.(discord.SelectMenu); ok && m.CustomID == fieldID+field+":"+s.form.Token {
					return s.window
				}
			}
		}
	}
	return 1
}

func modalResponse(d *discord.InteractionResponseData) *discord.InteractionResponse {
	return &discord.InteractionResponse{Type: discord.InteractionResponseModal, Data: d}
}

// Deferred acknowledges an interaction whose answer follows: privately, or, for a press, without a trace. A dialog
// cannot follow it.
func Deferred(in bot.In) *discord.InteractionResponse {
	if in.Message != "" && in.Kind != bot.InShort {
		return &discord.InteractionResponse{Type: discord.InteractionResponseDeferredMessageUpdate}
	}
	return &discord.InteractionResponse{Type: discord.InteractionResponseDeferredChannelMessageWithSource,
		Data: &discord.InteractionResponseData{Flags: discord.MessageFlagsEphemeral}}
}

// answer shows a private message. What comes from the message with a form's parts takes that message's place, so that
// there is one at a time and its buttons go when they are done.
func answer(in bot.In, d *discord.InteractionResponseData) *discord.InteractionResponse {
	if !own(in) {
		return message(d)
	}
	if d.Components == nil {
		d.Components = []discord.MessageComponent{}
	}
	return &discord.InteractionResponse{Type: discord.InteractionResponseUpdateMessage, Data: d}
}

// own reports whether something came by way of a form's own private message. A dialog of one page may have been
// opened from a card for everybody, which is never replaced.
func own(in bot.In) bool {
	return (in.Kind == bot.InSubmit || in.Kind == bot.InPress) && in.Value != "" && in.Message != ""
}

// acted reports whether something on a form's message was used, rather than the form sent.
func acted(in bot.In) bool {
	return in.Kind == bot.InSubmit && strings.HasPrefix(in.Value, bot.ActPrefix)
}

func message(d *discord.InteractionResponseData) *discord.InteractionResponse {
	return &discord.InteractionResponse{Type: discord.InteractionResponseChannelMessageWithSource, Data: d}
}

func public(m *discord.MessageSend) *discord.InteractionResponseData {
	return &discord.InteractionResponseData{Content: m.Content, Embeds: m.Embeds, Components: m.Components, AllowedMentions: m.AllowedMentions, Files: m.Files}
}

func private(m *discord.MessageSend) *discord.InteractionResponseData {
	d := public(m)
	d.Flags = discord.MessageFlagsEphemeral
	return d
}
