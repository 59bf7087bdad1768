package flow

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// Limits of a form. A dialog of more is a questionnaire, and belongs behind a link.
const (
	maxFields  = 40
	maxOptions = 500
)

// FormTypes are the types that a field of a form may have, as they are written.
func FormTypes() []string {
	return []string{"text", "lines", "number", "check", "choice", "many", "email", "date"}
}

var fieldKeys = []string{"name", "title", "type", "help", "required", "options", "default", "example"}

// FormFields reads the declaration of a form's fields, a list of {name, title, type, help, required, options, default,
// example}, into the schema of its answer: an object with one member a field. The same declaration serves `ask: form`,
// form.submitted and command.used. A text that is an expression is not known yet and left out; name, type and required
// are never expressions. Problems stand at their place in the flow's text; their Where is relative, "[0].type".
func FormFields(v *Value) (*engine.Schema, engine.Problems) {
	r := &formReader{names: map[string]bool{}}
	s := &engine.Schema{Type: "object"}
	switch {
	case v == nil || v.List == nil && v.Const == nil && v.Segments == nil && v.Map == nil:
		r.bad(v, "", "a form has fields", "Write a list of them: fields: [{name: reason, title: Why?}].")
	case v.List == nil:
		r.bad(v, "", "fields are a list", "Write one field a line: - {name: reason, title: Why?}.")
	case len(v.List) == 0:
		r.bad(v, "", "a form has fields", "Write a list of them: fields: [{name: reason, title: Why?}].")
	case len(v.List) > maxFields:
		r.bad(v, "", "a form has at most {most} fields", "Ask for the rest in a second form.", "most", maxFields)
	default:
		for i, f := range v.List {
			if x := r.field(f, "["+strconv.Itoa(i)+"]"); x.Schema != nil {
				s.Fields = append(s.Fields, x)
			}
		}
	}
	return s, r.problems
}

// FormSchema is FormFields over plain data, as Constant or a rendered value gives it; the error, Invalid, is about the
// first problem.
func FormSchema(v any) (*engine.Schema, *engine.Error) {
	s, problems := FormFields(PlainValue(v))
	for _, p := range problems {
		return nil, &engine.Error{Code: engine.Invalid, Msg: p.Msg, Args: p.Args, Hint: p.Hint}
	}
	return s, nil
}

