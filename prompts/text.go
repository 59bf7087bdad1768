package prompts

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"

	"github.com/bretelle/bretelle/engine"
)

//go:embed locale/*.json
var locales embed.FS

// catalogue is read once and never changes. A file is locale/LANG.AREA.json: English text to translation, or to its
// plural forms. A broken file is found by the tests; at run time its texts stay English.
var catalogue = sync.OnceValue(func() *i18n.Bundle {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("json", json.Unmarshal)
	files, err := locales.ReadDir("locale")
	if err != nil {
		return b
	}
	for _, f := range files {
		lang, _, _ := strings.Cut(f.Name(), ".")
		data, err := locales.ReadFile("locale/" + f.Name())
		if err != nil {
			continue
		}
		_, _ = b.ParseMessageFileBytes(data, "locale/"+lang+".json")
	}
	return b
})

// T translates an English text, which is the message id, and fills in the arguments; those that are an engine.Text
// are translated too. Argument n chooses the plural.
// A text that the catalogue lacks, and a language we do not speak, give English.
func T(lang, english string, args map[string]any) string {
	return engine.Fill(translate(lang, english, args), inner(lang, args))
}

// inner is args with those that are Texts themselves translated.
func inner(lang string, args map[string]any) map[string]any {
	for _, v := range args {
		if _, ok := v.(engine.Text); !ok {
			continue
		}
		out := make(map[string]any, len(args))
		for k, v := range args {
			if t, ok := v.(engine.Text); ok {
				v = T(lang, t.Msg, t.Args)
			}
			out[k] = v
		}
		return out
	}
	return args
}

func translate(lang, english string, args map[string]any) string {
	if english == "" {
		return ""
	}
	l := i18n.NewLocalizer(catalogue(), Lang(lang), "en")
	config := &i18n.LocalizeConfig{MessageID: english, TemplateParser: template.IdentityParser{}}
	if n, ok := args["n"]; ok {
		switch n.(type) {
		case int, int64:
			config.PluralCount = n
		}
	}
	s, err := l.Localize(config)
	if err != nil && config.PluralCount != nil {
		config.PluralCount = nil
		s, err = l.Localize(config)
	}
	if s == "" || err != nil {
		return english
	}
	return s
}

// Lang cuts a locale ("fr-CA", "en_US") to a language we speak: "en" or "fr".
func Lang(locale string) string {
	if l := strings.ToLower(locale); l == "fr" || strings.HasPrefix(l, "fr-") || strings.HasPrefix(l, "fr_") {
		return "fr"
	}
	return "en"
}

// t translates for the reader.
func (c Ctx) t(english string, pairs ...any) string { return T(c.Lang, english, engine.Args(pairs...)) }

// line translates for the reader, and puts spans where the text has {name}: other values become Plain text, so that
// nothing from outside can be more than text.
func (c Ctx) line(english string, pairs ...any) Line {
	args := engine.Args(pairs...)
	text := translate(c.Lang, english, args)
	var l Line
	for {
		i := strings.IndexByte(text, '{')
		if i < 0 {
			break
		}
		j := strings.IndexByte(text[i:], '}')
		if j < 0 {
			break
		}
		v, ok := args[text[i+1:i+j]]
		if !ok {
			l, text = l.add(text[:i+j+1]), text[i+j+1:]
			continue
		}
		l = l.add(text[:i])
		text = text[i+j+1:]
		switch v := v.(type) {
		case Span:
			l = append(l, v)
		case Line:
			l = append(l, v...)
		case string:
			l = l.add(v)
		case engine.Text:
			l = l.add(T(c.Lang, v.Msg, v.Args))
		default:
			l = l.add(fmt.Sprint(v))
		}
	}
	return l.add(text)
}

// add appends plain text, joined to a plain span before it.
func (l Line) add(s string) Line {
	if s == "" {
		return l
	}
	if n := len(l); n > 0 && l[n-1].Kind == Plain {
		l[n-1].Text += s
		return l
	}
	return append(l, Span{Text: s})
}

// join puts lines together with sep between those that are not empty.
func join(sep string, lines ...Line) Line {
	var out Line
	for _, l := range lines {
		if len(l) == 0 {
			continue
		}
		if len(out) > 0 {
			out = out.add(sep)
		}
		for _, s := range l {
			if s.Kind == Plain {
				out = out.add(s.Text)
			} else {
				out = append(out, s)
			}
		}
	}
	return out
}

func text(s string) Line { return Line(nil).add(s) }

// String is the line as plain text: times, names and labels as words.
func (l Line) String() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.Text)
	}
	return b.String()
}
