package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Issue 5: "fix one, fix all as in CONVERSATION section 6": the change is shown per run first, each run keeps its own data
// and is mended once; the alert turns green and offers to make the change the flow's own.
func TestFixOneFixAllTheFlow(t *testing.T) {
	b, rc := alertRoom(t)
	for _, title := range []string{"one", "two", "three"} {
		b.await(b.send("plain", fmt.Sprintf(`{"title": %q}`, title)), "parked")
	}
	alert := b.card("ann", "#ops", "3 runs since", "project is required")
	if form := b.pressOn("ann", alert, "fix"); !strings.Contains(form, "all 3 alike") {
		t.Fatalf("the dialog does not ask for whom:\n%s", form)
	}
	out := b.pressOn("ann", alert, "fix", "--submit", `json={"title": "one", "project": "WEB"}`, "--submit", "fix.for=all")
	for _, words := range []string{"Change for 3 runs", `Body + "project": "WEB"`, "each keeps its own data"} {
		if !strings.Contains(out, words) {
			t.Errorf("the change is shown as %q, without %q", out, words)
		}
	}
	if n := len(rc.requests()); n != 3 {
		t.Errorf("%d requests before anybody agreed", n)
	}
	b.cli("chat", "--as", "ann", "--in", "#ops", "--press", "fix_all")
	for n := range int64(3) {
		b.await(n+1, "done")
	}
	sent := map[string]int{}
	for _, r := range rc.requests() {
		if strings.Contains(r.Body, "project") {
			sent[r.Body]++
		}
	}
	for _, title := range []string{"one", "two", "three"} {
		if n := sent[fmt.Sprintf(`{"project":"WEB","title":%q}`, title)]; n != 1 {
			t.Errorf("%s was sent %d times: %v", title, n, sent)
		}
	}
	green := b.card("ann", "#ops", "works again", "3 of 3 runs done", "fixed by ann")
	if !green.offers("adopt") {
		t.Fatalf("the change cannot become the flow's: %+v", green)
	}
	if out := b.pressOn("ann", green, "adopt"); !strings.Contains(out, "Publish version 2 of plain") {
		t.Fatalf("got %q", out)
	}
	b.cli("chat", "--as", "ann", "--in", "#ops", "--press", "confirm")
	b.await(b.send("plain", `{"title": "four"}`), "done")
	if text := b.cli("flow", "show", "plain"); !strings.Contains(text, "project: WEB") {
		t.Errorf("the flow says\n%s", text)
	}
}

// Issue 5: "resume from any step with edited input or on a newer version (compatible results kept, difference shown first)".
func TestRunAgainFromAStep(t *testing.T) {
	b, rc := opsRoom(t), newReceiver(t)
	steps := `
  - id: first
    do: http.request
    with: {method: POST, url: "%s/first", allow_private: true, json: {title: "{{ event.body.title }}"}}
  - id: second
    do: http.request
    with: {method: POST, url: "%[1]s/second", allow_private: true, json: {of: "{{ steps.first.body.id }}", title: "{{ event.body.title }}"%s}}
`
	rc.set(wantsProjectAt("/second"))
	b.apply(hookFlow("plain", fmt.Sprintf(steps, rc.URL, "")))
	b.await(b.send("plain", `{"title": "one"}`), "parked")
	b.apply(hookFlow("plain", fmt.Sprintf(steps, rc.URL, `, project: "WEB"`)))

	out := b.cli("chat", "--as", "ann", "--in", "#ops", "-m", "/flow again #1")
	for _, words := range []string{"Run #1 again from second, with version 2", "first", "2 second", "/second", "#1 ran with version 1", "Nothing that is kept is done again"} {
		if !strings.Contains(out, words) {
			t.Errorf("the plan does not say %q:\n%s", words, out)
		}
	}
	if out, code := b.try("", "chat", "--as", "ann", "--in", "#ops", "-m", "/flow again #1 from secnd"); code == 0 || !strings.Contains(out, "Did you mean second") {
		t.Errorf("a step that is not there: %q", out)
	}
	b.cli("chat", "--as", "ann", "--in", "#ops", "-m", "/flow again #1 from second")
	b.cli("chat", "--as", "ann", "--in", "#ops", "--press", "again_event", "--submit", `event={"body": {"title": "two"}}`)
	if out := b.cli("chat", "--as", "ann", "--in", "#ops", "--press", "rerun"); !strings.Contains(out, "#1 runs again as #2") {
		t.Fatalf("got %q", out)
	}
	b.await(2, "done")
	b.await(1, "cancelled")
	if n := len(rc.at("/first")); n != 1 {
		t.Errorf("the first step was done %d times", n)
	}
	last := rc.at("/second")
	if got := last[len(last)-1].Body; got != `{"of":1,"project":"WEB","title":"two"}` {
		t.Errorf("sent %s", got)
	}
	if out, code := b.try("", "chat", "--as", "ann", "--in", "#ops", "--press", "rerun"); code == 0 && !strings.Contains(out, "#2") {
		t.Errorf("the same press again: %q", out)
	}
	if n := len(rc.requests()); n != 3 {
		t.Errorf("%d requests", n)
	}
}

// wantsProjectAt refuses tickets without a project at one path only.
func wantsProjectAt(path string) func(int, http.ResponseWriter, *http.Request, []byte) {
	return func(n int, w http.ResponseWriter, r *http.Request, body []byte) {
		if r.URL.Path != path {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"id": %d}`, n)
			return
		}
		wantsProject(n, w, r, body)
	}
}
