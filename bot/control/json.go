package control

import (
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
	for _, s := range v.Steps {
		o := StepOut{Path: s.Path, State: string(s.State), Attempts: s.Attempts, Line: s.Line, Reason: s.Reason, Input: s.Input, Output: s.Output}
		if s.Failure != nil {
			o.Error = ErrorOf(s.Failure.Error())
		}
		r.Steps = append(r.Steps, o)
	}
	return r
}

// NewCard is a card as JSON shows it.
func NewCard(id string, place engine.Place, thread string, private bool, c prompts.Card) *CardOut {
	out := &CardOut{ID: id, Place: place, Thread: thread, Private: private, Title: c.Title.String(), Text: c.Text, State: c.State,
		Blocks: []BlockOut{}, Buttons: []ButtonOut{}, Menus: []MenuOut{}}
	for _, b := range c.Blocks {
		switch b := b.(type) {
		case prompts.Para:
			out.Blocks = append(out.Blocks, BlockOut{Type: "para", Text: b.Line.String()})
		case prompts.Note:
			out.Blocks = append(out.Blocks, BlockOut{Type: "note", Text: b.Line.String()})
		case prompts.Pre:
			out.Blocks = append(out.Blocks, BlockOut{Type: "pre", Text: b.Text, Lang: b.Lang})
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

// NewForm is a dialog as JSON shows it.
func NewForm(f prompts.Form) *FormOut {
	out := &FormOut{Title: f.Title, Submit: f.Submit, Fields: []FieldOut{}, Text: prompts.PlainForm(f)}
	for _, x := range f.Fields {
		o := FieldOut{Name: x.Name, Label: x.Label, Kind: string(x.Kind), Value: x.Value, Help: x.Help, Required: x.Required, Error: x.Error}
		for _, p := range x.Options {
			o.Options = append(o.Options, p.Value)
		}
		out.Fields = append(out.Fields, o)
	}
	return out
}
