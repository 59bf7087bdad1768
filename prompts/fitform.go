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
		if l.FieldValue > 0 && width(x.Value) > l.FieldValue {
			c := Ctx{Lang: form.Lang}
			intro = append(intro, Note{f.line(c.line("{field} is too long to edit here ({size} characters of at most {most}): edit it in the console",
				"field", x.Label, "size", width(x.Value), "most", l.FieldValue), l.BlockText)})
			continue
		}
		if !l.FormSelects && formSelect(x.Kind) && l.Name != "" {
			x = asLine(x, form.Lang)
		}
		x.Label = f.text(CleanLine(x.Label), l.FieldLabel, false)
		x.Help = f.text(CleanLine(x.Help), l.FieldHelp, false)
		x.Error = f.text(CleanLine(x.Error), l.FieldHelp, false)
		x.Options = f.options(x.Options)
		fields = append(fields, x)
	}
	if l.Blocks > 0 {
		room := max(0, l.Blocks-min(len(fields), l.FormFields))
		if len(intro) > room {
			intro = intro[len(intro)-room:]
		}
	}
	form.Intro, form.Fields = intro, fields
	return form
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
	x.Options = nil
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
