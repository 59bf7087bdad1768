package console

import (
	"html/template"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// where is where buttons and forms of this channel are sent, with the session's token and a delivery id of their
// own: pressing twice is one press.
func (v *channelView) where(thread string) Where {
	path := channelPath(v.place.Channel)
	w := Where{Press: path + "/press", Choose: path + "/choose", Submit: path + "/submit",
		Hidden: []Hidden{{"csrf", v.seat.csrf}, {"id", engine.Token(16)}}}
	if thread != "" {
		w.Hidden = append(w.Hidden, Hidden{"thread", thread})
	}
	return w
}

// card is a card in the channel.
func (v *channelView) card(m bot.Message, card prompts.Card) template.HTML {
	w := v.where(m.Thread)
	w.Hidden = append(w.Hidden, Hidden{"message", m.ID})
	return RenderCard(card, w)
}

// form is a dialog.
func (v *channelView) form(thread string, f prompts.Form) template.HTML {
	return RenderForm(f, v.where(thread))
}
