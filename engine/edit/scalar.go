package edit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// name is the one way in which a key is written.
func name(key string, inFlow bool) string {
	if plain(key, inFlow) {
		return key
	}
	return quoted(key)
}

// scalar is the one way in which a single value is written on one line. inFlow holds between { } and [ ].
func scalar(v any, inFlow bool) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(x)
	case int:
		return strconv.Itoa(x)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case string:
		switch {
		case plain(x, inFlow) && !slices.Contains(old, strings.ToLower(x)):
			return x
		case strings.ContainsAny(x, `"\`) && !strings.Contains(x, "'") && printable(x):
			return "'" + x + "'"
		}
		return quoted(x)
	}
	return "null"
}

// old are truth values to readers of YAML 1.1.
var old = []string{"yes", "no", "on", "off", "y", "n"}

// plain reports whether a text needs no quotes: it reads back as itself, here and in other readers of YAML, and
// has no expression in it.
func plain(s string, inFlow bool) bool {
	if s == "" || s != strings.TrimSpace(s) || !printable(s) || strings.ContainsRune("-?:,[]{}#&*!|>'\"%@`=<~", rune(s[0])) {
		return false
	}
	if strings.Contains(s, "{{") || strings.Contains(s, ": ") || strings.Contains(s, " #") || strings.HasSuffix(s, ":") || strings.HasPrefix(s, "...") {
		return false
	}
	if inFlow && (strings.ContainsAny(s, ",[]{}") || strings.Contains(s, `:"`) || strings.Contains(s, ":'")) {
		return false
	}
	return isText(s)
}

// isText reports whether YAML takes a plain scalar for a text, and not for a number, a date, a truth value or null.
func isText(s string) bool {
	switch c := s[0]; {
	case c >= '0' && c <= '9' || c == '+' || c == '.':
		var n yaml.Node
		if yaml.Load([]byte(s), &n) != nil || len(n.Content) != 1 {
			return false
		}
		return n.Content[0].Kind == yaml.ScalarNode && n.Content[0].ShortTag() == "!!str"
	}
	switch strings.ToLower(s) {
	case "true", "false", "null":
		return false
	}
	return true
}

func printable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// literal is the header and the lines of a text of several lines; ok is false where only quotes can hold it.
func literal(s string) (header string, lines []string, ok bool) {
	body, cut := strings.CutSuffix(s, "\n")
	lines = strings.Split(body, "\n")
	if !strings.Contains(s, "\n") || lines[0] == "" || blank(lines[0][0]) || lines[len(lines)-1] == "" {
		return "", nil, false
	}
	if strings.TrimSpace(lines[len(lines)-1]) == "" || !printable(strings.NewReplacer("\n", "", "\t", "").Replace(s)) {
		return "", nil, false
	}
	if cut {
		return "|", lines, true
	}
	return "|-", lines, true
}
