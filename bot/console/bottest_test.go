package console_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/bottest"
	"github.com/bretelle/bretelle/bot/console"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// TestContract is what every surface must do, by the forms that a browser without scripts sends.
func TestContract(t *testing.T) {
	bottest.Contract(t, func(t *testing.T, h bot.Handler) *bottest.World {
		o := &office{world: newWorld(t), people: map[string]*member{}}
		o.meet(h)
		return &bottest.World{Surface: o.console, Place: place("#triage"), Person: o.member, Again: o.again, Twice: func() { o.twice = true },
			Stop: o.stop, Messages: func() int { return len(o.messages()) }, Files: o.files}
	})
}

// office is a console and who sits before it.
type office struct {
	*world
	people map[string]*member
	twice  bool
}

func (o *office) meet(h bot.Handler) {
	o.bot.mu.Lock()
	defer o.bot.mu.Unlock()
	o.bot.do = func(in bot.In) (bot.Reply, error) { return h.Handle(o.t.Context(), in) }
	o.bot.options = func(in bot.In) []prompts.Option {
		list, err := h.Options(o.t.Context(), in)
		o.must(err)
		return list
	}
}

// again puts another console in the place of this one, on the same store and behind the same address.
func (o *office) again(h bot.Handler) {
	old := o.console
	o.console = console.New(o.world.options)
	o.meet(h)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = o.console.Listen(ctx, o.bot) }()
	for !o.console.Attached() {
		runtime.Gosched()
	}
	o.server.Config.Handler = o.console.Handler()
	old.Close()
	o.t.Cleanup(func() { cancel(); <-done })
}

// stop ends the console as the program does: the server waits for requests that are under way.
func (o *office) stop() error {
	o.console.Close()
	return o.server.Config.Shutdown(o.t.Context())
}

func (o *office) messages() []bot.Message {
	list, err := o.store.LastMessages(context.Background(), place("#triage"), 0)
	o.must(err)
	return list
}

// fileShown is a file's name as it stands over its text.
var fileShown = regexp.MustCompile(`"Text":"([^"]+\.[a-z]+)"`)

// files are the names of the files that stand on messages.
func (o *office) files() (out []string) {
	for _, m := range o.messages() {
		for _, name := range fileShown.FindAllSubmatch(m.Card, -1) {
			out = append(out, string(name[1]))
		}
	}
	return out
}

// member is somebody with #triage before them.
type member struct {
	*visitor
	o    *office
	name string
	said int
}

func (o *office) member(name string) bottest.Person {
	if m := o.people[name]; m != nil {
		return m
	}
	m := &member{visitor: &visitor{t: o.t, w: o.world}, o: o, name: name}
	m.b, _ = o.login(name, engine.Admin)
	m.b.get("/c/triage")
	o.people[name] = m
	return m
}

// send posts a form of the channel's, as often as it is delivered: a browser sends again what it has no answer to.
func (m *member) send(path string, fields url.Values) {
	m.t.Helper()
	m.post(path, fields)
	if m.o.twice {
		m.deliver(path, fields)
	}
}

func (m *member) deliver(path string, fields url.Values) {
	m.t.Helper()
	r, err := http.NewRequest("POST", m.w.server.URL+path, strings.NewReader(fields.Encode()))
	m.w.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	m.b.do(r)
}

func (m *member) Command(line string) {
	m.send("/c/triage/send", url.Values{"text": {"/flow " + line}})
}

func (m *member) Complete(line string) []string {
	_, body := m.b.get("/complete/triage?q=" + url.QueryEscape("/flow "+line))
	var got []struct{ Value string }
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		m.t.Fatalf("%v: %s", err, body)
	}
	out := []string{}
	for _, o := range got {
		out = append(out, o.Value)
	}
	return out
}

func (m *member) Say(text string, below bot.Ref) {
	fields := url.Values{"text": {text}}
	if below != "" {
		fields.Set("thread", string(below))
	}
	m.said++
	fields.Set("id", "said-"+m.name+"-"+strconv.Itoa(m.said))
	fields.Set("csrf", m.b.csrf)
	times := 1
	if m.o.twice {
		times = 2
	}
	done := make(chan struct{})
	go func() { // the answer to it may be long in coming
		defer close(done)
		for range times {
			m.deliver("/c/triage/send", fields)
		}
	}()
	m.t.Cleanup(func() { <-done })
}

func (m *member) Press(label string) {
	m.t.Helper()
	form, button := m.newest("buttons", label)
	if button == nil {
		m.t.Fatalf("no button %q in %s", label, m.Screen())
	}
	m.send("/c/triage/press", with(form, attr(button, "name"), attr(button, "value")))
}

func (m *member) Choose(menu, option string) {
	m.t.Helper()
	form, button := m.newest("menu", menu)
	if button == nil {
		m.t.Fatalf("no menu %q in %s", menu, m.Screen())
	}
	m.send("/c/triage/choose", with(form, "value", option))
}

// newest is the last form of a class on the page with a button that says label.
func (m *member) newest(class, label string) (form, button *html.Node) {
	m.t.Helper()
	page, err := html.Parse(strings.NewReader(m.channel()))
	m.w.must(err)
	for n := range page.Descendants() {
		if n.Data != "form" || attr(n, "class") != class {
			continue
		}
		for x := range n.Descendants() {
			if x.Data == "button" && strings.TrimSpace(words(x)) == label {
				form, button = n, x
			}
		}
	}
	return form, button
}

// with is what a form sends when a control of it has a value.
func with(form *html.Node, name, value string) url.Values {
	out := url.Values{}
	for n := range form.Descendants() {
		if n.Data == "input" {
			out.Set(attr(n, "name"), attr(n, "value"))
		}
	}
	out.Set(name, value)
	return out
}

func (m *member) Save() {
	m.visitor.Save()
}

func (m *member) channel() string {
	_, page := m.b.get("/c/triage")
	return page
}

// Screen is the channel with its threads, and the open dialog.
func (m *member) Screen() string {
	page, err := html.Parse(strings.NewReader(m.channel()))
	m.w.must(err)
	out := words(page)
	for n := range page.Descendants() {
		if path := attr(n, "href"); attr(n, "data-replies") != "" && attr(n, "data-replies") != "0" {
			_, below := m.b.get(path)
			thread, err := html.Parse(strings.NewReader(below))
			m.w.must(err)
			out += words(thread)
		}
	}
	return out + m.screen
}

func (m *member) Until(what string, ok func() bool) {
	m.t.Helper()
	for range 200_000 {
		if ok() {
			return
		}
		runtime.Gosched()
	}
	m.t.Fatalf("%s sees nothing of %s: %s", m.name, what, m.Screen())
}
