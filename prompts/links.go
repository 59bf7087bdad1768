package prompts

import (
	"net/url"
)

// linkable reports whether a renderer may make a link of it: an absolute http or https address without odd
// characters. Builders put only addresses of our own there; renderers ask again.
func linkable(u string) bool {
	p, err := url.Parse(u)
	if err != nil || p.Host == "" || p.User != nil || (p.Scheme != "http" && p.Scheme != "https") {
		return false
	}
	for _, r := range u {
		if r <= ' ' || r >= 0x7f || r == '<' || r == '>' || r == '"' || r == '|' || r == ')' || r == '\\' {
			return false
		}
	}
	return len(u) <= 2000
}

// Linkable is the rule by which renderers decide whether a Link span or a button's URL is made a link.
func Linkable(u string) bool { return linkable(u) }
