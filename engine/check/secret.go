package check

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine/flow"
)

// secret checks a field whose value is the name of a stored secret.
func (c value) secret(v *flow.Value, where string) {
	switch {
	case v.Segments != nil:
		c.bad(v.Pos, where, "a secret's name is fixed, not an expression", "Write the name of a stored secret.")
		return
	case secretRef(v):
		c.bad(v.Pos, where, "a secret is given by its name alone", "Write the name without {secret: …} around it.")
		return
	}
	text, ok := v.Const.(string)
	switch {
	case !ok || v.Map != nil || v.List != nil:
		c.bad(v.Pos, where, "the name of a stored secret is expected here", "Store one with: bretelle secret set NAME.")
	case !secretName(text):
		// The text may be the secret itself, so it is not repeated here.
		c.bad(v.Pos, where, "this looks like a secret itself, and its name is expected here",
			"Store it with: bretelle secret set NAME, then write the name; and change it where it came from, because it stands in a text.")
	case c.k.Secret != nil && !c.k.Secret(text):
		if strings.HasSuffix(where, ".account") {
			c.bad(v.Pos, where, `no account is called "{name}"`, "Store it with: {command}.", "name", text, "command", storing(text, c.store))
			return
		}
		c.bad(v.Pos, where, `no secret is called "{name}"`, "Store it with: bretelle secret set {name}.", "name", text)
	}
}

// storing is the command that stores an account.
func storing(name, how string) string {
	if !secretName(name) {
		name = "NAME"
	}
	if how == "" {
		how = "--origin https://service.example.org --header Authorization"
	}
	return "bretelle secret set " + name + " " + how
}

// secretRef holds for a map that is exactly {secret: …}.
func secretRef(v *flow.Value) bool { return len(v.Map) == 1 && v.Map[0].Key == "secret" }

// credentials are names under which a text is a credential, whatever the service.
var credentials = []string{"authorization", "proxy-authorization", "x-api-key", "api-key", "api_key", "apikey", "password", "access_token", "client_secret"}

// bare warns of a credential that stands in the flow's text.
func (c value) bare(p flow.Pair, where string) {
	if text, ok := p.Value.Const.(string); ok && text != "" && slices.Contains(credentials, strings.ToLower(p.Key)) {
		c.warn(p.Value.Pos, where, `"{name}" looks like a credential that everybody who may read the flow can see`,
			"Store it with: bretelle secret set NAME, and name it as the step's account.", "name", p.Key)
	}
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
