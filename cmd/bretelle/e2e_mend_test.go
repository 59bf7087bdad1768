package main

import (
	"fmt"
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
