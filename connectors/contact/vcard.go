package contact

import (
	"slices"
	"strings"
	"unicode"
)

// card is a vCard as its logical lines (RFC 6350, 3.2; RFC 2425, 5.8.1): unfolded, otherwise as they were.
type card []string

// parse reads the first vCard of a text; nil when there is none.
func parse(text string) card {
	var c card
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\r\n")
		switch {
		case l == "":
		case len(c) > 0 && (l[0] == ' ' || l[0] == '\t'):
			c[len(c)-1] += l[1:]
		case len(c) == 0 && !strings.EqualFold(strings.TrimSpace(l), "BEGIN:VCARD"):
		default:
			c = append(c, l)
			if strings.EqualFold(strings.TrimSpace(l), "END:VCARD") {
				return c
			}
		}
	}
	return nil // its end is missing
}

// text writes the card, folded at 75 bytes, with CRLF.
func (c card) text() string {
	var b strings.Builder
	for _, l := range c {
		for width := 75; len(l) > width; width = 74 { // the space counts
			cut := width
			for cut > 0 && l[cut]&0xC0 == 0x80 {
				cut--
			}
			if cut == 0 {
				cut = width
			}
			b.WriteString(l[:cut] + "\r\n ")
			l = l[cut:]
		}
		b.WriteString(l + "\r\n")
	}
	return b.String()
}

// take splits a line into its property, without group and parameters, and its value.
func take(line string) (name, value string) {
	quoted := false
	for i, r := range line {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ':' && !quoted:
			name, _, _ = strings.Cut(line[:i], ";")
			if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
				name = name[dot+1:]
			}
			return strings.ToUpper(strings.TrimSpace(name)), line[i+1:]
		}
	}
	return "", ""
}

// values are those of a property that hold anything, unescaped.
func (c card) values(name string) []string {
	var out []string
	for _, l := range c {
		if n, v := take(l); n == name {
			if v = unescape(v); strings.Trim(v, "; \t") != "" {
				out = append(out, v)
			}
		}
	}
	return out
}

// first is the first value of a property, "" when there is none.
func (c card) first(name string) string {
	if v := c.values(name); len(v) > 0 {
		return v[0]
	}
	return ""
}

// has reports whether a property has a value, whatever the case of letters.
func (c card) has(name, value string) bool {
	return slices.ContainsFunc(c.values(name), func(v string) bool {
		return strings.EqualFold(strings.TrimPrefix(strings.ToLower(v), "mailto:"), value)
	})
}

// with is the card with one more line before its end.
func (c card) with(line string) card {
	return append(slices.Clone(c[:len(c)-1]), line, c[len(c)-1])
}

// fill adds a property that has no value yet.
func (c card) fill(line string) (card, bool) {
	name, value := take(line)
	if value == "" || c.first(name) != "" {
		return c, false
	}
	return c.with(line), true
}

// noted is the card with a text added to its note, unless it stands there already.
func (c card) noted(text string) (card, bool) {
	if text == "" {
		return c, false
	}
	for i, l := range c {
		name, value := take(l)
		if name != "NOTE" {
			continue
		}
		if strings.Contains(value, escape(text)) {
			return c, false
		}
		out := slices.Clone(c)
		if strings.TrimSpace(value) != "" {
			out[i] += `\n`
		}
		out[i] += escape(text)
		return out, true
	}
	return c.with("NOTE:" + escape(text)), true
}

// escape makes a text a value (RFC 6350, 3.4).
func escape(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, ",", `\,`, ";", `\;`).Replace(s)
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			if s[i] == 'n' || s[i] == 'N' {
				b.WriteByte('\n')
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
