package flow

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
)

const (
	maxName = 60
	maxID   = 40
)

// CheckName says whether text can be a flow's name: [a-z0-9][a-z0-9-]{0,59}. The error is Invalid, and proposes a
// name made from text where it can.
func CheckName(text string) error {
	if validName(text) {
		return nil
	}
	e := engine.E(engine.Invalid, `"{name}" cannot be a flow's name`, "name", short(text))
	if n := NameFrom(text); n != "" {
		e.Args["proposal"] = n
		return e.WithHint(`Use small letters, digits and dashes, at most 60: "{proposal}" would do.`)
	}
	return e.WithHint(`Use small letters, digits and dashes, at most 60, like "new-contact".`)
}

// NameFrom makes a flow's name of any text, "New contact!" gives "new-contact"; "" when nothing usable is in it.
func NameFrom(text string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(text) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			dash = false
		} else {
			dash = true
		}
		if b.Len() >= maxName-1 {
			break
		}
	}
	return b.String()
}

func validName(s string) bool {
	if s == "" || len(s) > maxName || s[0] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}

// validID holds for step ids: they are written steps.<id> in expressions, so a dash would read as a minus.
func validID(s string) bool {
	if s == "" || len(s) > maxID || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_') {
			return false
		}
	}
	return true
}

// identifier holds for names that expressions can write after a dot.
func identifier(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != "" && len(s) <= maxName
}

// short keeps what a message quotes from the text readable.
func short(s string) string {
	const most = 60
	s = strings.ToValidUTF8(strings.TrimSpace(s), "�")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
