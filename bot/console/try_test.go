package console_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/formtest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// visitor is somebody whose browser runs no script: what they see is the page, what they send is its form.
type visitor struct {
	t      *testing.T
	w      *world
	b      *browser
	page   *html.Node // the dialog; nil when none is open
	screen string
	seq    int
	set    map[string]string
}

func newVisitor(t *testing.T, h bot.Handler) *visitor {
	w := newWorld(t)
	v := &visitor{t: t, w: w}
	v.Meet(h)
	v.b, _ = w.login("Ann", engine.Admin)
	return v
}

func (v *visitor) Meet(h bot.Handler) {
	v.w.bot.do = func(in bot.In) (bot.Reply, error) { return h.Handle(v.t.Context(), in) }
	v.w.bot.options = func(in bot.In) []prompts.Option {
		found, err := h.Options(v.t.Context(), in)
		v.w.must(err)
		return found
	}
}

func (v *visitor) Open() { v.post("/c/general/send", url.Values{"text": {"/flow edit bug-triage"}}) }

// Set changes a control as a person does; a choice that is not in its list is forged.
func (v *visitor) Set(field, value string) {
	if v.set == nil {
		v.set = map[string]string{}
	}
	if v.set[field] = value; v.acts(field) {
		v.send("act " + field)
	}
}

func (v *visitor) acts(field string) bool {
	for n := range v.nodes() {
		if n.Data == "button" && attr(n, "value") == "act "+field {
			return true
		}
	}
	return false
}

func (v *visitor) Press(name string) { v.send("act " + name) }
func (v *visitor) Save()             { v.send("") }
func (v *visitor) Screen() string    { return v.screen }

// send sends the dialog with what was set; value is the button that was used.
func (v *visitor) send(value string) {
	fields := v.controls()
	for name, text := range v.set {
		fields.Del("f." + name)
		for _, part := range v.parts(name, text) {
			fields.Add("f."+name, part)
		}
	}
	v.set = nil
	if value != "" {
		fields.Set("value", value)
	}
	v.post("/c/general/submit", fields)
}

// parts are a value as its control sends it: a list of boxes one by one, one that is not ticked not at all.
func (v *visitor) parts(name, text string) []string {
	for n := range v.nodes() {
		if attr(n, "name") == "f."+name && attr(n, "type") == "checkbox" {
			if text == "" {
				return nil
			}
			return strings.Split(text, "\n")
		}
	}
	return []string{strings.ReplaceAll(text, "\n", "\r\n")}
}

func (v *visitor) post(path string, fields url.Values) {
	v.t.Helper()
	v.seq++
	fields.Set("csrf", v.b.csrf)
	fields.Set("id", "id-"+strings.Repeat("x", v.seq))
	r, err := http.NewRequest("POST", v.w.server.URL+path, strings.NewReader(fields.Encode()))
	v.w.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	_, body := v.b.do(r)
	var got struct{ Kind, HTML, Text string }
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		v.t.Fatalf("%v: %s", err, body)
	}
	v.screen = got.Text
	if got.HTML != "" {
		v.page, err = html.Parse(strings.NewReader(got.HTML))
		v.w.must(err)
		v.screen = words(v.page)
	}
	if got.Kind == "ok" {
		_, page := v.b.get("/c/general")
		all, err := html.Parse(strings.NewReader(page))
		v.w.must(err)
		v.screen = words(all)
	}
}

func (v *visitor) nodes() func(yield func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		if v.page == nil {
			return
		}
		for n := range v.page.Descendants() {
			if n.Type == html.TextNode && n.Parent.Data == "noscript" { // parsed as text where scripts run
				inner, err := html.Parse(strings.NewReader(n.Data))
				v.w.must(err)
				for m := range inner.Descendants() {
					if !yield(m) {
						return
					}
				}
			}
			if !yield(n) {
				return
			}
		}
	}
}

// controls are what the dialog's form would send as it stands (HTML, "constructing the entry list").
func (v *visitor) controls() url.Values {
	out := url.Values{}
	for n := range v.nodes() {
		name := attr(n, "name")
		switch {
		case name == "" || n.Data == "button":
		case n.Data == "textarea":
			out.Add(name, strings.ReplaceAll(strings.TrimPrefix(words(n), "\n"), "\n", "\r\n"))
		case n.Data == "select":
			for o := range n.Descendants() {
				if o.Data == "option" && has(o, "selected") {
					out.Set(name, attr(o, "value"))
				}
			}
		case attr(n, "type") == "checkbox" && !has(n, "checked"):
		default:
			out.Add(name, attr(n, "value"))
		}
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func words(n *html.Node) string {
	var out strings.Builder
	for m := range n.Descendants() {
		if m.Type == html.TextNode {
			out.WriteString(m.Data)
		}
	}
	return out.String()
}

// Every kind of field with every kind of value, by the forms that a browser without scripts sends.
func TestEveryField(t *testing.T) {
	person := func(t *testing.T, h bot.Handler) formtest.Person { return newVisitor(t, h) }
	formtest.Try(t, person)
	formtest.TryInsert(t, person)
}

// A dialog answered in one tab costs nothing of the one that is open in another.
func TestTwoTabs(t *testing.T) {
	v := newVisitor(t, &formtest.Desk{})
	v.Open()
	first := v.controls()
	v.Open()
	second := v.controls()
	second.Set("f.line", "typed in the second tab")
	v.post("/keep", second)
	first.Set("f.line", "sent by the first")
	v.post("/c/general/submit", first)
	if _, page := v.b.get("/c/general"); !strings.Contains(page, "typed in the second tab") {
		t.Error("what was typed in the second tab is lost")
	}
}

// A refusal that somebody can lift is shown with the bot's own card and its button, not only as the error.
func TestARefusalKeepsItsButton(t *testing.T) {
	w := newWorld(t)
	b, _ := w.login("Vic", engine.Viewer)
	w.bot.do = func(in bot.In) (bot.Reply, error) {
		no := engine.E(engine.Denied, "You may look at flows here, but not change them")
		card := prompts.Problem(prompts.Ctx{Lang: "en"}, no, "")
		card.Buttons = []prompts.Button{{ID: "plead", Label: "Ask mia", Token: "tok-plead"}}
		return bot.Private{Card: card}, no
	}
	b.get("/c/general")
	if status, body := b.post("/c/general/send", "text", "/flow publish x", "id", "1"); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	if _, page := b.get("/c/general"); !strings.Contains(page, "not change them") || !strings.Contains(page, "Ask mia") || !strings.Contains(page, "tok-plead") {
		t.Errorf("the page is %s", page)
	}
}
