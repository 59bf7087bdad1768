package discord

import (
	"strconv"
	"strings"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/prompts"
)

// Message is a fitted card as a message: the card is an embed, whom it notifies is the content. It accepts any card;
// within Limits, Discord accepts the result.
func Message(card prompts.Card) *discord.MessageSend {
	content, allowed := pings(card)
	return &discord.MessageSend{
		Content:         content,
		Embeds:          []*discord.MessageEmbed{{Type: discord.EmbedTypeRich, Description: description(card), Color: colour(card.Tone)}},
		Components:      components(card),
		AllowedMentions: allowed,
	}
}

func description(card prompts.Card) string {
	title := strings.TrimSpace(markdown(plainer(card.Title)))
	if s := card.Tone.Sign(); s != "" {
		title = s + " " + title
	}
	lines := []string{"**" + title + "**"}
	if strings.TrimSpace(title) == "" {
		lines = nil
	}
	lines = append(lines, blocks(card.Blocks)...)
	out := strings.Join(lines, "\n")
	if out == "" {
		out = "–"
	}
	return out
}

// plainer takes Strong away where all is bold already: ** inside ** would end it.
func plainer(l prompts.Line) prompts.Line {
	out := make(prompts.Line, len(l))
	for i, s := range l {
		if s.Kind == prompts.Strong {
			s.Kind = prompts.Plain
		}
		out[i] = s
	}
	return out
}

// blocks are the lines of some blocks.
func blocks(bs []prompts.Block) []string {
	var lines []string
	for _, b := range bs {
		lines = append(lines, block(b)...)
	}
	return lines
}

func block(b prompts.Block) []string {
	switch b := b.(type) {
	case prompts.Para:
		return []string{markdown(b.Line)}
	case prompts.Note:
		return []string{"-# " + markdown(b.Line)}
	case prompts.Pre:
		return []string{fence(b.Text, b.Lang)}
	case prompts.Facts:
		var out []string
		for _, f := range b.Facts {
			v := markdown(f.Value)
			if f.Risky {
				v = prompts.RiskSign + " " + v
			}
			out = append(out, "**"+Escape(prompts.CleanLine(f.Label))+"** "+v)
		}
		return out
	case prompts.Picture:
		return []string{markdown(prompts.Line{{Text: b.Alt}})}
	}
	return []string{"────"}
}

// pings is the content that notifies, and the permission for exactly those ids.
func pings(card prompts.Card) (string, *discord.MessageAllowedMentions) {
	allowed := &discord.MessageAllowedMentions{Parse: []discord.AllowedMentionType{}}
	var words []string
	seen := map[string]bool{}
	add := func(l prompts.Line) {
		for _, s := range l {
			id, role := target(s)
			if id == "" || seen[id] || len(seen) == 20 {
				continue
			}
			seen[id] = true
			words = append(words, mention(id, role))
			if role {
				allowed.Roles = append(allowed.Roles, id)
			} else {
				allowed.Users = append(allowed.Users, id)
			}
		}
	}
	add(card.Title)
	for _, b := range card.Blocks {
		switch b := b.(type) {
		case prompts.Para:
			add(b.Line)
		case prompts.Note:
			add(b.Line)
		case prompts.Facts:
			for _, f := range b.Facts {
				add(f.Value)
			}
		}
	}
	return strings.Join(words, " "), allowed
}

// colour of the bar beside an embed; the sign says the same.
func colour(t prompts.Tone) int {
	switch t {
	case prompts.ToneQuestion, prompts.ToneUnsure:
		return 0x5865f2
	case prompts.ToneGood, prompts.ToneLive:
		return 0x2d7d46
	case prompts.ToneBad, prompts.ToneDenied:
		return 0xc03537
	case prompts.ToneWarn, prompts.ToneWorking:
		return 0xb7791f
	}
	return 0x4e5058
}

// components are the rows of buttons, five each, and a row for each menu.
func components(card prompts.Card) []discord.MessageComponent {
	rows := []discord.MessageComponent{}
	var row []discord.MessageComponent
	flush := func() {
		if len(row) > 0 {
			rows = append(rows, discord.ActionsRow{Components: row})
			row = nil
		}
	}
	for _, b := range card.Buttons {
		c := discord.Button{Label: label(b.Label), Style: discord.SecondaryButton, CustomID: pressID + b.ID + ":" + b.Token}
		switch b.Style {
		case prompts.Primary:
			c.Style = discord.PrimaryButton
		case prompts.Danger:
			c.Style = discord.DangerButton
		}
		if b.Token == "" {
			if !prompts.Linkable(b.URL) || len(b.URL) > 512 {
				continue
			}
			c.Style, c.URL, c.CustomID = discord.LinkButton, b.URL, ""
		}
		row = append(row, c)
		if len(row) == 5 {
			flush()
		}
	}
	flush()
	for i, m := range card.Menus {
		if i > 0 && m.Token == card.Menus[i-1].Token { // one list in several menus: their ids must differ
			m.ID += "." + strconv.Itoa(i)
		}
		if os := choices(prompts.Field{Kind: prompts.FieldMany, Options: distinct(m.Options)}); len(os) > 0 {
			rows = append(rows, discord.ActionsRow{Components: []discord.MessageComponent{
				discord.SelectMenu{MenuType: discord.StringSelectMenu, CustomID: menuID + m.ID + ":" + m.Token, Placeholder: label(m.Label), Options: os}}})
		}
	}
	return rows
}

// distinct are options without those whose value is there already or longer than Discord carries.
func distinct(os []prompts.Option) []prompts.Option {
	var out []prompts.Option
	seen := map[string]bool{}
	for _, o := range os {
		if !seen[o.Value] && len(o.Value) <= Limits().OptionValue {
			seen[o.Value] = true
			out = append(out, o)
		}
	}
	return out
}

// What custom ids begin with. The token is their last part, and what stands between names a verb, a page or a field.
const (
	pressID  = "b:" // b:VERB:TOKEN
	menuID   = "m:" // m:VERB:TOKEN
	formID   = "f:" // f:PAGE:TOKEN, a dialog: PAGE as "1/2", empty for a whole form, or typedPage
	pageID   = "p:" // p:PAGE:TOKEN or p:again:TOKEN opens a dialog (again); p:save:TOKEN sends what was typed; p:more2:TOKEN shows more
	actID    = "a:" // a:NAME:TOKEN, a button of a form
	fieldID  = "o:" // o:NAME:TOKEN, a field's menu
	onID     = "y:" // y:NAME:TOKEN, a field that acts is turned on
	offID    = "n:" // n:NAME:TOKEN, and off
	searchID = "q:" // q:NAME:TOKEN, the dialog that looks for a choice
)

const (
	typedPage   = "typed"
	morePage    = "more"
	searchInput = "text"
	searchValue = "∅ search"
)

// label is never empty, which Discord refuses.
func label(s string) string {
	s = prompts.CleanLine(s)
	if strings.TrimSpace(s) == "" {
		return "–"
	}
	return s
}

func pageName(i, n int) string {
	if n == 1 {
		return ""
	}
	return strconv.Itoa(i+1) + "/" + strconv.Itoa(n)
}
