package fields

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
)

// Read takes what was typed into the fields of Form back into values as written, or says by field name what is
// wrong, in the reader's language. A field that was not sent keeps its value, one that was left as it was shown keeps
// it to the byte, one that was emptied goes, and so does one that is no longer asked for because a choice before it
// changed. Keys keep their order; new ones take the schema's. With errors the values are those without.
func Read(a Ask, typed map[string]string) (edit.Map, map[string]string) {
	out, bad := a.Values, map[string]string{}
	b := a
	b.Typed = typed
	for _, l := range a.leaves() {
		text, sent := typed[l.name]
		stored, there := get(a.Values, l.path)
		if !b.asked(l) {
			if there && b.decided(l) {
				out = remove(out, l.path)
			}
			continue
		}
		if !sent {
			if !there && l.schema.Required && l.schema.Default == nil && l.schema.Type != "boolean" && len(typed) > 0 && b.appeared(l) {
				bad[l.name] = a.needed(l)
			}
			continue
		}
		if len(text) > maxTyped {
			bad[l.name] = a.t("This is too long: {size} characters, at most {most}.", "size", len(text), "most", maxTyped)
			continue
		}
		text = cleaned(text)
		if there && same(text, shown(l.schema, stored)) {
			if err := a.compiled(stored, text); err != nil && a.Expressions {
				bad[l.name] = a.say(err)
			}
			continue
		}
		v, err := a.value(l.schema, text)
		if err == nil && a.Expressions {
			err = a.compiled(v, text)
		}
		if err != nil {
			bad[l.name] = a.say(err)
			continue
		}
		switch {
		case v == nil && l.schema.Required && l.schema.Default == nil:
			bad[l.name] = a.needed(l)
		case v == nil:
			if there {
				out = remove(out, l.path)
			}
		case !there && isDefault(l.schema, v):
		case len(l.path) == 0:
			out, _ = v.(edit.Map)
		default:
			out = set(out, l.path, v, a.Schema)
		}
	}
	if len(bad) == 0 {
		bad = nil
	}
	return out, bad
}

// cleaned is a typed text without what no text of a flow may hold.
func cleaned(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\ufeff' {
			return -1
		}
		return r
	}, text)
}

func same(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }

// needed says that a required field is empty.
func (a Ask) needed(l leaf) string {
	e := engine.E(engine.Invalid, "This is needed.")
	msg := a.say(e)
	if l.schema.Example != "" {
		return msg + " " + a.t("For example: {example}", "example", l.schema.Example)
	}
	return msg
}

// decided reports whether a choice that this leaf depends on was sent and is not what is stored.
func (a Ask) decided(l leaf) bool {
	for _, c := range l.only {
		if _, sent := a.Typed[c.name]; sent && a.now(c) != a.stored(c) {
			return true
		}
	}
	return false
}

// appeared reports whether a leaf became asked for by a choice in this very submission, so that its field could not
// have been filled in.
func (a Ask) appeared(l leaf) bool { return len(l.only) > 0 && a.decided(l) }

func isDefault(s *engine.Schema, v any) bool {
	if s.Type == "boolean" && v == false && s.Default == nil && !s.Required {
		return true
	}
	if s.Default == nil {
		return false
	}
	return jsonOf(edit.Plain(v)) == jsonOf(s.Default)
}

// value is what a typed text means for a schema; nil is nothing. The error is Invalid and says what to do.
func (a Ask) value(s *engine.Schema, text string) (any, *engine.Error) {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		if s.Type == "boolean" {
			return false, nil
		}
		return nil, nil
	}
	if strings.Contains(trimmed, "{{") && s.Format == engine.SecretFormat {
		return nil, engine.E(engine.Invalid, "an expression cannot name a secret").WithHint("Write the secret's name.")
	}
	if strings.Contains(trimmed, "{{") && !a.Expressions {
		return nil, engine.E(engine.Invalid, "an expression has no event to read yet here").WithHint("Write the value itself.")
	}
	switch s.Type {
	case "string":
		return a.text(s, text)
	case "integer", "number", "boolean":
		if strings.Contains(trimmed, "{{") {
			return wholeOnly(trimmed)
		}
		return constant(s, trimmed)
	case "array":
		return a.list(s, text)
	case "object":
		return a.object(s, text)
	}
	v, err := structured(text)
	if t, ok := v.(string); ok {
		v = strings.TrimRight(t, "\n")
	}
	return v, err
}

// wholeOnly lets one whole expression stand where no text can: its type is checked when there is a value.
func wholeOnly(trimmed string) (any, *engine.Error) {
	if endOfExpression(trimmed) == len(trimmed) && strings.HasPrefix(trimmed, "{{") {
		return trimmed, nil
	}
	if _, err := split(trimmed); err != nil {
		return nil, err
	}
	return nil, engine.E(engine.Invalid, "text around an expression makes text, which cannot stand here").
		WithHint("Write one expression and nothing else: {{ … }}.")
}

