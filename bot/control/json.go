package control

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// stamp is a time in JSON (CONTRACTS: RFC 3339 UTC with milliseconds); 0 is "".
func stamp(ms int64) string {
	if ms == 0 {
		return ""
	}
	return engine.Time(ms).Format("2006-01-02T15:04:05.000Z07:00")
}

// ProblemsOut are findings as JSON shows them.
func ProblemsOut(ps engine.Problems) []ProblemOut {
	out := make([]ProblemOut, 0, len(ps))
	for _, p := range ps {
		out = append(out, ProblemOut{Severity: string(p.Severity), Line: p.Pos.Line, Column: p.Pos.Col,
			Message: engine.Fill(p.Msg, p.Args), Hint: engine.Fill(p.Hint, p.Args), Text: p.String()})
	}
	return out
}

// ErrorOf is an error as JSON shows it.
func ErrorOf(err error) *ErrorOut {
	e := engine.AsError(err)
	return &ErrorOut{Code: e.Code, Message: engine.Fill(e.Msg, e.Args), Hint: engine.Fill(e.Hint, e.Args)}
}

// NewRun is a run as JSON shows it.
func NewRun(v engine.RunView) RunOut {
	r := RunOut{Number: v.Number, ID: v.ID, Flow: v.Flow, Version: v.Version, State: string(v.State), Trigger: v.Trigger,
		Started: stamp(v.Started), Ended: stamp(v.Ended), Reason: v.Reason}
	if v.Line != nil {
		r.Reason = prompts.InLine("en", v.Line)
	}
	r.Output = v.Output
	if v.Parent != nil {
		r.CalledBy = v.Parent.Number
	}
	for _, s := range v.Steps {
		o := StepOut{Path: s.Path, State: string(s.State), Attempts: s.Attempts, Line: s.Line, Reason: s.Reason, Input: s.Input, Output: s.Output, Calls: s.Calls,
			Rounds: s.Rounds, Hidden: s.Hidden}
		if s.Failure != nil {
			o.Error = ErrorOf(s.Failure.Error())
		}
		r.Steps = append(r.Steps, o)
	}
	return r
}

// NewCard is a card as JSON shows it.
func NewCard(id string, place engine.Place, thread string, private bool, c prompts.Card) *CardOut {
	out := &CardOut{ID: id, Key: c.Key, Brief: brief(c), Place: place, Thread: thread, Private: private, Title: c.Title.String(), Text: c.Text, State: c.State,
		Blocks: []BlockOut{}, Buttons: []ButtonOut{}, Menus: []MenuOut{}}
	for _, b := range c.Blocks {
		switch b := b.(type) {
		case prompts.Para:
			out.Blocks = append(out.Blocks, BlockOut{Type: "para", Text: b.Line.String()})
		case prompts.Note:
			out.Blocks = append(out.Blocks, BlockOut{Type: "note", Text: b.Line.String()})
		case prompts.Pre:
			out.Blocks = append(out.Blocks, BlockOut{Type: "pre", Text: b.Text, Lang: b.Lang})
		case prompts.Picture:
			out.Blocks = append(out.Blocks, BlockOut{Type: "picture", Text: b.Alt})
		case prompts.Divider:
			out.Blocks = append(out.Blocks, BlockOut{Type: "divider"})
		case prompts.Facts:
			f := BlockOut{Type: "facts"}
			for _, x := range b.Facts {
				f.Facts = append(f.Facts, FactOut{Label: x.Label, Value: x.Value.String(), Risky: x.Risky})
			}
			out.Blocks = append(out.Blocks, f)
		}
	}
	for _, b := range c.Buttons {
		out.Buttons = append(out.Buttons, ButtonOut{ID: b.ID, Label: b.Label, Style: string(b.Style), URL: b.URL})
	}
	for _, m := range c.Menus {
		o := MenuOut{ID: m.ID, Options: []string{}}
		for _, x := range m.Options {
			o.Options = append(o.Options, x.Value)
		}
		out.Menus = append(out.Menus, o)
	}
	return out
}

// brief is what is left to do with a draft: "TO DO ● add a step". "" for other cards.
func brief(c prompts.Card) string {
	if !strings.HasPrefix(c.Key, builderKey) {
		return ""
	}
	todo := prompts.T(c.Lang, "TO DO", nil)
	for _, b := range c.Blocks {
		f, ok := b.(prompts.Facts)
		if !ok || len(f.Facts) == 0 || f.Facts[0].Label != todo {
			continue
		}
		var all []string
		for _, x := range f.Facts {
			all = append(all, x.Value.String())
		}
		return todo + " " + strings.Join(all, "  ")
	}
	return ""
}

// builderKey begins the key of a draft's card.
const builderKey = "builder:"

// NewForm is a dialog as JSON shows it.
func NewForm(f prompts.Form) *FormOut {
	out := &FormOut{Name: f.Name, Title: f.Title, Submit: f.Submit, Fields: []FieldOut{}, Buttons: []ButtonOut{}, Text: prompts.PlainForm(f), Line: formLine(f), Read: f.Read}
	for _, x := range f.Fields {
		o := FieldOut{Name: x.Name, Short: brevity(f.Fields, x.Name), Label: x.Label, Kind: string(x.Kind), Value: x.Value, Help: x.Help, Example: x.Example, Required: x.Required,
			Acts: x.Acts, Live: x.Live, Preview: x.Preview, Warning: x.Warn, Error: x.Error}
		for _, p := range x.Options {
			o.Options = append(o.Options, p.Value)
			o.Choices = append(o.Choices, ChoiceOut{p.Value, p.Label})
		}
		out.Fields = append(out.Fields, o)
	}
	for _, b := range f.Buttons {
		out.Buttons = append(out.Buttons, ButtonOut{ID: b.ID, Label: b.Label, Style: string(b.Style)})
	}
	return out
}

// brevity is a field's name without what it only shares with others, "url" of "with.url", where [named] finds it again.
func brevity(fields []prompts.Field, name string) string {
	short := name[strings.LastIndexByte(name, '.')+1:]
	for _, x := range fields {
		if x.Name != name && (x.Name == short || strings.HasSuffix(x.Name, "."+short)) {
			return name
		}
	}
	return short
}

// formLine is a dialog in one line: its name, then each field with what stands in it in the words of its choices, "*"
// where something has to be written.
func formLine(f prompts.Form) string {
	name := f.Name
	if name == "" {
		name = f.Title
	}
	parts := []string{}
	for _, x := range f.Fields {
		s, v := brevity(f.Fields, x.Name), standing(x)
		switch {
		case v != "":
			s += "=" + v
		case x.Required:
			s += "*"
		}
		parts = append(parts, s)
	}
	return strings.TrimSpace("form " + prompts.CleanLine(name) + "   " + strings.Join(parts, "  "))
}

// standing is the beginning of what stands in a field, in quotes where it is more than a word.
func standing(x prompts.Field) string {
	v := x.Value
	for _, o := range x.Options {
		if x.Kind == prompts.FieldOne && o.Value == v && o.Value != "" {
			v = o.Label
		}
	}
	if v = prompts.Cut(prompts.CleanLine(strings.ReplaceAll(v, "\n", ", ")), 60); strings.ContainsAny(v, " \t") {
		return `"` + v + `"`
	}
	return v
}
