package prompts

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bretelle/bretelle/engine"
)

// Refusal is the private answer to a click or submission that did not count, or to one that did where the card does
// not say enough by itself. Nothing else changes. ask is nil when it was not about an approval.
func Refusal(c Ctx, a engine.Answer, run engine.RunView, ask *engine.AskView) Card {
	return c.card("", tonePrivate(a.Verdict), nil, c.refusal(a, run, ask)).done(engine.CardResolved)
}

func tonePrivate(v engine.Verdict) Tone {
	if v == engine.Counted {
		return ToneGood
	}
	return ToneNone
}

func (c Ctx) refusal(a engine.Answer, run engine.RunView, ask *engine.AskView) Line {
	groups := c.t("the people asked")
	var asked Line
	if ask != nil {
		asked = c.groups(ask.Groups, false)
	}
	if len(asked) == 0 {
		asked = text(groups)
	}
	switch a.Verdict {
	case engine.Counted:
		if a.Need > 0 && !a.Decided {
			return c.line("Counted: {have} of {need}.", "have", a.Votes, "need", a.Need)
		}
		return c.line("Done.")
	case engine.NotYou:
		var names []string
		if ask != nil {
			names, _ = c.members(ask.Groups)
		}
		if len(names) == 0 {
			return c.line("Only {group} can decide this.", "group", asked)
		}
		return c.line("Only {group} can decide this ({names}).", "group", asked, "names", strings.Join(names, ", "))
	case engine.FourEyes:
		if a.Why == "editor" {
			return c.line("You changed what is asked here, so somebody else of {group} has to decide.", "group", asked)
		}
		return c.line("You started this run, so somebody else of {group} has to decide.", "group", asked)
	case engine.Voted:
		if a.Via != "" {
			return c.line("You approved this already, from {surface}.", "surface", c.surfaceName(a.Via))
		}
		return c.line("You approved this already.")
	case engine.Already:
		return c.already(a)
	case engine.OldPlan:
		return c.line("This changed after you opened it. The new text is in the card now.")
	case engine.Expired:
		if ask != nil && (ask.Then == "deny" || ask.Then == "approve") {
			return join(" ", c.line("This expired on {time}.", "time", c.dayClock(a.At)), c.then(ask.Then, true))
		}
		return c.line("This expired on {time} and the run stopped.", "time", c.dayClock(a.At))
	case engine.Ended:
		return c.line("#{number} has ended, so nothing changes.", "number", run.Number)
	case engine.BadAnswer:
		if a.Err != nil {
			return c.problem(a.Err)
		}
		return c.line("I could not use that answer. Nothing changed.")
	}
	return c.line("Nothing is asked here any more. The card is up to date now.")
}

// already says who was faster, and by how much when it was close.
func (c Ctx) already(a engine.Answer) Line {
	if a.By == "" {
		return c.line("This is decided already.")
	}
	who, at := c.who(a.By), c.soon(a.At)
	late := ""
	if s := (c.Now - a.At + 500) / 1000; c.Now > 0 && s >= 0 && s <= 60 {
		if s <= 1 {
			late = c.t("a second before you")
		} else {
			late = c.t("{seconds} seconds before you", "seconds", c.count(int(s)))
		}
	}
	var l Line
	switch a.Choice {
	case "deny":
		l = c.line("{who} denied this at {time}", "who", who, "time", at)
	case "approve":
		l = c.line("{who} approved this at {time}", "who", who, "time", at)
	default:
		l = c.line("{who} answered this at {time}", "who", who, "time", at)
	}
	return join(", ", l, c.via(a.Via), text(late)).add(".")
}

// via says that something was done on another surface than where it is told; nothing where that is the same or not
// known.
func (c Ctx) via(surface string) Line {
	if surface == "" || c.Surface == "" || surface == c.Surface {
		return nil
	}
	return c.line("from {surface}", "surface", c.surfaceName(surface))
}

// count writes small numbers as words.
func (c Ctx) count(n int) string {
	words := []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	if Lang(c.Lang) == "fr" {
		words = []string{"zéro", "une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"}
	}
	if n < len(words) {
		return words[n]
	}
	return jsonText(n)
}

func (c Ctx) surfaceName(s string) string {
	switch s {
	case "slack":
		return "Slack"
	case "discord":
		return "Discord"
	case engine.ConsoleSurface:
		return c.t("the console")
	}
	return s
}

// Problem is any error as a private message. One that is not ours to explain shows only its reference.
func Problem(c Ctx, err error, ref string) Card {
	return c.card("", ToneWarn, nil, c.internalOr(err, ref)).done(engine.CardResolved)
}

func (c Ctx) internalOr(err error, ref string) Line {
	e := engine.AsError(err)
	if e == nil || e.Code == engine.Internal {
		if ref == "" {
			return c.line("Something went wrong on my side. Nothing you entered is lost.")
		}
		return c.line("Something went wrong on my side (ref {ref}). Nothing you entered is lost. An admin can look it up with: {command}",
			"ref", ref, "command", code("bretelle doctor "+ref))
	}
	l := c.problem(e)
	if e.After > 0 && e.Code == engine.Throttled {
		l = l.add(" ").add(c.t("Come back in {time}.", "time", e.After.Round(time.Second).String()))
	}
	return l
}

// problem is an error's message and hint.
func (c Ctx) problem(e *engine.Error) Line {
	l := text(engine.Fill(capital(translate(c.Lang, e.Msg, e.Args)), e.Args))
	if e.Hint == "" {
		return sentence(l)
	}
	return join(" ", sentence(l), text(T(c.Lang, e.Hint, e.Args)))
}

// sentence ends a line with a full stop unless it has an end.
func sentence(l Line) Line {
	s := strings.TrimSpace(l.String())
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:") || strings.HasSuffix(s, "…") {
		return l
	}
	return l.add(".")
}

// capital makes the first letter of a text of ours a capital; one that begins with an argument stays.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
