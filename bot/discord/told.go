package discord

import (
	"strconv"
	"strings"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// A form that asks nothing tells something: an address, a secret that is shown this once. It stands in a dialog and not
// in a message, which would stay. A dialog's text cannot be copied everywhere, so what is to be copied, facts in code,
// stands in inputs that are filled already; what comes back of them is left out by decode and goes nowhere.

// toldMost is how many inputs a dialog has beside its text.
const toldMost = 4

// toldMark begins the ids of those inputs.
const toldMark = nothing + " told "

// tells reports whether a form may be a dialog that only tells: there is something to copy, and in may be answered by a
// dialog, which a dialog's submission may not.
func (l layout) tells(in bot.In) bool {
	if len(l.pages) > 0 || len(l.menus) > 0 || len(l.form.Buttons) > 0 || in.Kind == bot.InSubmit && (!acted(in) || in.Value == bot.ActTyped) {
		return false
	}
	_, copied := apart(l.form.Intro)
	return len(copied) > 0 && len(copied) <= toldMost
}

// apart are the blocks that are read, and the facts that are copied.
func apart(intro []prompts.Block) (read []prompts.Block, copied []prompts.Fact) {
	for _, b := range intro {
		facts, ok := b.(prompts.Facts)
		if !ok {
			read = append(read, b)
			continue
		}
		var rest []prompts.Fact
		for _, f := range facts.Facts {
			if len(f.Value) > 0 && f.Value[0].Kind == prompts.Code {
				copied = append(copied, f)
			} else {
				rest = append(rest, f)
			}
		}
		if len(rest) > 0 {
			read = append(read, prompts.Facts{Facts: rest})
		}
	}
	return read, copied
}

// notice is a form that tells as a dialog.
func (l layout) notice() *discord.InteractionResponseData {
	read, copied := apart(l.form.Intro)
	d := &discord.InteractionResponseData{CustomID: formID + ":" + l.form.Token, Title: label(l.form.Title)}
	if said := strings.Join(blocks(read), "\n"); strings.TrimSpace(said) != "" {
		d.Components = append(d.Components, part{Kind: 10, Content: prompts.Cut(said, contentMost)})
	}
	must := false
	for i, f := range copied {
		value := prompts.Cut(f.Value[0].Text, inputMost)
		in := part{Kind: 4, CustomID: toldMark + strconv.Itoa(i), Style: discord.TextInputShort, Value: value, Required: &must, MaxLength: inputMost}
		if strings.Contains(value, "\n") {
			in.Style = discord.TextInputParagraph
		}
		about := strings.TrimSpace(prompts.Cut(prompts.CleanLine(f.Value[1:].String()), Limits().FieldHelp))
		d.Components = append(d.Components, part{Kind: 18, Label: prompts.Cut(label(f.Label), Limits().FieldLabel), Description: about, Component: &in})
	}
	return d
}
