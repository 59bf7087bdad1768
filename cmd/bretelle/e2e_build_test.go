package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// hands are somebody's, in front of a surface. They do only what the screen offers.
type hands interface {
	// New gives /flow new with a name.
	New(flow string)
	// Set puts a value into a field of the open dialog; of several choices, one a line.
	Set(field, value string)
	// Insert adds a field of the sample at the end of a text.
	Insert(field, label, path string)
	// Value is what stands in a field that is typed.
	Value(field string) string
	// Act uses a button of the dialog's body, by its name; Save sends the dialog, Close closes it.
	Act(name string)
	Save()
	Close()
	// Press uses a button of a card by its name, Choose a menu.
	Press(button string)
	Choose(menu, option string)
	// Screen is all that can be read.
	Screen() string
	// Restarted is told that the bot behind the surface is another one.
	Restarted()
}

// labels are what buttons are called on surfaces that show names only.
var labels = map[string]string{"add": "Add step", "condition": "Add condition", "secret": "Address and secret", "settings": "Settings", "test": "Test", "publish": "Publish",
	"confirm": "Publish", "back": "Back", "another": "Add another", "text": "Copy as text", "edit": "Edit", "answer": "Add a sample answer"}

// bench is where a flow is built: a bot, and the tracker that it is to call.
type bench struct {
	t       *testing.T
	b       *botProcess
	rc      *receiver
	restart func() // the bot behind the surface ends and another one starts on the same data
	place   string // the channel, as flows name it; "" is the console's #triage
}

// channel is where the flow lives.
func (w *bench) channel() string {
	if w.place == "" {
		return "#triage"
	}
	return w.place
}

// people are who the story has: ann builds, bob and kim are in @triage.
func (w *bench) people() {
	w.t.Helper()
	w.b.cli("person", "add", "ann", "--role", "admin")
	w.b.cli("person", "add", "bob")
	w.b.cli("person", "add", "kim")
	w.b.cli("group", "set", "triage", "bob", "kim")
	w.b.cli("channel", "add", "#triage")
}

// triageText is the flow that every surface has to arrive at, to the byte.
func (w *bench) triageText() string {
	w.t.Helper()
	text, err := os.ReadFile("testdata/build/bug-triage.yaml")
	if err != nil {
		w.t.Fatal(err)
	}
	out := strings.ReplaceAll(string(text), "https://tracker.example.org", w.rc.URL)
	if w.place != "" { // which is written without quotation marks: it does not begin with "#"
		out = strings.ReplaceAll(out, `"#triage"`, w.place)
	}
	return out
}

// look takes a picture where there is a screen.
func look(h hands, name string) {
	if s, ok := h.(interface{ look(string) }); ok {
		s.look(name)
	}
}

func (w *bench) says(h hands, words ...string) {
	w.t.Helper()
	eventually(w.t, func() bool { return containsAll(h.Screen(), words) }, func() string {
		return "the screen does not say " + strings.Join(words, " | ") + ":\n" + h.Screen()
	})
}

var shownSecret = regexp.MustCompile(`\b[A-Za-z0-9_-]{24,}\b`)

// secretOn is the secret that the dialog shows: what stands there and in no other word of the screen before.
func secretOn(before, screen string) string {
	for _, word := range shownSecret.FindAllString(screen, -1) {
		if !strings.Contains(before, word) {
			return word
		}
	}
	return ""
}

// signed delivers an event as GitHub does, signed with a secret.
func (w *bench) signed(secret string, d githubDelivery) string {
	w.t.Helper()
	r := d.request(w.t, w.b.hooks, false)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(d.body)
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	resp, err := hookClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.Status
}

