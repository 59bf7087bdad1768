package console

import (
	"bytes"
	"encoding/json"
	"html/template"
	"strings"

	"github.com/bretelle/bretelle/prompts"
)

const (
	jsonMost  = 256 << 10 // bytes of a value that a page shows
	jsonLines = 24        // lines shown before "show all"
)

// valueView is a JSON value as a page shows it.
type valueView struct {
	ID   string
	HTML template.HTML
	Long bool // cut until somebody wants all of it
	Part bool // longer than a page shows at all
}

// viewJSON makes a value readable: indented, its parts marked by classes, every text escaped. The zero view is of no
// value.
func viewJSON(id string, raw json.RawMessage) valueView {
	if len(raw) == 0 || string(raw) == "null" {
		return valueView{}
	}
	text := indented(raw)
	v := valueView{ID: id}
	if len(text) > jsonMost {
		text, v.Part = strings.ToValidUTF8(text[:jsonMost], ""), true
	}
	v.Long = strings.Count(text, "\n") >= jsonLines || len(text) > 4000
	v.HTML = highlight(text)
	return v
}

func indented(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return string(raw)
	}
	return b.String()
}

// highlight marks keys, texts, numbers and words of JSON. Text that is no JSON comes out as it is, escaped.
func highlight(text string) template.HTML {
	var b strings.Builder
	put := func(class, s string) {
		s = template.HTMLEscapeString(prompts.Clean(s))
		if class == "" {
			b.WriteString(s)
			return
		}
		b.WriteString(`<span class="` + class + `">` + s + `</span>`)
	}
	for i := 0; i < len(text); {
		end, class := token(text[i:])
		if class == "j-s" && strings.HasPrefix(strings.TrimLeft(text[i+end:], " "), ":") {
			class = "j-k"
		}
		put(class, text[i:i+end])
		i += end
	}
	return template.HTML(b.String()) // every part was escaped
}

// token is the length and class of the first part of JSON text; at least one byte.
func token(s string) (end int, class string) {
	switch c := s[0]; {
	case c == '"':
		for i := 1; i < len(s); i++ {
			switch s[i] {
			case '\\':
				i++
			case '"':
				return i + 1, "j-s"
			}
		}
		return len(s), "j-s"
	case c == '-' || c >= '0' && c <= '9':
		n := len(s) - len(strings.TrimLeft(s, "-+.eE0123456789"))
		return n, "j-n"
	case c >= 'a' && c <= 'z':
		n := len(s) - len(strings.TrimLeft(s, "abcdefghijklmnopqrstuvwxyz"))
		return n, "j-w"
	}
	if n := strings.IndexFunc(s, func(r rune) bool {
		return r == '"' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z'
	}); n > 0 {
		return n, ""
	}
	return len(s), ""
}
