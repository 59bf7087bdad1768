package fields

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/expr"
)

// structured reads what may be a list, a map or a single value: JSON, YAML, or lines of "name: value". A text that is
// none of these is itself. Expressions may stand with or without quotes. The error is Invalid.
func structured(text string) (any, *engine.Error) {
	t := strings.TrimSpace(text)
	switch {
	case t == "":
		return nil, nil
	case (t[0] == '{' || t[0] == '[') && !strings.HasPrefix(t, "{{"):
		v, err := fromJSON(quoted(t))
		if err == nil {
			return v, nil
		}
		if y, yerr := fromYAML(quoted(t)); yerr == nil {
			return y, nil
		}
		return nil, err
	case looksLikeYAML(t):
		return fromYAML(quoted(t))
	}
	if !strings.Contains(t, "{{") {
		if v, err := fromJSON(t); err == nil {
			return v, nil
		}
	}
	return text, nil
}

var yamlStart = regexp.MustCompile(`^(?:- |-\n|(?:"[^"\n]*"|'[^'\n]*'|[A-Za-z_][A-Za-z0-9_.\-]*):(?:[ \t]|\n|$))`)

func looksLikeYAML(t string) bool {
	for line := range strings.Lines(t) {
		line = strings.TrimRight(line, "\r")
		if s := strings.TrimSpace(line); s == "" || s[0] == '#' {
			continue
		}
		return yamlStart.MatchString(line)
	}
	return false
}

// texts reads lines of "name: value" whose values are texts, whatever they look like.
func texts(text string) (edit.Map, *engine.Error) {
	var out edit.Map
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(name, " \t") {
			return nil, engine.E(engine.Invalid, `"{line}" is not a name and its value`, "line", clip(line, 40)).WithHint("Write one a line, name: value.")
		}
		out = append(out, edit.Pair{Key: name, Value: strings.TrimSpace(value)})
	}
	return out, nil
}

// maxBare is how many expressions without quotes are looked for in one answer.
const maxBare = 200

// quoted puts quotes around expressions that stand bare in JSON or YAML, where they could not be read.
func quoted(t string) string {
	var b strings.Builder
	for i, found := 0, 0; i < len(t); {
		switch c := t[i]; {
		case c == '"':
			j := endOfString(t, i)
			b.WriteString(t[i:j])
			i = j
		case found < maxBare && strings.HasPrefix(t[i:], "{{") && bare(t[:i]):
			found++
			j := i + endOfExpression(t[i:])
			if j == i || !closes(t[j:]) {
				b.WriteString("{{")
				i += 2
				continue
			}
			b.WriteString(quote(t[i:j]))
			i = j
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// bare reports whether a value may begin after what stands before.
func bare(before string) bool {
	s := strings.TrimRight(before, " \t")
	if s == "" {
		return true
	}
	switch s[len(s)-1] {
	case '\n', ':', ',', '[', '-':
		return true
	}
	return false
}

// closes reports whether nothing of the same value follows.
func closes(after string) bool {
	s := strings.TrimLeft(after, " \t\r")
	return s == "" || strings.ContainsAny(s[:1], "\n,]}#")
}

func endOfString(t string, i int) int {
	for j := i + 1; j < len(t); j++ {
		switch t[j] {
		case '\\':
			j++
		case '"':
			return j + 1
		case '\n':
			return j
		}
	}
	return len(t)
}

// endOfExpression is the length of the {{ … }} that t begins with; 0 when it does not end.
func endOfExpression(t string) int {
	if len(t) > maxTyped {
		return 0
	}
	segments, err := expr.Split(t)
	if err != nil || len(segments) == 0 || !segments[0].Expr {
		// A later brace may be what is wrong: look at this one alone.
		for j := strings.Index(t, "}}"); j >= 0; {
			if s, err := expr.Split(t[:j+2]); err == nil && len(s) == 1 && s[0].Expr {
				return j + 2
			}
			next := strings.Index(t[j+2:], "}}")
			if next < 0 {
				return 0
			}
			j += 2 + next
		}
		return 0
	}
	return segments[0].Offset + len(segments[0].Text) + 2
}

// fromJSON reads JSON with its members in their order.
func fromJSON(t string) (any, *engine.Error) {
	d := json.NewDecoder(bytes.NewReader([]byte(t)))
	d.UseNumber()
	v, err := ordered(d, 0)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one value")
		}
	}
	if err == nil {
		return v, nil
	}
	offset := int(d.InputOffset())
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = int(syntax.Offset) - 1
	}
	line, column := at(t, offset)
	return nil, engine.E(engine.Invalid, "this is not JSON (line {line}, column {column})", "line", line, "column", column).
		WithHint(`Look for a missing comma, quote or bracket; or write one a line, name: value.`)
}

