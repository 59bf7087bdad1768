package control

import (
	"net/url"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// sendable checks what a secret that is sent somewhere needs: where to, and as which header or for which user. The
// error is Invalid.
func sendable(in SecretIn) error {
	if in.Origin == "" {
		if in.Header != "" || in.User != "" {
			return engine.E(engine.Invalid, "a secret that is sent needs an origin, with a header or a user").
				WithHint("For example: --origin https://tracker.example.org --header Authorization")
		}
		return nil
	}
	u, err := url.Parse(in.Origin)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
		return engine.E(engine.Invalid, `"{origin}" is not an origin`, "origin", in.Origin).
			WithHint("Write scheme, host and perhaps a port: https://tracker.example.org, smtp://mail.example.org:587.")
	}
	if strings.ContainsFunc(in.User, func(r rune) bool { return r < ' ' || r == 0x7f }) || len(in.User) > 200 {
		return engine.E(engine.Invalid, "the user's name is not one line of at most 200 bytes")
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		switch {
		case (in.Header == "") == (in.User == ""):
			return engine.E(engine.Invalid, "a secret that is sent needs an origin, with a header or a user").
				WithHint("For example: --origin https://tracker.example.org --header Authorization")
		case strings.Contains(in.User, ":"): // RFC 7617, 2
			return engine.E(engine.Invalid, "the user's name holds a colon, which cannot be sent")
		}
	case "smtp", "smtps", "smtp+insecure", "imap", "imaps", "imap+insecure":
		if in.User == "" || in.Header != "" {
			return engine.E(engine.Invalid, "an account at a mail server needs a user, and no header").
				WithHint("For example: --origin smtps://mail.example.org --user bot@example.org")
		}
	default:
		return engine.E(engine.Invalid, `nothing is sent to "{scheme}:" addresses`, "scheme", u.Scheme).
			WithHint("Known are https, http, smtps, smtp, imaps, imap; smtp+insecure and imap+insecure inside your own network.")
	}
	return nil
}
