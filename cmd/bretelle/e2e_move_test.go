package main

import (
	"fmt"
	"strings"
	"testing"
)

// Issue 5: "Versions under way: publishing while runs wait, moving waiting runs on request".
func TestMoveWaitingRuns(t *testing.T) {
	b, rc := opsRoom(t), newReceiver(t)
	b.cli("person", "add", "bob")
	b.cli("group", "set", "ops", "bob")
	rc.set(wantsProjectAt("/nowhere"))
	steps := `
  - id: first
    do: http.request
    with: {method: POST, url: "%s/first", allow_private: true, json: {title: "{{ event.body.title }}"}}
  - id: review
    ask: approval
    covers: [last]
    with: {title: "Last {{ event.body.title }}?", by: {any: ["@ops"], need: 1}}
  - id: last
    do: http.request
    with: {method: POST, url: "%[1]s/last", allow_private: true, json: {title: "{{ event.body.title }}"%s}}
`
	b.apply(hookFlow("plain", fmt.Sprintf(steps, rc.URL, "")))
	for _, title := range []string{"one", "two"} {
		b.await(b.send("plain", fmt.Sprintf(`{"title": %q}`, title)), "waiting")
	}
	b.apply(hookFlow("plain", fmt.Sprintf(steps, rc.URL, `, project: "WEB"`)))
	b.pressOn("bob", b.card("bob", "#ops", "plain #1 · Last one?"), "approve")
	b.await(1, "done") // pinned: as it was when it began
	out := b.cli("chat", "--as", "ann", "--in", "#ops", "-m", "/flow move plain")
	for _, words := range []string{"Bring 1 run that waits to version 2", "#2", "goes on at review", "first", "asked anew"} {
		if !strings.Contains(out, words) {
			t.Errorf("the plan does not say %q:\n%s", words, out)
		}
	}
	if out := b.cli("chat", "--as", "ann", "--in", "#ops", "--press", "move_runs"); !strings.Contains(out, "#2 → #3") {
		t.Fatalf("got %q", out)
	}
	b.await(2, "cancelled")
	b.pressOn("bob", b.card("bob", "#ops", "plain #3 · Last two?", "WEB"), "approve")
	b.await(3, "done")
	var sent []string
	for _, r := range rc.at("/last") {
		sent = append(sent, r.Body)
	}
	if got := strings.Join(sent, " "); got != `{"title":"one"} {"project":"WEB","title":"two"}` {
		t.Errorf("sent %s", got)
	}
	if n := len(rc.at("/first")); n != 2 {
		t.Errorf("the first step was done %d times for two events", n)
	}
	if out := b.cli("chat", "--as", "ann", "--in", "#ops", "-m", "/flow move plain"); !strings.Contains(out, "No run waits on an older version") {
		t.Errorf("got %q", out)
	}
}