var errDeep = errors.New("too deep")

func ordered(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch tok := tok.(type) {
	case json.Delim:
		if tok == '[' {
			list := []any{}
			for d.More() {
				v, err := ordered(d, depth+1)
				if err != nil {
					return nil, err
				}
				list = append(list, v)
			}
			_, err := d.Token()
			return list, err
		}
		m := edit.Map{}
		for d.More() {
			k, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := ordered(d, depth+1)
			if err != nil {
				return nil, err
			}
			name, _ := k.(string)
			if _, twice := get(m, []string{name}); twice {
				return nil, errors.New("a name twice")
			}
			m = append(m, edit.Pair{Key: name, Value: v})
		}
		_, err := d.Token()
		return m, err
	case json.Number:
		return engine.Numbers(tok), nil
	}
	return tok, nil
}

// fromYAML reads YAML with its members in their order; long integers stay the digits written.
func fromYAML(t string) (any, *engine.Error) {
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(t), &n); err != nil || len(n.Content) != 1 {
		return nil, engine.E(engine.Invalid, "this can be read neither as JSON nor as lines").
			WithHint("Write one a line, name: value; put a text with odd signs in quotes.")
	}
	return node(n.Content[0], 0)
}

func node(n *yaml.Node, depth int) (any, *engine.Error) {
	switch {
	case depth > maxDepth:
		return nil, engine.E(engine.Invalid, "this is nested too deeply (line {line})", "line", n.Line)
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return nil, engine.E(engine.Invalid, "* and & have no meaning here (line {line})", "line", n.Line).WithHint("Put the text in quotes.")
	case n.Kind == yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			v, err := node(c, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case n.Kind == yaml.MappingNode:
		m := make(edit.Map, 0, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			if k.Kind != yaml.ScalarNode {
				return nil, engine.E(engine.Invalid, "a name must be a text (line {line})", "line", k.Line)
			}
			if _, twice := get(m, []string{k.Value}); twice || k.ShortTag() == "!!merge" {
				return nil, engine.E(engine.Invalid, `"{name}" stands here twice (line {line})`, "name", clip(k.Value, 40), "line", k.Line)
			}
			v, err := node(n.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			m = append(m, edit.Pair{Key: k.Value, Value: v})
		}
		return m, nil
	}
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true"), nil
	case "!!int", "!!float":
		return numberOf(n.Value), nil
	}
	return n.Value, nil
}

// numberOf is a number as written: an exact integer, a float, or its digits where it is longer than both.
func numberOf(text string) any {
	if i, err := strconv.Atoi(text); err == nil && (len(text) == 1 || text[0] != '0') {
		return i
	}
	if v, err := engine.DecodeJSON([]byte(text)); err == nil {
		return v
	}
	return text
}

// at is the line and column of a byte offset.
func at(t string, offset int) (line, column int) {
	line, column = 1, 1
	for i, r := range t {
		if i >= offset {
			break
		}
		if r == '\n' {
			line, column = line+1, 1
		} else {
			column++
		}
	}
	return line, column
}

// clip shortens what a message quotes.
func clip(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
