package discord

import (
	"encoding/json"
	"strings"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// layout is a fitted form cut into what Discord's dialogs can hold and what stands on a message before them.
type layout struct {
	form  prompts.Form
	pages []prompts.Form  // of at most five fields that a dialog asks for
	menus []prompts.Field // that act, are looked up, or have long lists: on the message
}

func lay(form prompts.Form) layout {
	l := layout{form: prompts.FitForm(form, Limits())}
	asked := l.form
	asked.Fields = nil
	for _, f := range l.form.Fields {
		if onMessage(f) {
			l.menus = append(l.menus, f)
		} else {
			asked.Fields = append(asked.Fields, f)
		}
	}
	if len(asked.Fields) > 0 {
		l.pages = prompts.Pages(asked, Limits())
	}
	return l
}

// onMessage reports whether a dialog cannot ask for a field: nothing acts in one, and a list has 25 options.
func onMessage(f prompts.Field) bool {
	choice := f.Kind == prompts.FieldOne || f.Kind == prompts.FieldMany
	return f.Acts && (choice || f.Kind == prompts.FieldCheck) || choice && (f.Live || len(f.Options) > choicesMost)
}

// plain reports whether one dialog is all of the form, so that it may be the first answer.
func (l layout) plain() bool {
	return len(l.menus) == 0 && len(l.form.Buttons) == 0 && len(l.pages) == 1
}

// mixed reports whether there is more to a form than dialogs: what is typed into them is handed over, and the form is
// sent from the message.
func (l layout) mixed() bool { return len(l.menus) > 0 || len(l.form.Buttons) > 0 }

// Modals is a form as dialogs, one for each page of what a dialog can ask for; a form that is more than dialogs has
// the rest on a message.
func Modals(form prompts.Form) []*discord.InteractionResponseData {
	l := lay(form)
	out := make([]*discord.InteractionResponseData, len(l.pages))
	for i := range l.pages {
		out[i] = l.modal(i, pageName(i, len(l.pages)))
	}
	return out
}

// modal is a page as a dialog; what says how it comes back: "" whole, "1/2" a page, typedPage what was typed so far.
func (l layout) modal(i int, what string) *discord.InteractionResponseData {
	p := l.pages[i]
	d := &discord.InteractionResponseData{CustomID: formID + what + ":" + p.Token, Title: label(p.Title)}
	if said := strings.Join(blocks(p.Intro), "\n"); said != "" && i == 0 && len(p.Fields) < Limits().FormFields {
		d.Components = append(d.Components, part{Kind: 10, Content: prompts.Cut(said, introMost)})
	}
	for _, f := range p.Fields {
		d.Components = append(d.Components, labelled(f))
	}
	return d
}

// part is a component that the SDK does not know: a text (10), a label (18), and what may stand in a label. The SDK's
// own text input has a label of its own, which must not be there inside a label.
type part struct {
	Kind        discord.ComponentType      `json:"type"`
	CustomID    string                     `json:"custom_id,omitempty"`
	Label       string                     `json:"label,omitempty"`
	Description string                     `json:"description,omitempty"`
	Content     string                     `json:"content,omitempty"`
	Style       discord.TextInputStyle     `json:"style,omitempty"`
	Placeholder string                     `json:"placeholder,omitempty"`
	Value       string                     `json:"value,omitempty"`
	Required    *bool                      `json:"required,omitempty"`
	MaxLength   int                        `json:"max_length,omitempty"`
	MinValues   *int                       `json:"min_values,omitempty"`
	MaxValues   int                        `json:"max_values,omitempty"`
	Options     []discord.SelectMenuOption `json:"options,omitempty"`
	Default     *bool                      `json:"default,omitempty"`
	Component   *part                      `json:"component,omitempty"`
}

// Type of the component.
func (p part) Type() discord.ComponentType { return p.Kind }

// MarshalJSON writes the members that the component has.
func (p part) MarshalJSON() ([]byte, error) {
	type plain part
	return json.Marshal(plain(p))
}

// labelled is a field of a dialog, with what is to be said about it under its label.
func labelled(f prompts.Field) part {
	said := f.Help
	for _, s := range []string{f.Warn, f.Error} {
		if s != "" {
			said = s
		}
	}
	in := element(f)
	return part{Kind: 18, Label: label(f.Label), Description: strings.TrimSpace(prompts.Cut(prompts.CleanLine(said), Limits().FieldHelp)), Component: &in}
}

func element(f prompts.Field) part {
	must := f.Required
	switch {
	case f.Kind == prompts.FieldCheck:
		on := f.Value == "true"
		return part{Kind: 23, CustomID: f.Name, Default: &on}
	case (f.Kind == prompts.FieldOne || f.Kind == prompts.FieldMany) && len(f.Options) > 0:
		os := choices(f)
		least := 0
		if must {
			least = 1
		}
		most := 1
		if f.Kind == prompts.FieldMany {
			most = len(os)
		}
		return part{Kind: 3, CustomID: f.Name, Required: &must, MinValues: &least, MaxValues: most, Options: os}
	}
	t := part{Kind: 4, CustomID: f.Name, Style: discord.TextInputShort, Placeholder: prompts.Cut(strings.TrimSpace(prompts.CleanLine(f.Example)), placeholderMost),
		Value: f.Value, Required: &must, MaxLength: inputMost}
	if f.Kind == prompts.FieldText || f.Kind == prompts.FieldMany || strings.Contains(f.Value, "\n") {
		t.Style = discord.TextInputParagraph
	}
	return t
}

// nothing stands for the empty value of an option, which Discord refuses.
const nothing = "∅"

// choices are the options of a field, what stands in it marked.
func choices(f prompts.Field) []discord.SelectMenuOption {
	stands := map[string]bool{}
	for _, v := range strings.Split(f.Value, "\n") {
		stands[v] = f.Kind == prompts.FieldMany && v != "" || f.Kind != prompts.FieldMany && v == f.Value
	}
	marked := false
	var out []discord.SelectMenuOption
	for _, o := range f.Options {
		x := discord.SelectMenuOption{Value: o.Value, Label: label(o.Label), Description: strings.TrimSpace(prompts.CleanLine(o.Help)),
			Default: stands[o.Value] && (f.Value != "" || !marked)}
		marked = marked || x.Default
		if x.Value == "" {
			x.Value = nothing
		}
		out = append(out, x)
	}
	return out
}

// searchPage is a dialog of one line that looks for a choice of a field.
func (l layout) searchPage(f prompts.Field) *discord.InteractionResponseData {
	must := true
	words := prompts.T(l.form.Lang, "A part of what you look for", nil)
	return &discord.InteractionResponseData{CustomID: searchID + f.Name + ":" + l.form.Token, Title: label(f.Label),
		Components: []discord.MessageComponent{part{Kind: 18, Label: prompts.Cut(label(words), Limits().FieldLabel),
			Component: &part{Kind: 4, CustomID: searchInput, Style: discord.TextInputShort, Required: &must, MaxLength: 100}}}}
}

// pageOf is the page that a press asks for, of n; asked is false when it asks for none. "again" asks for the only one.
func pageOf(value string, n int) (page int, asked bool) {
	if value == bot.FormAgain {
		return 0, n == 1
	}
	page, of, ok := bot.Page(value)
	return page - 1, ok && page <= n && of == n
}
