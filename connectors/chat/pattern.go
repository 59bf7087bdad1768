package chat

import (
	"path"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// maxPattern bounds a pattern, in bytes; Go's expressions take time linear in the text.
const maxPattern = 500

// Pattern is what a message has to say. The zero Pattern fits everything.
type Pattern struct{ re *regexp.Regexp }

// ParsePattern reads the setting: a text, found whatever its case, or /expression/ with i, m or s behind it. The error
// is Invalid.
func ParsePattern(with map[string]any) (Pattern, *engine.Error) {
	text, _ := with["pattern"].(string)
	text = strings.TrimSpace(text)
	if text == "" {
		return Pattern{}, nil
	}
	if len(text) > maxPattern {
		return Pattern{}, engine.E(engine.TooLarge, "This is longer than {max} characters", "max", maxPattern)
	}
	source := "(?i)" + regexp.QuoteMeta(text)
	if body, ok := strings.CutPrefix(text, "/"); ok {
		if i := strings.LastIndexByte(body, '/'); i > 0 && strings.Trim(body[i+1:], "ims") == "" {
			source = body[:i]
			if flags := body[i+1:]; flags != "" {
				source = "(?" + flags + ")" + source
			}
		}
	}
	re, err := regexp.Compile(source)
	if err != nil {
		why := ""
		if se, ok := err.(*syntax.Error); ok {
			why = string(se.Code)
		}
		return Pattern{}, engine.E(engine.Invalid, `"{pattern}" is not an expression: {why}`, "pattern", text, "why", why).
			WithHint("Write the text as it is, or mend what stands between the slashes.").Wrap(err)
	}
	return Pattern{re}, nil
}

// maxMatches bounds what of a match is kept.
const maxMatches = 20

// Match is what the pattern finds in a text, all of it first; ok is false when it does not fit.
func (p Pattern) Match(text string) (found []string, ok bool) {
	if p.re == nil {
		return []string{}, true
	}
	m := p.re.FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	return m[:min(len(m), maxMatches)], true
}

// FileFits reports whether a file is one that the settings of a chat.file trigger ask for. A type that the platform does
// not tell is that of the name's ending.
func FileFits(with map[string]any, name, mediaType string) bool {
	want, _ := with["type"].(string)
	if mediaType == "" {
		mediaType = typeOf(name)
	}
	mediaType, _, _ = strings.Cut(strings.ToLower(mediaType), ";")
	if !anyGlob(want, strings.TrimSpace(mediaType)) {
		return false
	}
	names, _ := with["name"].(string)
	return anyGlob(strings.ToLower(names), strings.ToLower(path.Base(name)))
}

// anyGlob reports whether a text fits one of several patterns with commas between them, in which * stands for anything;
// none fits everything.
func anyGlob(patterns, text string) bool {
	some := false
	for p := range strings.SplitSeq(patterns, ",") {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		some = true
		if glob(p, text) {
			return true
		}
	}
	return !some
}

// glob is linear in pattern and text together for each star: the pieces between stars are found in turn.
func glob(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	if !strings.HasPrefix(text, parts[0]) {
		return false
	}
	text = text[len(parts[0]):]
	last := parts[len(parts)-1]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(text, p)
		if i < 0 {
			return false
		}
		text = text[i+len(p):]
	}
	return strings.HasSuffix(text, last)
}
