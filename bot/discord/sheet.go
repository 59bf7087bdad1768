package discord

import (
	"sort"
	"strconv"
	"strings"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// A sheet is a form as a private message: what a dialog cannot show or do. It has the fields by page with what stands
// in them, what their values give, what is wrong, a button for each page, menus for what acts or has long lists, and
// the form's own buttons.
type sheet struct {
	layout
	errs   map[string]string
	save   bool   // whether the form can be sent from here
	window int    // which rows of buttons and menus are shown, from 1, when there are too many
	field  string // whose choices were looked for
	text   string // and what for
	late   bool   // the dialog was asked for, but could not be opened any more
}

func (s sheet) message() *discord.InteractionResponseData {
	form := s.form
	c := prompts.Card{Title: prompts.Line{{Text: form.Title}}, Lang: form.Lang, Blocks: append([]prompts.Block{}, form.Intro...), Text: form.Title}
	if s.late {
		c.Blocks = append(c.Blocks, prompts.Note{Line: prompts.Line{{Text: prompts.T(form.Lang, "Discord closed the window before I could open it.", nil)}}})
	}
	c.Blocks = append(c.Blocks, s.wrong()...)
	for i, p := range s.pages {
		if len(s.pages) > 1 || s.mixed() {
			c.Blocks = append(c.Blocks, prompts.Para{Line: summary(pageName(i, len(s.pages)), p.Fields)})
		}
	}
	if len(s.menus) > 0 {
		c.Blocks = append(c.Blocks, prompts.Para{Line: summary("", s.menus)})
	}
	for _, f := range form.Fields {
		for _, x := range []struct{ sign, text string }{{" → ", f.Preview}, {" ⚠ ", f.Warn}} {
			if x.text != "" {
				c.Blocks = append(c.Blocks, prompts.Note{Line: prompts.Line{{Kind: prompts.Strong, Text: f.Label}, {Text: x.sign + x.text}}})
			}
		}
	}
	if lacks := s.lacks(); s.mixed() && !s.failed() && len(lacks) > 0 {
		c.Blocks = append(c.Blocks, prompts.Note{Line: prompts.Line{{Text: prompts.T(form.Lang, "Still needed: {fields}", map[string]any{"fields": strings.Join(lacks, ", ")})}}})
	}
	if s.field != "" && len(s.found()) == 0 {
		c.Blocks = append(c.Blocks, prompts.Note{Line: prompts.Line{{Text: prompts.T(form.Lang, "Nothing is called “{text}”", map[string]any{"text": s.text})}}})
	}
	m := Message(prompts.Fit(c, Limits()))
	m.Components = s.rows()
	return private(m)
}

// lacks are the labels of required fields in which nothing stands: while there are any, the form cannot be sent.
func (s sheet) lacks() []string {
	var out []string
	for _, f := range s.form.Fields {
		if f.Required && strings.TrimSpace(f.Value) == "" {
			out = append(out, f.Label)
		}
	}
	return out
}

// failed reports whether anything is wrong.
func (s sheet) failed() bool {
	for _, f := range s.form.Fields {
		if f.Error != "" {
			return true
		}
	}
	return len(s.errs) > 0
}

// wrong says what is wrong, field by field.
func (s sheet) wrong() []prompts.Block {
	var out []prompts.Block
	left := map[string]string{}
	for name, why := range s.errs {
		left[name] = prompts.T(s.form.Lang, why, nil)
	}
	for _, f := range s.form.Fields {
		why := left[f.Name]
		if f.Error != "" {
			why = f.Error
		}
		if why != "" {
			out = append(out, prompts.Para{Line: prompts.Line{{Text: "✖ "}, {Kind: prompts.Strong, Text: f.Label}, {Text: ": " + why}}})
			delete(left, f.Name)
		}
	}
	for _, name := range sorted(left) {
		out = append(out, prompts.Para{Line: prompts.Line{{Text: "✖ " + left[name]}}})
	}
	if s.failed() {
		out = append(out, prompts.Note{Line: prompts.Line{{Text: prompts.T(s.form.Lang, "Your other answers are kept.", nil)}}})
	}
	return out
}

// summary is fields with the beginning of what stands in them: "1/2  Method POST · URL –".
func summary(page string, fields []prompts.Field) prompts.Line {
	var l prompts.Line
	if page != "" {
		l = prompts.Line{{Text: page + "  "}}
	}
	for i, f := range fields {
		if i > 0 {
			l = append(l, prompts.Span{Text: " · "})
		}
		l = append(l, prompts.Span{Kind: prompts.Strong, Text: f.Label}, prompts.Span{Text: " " + shown(f)})
	}
	return l
}

// shown is the beginning of what stands in a field, in the words of its choices.
func shown(f prompts.Field) string {
	v := f.Value
	for _, o := range f.Options {
		if o.Value == v && f.Kind == prompts.FieldOne {
			v = o.Label
		}
	}
	if f.Kind == prompts.FieldCheck {
		v = map[bool]string{true: "☑", false: "☐"}[v == "true"]
	}
	if v = prompts.Cut(prompts.CleanLine(v), 30); strings.TrimSpace(v) == "" {
		return "–"
	}
	return v
}

// rows are the buttons and menus, five rows at a time: where there are more, [More] shows the next.
func (s sheet) rows() []discord.MessageComponent {
	buttons := s.buttons()
	var menus []discord.MessageComponent
	for _, f := range s.menus {
		if f.Kind == prompts.FieldCheck {
			buttons = append(buttons, s.toggle(f))
		} else if m, ok := s.menu(f); ok {
			menus = append(menus, discord.ActionsRow{Components: []discord.MessageComponent{m}})
		}
	}
	save := discord.Button{Label: label(s.form.Submit), Style: discord.PrimaryButton, CustomID: pageID + bot.FormSave + ":" + s.form.Token}
	all := buttons
	if s.save {
		all = append(all[:len(all):len(all)], save)
	}
	if rows := append(inRows(all), menus...); len(rows) <= rowsMost {
		return rows
	}
	rows := append(inRows(buttons), menus...)
	windows := (len(rows) + rowsMost - 2) / (rowsMost - 1)
	at := (max(1, s.window) - 1) % windows
	next := strconv.Itoa((at+1)%windows + 1)
	more := discord.Button{Label: label(prompts.T(s.form.Lang, "More ({window}/{of})", map[string]any{"window": at + 1, "of": windows})),
		Style: discord.SecondaryButton, CustomID: pageID + morePage + next + ":" + s.form.Token}
	last := []discord.MessageComponent{more}
	if s.save {
		last = []discord.MessageComponent{save, more}
	}
	from := at * (rowsMost - 1)
	rows = rows[from:min(len(rows), from+rowsMost-1)]
	return append(rows[:len(rows):len(rows)], discord.ActionsRow{Components: last})
}

// buttons open the pages, and are the form's own.
func (s sheet) buttons() []discord.MessageComponent {
	out := []discord.MessageComponent{}
	lang, token := s.form.Lang, s.form.Token
	for i, p := range s.pages {
		name := pageName(i, len(s.pages))
		b := discord.Button{Style: discord.PrimaryButton, CustomID: pageID + bot.FormAgain + ":" + token, Label: prompts.T(lang, "Continue", nil)}
		if s.mixed() {
			b.Label = prompts.T(lang, "Fill in", nil)
		} else if s.late {
			b.Label = prompts.T(lang, "Open it now", nil)
		}
		if name != "" {
			b.CustomID, b.Label = pageID+name+":"+token, prompts.T(lang, "Fill in {page}", map[string]any{"page": name})
		}
		if s.failed() && (len(s.pages) == 1 && !s.mixed() || s.bad(p)) {
			if b.Label = prompts.T(lang, "Fix it", nil); name != "" {
				b.Label += " " + name
			}
		}
		out = append(out, b)
	}
	for _, x := range s.form.Buttons {
		b := discord.Button{Label: label(x.Label), Style: discord.SecondaryButton, CustomID: actID + x.ID + ":" + token}
		if x.Style == prompts.Danger {
			b.Style = discord.DangerButton
		}
		out = append(out, b)
	}
	return out
}

// bad reports whether a page has a field that is wrong.
func (s sheet) bad(p prompts.Form) bool {
	for _, f := range p.Fields {
		if f.Error != "" || s.errs[f.Name] != "" {
			return true
		}
	}
	return false
}

// toggle is a field that is on or off and acts.
func (s sheet) toggle(f prompts.Field) discord.Button {
	sign, id := "☐ ", onID
	if f.Value == "true" {
		sign, id = "☑ ", offID
	}
	return discord.Button{Label: prompts.Cut(sign+label(f.Label), Limits().ButtonLabel), Style: discord.SecondaryButton, CustomID: id + f.Name + ":" + s.form.Token}
}

// menu is a field's choices, or the first of them with "Search…"; ok is false when there is nothing to choose.
func (s sheet) menu(f prompts.Field) (discord.SelectMenu, bool) {
	long := f.Live || len(f.Options) > choicesMost
	if f.Name == s.field && len(s.found()) > 0 {
		f.Options = s.found()
	}
	if long {
		f.Options = first(f, choicesMost-1)
	}
	least, most := 0, 1
	os := choices(f)
	if f.Kind == prompts.FieldMany {
		most = max(1, len(os))
	}
	if f.Required && f.Kind == prompts.FieldOne {
		least = 1
	}
	if long {
		os = append(os, discord.SelectMenuOption{Value: searchValue, Label: label(prompts.T(s.form.Lang, "Search …", nil))})
	}
	return discord.SelectMenu{MenuType: discord.StringSelectMenu, CustomID: fieldID + f.Name + ":" + s.form.Token, Placeholder: label(f.Label),
		MinValues: &least, MaxValues: most, Options: os}, len(os) > 0
}

// first are the first n options, those that stand in the field among them.
func first(f prompts.Field, n int) []prompts.Option {
	stands := map[string]bool{}
	for _, v := range strings.Split(f.Value, "\n") {
		stands[v] = v != ""
	}
	var chosen, rest []prompts.Option
	for _, o := range f.Options {
		if stands[o.Value] {
			chosen = append(chosen, o)
		} else {
			rest = append(rest, o)
		}
	}
	all := append(chosen, rest...)
	return all[:min(n, len(all))]
}

// found are the choices that were looked for, and what stands in the field: nothing when none fits. Those of a field
// that the handler looks up are what it found.
func (s sheet) found() []prompts.Option {
	var out []prompts.Option
	hits := 0
	for _, f := range s.menus {
		if f.Name != s.field {
			continue
		}
		words := strings.Fields(strings.ToLower(s.text))
		for _, o := range f.Options {
			hit, in := true, strings.ToLower(o.Label+" "+o.Value+" "+o.Help)
			for _, w := range words {
				hit = hit && strings.Contains(in, w)
			}
			if hit || f.Live {
				hits++
			}
			if hit || f.Live || o.Value == f.Value {
				out = append(out, o)
			}
		}
	}
	if hits == 0 {
		return nil
	}
	return out
}

// inRows are components in rows of five.
func inRows(cs []discord.MessageComponent) []discord.MessageComponent {
	rows := []discord.MessageComponent{}
	for len(cs) > 0 {
		n := min(5, len(cs))
		rows = append(rows, discord.ActionsRow{Components: cs[:n:n]})
		cs = cs[n:]
	}
	return rows
}

func sorted(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
