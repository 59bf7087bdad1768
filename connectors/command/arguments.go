package command

import (
	"strings"
	"unicode"

	"github.com/bretelle/bretelle/engine"
)

// argument is a word that was typed and where it begins.
type argument struct {
	text   string
	start  int
	quoted bool
}

// split takes a line apart at its spaces; what stands in quotes is one word, also behind an equals sign.
func split(line string) []argument {
	var out []argument
	var b strings.Builder
	in, quote, begun, quoted := -1, rune(0), false, false
	flush := func() {
		if begun {
			out = append(out, argument{b.String(), in, quoted})
		}
		b.Reset()
		begun, quoted = false, false
	}
	escaped := false
	for i, r := range line {
		if !begun && !unicode.IsSpace(r) {
			in, begun = i, true
		}
		switch {
		case escaped:
			b.WriteRune(r)
			escaped = false
		case quote != 0 && r == '\\':
			escaped = true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			b.WriteRune(r)
		case unicode.IsSpace(r):
			flush()
		case opening(r) && (b.Len() == 0 || strings.HasSuffix(b.String(), "=")):
			quote, quoted = closing(r), quoted || b.Len() == 0
		default:
			b.WriteRune(r)
		}
	}
	flush()
	return out
}

// opening quotes include those that phones and chat programs make of plain ones.
func opening(r rune) bool { return r == '"' || r == '“' || r == '„' || r == '«' }

func closing(r rune) rune {
	switch r {
	case '“', '„':
		return '”'
	case '«':
		return '»'
	}
	return r
}

// Arguments reads what was typed behind a command: name=value in any order, the rest in the order of the parameters. The
// last text takes what is left, as it was typed. Nothing is typed yet: the values are text. The error, Invalid, is about
// words that belong nowhere.
func Arguments(s *engine.Schema, line string) (map[string]any, *engine.Error) {
	given := map[string]any{}
	args := split(line)
	var rest []argument
	for _, a := range args {
		name, value, ok := strings.Cut(a.text, "=")
		if name = named(s, name); ok && !a.quoted && name != "" {
			if _, twice := given[name]; twice {
				return given, engine.E(engine.Invalid, "{name} is given twice", "name", name)
			}
			given[name] = value
			continue
		}
		rest = append(rest, a)
	}
	open := make([]engine.Field, 0, len(s.Fields))
	for _, f := range s.Fields {
		if _, ok := given[f.Name]; !ok {
			open = append(open, f)
		}
	}
	for i, f := range open {
		if len(rest) == 0 {
			break
		}
		if i == len(open)-1 && len(rest) > 1 && greedy(f.Schema) {
			given[f.Name] = tail(line, rest)
			rest = nil
			break
		}
		given[f.Name] = rest[0].text
		rest = rest[1:]
	}
	if len(rest) > 0 {
		return given, engine.E(engine.Invalid, `"{word}" is too much`, "word", rest[0].text, "usage", Usage(s)).WithHint("Write it like this: {usage}")
	}
	return given, nil
}

// named is a parameter's name in whatever case it was typed; "" is none. Discord's options are lower case.
func named(s *engine.Schema, typed string) string {
	found := ""
	for _, f := range s.Fields {
		if f.Name == typed {
			return f.Name
		}
		if strings.EqualFold(f.Name, typed) {
			found = f.Name
		}
	}
	return found
}

// greedy tells parameters that take all that is left.
func greedy(s *engine.Schema) bool {
	return s.Type == "array" || s.Type == "string" && len(s.Enum) == 0 && s.Format != "email" && s.Format != "date"
}

// tail is what was typed from a word on; where named values stand between, the words without them.
func tail(line string, rest []argument) string {
	if from := split(line[rest[0].start:]); len(from) == len(rest) {
		return strings.TrimSpace(line[rest[0].start:])
	}
	texts := make([]string, len(rest))
	for i, a := range rest {
		texts[i] = a.text
	}
	return strings.Join(texts, " ")
}

// Usage is what may stand behind a command, optional parameters in brackets: "WHO [REASON]".
func Usage(s *engine.Schema) string {
	var out []string
	for _, f := range s.Fields {
		name := strings.ToUpper(f.Name)
		if !f.Required {
			name = "[" + name + "]"
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}
