package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Issue 3, point 5: one line makes the same flow to the byte, in a terminal and on the console; Copy as text prints it
// back; completion says what comes next.
func TestOneLineIsTheSameFlow(t *testing.T) {
	w := &bench{t: t, b: newBot(t), rc: newReceiver(t)}
	p := openBrowser(t)
	w.b.start()
	w.people()
	w.b.draft(w.triageText())
	line := w.oneLine("bug-triage")
	if strings.Contains(line, "\n") || !strings.Contains(line, "when webhook.received path=github-bugs") || !strings.Contains(line, "then ticket: http.request method=POST") {
		t.Fatalf("copied as text: %s", line)
	}
	for _, typed := range []func(){
		func() { w.b.cli("chat", "--as", "ann", "--in", "#triage", "-m", line) },
		func() {
			p.enter(w.b, "ann", "triage")
			h := browserHands{p}
			p.do(chromedp.SendKeys(chromedp.CSS("#text"), "/flow new bug-triage when web"))
			p.until(`document.querySelector("#offers").innerText.includes("webhook.received")`)
			p.do(chromedp.SendKeys(chromedp.CSS("#text"), kb.Escape))
			ask[bool](p, `(document.querySelector("#text").value = "", true)`)
			h.say(line)
			w.says(h, "bug-triage", "TO DO", "nothing")
		},
	} {
		w.b.cli("chat", "--as", "ann", "--in", "#triage", "-m", "/flow discard bug-triage")
		w.b.cli("chat", "--as", "ann", "--in", "#triage", "--press", "confirm")
		if out, code := w.b.try("", "flow", "export", "bug-triage"); code == 0 {
			t.Fatalf("it is still there: %s", out)
		}
		typed()
		eventually(t, func() bool { _, code := w.b.try("", "flow", "export", "bug-triage"); return code == 0 }, func() string { return "no flow came of the line:\n" + line })
		if got, want := w.b.cli("flow", "export", "bug-triage"), w.triageText(); got != want {
			t.Errorf("the line gives\n%s\nwanted\n%s\n%s", got, want, line)
		}
		if again := w.oneLine("bug-triage"); again != line {
			t.Errorf("printed back as\n%s\nwanted\n%s", again, line)
		}
	}
}

// oneLine is the flow as Copy as text prints it.
func (w *bench) oneLine(flow string) string {
	w.t.Helper()
	w.b.cli("chat", "--as", "ann", "--in", "#triage", "-m", "/flow edit "+flow)
	out := w.b.cli("chat", "--as", "ann", "--in", "#triage", "--press", "text")
	for line := range strings.Lines(out) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "/flow new ") {
			return line
		}
	}
	w.t.Fatalf("no line in %s", out)
	return ""
}

// Issue 3, point 1: "two people on one draft; a draft whose live version moved", one of them on the console, the other in
// a terminal (CONVERSATION, section 7).
func TestTwoPeopleAndAMovedVersion(t *testing.T) {
	w := &bench{t: t, b: newBot(t), rc: newReceiver(t)}
	p := openBrowser(t)
	w.b.start()
	w.people()
	w.b.cli("person", "add", "mia", "--role", "admin")
	w.b.draft(w.triageText())
	mia := &terminalHands{w: w, pending: map[string]string{}}
	mia.who = "mia"
	p.enter(w.b, "ann", "triage")
	ann := browserHands{p}

	ann.say("/flow edit bug-triage")
	ann.Press("settings")
	ann.Set("title", "Ann's title")
	mia.call("-m", "/flow edit bug-triage")
	mia.call("--press", "settings")
	mia.call("--submit", "title=Mia's title")
	ann.Save()
	w.says(ann, "mia saved this draft at", "See")
	if got := w.b.cli("flow", "export", "bug-triage"); !strings.Contains(got, "Mia's title") {
		t.Errorf("one has overwritten the other:\n%s", got)
	}
	ann.look("build-conflict")
	ann.Press("theirs_show")
	w.says(ann, `→ "Mia's title"`)
	ann.Press("mine")
	eventually(t, func() bool { return strings.Contains(w.b.cli("flow", "export", "bug-triage"), "Ann's title") }, func() string { return "mine is not kept: " + ann.Screen() })

	w.secretFor("bug_triage_hook")
	ann.Press("publish")
	ann.Press("confirm")
	w.b.card("ann", "#triage", "published bug-triage")
	title := func(text string) {
		t.Helper()
		ann.say("/flow edit bug-triage")
		ann.Press("settings")
		ann.Set("title", text)
		ann.Save()
		w.says(ann, "with a draft")
	}
	title("Two")
	ann.Press("publish")
	w.says(ann, "Publish version 2 of bug-triage?", "Two")
	ann.Press("confirm")
	w.b.card("ann", "#triage", "published bug-triage, version 2")
	title("Three") // begun on version 2 …
	mia.call("-m", "/flow version rollback bug-triage 1")
	mia.call("--press", "confirm") // … which is no longer live
	ann.Press("publish")
	w.says(ann, "Version 3 went live while you edited version 2.")
	ann.look("build-moved")
	ann.Press("difference")
	w.says(ann, `"Two" → "Ann's title"`)
	ann.Press("anyway")
	w.says(ann, "Publish version 4 of bug-triage?")
	ann.Press("confirm")
	w.b.card("ann", "#triage", "published bug-triage, version 4")
	if got := w.b.cli("flow", "export", "bug-triage"); !strings.Contains(got, "title: Three") {
		t.Errorf("live is\n%s", got)
	}
}

// secretFor stores what signs a flow's deliveries, where the text names it.
func (w *bench) secretFor(name string) { w.t.Helper(); w.b.secret(name, hookSecret) }

// draft stores a flow's text without publishing it.
func (b *botProcess) draft(text string) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "flow.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.cli("flow", "apply", "-f", file)
}
