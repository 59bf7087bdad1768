package connectors

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// PlainText is what a reader sees of HTML: its words, a line for each block, nothing of scripts, styles and markup. Text
// without markup stays as it is, apart from its spaces. Any input gives some text.
func PlainText(source string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(source))
	z.SetMaxBuf(MaxPage)
	for hidden := 0; ; {
		switch z.Next() {
		case html.ErrorToken:
			return tidy(b.String())
		case html.TextToken:
			if hidden == 0 {
				b.Write(z.Text())
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			switch tag := string(name); {
			case unseen(tag):
				hidden++
			case block(tag):
				b.WriteByte('\n')
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			switch tag := string(name); {
			case unseen(tag):
				hidden = max(hidden-1, 0)
			case block(tag):
				b.WriteByte('\n')
			}
		case html.SelfClosingTagToken:
			if name, _ := z.TagName(); block(string(name)) {
				b.WriteByte('\n')
			}
		}
	}
}

func unseen(tag string) bool {
	switch tag {
	case "script", "style", "template", "noscript", "title", "svg", "iframe", "object":
		return true
	}
	return false
}

func block(tag string) bool {
	switch tag {
	case "p", "br", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "section",
		"article", "header", "footer", "hr", "dt", "dd", "figure", "figcaption", "main", "nav", "aside", "form", "td", "th":
		return true
	}
	return false
}

// tidy folds spaces, keeps at most one empty line between two others, and drops what is no character.
func tidy(s string) string {
	var lines []string
	for line := range strings.SplitSeq(strings.ToValidUTF8(s, "\uFFFD"), "\n") {
		line = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cc, r) && r != '\t' {
				return ' '
			}
			return r
		}, line)), " ")
		if line == "" && (len(lines) == 0 || lines[len(lines)-1] == "") {
			continue
		}
		lines = append(lines, line)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