// buildTriage is the story of CONVERSATION, section 2, by dialogs alone: with a page that is gone back to, a wrong
// address, and the bot started anew while a dialog is open.
func (w *bench) buildTriage(h hands) (secret string) {
	t := w.t
	t.Helper()
	h.New("bug-triage")
	h.Set("title", "Bugs become tickets")
	h.Set("channel", w.channel())
	h.Set("trigger", "webhook.received")
	look(h, "build-new")
	h.Save()
	h.Set("path", "github-bugs")
	h.Act("back")
	if got := h.Value("title"); got != "Bugs become tickets" {
		t.Errorf("page one lost what was typed: %q", got)
	}
	h.Save()
	if got := h.Value("path"); got != "github-bugs" {
		t.Errorf("page two lost what was typed: %q", got)
	}
	h.Set("sender", "github")
	h.Save()
	w.says(h, "add a step", "no sample yet")

	before := h.Screen()
	h.Press("secret")
	w.says(h, "shown once", "/hooks/github-bugs")
	look(h, "build-secret")
	if secret = secretOn(before, h.Screen()); secret == "" {
		t.Fatalf("no secret to be seen:\n%s", h.Screen())
	}
	h.Close()
	all := ownDeliveries(t)
	for _, d := range []githubDelivery{all[9], all[0]} { // the ping, then an issue that is a bug
		if got := w.signed(secret, d); got != "200 OK" {
			t.Fatalf("%s is answered with %s", d.name, got)
		}
	}
	w.says(h, "The login page stays white")
	h.Press("condition")
	h.Set("field1", "event.body.action")
	h.Set("test1", "is")
	h.Set("value1", "opened")
	h.Act("another")
	h.Set("field2", "event.body.issue.labels")
	h.Set("test2", "has:name")
	h.Set("value2", "bug")
	look(h, "build-only-if")
	h.Save()
	w.says(h, `action is "opened" and one of issue.labels has name "bug"`, "matches 1 of 2 samples")

	h.Press("add")
	h.Set("what", "approval")
	h.Save()
	h.Set("title", `Ticket for "`)
	h.Insert("title", "Question", "event.body.issue.title")
	h.Set("title", h.Value("title")+`"?`)
	h.Set("covers", "next")
	h.Set("who", "@triage")
	w.restart() // in the middle of a dialog
	h.Restarted()
	h.Set("after", "3 days")
	h.Set("then", "stop")
	h.Set("id", "review")
	look(h, "build-approval")
	h.Save()
	w.says(h, "1 of @triage", "add the step that 1 review covers")

	h.Press("add")
	h.Set("what", "http.request")
	h.Save()
	h.Set("method", "POST")
	h.Set("url", strings.TrimPrefix(w.rc.URL, "http://")+"/tickets")
	h.Set("json", `{"title": "`)
	h.Insert("json", "Body", "event.body.issue.title")
	h.Set("json", h.Value("json")+`", "url": "`)
	h.Insert("json", "Body", "event.body.issue.html_url")
	h.Set("json", h.Value("json")+`"}`)
	h.Set("allow_private", "true")
	h.Set("id", "ticket")
	h.Save()
	w.says(h, "has no scheme. Write https://…")
	look(h, "build-request")
	h.Set("url", w.rc.URL+"/tickets")
	h.Save()
	w.says(h, "TO DO", "nothing", "http.request POST")
	h.Choose("edit", "step:review") // the approval came first: what it lets be edited is there only now
	h.Set("edit", "ticket.json")
	h.Save()

	h.Press("add")
	h.Set("what", "chat.message.post")
	h.Save()
	h.Set("to", w.channel())
	h.Set("text", `Ticket {{ steps.ticket.body.id }} for "`)
	h.Insert("text", "Text", "event.body.issue.title")
	h.Set("text", h.Value("text")+`"`)
	h.Set("id", "tell")
	h.Save()
	if got, want := w.b.cli("flow", "export", "bug-triage"), w.triageText(); got != want {
		t.Fatalf("the flow is\n%s\nwanted\n%s\nthe screen says\n%s", got, want, h.Screen())
	}
	return secret
}

// publishTriage makes the draft live and has one bug through it.
func (w *bench) publishTriage(h hands, secret string) {
	t := w.t
	t.Helper()
	w.goLive(h)
	w.b.card("ann", "#triage", "published bug-triage")
	if got := w.signed(secret, ownDeliveries(t)[1]); got != "202 Accepted" {
		t.Fatalf("an event is answered with %s", got)
	}
	w.b.card("bob", "#triage", "POST "+w.rc.URL+"/tickets")
	w.b.cli("chat", "--as", "bob", "--in", "#triage", "--press", "approve")
	w.b.await(1, "done")
	got := w.rc.requests()
	var sent struct{ Title, URL string }
	if len(got) != 1 || json.Unmarshal([]byte(got[0].Body), &sent) != nil || got[0].Method != "POST" || sent.Title != ownDeliveries(t)[1].title(t) || sent.URL == "" {
		t.Errorf("the tracker got %+v", got)
	}
	w.b.card("ann", "#triage", "Ticket 1 for")
}

// goLive tries the draft and publishes it.
func (w *bench) goLive(h hands) {
	t := w.t
	t.Helper()
	h.Press("test")
	w.says(h, "Dry run", "would ask", "POST "+w.rc.URL+"/tickets", "not sent", "The login page stays white", "Nothing left this machine")
	look(h, "build-test")
	if n := len(w.rc.requests()); n != 0 {
		t.Fatalf("the dry run made %d calls", n)
	}
	h.Press("publish")
	w.says(h, "Publish version 1 of bug-triage?", "From now on it may", "after 1 of @triage", "post in #triage")
	look(h, "build-publish")
	h.Press("confirm")
}
