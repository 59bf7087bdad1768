package console

import (
	"embed"
	"fmt"
	"html/template"
	"strings"
	"sync"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// Where says where the buttons of a card, or a form, are sent to, and what goes with them (the CSRF token, the
// message). The zero value gives forms that post to the page they stand on.
type Where struct {
	Press  string // path for buttons
	Choose string // path for menus
	Submit string // path for forms
	Hidden []Hidden
}

// Hidden is a hidden input.
type Hidden struct{ Name, Value string }

//go:embed render.html
var renderHTML embed.FS

// cardTemplates are parsed once. A test parses them, so the error cannot be met at run time.
var cardTemplates = sync.OnceValues(func() (*template.Template, error) {
	return template.New("render").Funcs(template.FuncMap{
		"clean": prompts.Clean, "line": prompts.CleanLine, "linkable": prompts.Linkable, "kind": blockKind,
		"stamp":    func(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) },
		"chosen":   chosen,
		"spankind": func(k prompts.SpanKind) string { return spanKinds[min(int(k), len(spanKinds)-1)] },
		"timestyle": func(how prompts.TimeStyle) string {
			return map[prompts.TimeStyle]string{prompts.DayClock: "day", prompts.Date: "date"}[how]
		},
		"class":     func(s prompts.ButtonStyle) string { return strings.TrimSpace("button " + string(s)) },
		"act":       func(name string) string { return bot.ActPrefix + name },
		"cardpage":  cardPage,
		"fieldview": viewField,
		"svg":       drawing,
	}).ParseFS(renderHTML, "render.html")
})

var spanKinds = [...]string{"plain", "strong", "code", "link", "time", "mention"}

// RenderCard is a card as HTML: nothing inline, every text escaped, times as <time datetime>, buttons as
// <button name=token> in a form, a menu in a form of its own.
func RenderCard(card prompts.Card, where ...Where) template.HTML {
	return draw("card", struct {
		Card  prompts.Card
		Sign  string
		Where Where
	}{card, sign(card.Tone), only(where)})
}

// RenderForm is a form as HTML: real inputs named fieldPrefix + name (so that no field of a
// flow can pose as the CSRF token), labels tied to them, what is wrong under the
// field. A select of several and a check box send their values as the browser does.
func RenderForm(form prompts.Form, where ...Where) template.HTML {
	return draw("form", struct {
		Form  prompts.Form
		ID    string
		W     fieldWords
		Where Where
	}{form, fieldID(form.Token, ""), fieldWordsIn(form.Lang), only(where)})
}

func only(where []Where) Where {
	if len(where) > 0 {
		return where[0]
	}
	return Where{}
}

func draw(name string, data any) template.HTML {
	t, err := cardTemplates()
	if err != nil {
		return ""
	}
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return ""
	}
	return template.HTML(b.String()) // html/template escaped every value
}

func blockKind(b prompts.Block) string {
	switch b.(type) {
	case prompts.Para:
		return "para"
	case prompts.Facts:
		return "facts"
	case prompts.Pre:
		return "pre"
	case prompts.Note:
		return "note"
	case prompts.Picture:
		return "picture"
	}
	return "divider"
}

// chosen reports whether an option's value is among a field's, joined by newlines.
func chosen(value, option string) bool {
	for _, v := range strings.Split(value, "\n") {
		if v == option {
			return true
		}
	}
	return false
}

// fieldID ties a label and an error to an input: names may hold what ids may not.
func fieldID(token, name string) string { return fmt.Sprintf("f-%.8s-%x", token, name) }

// sign is the tone's sign. The question marks are plain characters in a disc of the page's own: as emoji they are
// empty boxes where no font has them.
func sign(t prompts.Tone) string {
	if t == prompts.ToneQuestion || t == prompts.ToneUnsure {
		return "?"
	}
	return t.Sign()
}
