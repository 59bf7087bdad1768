package fields

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/prompts"
)

// listMost is how many options a field shows at once; more are looked up while typing.
const listMost = 100

// Form makes the fields of a dialog, with what is stored or typed in them, what is wrong, and what it gives.
func Form(a Ask) []prompts.Field {
	var out []prompts.Field
	for _, l := range a.leaves() {
		if a.asked(l) {
			out = append(out, a.field(l))
		}
	}
	return out
}

func (a Ask) t(msg string, pairs ...any) string { return prompts.T(a.Lang, msg, engine.Args(pairs...)) }

func (a Ask) field(l leaf) prompts.Field {
	s := l.schema
	stored, there := get(a.Values, l.path)
	f := prompts.Field{Name: l.name, Label: a.label(l), Required: s.Required && s.Default == nil, Acts: l.acts, Example: s.Example}
	if there {
		f.Value = shown(s, stored)
	}
	typed, isTyped := a.Typed[l.name]
	a.kind(&f, s, stored, there)
	if isTyped {
		f.Value = typed
	}
	if f.Kind == prompts.FieldOne {
		f.Value = choice(s, f.Value)
		a.keep(&f, s)
	}
	if f.Kind == prompts.FieldCheck {
		if b, ok := truth(f.Value); ok && b {
			f.Value = "true"
		} else {
			f.Value = ""
		}
	}
	if f.Kind != prompts.FieldOne && f.Kind != prompts.FieldCheck {
		f.Acts = false
	}
	f.Help = a.help(s, f.Kind)
	f.Error = a.Errors[l.name]
	if f.Error == "" && s.Format != engine.SecretFormat {
		a.remark(&f, s)
	}
	return f
}

// keep adds what stands in a choice to its options when it is none of them: typed by hand, or gone since.
func (a Ask) keep(f *prompts.Field, s *engine.Schema) {
	if f.Value == "" || len(s.Enum) > 0 || s.Type == "boolean" {
		return
	}
	for _, o := range f.Options {
		if o.Value == f.Value {
			return
		}
	}
	f.Options = append([]prompts.Option{{Value: f.Value, Label: f.Value}}, f.Options...)
}

// kind decides how a field is shown, with its options.
func (a Ask) kind(f *prompts.Field, s *engine.Schema, stored any, there bool) {
	text, isText := stored.(string)
	if isText && a.Expressions && strings.Contains(text, "{{") || strings.Contains(a.Typed[f.Name], "{{") {
		f.Kind = prompts.FieldLine
		if s.Format == "text" || s.Format == "json" || !s.Typed() || s.Type == "object" || s.Type == "array" || len(text) > short || strings.Contains(text, "\n") {
			f.Kind = prompts.FieldText
		}
		return
	}
	switch {
	case s.Type == "boolean":
		if s.Default == true && !s.Required {
			f.Kind, f.Options = prompts.FieldOne, []prompts.Option{{Value: "true", Label: a.t("yes")}, {Value: "false", Label: a.t("no")}}
			if !there {
				f.Value = "true"
			}
			return
		}
		f.Kind = prompts.FieldCheck
	case len(s.Enum) > 0 && (!there || scalar(stored)):
		f.Kind, f.Options = prompts.FieldOne, a.options(s)
		if !there && s.Default != nil {
			f.Value = shown(s, s.Default)
		}
	case s.Type == "array" && s.Items != nil && len(s.Items.Enum) > 0 && listed(stored):
		f.Kind, f.Options = prompts.FieldMany, a.options(s.Items)
	case s.Type == "array" && s.Items != nil && a.known(s.Items.Format) != nil && listed(stored):
		f.Kind, f.Options = prompts.FieldMany, a.known(s.Items.Format)
		f.Live = len(f.Options) > listMost
	case s.Type == "integer" || s.Type == "number":
		f.Kind = prompts.FieldNumber
		if a.Expressions {
			f.Kind = prompts.FieldLine // a number's input takes no {{ … }}
		}
	case s.Type == "string":
		f.Kind = prompts.FieldLine
		if s.Format == "text" || s.Format == "json" || strings.Contains(text, "\n") {
			f.Kind = prompts.FieldText
			return
		}
		if options := a.known(s.Format); options != nil {
			f.Kind, f.Options = prompts.FieldOne, options
			if f.Live = len(options) > listMost; f.Live {
				f.Options = options[:listMost:listMost]
			}
		}
	default:
		f.Kind = prompts.FieldText
		if !s.Typed() && s.Format != "json" && there && len(f.Value) <= short && !strings.Contains(f.Value, "\n") && scalar(stored) {
			f.Kind = prompts.FieldLine
		}
		if !s.Typed() && !there && scalar(s.Default) && s.Default != nil {
			f.Kind = prompts.FieldLine
		}
	}
}