// PlainValue is plain data (nil, bool, string, int, float64, []any, map[string]any) as a Value that stands nowhere.
func PlainValue(v any) *Value {
	switch x := v.(type) {
	case nil:
		return &Value{}
	case []any:
		list := make([]*Value, len(x))
		for i, e := range x {
			list[i] = PlainValue(e)
		}
		return &Value{List: list}
	case map[string]any:
		keys := make([]string, 0, len(x))
		for k := range x {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		pairs := make([]Pair, len(keys))
		for i, k := range keys {
			pairs[i] = Pair{Key: k, Value: PlainValue(x[k])}
		}
		return &Value{Map: pairs}
	}
	return &Value{Const: v}
}

type formReader struct {
	problems engine.Problems
	names    map[string]bool
	data     bool // inputTypes are allowed too
}

func (r *formReader) bad(v *Value, where, msg, hint string, args ...any) {
	var pos engine.Pos
	if v != nil {
		pos = v.Pos
	}
	r.at(pos, where, msg, hint, args...)
}

func (r *formReader) at(pos engine.Pos, where, msg, hint string, args ...any) {
	r.problems = append(r.problems, engine.Problem{
		Severity: engine.SevError, Pos: pos, Where: where, Msg: msg, Hint: hint, Args: engine.Args(args...),
	})
}

func (r *formReader) field(v *Value, where string) (f engine.Field) {
	if v.Map == nil {
		r.bad(v, where, "a field is a map", "Write {name: reason, title: Why?}.")
		return f
	}
	for _, p := range v.Map {
		if contains(fieldKeys, p.Key) {
			continue
		}
		if g := engine.Suggest(p.Key, fieldKeys); g != "" {
			r.at(p.Pos, where+"."+short(p.Key), `unknown key "{key}"`, `Did you mean "{guess}"?`, "key", short(p.Key), "guess", g)
		} else {
			r.at(p.Pos, where+"."+short(p.Key), `unknown key "{key}"`, "Known here: {keys}.", "key", short(p.Key), "keys", strings.Join(fieldKeys, ", "))
		}
	}
	name, ok := r.fixed(v, where, "name")
	switch {
	case !ok:
		return f
	case name == "":
		r.bad(v, where+".name", "the field has no name", "Add name: reason; later steps read the answer by it.")
		return f
	case !identifier(name):
		r.bad(v.Get("name"), where+".name", `"{name}" cannot be a field's name`, "Use letters, digits and _, beginning with a letter.", "name", short(name))
		return f
	case r.names[name]:
		r.bad(v.Get("name"), where+".name", `there are two fields called "{name}"`, "Rename one of them.", "name", name)
		return f
	}
	r.names[name] = true
	s := r.typed(v, where)
	if s == nil {
		return f
	}
	s.Title, s.Doc, s.Example = r.words(v, where, "title"), r.words(v, where, "help"), r.words(v, where, "example")
	if s.Title == "" {
		s.Title = strings.ReplaceAll(name, "_", " ")
	}
	if x := v.Get("required"); x != nil {
		b, is := x.Const.(bool)
		if !is {
			r.bad(x, where+".required", "true or false is expected here", "")
		}
		s.Required = b
	}
	r.preset(v.Get("default"), s, where)
	return engine.Field{Name: name, Schema: s}
}

// typed is the schema of what a field takes; nil when it has no known type.
func (r *formReader) typed(v *Value, where string) *engine.Schema {
	kind, ok := r.fixed(v, where, "type")
	if !ok {
		return nil
	}
	options := v.Get("options")
	if options != nil && kind == "" {
		kind = "choice"
	}
	var s *engine.Schema
	switch kind {
	case "", "text":
		s = &engine.Schema{Type: "string"}
	case "lines":
		s = &engine.Schema{Type: "string", Format: "text"}
	case "number":
		s = &engine.Schema{Type: "number"}
	case "check":
		s = &engine.Schema{Type: "boolean"}
	case "email":
		s = &engine.Schema{Type: "string", Format: "email"}
	case "date":
		s = &engine.Schema{Type: "string", Format: "date"}
	case "choice", "many":
		s = &engine.Schema{Type: "string"}
		if options == nil {
			r.bad(v, where+".options", "there is nothing to choose from", "Add options: [one, two].")
			return nil
		}
		values, titles, problems := FormOptions(options)
		for _, p := range problems {
			p.Where = where + ".options" + p.Where
			r.problems = append(r.problems, p)
		}
		s.Enum, s.Titles = values, titles
		if kind == "many" {
			return &engine.Schema{Type: "array", Items: s}
		}
		return s
	case "string", "integer", "boolean", "object", "array", "any":
		if r.data {
			s = dataSchema(kind)
			break
		}
		fallthrough
	default:
		words := FormTypes()
		if r.data {
			words = append(words, inputTypes...)
		}
		if g := engine.Suggest(kind, words); g != "" {
			r.bad(v.Get("type"), where+".type", `"{text}" is not possible here`, `Did you mean "{guess}"?`, "text", short(kind), "guess", g)
		} else {
			r.bad(v.Get("type"), where+".type", `"{text}" is not possible here`, "Possible: {words}.", "text", short(kind), "words", strings.Join(words, ", "))
		}
		return nil
	}
	if options != nil {
		r.bad(options, where+".options", `options belong to fields of type "choice" or "many"`, "Remove them, or change the type.")
	}
	return s
}

// FormOptions reads what can be chosen: a list of texts or numbers, or of {value, label}. titles is nil when no option
// has a label. Both are nil for an expression, which is not known yet.
func FormOptions(v *Value) (values, titles []string, problems engine.Problems) {
	r := &formReader{}
	switch {
	case v == nil || v.List == nil && v.Segments == nil:
		r.bad(v, "", "options are a list", "Write it in brackets: [one, two].")
	case v.Segments != nil && !v.Whole:
		r.bad(v, "", "options are a list", `Write one expression and nothing else: "{{ … }}".`)
	case v.Segments == nil && len(v.List) == 0:
		r.bad(v, "", "there is nothing to choose from", "Add options: [one, two].")
	case len(v.List) > maxOptions:
		r.bad(v, "", "there are more than {most} options", "Take fewer.", "most", maxOptions)
	}
	labelled := false
	for i, o := range v.list() {
		if i >= maxOptions {
			break
		}
		where := "[" + strconv.Itoa(i) + "]"
		value, label, ok := r.option(o, where)
		switch {
		case !ok:
			continue
		case slices.Contains(values, value):
			r.bad(o, where, `"{text}" is written twice`, "Keep one of them.", "text", short(value))
			continue
		}
		labelled = labelled || label != value
		values, titles = append(values, value), append(titles, label)
	}
	if !labelled {
		titles = nil
	}
	return values, titles, r.problems
}

func (v *Value) list() []*Value {
	if v == nil {
		return nil
	}
	return v.List
}

func (r *formReader) option(v *Value, where string) (value, label string, ok bool) {
	if v.Map == nil {
		value, ok = scalar1(v)
		if !ok || strings.TrimSpace(value) == "" {
			r.bad(v, where, "an option is a text, or {value, label}", "Write small, or {value: s, label: Small}.")
			return "", "", false
		}
		return value, value, true
	}
	for _, p := range v.Map {
		if p.Key != "value" && p.Key != "label" {
			r.at(p.Pos, where, `unknown key "{key}"`, "Known here: {keys}.", "key", short(p.Key), "keys", "value, label")
			return "", "", false
		}
	}
	value, ok = scalar1(v.Get("value"))
	if !ok || strings.TrimSpace(value) == "" {
		r.bad(v, where, "the option has no value", "Write {value: s, label: Small}.")
		return "", "", false
	}
	if label, ok = scalar1(v.Get("label")); !ok || strings.TrimSpace(label) == "" {
		label = value
	}
	return value, label, true
}

// scalar1 is a constant text, number or truth value as text.
func scalar1(v *Value) (string, bool) {
	if v == nil || v.Segments != nil || v.Map != nil || v.List != nil {
		return "", false
	}
	switch x := v.Const.(type) {
	case string:
		return x, true
	case int:
		return strconv.Itoa(x), true
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64), true
	case bool:
		return strconv.FormatBool(x), true
	}
	return "", false
}

// fixed is a member that must be a plain text; "" when it is not written.
func (r *formReader) fixed(v *Value, where, key string) (string, bool) {
	x := v.Get(key)
	if x == nil {
		return "", true
	}
	s, ok := x.Const.(string)
	if !ok || x.Segments != nil {
		r.bad(x, where+"."+key, "a plain text is expected here", "")
		return "", false
	}
	return strings.TrimSpace(s), true
}

// words is a text for people; "" when it is an expression or not written.
func (r *formReader) words(v *Value, where, key string) string {
	x := v.Get(key)
	if x == nil || x.Segments != nil {
		return ""
	}
	s, ok := scalar1(x)
	if !ok {
		r.bad(x, where+"."+key, "a text is expected here", "")
	}
	return s
}

func (r *formReader) preset(v *Value, s *engine.Schema, where string) {
	x, known := v.Constant()
	if v == nil || !known || x == nil {
		return
	}
	d, err := FormValue(s, x)
	if err != nil {
		r.bad(v, where+".default", err.Msg, err.Hint)
		r.problems[len(r.problems)-1].Args = err.Args
		return
	}
	s.Default = d
}
