package check

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// secret checks a field whose value is the name of a stored secret, written as the name or as {secret: NAME}.
func (c value) secret(v *flow.Value, where string) {
	name := v
	if s, _ := secretRef(v); s != nil {
		name = s
	}
	if name.Segments != nil {
		c.bad(v.Pos, where, "a secret's name is fixed, not an expression", "Write the name of a stored secret.")
		return
	}
	text, ok := name.Const.(string)
	switch {
	case !ok || name.Map != nil || name.List != nil:
		c.bad(v.Pos, where, "the name of a stored secret is expected here", "Store one with: bretelle secret set NAME.")
	case !secretName(text):
		// The text may be the secret itself, so it is not repeated here.
		c.bad(v.Pos, where, "this looks like a secret itself, and its name is expected here",
			"Store it with: bretelle secret set NAME, then write the name; and change it where it came from, because it stands in a text.")
	case c.k.Secret != nil && !c.k.Secret(text):
		c.bad(name.Pos, where, `no secret is called "{name}"`, "Store it with: bretelle secret set {name}.", "name", text)
	}
}

// secretRef is the NAME of a map that is exactly {secret: NAME}, and where the map stands.
func secretRef(v *flow.Value) (*flow.Value, engine.Pos) {
	if len(v.Map) == 1 && v.Map[0].Key == "secret" {
		return v.Map[0].Value, v.Pos
	}
	return nil, v.Pos
}

// secretName holds for [A-Za-z][A-Za-z0-9_.-]{0,59}, unless it looks like a token: long, with digits, both cases.
func secretName(s string) bool {
	if s == "" || len(s) > 60 {
		return false
	}
	var upper, lower, digit int
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z':
			lower++
		case c >= 'A' && c <= 'Z':
			upper++
		case i == 0:
			return false
		case c >= '0' && c <= '9':
			digit++
		case c != '_' && c != '-' && c != '.':
			return false
		}
	}
	return len(s) < 24 || digit < 3 || upper == 0 && digit < len(s)/4 || lower == 0 && digit < len(s)/4
}
