package discord

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/prompts"
)

// special are the characters that mean something in Discord's markdown, mentions, custom emoji, timestamps, masked
// and bare links, headings, lists and quotes; a backslash before any of them makes it text.
const special = "\\*_~`|<>@#[]():-+."

// Escape makes text safe where Discord reads markdown.
func Escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 && strings.ContainsRune(special, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// fence is text in a code block: nothing is parsed there, so only what would end it is changed, visibly.
func fence(s, lang string) string {
	s = strings.ReplaceAll(strings.TrimRight(prompts.Clean(s), "\n"), "```", "ˋˋˋ")
	if s == "" {
		s = " "
	}
	if lang != "json" && lang != "yaml" {
		lang = ""
	}
	return "```" + lang + "\n" + s + "\n```"
}

// inlineCode is text in backticks; its own become look-alikes.
func inlineCode(s string) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(s, "`", "ˋ") + "`"
}

var snowflake = regexp.MustCompile(`^[0-9]{15,20}$`)

// markdown is a line in Discord's markdown. In an embed mentions notify nobody, whatever they say.
func markdown(l prompts.Line) string {
	var b strings.Builder
	for _, s := range l {
		txt := prompts.CleanLine(s.Text)
		switch s.Kind {
		case prompts.Strong:
			if strings.TrimSpace(txt) != "" {
				b.WriteString("**" + Escape(txt) + "**")
			}
		case prompts.Code:
			b.WriteString(inlineCode(txt))
		case prompts.Link:
			if prompts.Linkable(s.URL) {
				b.WriteString("[" + Escape(txt) + "](" + s.URL + ")")
				continue
			}
			b.WriteString(Escape(txt))
		case prompts.Time:
			b.WriteString(stamp(s))
		case prompts.Mention:
			if id, role := target(s); id != "" {
				b.WriteString(mention(id, role))
				continue
			}
			b.WriteString(Escape(txt))
		default:
			b.WriteString(Escape(txt))
		}
	}
	return b.String()
}

// stamp is a time that Discord shows in the reader's zone (docs, "Message Formatting", timestamp styles).
func stamp(s prompts.Span) string {
	style := "t"
	switch s.How {
	case prompts.DayClock:
		style = "f"
	case prompts.Date:
		style = "D"
	}
	return "<t:" + strconv.FormatInt(s.At/1000, 10) + ":" + style + ">"
}

// target is whom a Mention span notifies: a user, or a role when its id begins with "&". "" is nobody.
func target(s prompts.Span) (id string, role bool) {
	if s.Kind != prompts.Mention || !s.Ping {
		return "", false
	}
	id, role = strings.CutPrefix(s.ID, "&")
	if !snowflake.MatchString(id) {
		return "", false
	}
	return id, role
}

func mention(id string, role bool) string {
	if role {
		return "<@&" + id + ">"
	}
	return "<@" + id + ">"
}