func constant(s *engine.Schema, t string) (any, *engine.Error) {
	if s.Type == "boolean" {
		if b, ok := truth(t); ok {
			return b, nil
		}
		return nil, engine.E(engine.Invalid, `"{text}" is neither yes nor no`, "text", clip(t, 40)).WithHint("Write true or false.")
	}
	n := strings.ReplaceAll(strings.ReplaceAll(t, "\u00a0", ""), "\u202f", "")
	n = strings.TrimPrefix(n, "+")
	v, err := engine.DecodeJSON([]byte(n))
	switch v := v.(type) {
	case int:
		if err == nil {
			return v, nil
		}
	case float64:
		if err != nil {
			break
		}
		if s.Type == "integer" && v != float64(int64(v)) {
			return nil, engine.E(engine.Invalid, `"{text}" is not a whole number`, "text", clip(t, 40)).WithHint("Write digits only, like 30.")
		}
		if s.Type == "integer" {
			return int(v), nil
		}
		return v, nil
	case string:
		if err == nil && n[0] != '"' && s.Type == "integer" {
			return v, nil // longer than int64: its digits
		}
	}
	if s.Type == "integer" {
		return nil, engine.E(engine.Invalid, `"{text}" is not a whole number`, "text", clip(t, 40)).WithHint("Write digits only, like 30.")
	}
	return nil, engine.E(engine.Invalid, `"{text}" is not a number`, "text", clip(t, 40)).WithHint("Write digits, with a point before decimals: 2.5.")
}

// list reads JSON, YAML, or one element a line; short ones may stand on one line with commas.
func (a Ask) list(s *engine.Schema, text string) (any, *engine.Error) {
	t := strings.TrimSpace(text)
	if strings.HasPrefix(t, "{{") && endOfExpression(t) == len(t) {
		return t, nil
	}
	items := orAny(s.Items)
	if t[0] == '[' || strings.HasPrefix(t, "- ") {
		v, err := structured(text)
		if err != nil {
			return nil, err
		}
		l, ok := v.([]any)
		if !ok {
			return nil, engine.E(engine.Invalid, "a list is needed here").WithHint(`Write one element a line, or ["a", "b"].`)
		}
		for _, x := range l {
			if x, ok := x.(string); ok && len(items.Enum) > 0 && !strings.Contains(x, "{{") {
				if _, err := oneOf(items, x); err != nil {
					return nil, err
				}
			}
		}
		return l, nil
	}
	if !scalarType(items) {
		return nil, engine.E(engine.Invalid, "a list is needed here").WithHint(`Write one element a line, or ["a", "b"].`)
	}
	sep := "\n"
	if !strings.Contains(t, "\n") && !strings.Contains(t, "{{") {
		sep = ","
	}
	list := []any{}
	for part := range strings.SplitSeq(t, sep) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		v, err := a.value(items, part)
		if err != nil {
			return nil, err
		}
		if v != nil {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	return inOrder(items, list), nil
}

// inOrder is a list of choices in the order of the Enum, each once: surfaces send them in the order of clicks, or not.
func inOrder(items *engine.Schema, list []any) []any {
	if len(items.Enum) == 0 {
		return list
	}
	var out []any
	for _, e := range items.Enum {
		if slices.Contains(list, any(e)) {
			out = append(out, e)
		}
	}
	for _, v := range list { // expressions stay, at the end
		if s, ok := v.(string); ok && !slices.Contains(items.Enum, s) {
			out = append(out, v)
		}
	}
	return out
}

func scalarType(s *engine.Schema) bool {
	switch s.Type {
	case "string", "integer", "number", "boolean", "":
		return true
	}
	return false
}

func (a Ask) object(s *engine.Schema, text string) (any, *engine.Error) {
	t := strings.TrimSpace(text)
	if strings.HasPrefix(t, "{{") && endOfExpression(t) == len(t) {
		return t, nil
	}
	ofTexts := s.Items.Typed() && s.Items.Type == "string"
	if ofTexts && t[0] != '{' {
		m, err := texts(text)
		if err != nil {
			return nil, err
		}
		return m, nil
	}
	v, err := structured(text)
	if err != nil {
		return nil, err
	}
	m, ok := v.(edit.Map)
	if !ok {
		return nil, engine.E(engine.Invalid, "names with values are needed here").WithHint(`Write one a line, name: value; or {"name": "value"}.`)
	}
	if ofTexts {
		for i, p := range m {
			switch x := p.Value.(type) {
			case string:
			case int, float64, bool:
				m[i].Value = jsonOf(x)
			default:
				return nil, engine.E(engine.Invalid, `"{name}" must be a text`, "name", clip(p.Key, 40)).WithHint("Write one a line, name: value.")
			}
		}
	}
	if len(m) == 0 {
		return nil, nil
	}
	return m, nil
}