func scalar(v any) bool {
	switch v.(type) {
	case nil, string, bool, int, float64:
		return true
	}
	return false
}

// listed reports whether a stored list can stand in a field of several choices.
func listed(v any) bool {
	if v == nil {
		return true
	}
	l, ok := v.([]any)
	if !ok {
		return false
	}
	for _, x := range l {
		if t, ok := x.(string); !ok || strings.Contains(t, "\n") {
			return false
		}
	}
	return true
}

// known are the options of a format; nil when it is typed.
func (a Ask) known(format string) []prompts.Option {
	if a.Choices == nil || format == "" {
		return nil
	}
	if o := a.Choices(format); len(o) > 0 {
		return o
	}
	return nil
}

func (a Ask) options(s *engine.Schema) []prompts.Option {
	out := make([]prompts.Option, len(s.Enum))
	for i, e := range s.Enum {
		out[i] = prompts.Option{Value: e, Label: e}
		if i < len(s.Titles) && s.Titles[i] != "" {
			out[i].Label = a.t(s.Titles[i])
		}
	}
	return out
}

func (a Ask) label(l leaf) string {
	if l.schema.Title != "" {
		return a.t(l.schema.Title)
	}
	if len(l.path) == 0 {
		return a.t("Values")
	}
	name := strings.ReplaceAll(l.path[len(l.path)-1], "_", " ")
	if name == "" {
		return "?"
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// help is the schema's sentence, with what stands there when nothing is written.
func (a Ask) help(s *engine.Schema, kind prompts.FieldKind) string {
	var parts []string
	if s.Doc != "" {
		parts = append(parts, a.t(s.Doc))
	}
	if d := s.Default; d != nil && kind != prompts.FieldCheck && kind != prompts.FieldOne {
		if text := shown(s, d); text != "" {
			parts = append(parts, a.t("Left empty: {value}.", "value", clip(text, 60)))
		}
	}
	return strings.Join(parts, " ")
}

// remark adds what a text with expressions gives with the sample, or what may be wrong with it.
func (a Ask) remark(f *prompts.Field, s *engine.Schema) {
	if !a.Expressions || !strings.Contains(f.Value, "{{") {
		return
	}
	v, err := a.value(s, f.Value)
	if err != nil {
		f.Error = a.say(err)
		return
	}
	if err := a.compiled(v, f.Value); err != nil {
		f.Error = a.say(err)
		return
	}
	f.Warn = a.missing(v, f.Value)
	if a.Sample == nil {
		return
	}
	text, fault := a.Sample.preview(v, a.Lang)
	switch {
	case fault == nil:
		f.Preview = text
	case f.Warn == "":
		f.Warn = a.say(fault)
	}
}

// say is an error as a sentence in the reader's language.
func (a Ask) say(e *engine.Error) string { return Say(a.Lang, e) }

// Say is an error with its hint in a language: what stands under a field.
func Say(lang string, e *engine.Error) string {
	if e == nil {
		return ""
	}
	msg := prompts.T(lang, e.Msg, e.Args)
	if e.Hint != "" {
		if msg != "" && !strings.ContainsAny(msg[len(msg)-1:], ".!?:") {
			msg += "."
		}
		msg += " " + prompts.T(lang, e.Hint, e.Args)
	}
	if line, ok := e.Args["at_line"]; ok {
		msg += "  " + prompts.T(lang, "(line {line}, column {column})", map[string]any{"line": line, "column": e.Args["at_column"]})
	}
	return msg
}

// Errors turns what a trigger's or action's own check found, by the name of the setting, into errors by field name.
func Errors(a Ask, found map[string]*engine.Error) map[string]string {
	if len(found) == 0 {
		return nil
	}
	out := map[string]string{}
	for name, e := range found {
		out[a.Prefix+name] = a.say(e)
	}
	return out
}

// roots is what an expression may use when nothing is declared.
func roots() map[string]*engine.Schema {
	return map[string]*engine.Schema{"event": nil, "steps": nil, "vars": nil, "flow": nil, "run": nil, "item": nil}
}

func (s *Sample) env() expr.Env {
	if s == nil || len(s.Env.Roots) == 0 {
		return expr.Env{Roots: roots()}
	}
	return s.Env
}

func (s *Sample) input() expr.Input { return expr.Input{Roots: s.Roots, Zone: s.Zone} }
