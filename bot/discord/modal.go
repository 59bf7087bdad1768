package discord

import (
	"strings"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// Modals is a form as dialogs, one for each page. Fields become text inputs; what a field says besides its label
// stands in its placeholder, as far as that goes.
func Modals(form prompts.Form) []*discord.InteractionResponseData {
	pages := prompts.Pages(prompts.FitForm(form, Limits()), Limits())
	out := make([]*discord.InteractionResponseData, len(pages))
	for i, p := range pages {
		d := &discord.InteractionResponseData{CustomID: formID + pageName(i, len(pages)) + ":" + p.Token, Title: label(p.Title)}
		for _, f := range p.Fields {
			d.Components = append(d.Components, discord.ActionsRow{Components: []discord.MessageComponent{input(f)}})
		}
		out[i] = d
	}
	return out
}

func input(f prompts.Field) discord.TextInput {
	hint := prompts.CleanLine(f.Help)
	if f.Error != "" {
		hint = prompts.CleanLine(f.Error)
	}
	t := discord.TextInput{CustomID: f.Name, Label: label(f.Label), Style: discord.TextInputShort, Placeholder: prompts.Cut(hint, placeholderMost),
		Value: f.Value, Required: f.Required, MaxLength: 4000}
	if f.Kind == prompts.FieldText || f.Kind == prompts.FieldMany || strings.Contains(f.Value, "\n") {
		t.Style = discord.TextInputParagraph
	}
	return t
}

// pagesMessage shows what a dialog cannot: the intro, the fields by page with what stands in them, what is wrong, and
// a button for each page; with save also one that sends what was typed so far.
func pagesMessage(form prompts.Form, errs map[string]string, save bool) *discord.InteractionResponseData {
	form = prompts.FitForm(form, Limits())
	pages := prompts.Pages(form, Limits())
	c := prompts.Card{Title: prompts.Line{{Text: form.Title}}, Lang: form.Lang, Blocks: append([]prompts.Block{}, form.Intro...), Text: form.Title}
	wrong := map[string]string{}
	for name, why := range errs {
		wrong[name] = prompts.T(form.Lang, why, nil)
	}
	for _, f := range form.Fields {
		if f.Error != "" {
			wrong[f.Name] = f.Error
		}
	}
	for _, f := range form.Fields {
		if why := wrong[f.Name]; why != "" {
			c.Blocks = append(c.Blocks, prompts.Para{Line: prompts.Line{{Text: "✖ "}, {Kind: prompts.Strong, Text: f.Label}, {Text: ": " + why}}})
			delete(wrong, f.Name)
		}
	}
	for _, f := range sorted(wrong) {
		c.Blocks = append(c.Blocks, prompts.Para{Line: prompts.Line{{Text: "✖ " + wrong[f]}}})
	}
	failed := len(errs) > 0 || anyError(form)
	if failed {
		c.Blocks = append(c.Blocks, prompts.Note{Line: prompts.Line{{Text: prompts.T(form.Lang, "Your answers are kept.", nil)}}})
	}
	for i, p := range pages {
		b := prompts.Button{ID: "again", Label: prompts.T(form.Lang, "Continue", nil), Token: form.Token, Style: prompts.Primary}
		if failed {
			b.Label = prompts.T(form.Lang, "Fix it", nil)
		}
		if len(pages) > 1 {
			b.ID = pageName(i, len(pages))
			b.Label = prompts.T(form.Lang, "Fill in {page}", map[string]any{"page": b.ID})
			c.Blocks = append(c.Blocks, prompts.Para{Line: summary(b.ID, p)})
		}
		c.Buttons = append(c.Buttons, b)
	}
	if save {
		c.Buttons = append(c.Buttons, prompts.Button{ID: bot.FormSave, Label: form.Submit, Token: form.Token})
	}
	m := Message(prompts.Fit(c, Limits()))
	for _, row := range m.Components {
		r, ok := row.(discord.ActionsRow)
		if !ok {
			continue
		}
		for i := range r.Components {
			if b, ok := r.Components[i].(discord.Button); ok {
				b.CustomID = pageID + strings.TrimPrefix(b.CustomID, pressID)
				r.Components[i] = b
			}
		}
	}
	return private(m)
}

func anyError(form prompts.Form) bool {
	for _, f := range form.Fields {
		if f.Error != "" {
			return true
		}
	}
	return false
}

// summary is a page's fields with the beginning of what stands in them: "1/2  Method POST · URL –".
func summary(page string, p prompts.Form) prompts.Line {
	l := prompts.Line{{Text: page + "  "}}
	for i, f := range p.Fields {
		if i > 0 {
			l = append(l, prompts.Span{Text: " · "})
		}
		v := prompts.Cut(prompts.CleanLine(f.Value), 30)
		if v == "" {
			v = "–"
		}
		l = append(l, prompts.Span{Kind: prompts.Strong, Text: f.Label}, prompts.Span{Text: " " + v})
	}
	return l
}
