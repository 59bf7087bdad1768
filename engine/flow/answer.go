package flow

import (
	"math"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// Limits of an answer, in bytes: a field is typed by a person.
const (
	maxAnswer  = 16 << 10
	maxAnswers = 64 << 10
)

// ReadForm types what a person filled in, by the schema that FormFields gave: numbers and dates may come as their text,
// a list of choices as text with commas. Every field of the schema is a member of the result: one left empty has its
// default, or nil. Errors, Invalid, are by field name; a name that is no field is among them. It is pure.
func ReadForm(s *engine.Schema, given map[string]any) (map[string]any, map[string]*engine.Error) {
	out, wrong := map[string]any{}, map[string]*engine.Error{}
	size := 0
	for _, f := range s.Fields {
		x := given[f.Name]
		if empty(x) {
			x = f.Default
		}
		if empty(x) {
			out[f.Name] = nil
			if f.Required {
				wrong[f.Name] = engine.E(engine.Invalid, "an answer is needed here")
			}
			if f.Type == "array" {
				out[f.Name] = []any{}
			}
			continue
		}
		v, err := FormValue(f.Schema, x)
		if err != nil {
			wrong[f.Name] = err
			continue
		}
		if text, ok := v.(string); ok {
			size += len(text)
		}
		if b, is := v.(bool); is && !b && f.Required {
			wrong[f.Name] = engine.E(engine.Invalid, "this must be ticked")
		}
		if size > maxAnswers {
			wrong[f.Name] = engine.E(engine.TooLarge, "the answers are too long together")
		}
		out[f.Name] = v
	}
	for name := range given {
		if s.Field(name) == nil {
			wrong[name] = engine.E(engine.Invalid, `there is no field "{name}" here`, "name", short(name))
		}
	}
	return out, wrong
}

func empty(x any) bool {
	switch v := x.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// FormValue types one answer by its field's schema. The error is Invalid.
func FormValue(s *engine.Schema, x any) (any, *engine.Error) {
	switch s.Type {
	case "array":
		return many(s, x)
	case "boolean":
		return truth(x)
	case "number", "integer":
		return amount(s, x)
	}
	text, ok := x.(string)
	if !ok {
		if text, ok = scalar1(&Value{Const: x}); !ok {
			return nil, engine.E(engine.Invalid, "a text is expected here")
		}
	}
	if s.Format != "text" {
		text = strings.TrimSpace(text)
	}
	if len(text) > maxAnswer {
		return nil, engine.E(engine.TooLarge, "this is longer than {most} characters", "most", maxAnswer)
	}
	switch {
	case len(s.Enum) > 0:
		return choose(s, text)
	case s.Format == "email":
		if a, err := mail.ParseAddress(text); err != nil || a.Address != text {
			return nil, engine.E(engine.Invalid, `"{text}" is not an e-mail address`, "text", short(text)).WithHint("Write name@example.org.")
		}
	case s.Format == "date":
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return nil, engine.E(engine.Invalid, `"{text}" is not a date`, "text", short(text)).WithHint("Write it as year-month-day: 2026-03-01.")
		}
	}
	return text, nil
}

// choose takes an option by its value, or by its label.
func choose(s *engine.Schema, text string) (any, *engine.Error) {
	for _, v := range s.Enum {
		if v == text {
			return v, nil
		}
	}
	for i, t := range s.Titles {
		if t == text && i < len(s.Enum) {
			return s.Enum[i], nil
		}
	}
	e := engine.E(engine.Invalid, `"{text}" is not possible here`, "text", short(text))
	if g := engine.Suggest(text, s.Enum); g != "" {
		e.Args["guess"] = g
		return nil, e.WithHint(`Did you mean "{guess}"?`)
	}
	if len(s.Enum) <= 12 {
		e.Args["words"] = short(strings.Join(s.Enum, ", "))
		return nil, e.WithHint("Possible: {words}.")
	}
	return nil, e
}

func many(s *engine.Schema, x any) (any, *engine.Error) {
	list, ok := x.([]any)
	if text, is := x.(string); is {
		ok = true
		for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '\n' }) {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
	}
	if !ok {
		return nil, engine.E(engine.Invalid, "a list is expected here")
	}
	out := make([]any, 0, len(list))
	seen := map[any]bool{}
	for _, e := range list {
		v, err := FormValue(s.Items, e)
		if err != nil {
			return nil, err
		}
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out, nil
}

func truth(x any) (any, *engine.Error) {
	switch v := x.(type) {
	case bool:
		return v, nil
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true", "yes", "on", "1":
			return true, nil
		case "false", "no", "off", "0":
			return false, nil
		}
	}
	return nil, engine.E(engine.Invalid, "true or false is expected here")
}

func amount(s *engine.Schema, x any) (any, *engine.Error) {
	wrong := func(text string) *engine.Error {
		return engine.E(engine.Invalid, `"{text}" is not a number`, "text", short(text)).WithHint("Write digits, with a point before the decimals.")
	}
	switch v := x.(type) {
	case int:
		return v, nil
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return nil, wrong("∞")
		}
		if s.Type == "integer" && v != math.Trunc(v) {
			return nil, engine.E(engine.Invalid, "a whole number is expected here")
		}
		return v, nil
	case string:
		text := strings.TrimSpace(v)
		if i, err := strconv.Atoi(text); err == nil {
			return i, nil
		}
		if digits := strings.TrimPrefix(text, "-"); digits != "" && len(digits) <= 100 && strings.Trim(digits, "0123456789") == "" {
			return text, nil // an integer too long for int64 stays its digits, as everywhere
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || strings.ContainsAny(text, "xXpP_") {
			return nil, wrong(text)
		}
		if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return int(f), nil
		}
		if s.Type == "integer" {
			return nil, engine.E(engine.Invalid, "a whole number is expected here")
		}
		return f, nil
	}
	return nil, wrong("…")
}
