package expr

import (
	"strings"
	"unicode/utf8"
)

// Split cuts a text at its {{ … }}; each ends at the first }} outside a string or bracket. A literal {{ is
// written {{ "{{" }}. Joining the segments' texts, with braces around the expressions, gives the text again. The
// error is a *SourceError with a position within text.
func Split(text string) ([]Segment, error) {
	var out []Segment
	at := 0
	for {
		open := strings.Index(text[at:], "{{")
		if open < 0 {
			break
		}
		if open > 0 {
			out = append(out, Segment{Text: text[at : at+open], Offset: at})
		}
		start := at + open + 2
		n := closing(text[start:])
		if n < 0 {
			return nil, failAt(text, utf8.RuneCountInString(text[:at+open]), `Close it with }}, or write {{ "{{" }} for the braces themselves`, "{{ is not closed")
		}
		out = append(out, Segment{Text: text[start : start+n], Expr: true, Offset: start})
		at = start + n + 2
	}
	if at < len(text) {
		out = append(out, Segment{Text: text[at:], Offset: at})
	}
	return out, nil
}

// closing is the offset of the first }} outside strings and brackets; -1 when there is none. Comments need no
// care of their own: a brace in one counts.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\'', '`':
			j := endOfString(s, i)
			if j < 0 {
				return -1
			}
			i = j
		case '(', '[', '{':
			depth++
		case ')', ']':
			depth = max(depth-1, 0)
		case '}':
			if depth > 0 {
				depth--
			} else if strings.HasPrefix(s[i:], "}}") {
				return i
			}
		}
	}
	return -1
}

// endOfString is the offset of the quote that ends the string beginning at i; -1 when it does not end. Backquoted
// strings know no escapes.
func endOfString(s string, i int) int {
	quote := s[i]
	for j := i + 1; j < len(s); j++ {
		switch {
		case s[j] == '\\' && quote != '`':
			j++
		case s[j] == quote:
			return j
		}
	}
	return -1
}
