package fields

import (
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

// text reads a text by its schema: one of an Enum, or what its format asks for. A text with an expression waits
// until there is a value.
func (a Ask) text(s *engine.Schema, text string) (any, *engine.Error) {
	t := strings.TrimSpace(text)
	switch {
	case strings.Contains(t, "{{"):
		if s.Format == "text" {
			return strings.TrimRight(text, "\n"), nil
		}
		return t, nil
	case len(s.Enum) > 0:
		return oneOf(s, t)
	case s.Format == "text":
		return strings.TrimRight(text, "\n"), nil
	case s.Format == engine.SecretFormat || s.Format == "account":
		return secretName(t)
	}
	if o := a.known(s.Format); o != nil {
		t = chosen(o, t)
	}
	return format(s.Format, t)
}

func oneOf(s *engine.Schema, t string) (any, *engine.Error) {
	v := choice(s, t)
	for _, e := range s.Enum {
		if e == v {
			return v, nil
		}
	}
	err := engine.E(engine.Invalid, `"{name}" is not possible here`, "name", clip(t, 60))
	if near := engine.Suggest(t, s.Enum); near != "" {
		err.Args["near"] = near
		return nil, err.WithHint("Did you mean {near}?")
	}
	err.Args["names"] = clip(strings.Join(s.Enum, ", "), 200)
	return nil, err.WithHint("Possible: {names}.")
}

// chosen is the value of an option whose label was typed.
func chosen(options []prompts.Option, t string) string {
	for _, o := range options {
		if o.Value == t {
			return t
		}
	}
	for _, o := range options {
		if strings.EqualFold(o.Label, t) {
			return o.Value
		}
	}
	return t
}

var secretWord = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,59}$`)

// secretName refuses what does not look like a name, without showing it: it may be the secret itself (R17).
func secretName(t string) (any, *engine.Error) {
	if secretWord.MatchString(t) {
		return t, nil
	}
	return nil, engine.E(engine.Invalid, "this is not the name of a secret").
		WithHint("Write its name, never the secret itself: bretelle secret set NAME stores one.")
}

// format checks a constant text, as the check of a flow does, and completes what was clearly meant.
func format(name, t string) (any, *engine.Error) {
	var err error
	switch name {
	case "uri":
		return webAddress(t)
	case "email":
		if a, e := mail.ParseAddress(t); e != nil || a.Address != t {
			err = engine.E(engine.Invalid, `"{text}" is not an e-mail address`, "text", clip(t, 60)).WithHint("Write name@example.org.")
		}
	case "date-time":
		_, err = flow.Instant(t)
	case "duration":
		t = flow.Shortened(t)
		_, err = flow.Duration(t)
	case "timezone":
		if _, e := time.LoadLocation(t); e != nil || t == "Local" {
			err = engine.E(engine.Invalid, `"{zone}" is not a time zone`, "zone", clip(t, 60)).WithHint("Write its IANA name, like Europe/Zurich or UTC.")
		}
	case "cron":
		if strings.HasPrefix(strings.ToUpper(t), "TZ=") || strings.HasPrefix(strings.ToUpper(t), "CRON_TZ=") {
			err = engine.E(engine.Invalid, "the time zone does not belong in the schedule").WithHint("Set the flow's time zone instead.")
		}
	case "place":
		if !strings.ContainsAny(t, "#@/") && placeWord.MatchString(t) {
			t = "#" + t
		}
		_, err = engine.ParsePlace(t)
	case "person-or-group", "group":
		if placeWord.MatchString(t) {
			t = "@" + t
		}
		if !person.MatchString(t) {
			err = engine.E(engine.Invalid, `"{name}" is not a group or person`, "name", clip(t, 60)).WithHint(`Write "@name", or "slack:TEAM/@name" for a group of a surface.`)
		}
	case "flow":
		if e := flow.CheckName(t); e != nil {
			err = e
		}
	}
	if err != nil {
		return nil, engine.AsError(err)
	}
	return t, nil
}

var (
	placeWord = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	person    = regexp.MustCompile(`^(?:(?:[^/@\s]+/)?@[^@/\s]+|[^/@:\s]+:[^/@:\s]+/#[^@#/\s]+)$`)
	hostLike  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?(?:/|$)`)
)

func webAddress(t string) (any, *engine.Error) {
	u, e := url.Parse(t)
	switch {
	case strings.ContainsAny(t, " \t\n"):
		return nil, engine.E(engine.Invalid, `"{text}" has a space in it`, "text", clip(t, 60)).WithHint("Write %20 for a space, or {{ … }} for a value.")
	case !strings.Contains(t, "://") && hostLike.MatchString(t):
		return nil, engine.E(engine.Invalid, `"{text}" has no scheme. Write https://…`, "text", clip(t, 60))
	case e != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, engine.E(engine.Invalid, `"{text}" is not a web address`, "text", clip(t, 60)).WithHint("Begin with https:// or http://.")
	case u.User != nil:
		return nil, engine.E(engine.Invalid, "a name and password do not belong in an address").WithHint("Use an account instead.")
	}
	return t, nil
}
