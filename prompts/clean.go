package prompts

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Clean makes text from outside harmless to look at, whatever the surface: control characters, bidirectional
// overrides and zero-width characters become visible as ⟨U+202E⟩, line ends become "\n", bytes that are no UTF-8
// become "�". Line breaks and tabs stay. A joiner inside an emoji stays. Cleaning twice changes nothing.
func Clean(s string) string {
	if plainASCII(s) {
		return s
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\r\n", "\n")
	var b strings.Builder
	var before rune
	for i, r := range s {
		after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		switch {
		case r == '\n' || r == '\t':
			b.WriteRune(r)
		case r == '\u2028' || r == '\u2029' || r == '\r':
			b.WriteByte('\n')
		case r == zwj && pictograph(before) && pictograph(after):
			b.WriteRune(r)
		case hidden(r):
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		default:
			b.WriteRune(r)
		}
		before = r
	}
	return b.String()
}

// CleanLine is Clean for text that stands in a line: line breaks and tabs become spaces, so that nothing from
// outside can start a line of its own.
func CleanLine(s string) string {
	s = Clean(s)
	if !strings.ContainsAny(s, "\n\t") {
		return s
	}
	return strings.NewReplacer("\n", " ", "\t", " ").Replace(s)
}

const zwj = '\u200d'

func plainASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// hidden are the characters that change how others look without being seen themselves: Unicode's controls and
// format characters (bidi, zero-width, tags, soft hyphen), and blanks that pretend to be nothing.
func hidden(r rune) bool {
	switch r {
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u3164', '\uffa0', '\u2800':
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co) || r >= 0xe0000 && r <= 0xe0fff
}

func pictograph(r rune) bool {
	return unicode.Is(unicode.So, r) || r == '\ufe0f' || r >= 0x1f3fb && r <= 0x1f3ff
}

// width counts as the platforms do at their strictest: UTF-16 units.
func width(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// Cut shortens s to at most limit UTF-16 units, the "…" included, never inside a character as people see it. A limit
// of 0 or less is none.
func Cut(s string, limit int) string {
	if limit <= 0 || width(s) <= limit {
		return s
	}
	keep, units := 0, 0
	var before rune
	flags := 0
	for i, r := range s {
		if r >= 0x1f1e6 && r <= 0x1f1ff {
			flags++
		} else {
			flags = 0
		}
		if i > 0 && !joined(before, r, flags) && units <= limit-1 {
			keep = i
		}
		units += max(1, utf16.RuneLen(r))
		if units > limit {
			break
		}
		before = r
	}
	return strings.TrimRight(s[:keep], " ") + "…"
}

// joined reports whether r belongs to the character that ends with before: combining marks, variation selectors,
// emoji with joiners, skin tones and tags, flags (pairs), Hangul syllables, CR LF. flags counts regional indicators
// up to r.
func joined(before, r rune, flags int) bool {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc), r == zwj, before == zwj:
		return true
	case r >= 0x1f3fb && r <= 0x1f3ff, r >= 0xe0020 && r <= 0xe007f:
		return true
	case before == '\r' && r == '\n':
		return true
	case r >= 0x1160 && r <= 0x11ff: // Hangul vowels and finals
		return true
	case flags > 0 && flags%2 == 0:
		return true
	}
	return false
}
