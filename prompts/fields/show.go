package fields

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
)

// short is how long a structured value may be to stand on one line.
const short = 60

// shown is a stored value as its field holds it. Reading it again gives an equal value.
func shown(s *engine.Schema, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if !s.Typed() && mistaken(v) {
			return quote(v)
		}
		return v
	case bool:
		return strconv.FormatBool(v)
	case []any:
		if lines, ok := simpleLines(s, v); ok {
			return lines
		}
		return pretty(v)
	case edit.Map:
		if lines, ok := namedLines(s, v); ok {
			return lines
		}
		return pretty(v)
	case map[string]any:
		return pretty(v)
	}
	return jsonOf(v)
}

// mistaken reports whether an untyped text would be read back as something else than this text.
func mistaken(text string) bool {
	v, err := structured(text)
	if err != nil {
		return true
	}
	s, ok := v.(string)
	return !ok || s != text
}

func quote(s string) string { return jsonOf(s) }

func jsonOf(v any) string {
	b, err := engine.EncodeJSON(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// simpleLines is a list of short texts, one a line.
func simpleLines(s *engine.Schema, v []any) (string, bool) {
	if !s.Typed() || s.Items == nil || s.Items.Type != "string" || len(v) == 0 {
		return "", false
	}
	var lines []string
	for _, x := range v {
		t, ok := x.(string)
		if !ok || t == "" || t != strings.TrimSpace(t) || strings.ContainsAny(t, "\n\r,") || strings.HasPrefix(t, "- ") || strings.ContainsAny(t[:1], `[{"'`) && !strings.HasPrefix(t, "{{") {
			return "", false
		}
		lines = append(lines, t)
	}
	return strings.Join(lines, "\n"), true
}

var simpleName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// namedLines is a map of short texts, "name: value" a line, where a schema says that they are texts.
func namedLines(s *engine.Schema, v edit.Map) (string, bool) {
	if !s.Typed() || s.Items == nil || s.Items.Type != "string" || len(v) == 0 {
		return "", false
	}
	var lines []string
	for _, p := range v {
		t, ok := p.Value.(string)
		if !ok || !simpleName.MatchString(p.Key) || t == "" || t != strings.TrimSpace(t) || strings.ContainsAny(t, "\n\r") {
			return "", false
		}
		lines = append(lines, p.Key+": "+t)
	}
	text := strings.Join(lines, "\n")
	back, err := texts(text)
	return text, err == nil && jsonOf(edit.Plain(back)) == jsonOf(edit.Plain(v))
}

// pretty is a list or map as people read JSON, in its own order: on one line when that is short.
func pretty(v any) string {
	line := spaced(v)
	if len(line) <= short {
		return line
	}
	var b bytes.Buffer
	if json.Indent(&b, []byte(line), "", "  ") != nil {
		return line
	}
	return b.String()
}

// spaced is JSON on one line with a space after each comma and colon.
func spaced(v any) string {
	var b strings.Builder
	write(&b, v)
	return b.String()
}

func write(b *strings.Builder, v any) {
	switch v := v.(type) {
	case edit.Map:
		b.WriteByte('{')
		for i, p := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(quote(p.Key) + ": ")
			write(b, p.Value)
		}
		b.WriteByte('}')
	case map[string]any:
		b.WriteByte('{')
		for i, k := range sortedKeys(v) {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(quote(k) + ": ")
			write(b, v[k])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			write(b, x)
		}
		b.WriteByte(']')
	default:
		b.WriteString(jsonOf(v))
	}
}
