package prompts

import (
	"fmt"
	"strings"
)

// FitForm makes a form showable within limits, like Fit. What stands in a field is never cut: a value longer than
// the surface's inputs hold leaves the form, and the intro says where it can be edited; reading such a submission
// keeps the old value. Where dialogs have no selects, they become lines whose help lists the values.
// The number of fields is the business of Pages.
func FitForm(form Form, l Limits) Form {
	f := fitter{l: l}
	form.Title = f.text(CleanLine(form.Title), l.FormTitle, false)
	form.Submit = f.text(CleanLine(form.Submit), l.FormTitle, false)
	var intro []Block
	for _, b := range form.Intro {
		intro = append(intro, f.block(b))
	}
	var fields []Field
	for _, x := range form.Fields {
		x.Value = strings.ToValidUTF8(x.Value, "�")
		if why := unfit(x, form.Lang, l); why != "" {
			intro = append(intro, Note{f.line(text(why), l.BlockText)})
			continue
		}
		if formSelect(x.Kind) && l.Name != "" && (!l.FormSelects || choiceTooLong(x, l)) {
			x = asLine(x, form.Lang)
		}
		x.Label = f.text(CleanLine(x.Label), l.FieldLabel, false)
		x.Help = f.text(CleanLine(x.Help), l.FieldHelp, false)
		x.Error = f.text(CleanLine(x.Error), told(l), false)
		x.Warn = f.text(CleanLine(x.Warn), told(l), false)
		x.Preview = f.text(CleanLine(x.Preview), told(l), false)
		x.Example = f.text(CleanLine(x.Example), l.FieldHelp, false)
		x.Options = f.formOptions(x)
		fields = append(fields, x)
	}
	form.Buttons = f.formButtons(form.Buttons)
	if l.Blocks > 0 {
		room := max(0, l.Blocks-min(len(fields), l.FormFields))
		if len(intro) > room {
			intro = intro[len(intro)-room:]
		}
	}
	form.Intro, form.Fields = intro, fields
	return form
}

// told is how long what is said about a value may be: it stands under the field or in a message, never in the input.
func told(l Limits) int {
	if l.FieldHelp <= 0 {
		return 0
	}
	return max(l.FieldHelp, 300)
}

// unfit says why a field cannot be asked here; "" when it can.
func unfit(x Field, lang string, l Limits) string {
	switch {
	case l.FieldValue > 0 && width(x.Value) > l.FieldValue:
		return T(lang, "{field} is too long to edit here ({size} characters of at most {most}): edit it in the console",
			map[string]any{"field": x.Label, "size": width(x.Value), "most": l.FieldValue})
	case l.FieldName > 0 && len(x.Name) > l.FieldName:
		return T(lang, "{field} has too long a name to be edited here: edit it in the console", map[string]any{"field": x.Label})
	}
	return ""
}

// choiceTooLong reports whether what stands in a select cannot be one of its choices here.
func choiceTooLong(x Field, l Limits) bool {
	for _, v := range chosen(x) {
		if l.OptionValue > 0 && width(v) > l.OptionValue {
			return true
		}
	}
	return false
}

// chosen are the values that stand in a select.
func chosen(x Field) []string {
	switch {
	case x.Value == "" || !formSelect(x.Kind) || x.Kind == FieldCheck:
		return nil
	case x.Kind == FieldMany:
		return strings.Split(x.Value, "\n")
	}
	return []string{x.Value}
}

// formOptions are the choices of a select: each value once, and what stands in it always among them, so that it is
// not lost by a submission. Values that the surface cannot carry are left out.
func (f *fitter) formOptions(x Field) []Option {
	if x.Kind != FieldOne && x.Kind != FieldMany || len(x.Options) == 0 && !x.Live {
		return nil
	}
	var out []Option
	seen := map[string]bool{}
	add := func(o Option) {
		if seen[o.Value] || f.l.OptionValue > 0 && width(o.Value) > f.l.OptionValue {
			return
		}
		seen[o.Value] = true
		if strings.TrimSpace(CleanLine(o.Label)) == "" {
			o.Label = o.Value
		}
		out = append(out, Option{Value: o.Value, Label: f.text(CleanLine(o.Label), f.l.OptionLabel, false),
			Help: f.text(CleanLine(o.Help), f.l.OptionLabel, false)})
	}
	stands := map[string]bool{}
	for _, v := range chosen(x) {
		stands[v] = true
	}
	for _, o := range x.Options {
		if full := f.l.FormOptions > 0 && len(out) >= f.l.FormOptions-len(stands); full && !stands[o.Value] {
			continue
		}
		add(o)
		delete(stands, o.Value)
	}
	for _, v := range chosen(x) {
		add(Option{Value: v, Label: v})
	}
	return out
}

func (f *fitter) formButtons(bs []Button) []Button {
	if f.l.FormButtons > 0 && len(bs) > f.l.FormButtons {
		bs = bs[:f.l.FormButtons]
	}
	var out []Button
	for _, b := range bs {
		b.Label = f.text(CleanLine(b.Label), f.l.ButtonLabel, false)
		out = append(out, b)
	}
	return out
}

func formSelect(k FieldKind) bool { return k == FieldOne || k == FieldMany || k == FieldCheck }

// asLine is a select as a line of text that says what may be typed.
func asLine(x Field, lang string) Field {
	if x.Kind == FieldCheck {
		x.Help = T(lang, "true, or nothing for no", nil)
	} else {
		var vs []string
		for _, o := range x.Options {
			vs = append(vs, o.Value)
		}
		x.Help = T(lang, "One of: {values}", map[string]any{"values": strings.Join(vs, ", ")})
	}
	if x.Kind == FieldMany {
		x.Kind = FieldText
	} else {
		x.Kind = FieldLine
	}
	x.Options, x.Live, x.Acts = nil, false, false
	return x
}

// Lacks reports whether a field that is required is empty.
func (m Form) Lacks() bool {
	for _, f := range m.Fields {
		if f.Required && strings.TrimSpace(f.Value) == "" {
			return true
		}
	}
	return false
}

// Pages splits a form with more fields than a dialog of the surface has into several with the same token, their
// titles ending in "1/2". A form that fits is one page.
func Pages(form Form, l Limits) []Form {
	n := l.FormFields
	if n <= 0 || len(form.Fields) <= n {
		return []Form{form}
	}
	all := (len(form.Fields) + n - 1) / n
	var out []Form
	for i := range all {
		p := form
		end := min(len(form.Fields), (i+1)*n)
		p.Fields = form.Fields[i*n : end : end]
		mark := fmt.Sprintf(" %d/%d", i+1, all)
		p.Title = Cut(form.Title, max(0, l.FormTitle-width(mark))) + mark
		out = append(out, p)
	}
	return out
}
