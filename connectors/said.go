package connectors

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bretelle/bretelle/engine"
)

// saidMax bounds Failure.Said, in bytes.
const saidMax = 500

// said is what the service said in its own words: one line, without control characters and secrets.
func (c *Call) said(resp *Response) string {
	text := ""
	if strings.Contains(resp.Header["content-type"], "json") || len(resp.Body) > 0 && resp.Body[0] == '{' {
		if v, err := engine.DecodeJSON(resp.Body); err == nil {
			text = complaint(v, 0)
		}
	}
	if text == "" && !strings.Contains(resp.Header["content-type"], "html") {
		text = string(resp.Body)
	}
	if enc := resp.Header["content-encoding"]; enc != "" && enc != "identity" {
		text = ""
	}
	return clip(c.mask.text(oneLine(text)), saidMax)
}

// complaint finds the sentence in an error body. The names are those of RFC 9457 and of common services.
func complaint(v any, depth int) string {
	if depth > 4 {
		return ""
	}
	switch x := v.(type) {
	case string:
		return x
	case []any:
		if len(x) > 0 {
			return complaint(x[0], depth+1)
		}
	case map[string]any:
		for _, k := range []string{"message", "error_description", "error", "detail", "description", "title", "reason", "msg", "errors", "errorMessages", "error_message"} {
			if s := complaint(x[k], depth+1); strings.TrimSpace(s) != "" {
				return s
			}
		}
	}
	return ""
}

// oneLine is the first line of a text that has anything in it, without control and format characters.
func oneLine(text string) string {
	for line := range strings.Lines(strings.ToValidUTF8(text, "\uFFFD")) {
		line = strings.Map(func(r rune) rune {
			switch {
			case r == '\t':
				return ' '
			case unicode.Is(unicode.C, r):
				return -1
			}
			return r
		}, line)
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

// clip cuts a text to at most n bytes, between characters, with a mark that it was cut.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	const mark = "…"
	n -= len(mark)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + mark
}
